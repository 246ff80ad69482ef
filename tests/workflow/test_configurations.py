"""Every configuration can be planned, the one that the README shows too."""

import re
import subprocess
import sys

import pytest
import yaml
from conftest import BENCHMARK, ROOT, plan_of, snakemake
from snakemake.utils import update_config

from lpg.evaluation.published import TABLES
from lpg.planning.configuration import Configuration
from lpg.planning.recipes import Recipes
from lpg.planning.recursion import Plan
from lpg.planning.scoring import Scoring
from lpg.planning.targets import Targets

CONFIGURATIONS = [
    ["config.yaml"],
    ["benchmark.yaml"],
    ["benchmark.yaml", "benchmark_gpu.yaml"],
    ["benchmark.yaml", "benchmark_long.yaml"],
    ["shipped.yaml"],
    ["shipped.yaml", "shipped/quality.yaml"],
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


@pytest.mark.parametrize("names", [names for names in CONFIGURATIONS if "tables/" in names[-1]], ids="+".join)
def test_the_segmenters_of_a_table_are_trained_in_as_many_stages(names):
    """Else a rival that is trained for less is worse for that. Stages beyond the paper's table are not shown."""
    config = {}
    for name in names:
        update_config(config, yaml.safe_load((ROOT / "config" / name).read_text()))
    plan = Plan(Configuration.model_validate(config))  # unchecked: MCG's own files are not here
    for table, settings in plan.config.tables.items():
        if "segmenter" in settings.what:
            depth = max(len(row.stages) for row in TABLES[table].rows)
            runs = [plan.runs[name] for name in settings.runs.values()]
            shown = {run.name: min(run.stages, depth) for run in runs if run.segmenter}
            assert len(set(shown.values())) == 1, (table, shown)


@pytest.mark.parametrize("names", [names for names in CONFIGURATIONS if "tables/" in names[-1]], ids="+".join)
def test_bcm_learns_its_proposals_from_the_boxes_alone(names):
    """As published: masks that are made of the segmenter's scores lose a class, and then its filling rate, for good."""
    config = {}
    for name in names:
        update_config(config, yaml.safe_load((ROOT / "config" / name).read_text()))
    attentive = {name for name, recipe in config["segmenters"].items() if recipe.get("masking")}
    runs = [run for run in config["runs"].values() if run.get("segmenter") in attentive]
    assert runs
    assert all(run["generator"] == {"method": "densecrf"} for run in runs)


def test_the_readme_shows_a_configuration_that_can_be_planned():
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    whole = [block for block in map(yaml.safe_load, blocks) if "runs" in block]
    assert whole
    for config in whole:
        plan = plan_of(config)
        assert Targets(plan, Scoring(plan)).everything()


def recipes_of(*names: str) -> Recipes:
    config: dict = {}
    for name in names:
        update_config(config, yaml.safe_load((ROOT / "config" / name).read_text()))
    return Recipes(Configuration.model_validate(config))


def test_the_night_goes_on_where_the_benchmark_ends():
    short, long = recipes_of("benchmark.yaml"), recipes_of("benchmark.yaml", "benchmark_long.yaml")
    segmenters = [("target", stage) for stage in range(4)] + [("auxiliary", stage) for stage in range(3)]
    assert all(long.segmenter(*of) == short.segmenter(*of) for of in segmenters)
    generators = [(name, stage) for name in ("box", "image") for stage in range(1, 4)]
    assert all(long.generator(*of) == short.generator(*of) for of in generators)
    assert all(long.apply(*of) == short.apply(*of) for of in generators)
    assert long.generator("box", 4) != short.generator("box", 4)


VARIED_GENERATORS = {
    "box-lite2": {"trunk": "tf_efficientnet_lite2"},
    "box-blind": {"trunk": "tf_efficientnet_lite0", "score_dropout": 1},
}
VARIED_SEGMENTERS = {
    "target-bcm": ("target", {"masking": True, "loss": "filling_rate"}),
    "target-deeplab": ("target", {"architecture": "deeplabv3plus", "masking": False, "loss": "cross_entropy"}),
    "auxiliary-deeplab": ("auxiliary", {"architecture": "deeplabv3plus"}),
}


def test_the_rows_of_the_tables_have_the_benchmarks_recipes_but_for_what_they_vary():
    """No anchor leads from one file to another, so they are written twice."""
    recipes = recipes_of("benchmark.yaml", "tables/benchmark.yaml")
    for stage in range(4):
        for name, (ours, changes) in VARIED_SEGMENTERS.items():
            assert recipes.segmenter(name, stage) == recipes.segmenter(ours, stage) | changes
        for name, changes in VARIED_GENERATORS.items() if stage else ():
            assert recipes.generator(name, stage) == recipes.generator("box", stage) | changes
            assert recipes.apply(name, stage) == recipes.apply("box", stage)


def test_without_a_configuration_it_is_said_that_this_is_the_demo(tmp_path):
    call, said = ("-n", "results/demo/photographs/annotations.json"), "Without --configfile, this is the demo."
    assert said in snakemake(tmp_path, *call, config=None).stderr
    assert said not in snakemake(tmp_path, *call).stderr
