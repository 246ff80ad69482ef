"""What wakes which job: nothing finished is made again without cause, and what has a cause is."""

import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, planned_jobs, snakemake

from lpg.files.checkpoint import load_checkpoint
from lpg.jobs.provenance import VERSION

TRAININGS = {"train_segmenter", "train_generator"}
ALL = "all", "tables"
OF_ALL_RUNS = {"tabulate_scores", "plot_scores", "record_provenance"}


@pytest.mark.slow
def test_a_second_start_has_nothing_to_do(finished):
    folder, config = finished
    assert planned_jobs(folder, *ALL, config=config) == {}


@pytest.mark.slow
def test_a_rule_can_be_run_again(finished):
    folder, config = finished
    counts = planned_jobs(folder, "all", "-R", "train_generator", config=config)
    assert counts["train_generator"] == 1
    assert "extract_boxes" not in counts


@pytest.mark.slow
def test_the_order_of_the_runs_is_no_input(finished, demo, write_config):
    demo["runs"] = dict(reversed(demo["runs"].items()))
    # The table of all scores has its rows in the order of the runs.
    assert set(planned_jobs(finished[0], *ALL, config=write_config(demo))) <= OF_ALL_RUNS


@pytest.mark.slow
def test_the_order_of_a_runs_datasets_is_a_cause(copied, demo, write_config):
    """The table of classes goes by it, and so do the batches."""
    folder, _ = copied
    demo["generators"]["small"]["score_dropout"] = 1
    pair = ["shapes-auxiliary", "shapes-val"]

    def configured(*datasets: str) -> Path:
        demo["runs"] = {"pair": {"dataset": [*datasets], "generator": {"learn": "small"}}}
        return write_config({key: value for key, value in demo.items() if key != "tables"})

    target = "results/pair/stage1/generator.pt"
    made = []
    for datasets in (pair, reversed(pair)):
        config = configured(*datasets)
        assert planned_jobs(folder, target, config=config).get("train_generator") == 1
        trained = snakemake(folder, target, config=config)
        assert trained.returncode == 0 and "iteration 2 of 2" in trained.stderr, trained.stderr
        assert planned_jobs(folder, target, config=config) == {}
        made.append(load_checkpoint(folder / target, kind="generator").classes)
    assert made[0] != made[1] and set(made[0]) == set(made[1])


@pytest.mark.slow
@pytest.mark.parametrize("left_out", [["full"], ["cut"], ["full", "cut"]])
def test_leaving_runs_out_makes_nothing_again(finished, demo, write_config, left_out):
    for run in left_out:
        del demo["runs"][run]
    demo.pop("tables")
    assert set(planned_jobs(finished[0], "all", config=write_config(demo))) <= OF_ALL_RUNS


@pytest.mark.slow
def test_a_teacher_whose_pupil_is_left_out_keeps_its_networks(finished, demo, write_config):
    del demo["runs"]["target"]
    counts = planned_jobs(finished[0], "all", config=write_config(demo))
    # It is wanted for itself now: its last segmenter, which nobody needed before, and pictures.
    assert counts["train_segmenter"] == 1
    assert not {"train_generator", "extract_boxes", "extract_masks"} & set(counts)


@pytest.mark.slow
def test_a_run_that_is_added_above_the_others_trains_itself_alone(finished, demo, write_config):
    fixed = demo["runs"]["target"] | {"crf": False, "generator": {"from": "auxiliary", "apply": {"flip": True}}}
    demo["runs"] = {"a-new-one": fixed, **demo["runs"]}
    counts = planned_jobs(finished[0], "all", config=write_config(demo))
    assert counts.pop("train_segmenter") == 1, "stage 1; stage 0 is there"
    assert not TRAININGS & set(counts) and "extract_boxes" not in counts
    # Its masks on both datasets, and the scores of its segmenter of stage 1.
    assert (counts["generate_pseudo_masks"], counts["predict_scores"]) == (2, 1)


@pytest.mark.slow
def test_permissions_make_nothing_again(finished, demo, write_config):
    for dataset in demo["datasets"].values():
        dataset |= {"clip_boxes": True, "skip_unreadable": True}
    for run in demo["runs"].values():
        run["allow_shared_classes"] = ["square"]
    counts = planned_jobs(finished[0], *ALL, config=write_config(demo))
    scoring = {"check_scored_classes", "score_stage", "tabulate_scores", "tabulate_table", "plot_scores"}
    assert set(counts) <= scoring | {"tables", "record_provenance"}, "a score says what was allowed; nothing else asks"


@pytest.mark.slow
def test_a_check_that_is_made_again_hides_nothing_that_is_to_be_made(finished, demo, write_config):
    """Where a file is `ancient`, Snakemake looks at nothing behind the job that makes it again."""
    cut = demo["runs"]["cut"]
    demo["runs"]["cut"] = cut | {"allow_shared_classes": ["square"], "generator": {"method": "boxes"}}
    counts = planned_jobs(finished[0], "all", config=write_config(demo))
    assert counts["check_scored_classes"] == 1 and counts["generate_generic_masks"] == 2 and counts["score_stage"] == 2
    demo["runs"]["cut"] = cut
    demo["runs"]["scored"] = cut | {"generator": {"shipped": "disjoint"}}
    counts = planned_jobs(finished[0], "all", config=write_config(demo))
    assert (counts["check_classes"], counts["generate_pseudo_masks"]) == (1, 2)


@pytest.mark.slow
def test_another_generator_of_the_same_run_makes_its_masks_again(copied, demo, write_config):
    folder, _ = copied
    demo["runs"]["cut"] = {"dataset": "shapes", "generator": {"shipped": "disjoint"}}
    del demo["tables"]
    target = "results/cut/stage1/shapes/pseudo_masks.h5"
    assert snakemake(folder, target, config=write_config(demo)).returncode == 0
    demo["runs"]["cut"]["segmenter"] = "small"
    assert planned_jobs(folder, target, config=write_config(demo))["check_classes"] == 1, "they may be shared no more"
    demo["runs"]["cut"] = {"dataset": "shapes", "generator": {"shipped": "general"}}
    counts = planned_jobs(folder, target, config=write_config(demo))
    assert counts == {"check_classes": 1, "generate_pseudo_masks": 1}


@pytest.mark.slow
def test_the_advice_of_a_refusal_trains_nothing_that_it_does_not_concern(copied, demo, write_config):
    folder, _ = copied
    late = folder / "late"
    shutil.copytree(folder / "results/demo/target", late)
    for xml in (late / "Annotations").glob("val_*.xml"):  # not most boxes: then cutting is not advised
        if (text := xml.read_text()).count("<xmax>") > 1:
            xml.write_text(re.sub(r"<xmax>\d+</xmax>", "<xmax>900</xmax>", text, count=1))
    demo["datasets"]["late"] = demo["datasets"]["shapes-val"] | {"root": str(late)}
    demo["runs"]["late"] = {"dataset": "late", "segmenter": "small", "generator": {"from": "auxiliary"}}
    refused = snakemake(folder, "results/late/stage1/segmenter.pt", config=write_config(demo))
    said = re.search(
        r"leaves its photograph .*; mend the annotation, or set (datasets\.late\.clip_boxes): true", refused.stderr
    )
    assert refused.returncode != 0 and said, refused.stderr
    demo["datasets"]["late"]["clip_boxes"] = True  # as the sentence says
    counts = planned_jobs(folder, "all", config=write_config(demo))
    assert counts["train_segmenter"] == 2 and "train_generator" not in counts
    assert counts["extract_boxes"] == counts["check_classes"] == 1


@pytest.mark.slow
def test_decisions_make_the_masks_of_their_run_again_and_nothing_else(finished, demo, write_config, tmp_path):
    folder, config = finished
    (tmp_path / "decisions.json").write_text('{"lpg_decisions": 1, "decisions": []}')
    demo["runs"]["cut"] |= {"decisions": str(tmp_path / "decisions.json"), "rejected": "boxes"}
    counts = planned_jobs(folder, *ALL, config=write_config(demo))
    assert counts.pop("generate_generic_masks") == 1, "on its own dataset, not on the one that it is scored on"
    assert set(counts) <= {"export_pseudo_masks", "rate_pseudo_masks", "draw_gallery", "record_provenance"}
    page = "results/cut/stage1/shapes/review/index.html"
    assert planned_jobs(folder, page, config=config) == {"review_masks": 1}, "what the gallery rated stays"


@pytest.mark.slow
def test_another_way_of_applying_a_generator_trains_no_generator(finished, demo, write_config):
    demo["generators"]["small"]["apply"] = {"guided_radius": 0.2}
    counts = planned_jobs(finished[0], "all", config=write_config(demo))
    assert "train_generator" not in counts
    assert counts["generate_pseudo_masks"] == 2
    assert counts["train_segmenter"] == 1, "the target's segmenter learns the new masks"


@pytest.mark.slow
def test_mirroring_at_a_segmenters_last_stage_trains_nothing(finished, demo, write_config):
    stages = demo["segmenters"]["small"]["stages"]
    stages.append({**stages[-1], "flip_test": True})
    counts = planned_jobs(finished[0], "all", config=write_config(demo))
    assert not [rule for rule in counts if rule.startswith("train")]
    assert counts["predict_scores"] >= 1 and counts["segment_images"] == counts["predict_scores"]


@pytest.mark.slow
def test_a_generator_that_was_handed_on_goes_with_the_new_way_of_applying_it(copied, demo, write_config):
    folder, config = copied
    handed_on = "results/auxiliary/generator.safetensors"
    graph = "results/auxiliary/generator.onnx"
    assert snakemake(folder, handed_on, config=config).returncode == 0
    assert planned_jobs(folder, handed_on, config=config) == {}
    assert planned_jobs(folder, graph, config=config) == {"export_generator": 1}
    demo["generators"]["small"]["apply"] = {"guided_radius": 0.2}
    changed = write_config(demo)
    assert planned_jobs(folder, handed_on, config=changed) == {"ship_generator": 1}
    again = snakemake(folder, handed_on, config=changed)
    assert again.returncode == 0, again.stderr
    assert load_checkpoint(folder / handed_on, kind="generator").recipe["apply"]["guided_radius"] == 0.2


@pytest.mark.slow
def test_what_was_made_again_and_came_out_as_before_trains_nothing(copied, demo, write_config):
    folder, config = copied
    target = "results/shapes.small/stage0/segmenter.pt"
    inode = (folder / target).stat().st_ino
    weights = (folder / target).read_bytes()
    again = snakemake(folder, target, "-R", "extract_boxes", config=config)
    assert again.returncode == 0, again.stderr
    assert "is taken back" in again.stderr and "iteration" not in again.stderr
    assert (folder / target).read_bytes() == weights
    assert (folder / target).stat().st_ino == inode
    (folder / "results/demo/target").rename(folder / "moved")
    demo["datasets"]["shapes"]["root"] = str(folder / "moved")
    moved = snakemake(folder, target, config=write_config(demo))
    assert moved.returncode == 0, moved.stderr
    assert "the photographs lie elsewhere and are the same" in moved.stderr and "is taken back" in moved.stderr
    assert (folder / target).stat().st_ino == inode


@pytest.mark.slow
def test_masks_and_scores_of_a_dataset_that_was_read_again_stay_and_photographs_that_changed_do_not(copied):
    folder, config = copied
    stage = folder / "results/target/stage1/shapes"
    made = [stage / "pseudo_masks.h5", stage / "pseudo_masks_crf.h5"]
    made.append(folder / "results/shapes.small/stage0/shapes/predictions.h5")
    before = [path.stat().st_ino for path in made]
    target = "results/target/stage1/shapes/pseudo_masks_crf.h5"
    again = snakemake(folder, target, "-R", "extract_boxes", config=config)
    assert again.returncode == 0, again.stderr
    assert [path.stat().st_ino for path in made] == before
    assert again.stderr.count("stays: settings, code, the contents of the inputs and the photographs are as") >= 3
    assert planned_jobs(folder, target, config=config) == {}
    photograph = sorted((folder / "results/demo/target/JPEGImages").glob("train_*.jpg"))
    for path in photograph:
        path.write_bytes(path.read_bytes() + b"\0")  # after the end of the picture
    again = snakemake(folder, target, "-R", "generate_pseudo_masks", config=config)
    assert again.returncode == 0, again.stderr
    assert made[0].stat().st_ino != before[0], "though no input tells"


@pytest.mark.slow
def test_a_changed_photograph_is_a_cause(copied):
    folder, config = copied
    photographs = sorted((folder / "results/demo/target/JPEGImages").glob("train_*.jpg"))
    for photograph in photographs:
        photograph.write_bytes(photograph.read_bytes() + b"\0")  # after the end of the picture
    again = snakemake(folder, "results/shapes.small/stage0/segmenter.pt", "-R", "extract_boxes", config=config)
    assert again.returncode == 0, again.stderr
    assert "iteration 2 of 2" in again.stderr


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A copy of the code, to be edited."""
    root = tmp_path / "checkout"
    for name in ("lpg", "workflow", "profiles", "config", "envs"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Snakefile", root)
    return root


def edit(root: Path, path: str, *changes: tuple[str, str]) -> None:
    text = (root / path).read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (root / path).write_text(text)


@pytest.mark.slow
def test_edits_wake_what_they_affect_and_nothing_else(finished, checkout):
    """A new network, a new method, other words: nothing. A network's code, a reader's, a loss's: what runs it."""
    folder, config = finished

    def planned() -> dict[str, int]:
        return planned_jobs(folder, *ALL, config=config, root=checkout)

    shutil.copy(checkout / "lpg/networks/resnet18.py", checkout / "lpg/networks/dummy.py")
    elsewhere = planned()  # the generator that comes with the package lies elsewhere now
    assert not TRAININGS & set(elsewhere)
    line = '    "dummy": Network("lpg.networks.dummy", "ResNet18", crf=RESNET101_CRF),\n'
    edit(checkout, "lpg/networks/registry.py", ("SEGMENTERS = {\n", f"SEGMENTERS = {{\n{line}"))
    edit(checkout, "lpg/networks/registry.py", ("GENERATORS = {\n", f"GENERATORS = {{\n{line}"))
    shutil.copy(checkout / "lpg/generators/baselines/boxes.py", checkout / "lpg/generators/baselines/dummy.py")
    line = '    "dummy": Method(f"{BASELINES}.dummy", "Boxes", "a dummy"),\n'
    edit(checkout, "lpg/generators/registry.py", ("METHODS = {\n", f"METHODS = {{\n{line}"))
    edit(
        checkout,
        "lpg/training/loop.py",
        ("lower learning_rate", "take a lower learning_rate"),
        ('"""One', '"""The one'),
    )
    edit(checkout, "lpg/files/hdf5.py", ("make it first", "make it before"))
    assert planned() == elsewhere
    edit(checkout, "lpg/generators/baselines/wssl/densecrf.py", ("CENTRE = 0.2", "CENTRE = 0.3"))
    counts = planned()
    assert counts.pop("generate_generic_masks") == 2 and not TRAININGS & set(counts)
    edit(checkout, "lpg/networks/fpn.py", ("WIDTH = 128", "WIDTH = 64"))
    counts = planned()
    assert counts["train_segmenter"] == 5, "of the target, of full and of the auxiliary run"
    edit(checkout, "lpg/generators/learned/losses.py", ("both + 1", "both + 2"))
    assert planned()["train_generator"] == 1
    edit(checkout, "lpg/files/crate.py", ("Masks and segmenters by lpg", "Masks by lpg"))
    assert planned()["record_provenance"] == 1


@pytest.mark.slow
def test_the_commit_the_libraries_and_the_machine_wake_nothing(finished, checkout):
    """Other facts, and other ways to say them: what is finished says the old ones, which are true of it."""
    folder, config = finished
    before = planned_jobs(folder, *ALL, config=config, root=checkout)
    edit(checkout, "lpg/jobs/facts.py", ("def cpu_model() -> str:", "def cpu_model() -> str:\n    return 'another'\n"))
    edit(checkout, "lpg/jobs/facts.py", ("def commit(root: Path) -> str:", "def commit(root):\n    return 'another'\n"))
    edit(checkout, "lpg/jobs/provenance.py", (f'"{VERSION}"', '"9.0.0"'))
    edit(checkout, "lpg/jobs/stamps.py", ('NAME = "lpg"', 'NAME = "other"'))
    assert set(planned_jobs(folder, *ALL, config=config, root=checkout)) - set(before) <= {"record_provenance"}
