"""Configurations: read, planned and checked, or refused."""

import copy
from pathlib import Path

import pytest
import yaml
from conftest import DEMO
from hostile.cases import attempt, cases
from hostile.mutations import mutated_bytes, mutated_lines, mutated_tree
from hypothesis import given
from hypothesis import strategies as st

from lpg.planning.checks import check_plan
from lpg.planning.reading import read_configuration
from lpg.planning.recursion import Plan
from lpg.planning.scoring import Scoring
from lpg.planning.targets import Targets
from lpg.planning.yaml_files import check_yaml

CONFIG = yaml.safe_load(DEMO.read_text())


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("hostile") / "config.yaml"


def plan(config: dict) -> None:
    made = Plan(read_configuration(config))
    check_plan(made)
    targets = Targets(made, Scoring(made))
    targets.everything()
    if "tables" in config:
        targets.tables()


@cases(6_000)
@given(mutated_tree(CONFIG))
def test_values(content):
    """Snakemake refuses what is no dictionary."""
    if isinstance(content, dict):
        attempt(lambda: plan(copy.deepcopy(content)), [""])


@cases(1_500)
@given(st.one_of(mutated_lines(DEMO.read_text(), ": ").map(lambda text: text.encode("utf-8", "surrogatepass")),
                 mutated_bytes(st.just(DEMO.read_bytes()))))  # fmt: skip
def test_yaml(path, content):
    path.write_bytes(content)
    attempt(lambda: check_yaml([path]), [path], len(content))
