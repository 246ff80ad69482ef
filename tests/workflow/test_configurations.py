"""Every configuration can be planned, the one that the README shows too."""

import re
import subprocess
import sys

import pytest
import yaml
from conftest import BENCHMARK, ROOT, plan_of

from lpg.planning.scoring import Scoring
from lpg.planning.targets import Targets

CONFIGURATIONS = [
    ["config.yaml"],
    ["benchmark.yaml"],
    ["benchmark_gpu.yaml"],
    ["benchmark_trunks.yaml"],
    ["benchmark.yaml", "tables/benchmark.yaml"],
    ["voc_coco.yaml"],
    ["voc_coco.yaml", "tables/voc_coco.yaml"],
]


def test_all_of_them_are_here():
    there = {str(path.relative_to(ROOT / "config")) for path in (ROOT / "config").rglob("*.yaml")}
    assert there - {name for names in CONFIGURATIONS for name in names} == {"tables/voc_coco_mcg.yaml"}


@pytest.mark.parametrize("names", CONFIGURATIONS, ids="+".join)
def test_a_configuration_is_planned(names):
    if any("benchmark" in name for name in names) and not BENCHMARK.exists():
        pytest.skip(f"the real benchmark is not at {BENCHMARK}")
    targets = ["all", "tables"] if len(names) > 1 else ["all"]
    call = [sys.executable, "-m", "snakemake", "--cores", "2", "-n", "--forceall", *targets, "--configfile"]
    done = subprocess.run(
        [*call, *(f"config/{name}" for name in names)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^train_segmenter +\d+$", done.stdout + done.stderr, re.MULTILINE)


def test_mcgs_rows_are_planned_where_its_files_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/mcg").mkdir(parents=True)
    merged: dict = {}
    for name in ("voc_coco.yaml", "tables/voc_coco.yaml", "tables/voc_coco_mcg.yaml"):
        lay_over(merged, yaml.safe_load((ROOT / "config" / name).read_text()))
    plan = plan_of(merged)
    rows = Targets(plan, Scoring(plan)).table_rows("table_4")
    assert {"BoxSup", "SDI", "Ours"} <= {row["label"] for row in rows}


def lay_over(config: dict, other: dict) -> None:
    """As Snakemake does with several configuration files."""
    for key, value in other.items():
        if isinstance(value, dict) and isinstance(config.get(key), dict):
            lay_over(config[key], value)
        else:
            config[key] = value


def test_the_readme_shows_a_configuration_that_can_be_planned():
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    whole = [block for block in map(yaml.safe_load, blocks) if "runs" in block]
    assert whole
    for config in whole:
        plan = plan_of(config)
        assert Targets(plan, Scoring(plan)).everything()
