"""The schema and the documentation are those of the definition."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from conftest import ROOT

from lpg.generators.registry import METHODS
from lpg.planning.reference import PAGE, SCHEMA, page, schema, table
from lpg.training.recipe import Count, Flag, Settings

CONFIGS = sorted(  # without those that are laid over another
    path for path in (ROOT / "config").glob("*.yaml") if {"datasets", "runs"} <= yaml.safe_load(path.read_text()).keys()
)


def test_the_schema_on_disk_is_that_of_the_definition():
    assert (ROOT / SCHEMA).read_text() == schema(), "run: python -m lpg.planning.reference"


def test_the_page_on_disk_is_that_of_the_definition():
    text = (ROOT / PAGE).read_text()
    assert text == page(text), "run: python -m lpg.planning.reference"


@pytest.mark.parametrize("name", ["SegmenterStage", "ImageStage", "BoxStage"])
def test_what_a_stage_leaves_out_is_as_its_recipe_says_and_has_no_default(name):
    fields = json.loads(schema())["$defs"][name]["properties"]
    assert len(fields) > 5 and not [key for key, field in fields.items() if field.get("default") is not None]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_the_schema_takes_every_configuration(path):
    jsonschema.validate(yaml.safe_load(path.read_text()), json.loads(schema()))


@pytest.mark.parametrize(
    ("place", "value"),
    [(("seed",), "one"), (("runs", "target", "crf"), "yes"), (("generators", "small", "test_scale"), 2)],
)
def test_the_schema_refuses_what_the_definition_refuses(place, value):
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    block = config
    for key in place[:-1]:
        block = block[key]
    block[place[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(config, json.loads(schema()))


class Block(Settings):
    """A block."""

    size: Count = 3
    """how
    large"""
    loud: Flag


class Other(Block):
    """Its other form."""

    loud: Flag = True
    """how loud"""


def test_a_table_has_a_row_for_every_key_of_every_form():
    assert table({"": Block}).splitlines() == [
        "| key | default | says |",
        "| --- | --- | --- |",
        "| `size` | 3 | how large |",
        "| `loud` | required |  |",
    ]
    assert table({"a": Block, "b": Other}).splitlines()[2:] == [
        "| `size` |  | 3 | how large |",
        "| `loud` | a | required |  |",
        "| `loud` | b | true | how loud |",
    ]


def test_a_page_that_lacks_a_place_for_a_table_is_refused():
    with pytest.raises(ValueError, match="must have <!-- configuration -->"):
        page("# Configuration")


def test_every_option_of_a_method_is_documented():
    text = Path(ROOT / PAGE).read_text()
    options = [option for method in METHODS.values() for option in method.options]
    assert [name for name in [*METHODS, *options] if f"`{name}`" not in text] == []
