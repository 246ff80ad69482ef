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
    ["benchmark.yaml", "benchmark_gpu.yaml"],
    ["benchmark.yaml", "benchmark_long.yaml"],
    ["shipped.yaml"],
    ["benchmark.yaml", "tables/benchmark.yaml"],
    ["voc_coco.yaml"],
    ["voc_coco.yaml", "tables/voc_coco.yaml"],
    ["voc_coco.yaml", "tables/voc_coco.yaml", "tables/voc_coco_mcg.yaml"],
]


def test_all_of_them_are_here():
    there = {str(path.relative_to(ROOT / "config")) for path in (ROOT / "config").rglob("*.yaml")}
    assert there == {name for names in CONFIGURATIONS for name in names}


@pytest.mark.parametrize("names", CONFIGURATIONS, ids="+".join)
def test_a_configuration_is_planned(names, tmp_path):
    folder = ROOT
    if any("benchmark" in name or "shipped" in name for name in names) and not BENCHMARK.exists():
        pytest.skip(f"the real benchmark is not at {BENCHMARK}")
    if "tables/voc_coco_mcg.yaml" in names:  # for those who have MCG's own files
        folder = tmp_path
        (folder / "data/mcg").mkdir(parents=True)
    targets = ["all", "tables"] if any("tables/" in name for name in names) else ["all"]
    call = [sys.executable, "-m", "snakemake", "--directory", str(folder), "--cores", "2", "-n", "--forceall"]
    done = subprocess.run(
        [*call, *targets, "--configfile", *(f"config/{name}" for name in names)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^train_(segmenter|generator) +\d+$", done.stdout + done.stderr, re.MULTILINE)


def test_the_readme_shows_a_configuration_that_can_be_planned():
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    whole = [block for block in map(yaml.safe_load, blocks) if "runs" in block]
    assert whole
    for config in whole:
        plan = plan_of(config)
        assert Targets(plan, Scoring(plan)).everything()
