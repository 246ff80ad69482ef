"""The workflow as a user calls it: dry runs for facts about the DAG, one small run for real, a kill and a restart."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import PIL.Image
import pytest
import torch
import yaml

from lpg.files.label_maps import LabelMaps
from lpg.planning.recursion import Plan

ROOT = Path(__file__).parents[1]
BENCHMARK = ROOT.parent / "shared" / "benchmark"


CLASSES = ["background", "square", "hexagon", "cross", "drop"]
DEMO = ROOT / "config" / "config.yaml"


def snakemake(folder: Path, *arguments: str, config: Path = DEMO) -> subprocess.CompletedProcess:
    return subprocess.run(command(folder, *arguments, config=config), capture_output=True, text=True, cwd=ROOT)


def command(folder: Path, *arguments: str, config: Path) -> list[str]:
    call = [sys.executable, "-m", "snakemake", "--cores", "2", "--directory", str(folder)]
    return [*call, *arguments, "--configfile", str(config)]


def job_counts(dry_run: str) -> dict[str, int]:
    return {name: int(count) for name, count in re.findall(r"^(\w+) +(\d+)$", dry_run, re.MULTILINE)}


def write_config(path: Path, **changes) -> Path:
    """The demo's configuration, scaled down to seconds, with labels after a CRF and a run of masks alone."""
    config = yaml.safe_load(DEMO.read_text())
    for dataset in config["datasets"].values():
        dataset["fraction"] = 0.1
    config["segmenters"]["small"] |= {"batch": 2, "stages": [{"iterations": 2}]}
    config["generators"]["small"] |= {"stages": [{"iterations": 2, "batch": 2, "crop": 64}]}
    config["stages"] = 1
    config["runs"]["target"]["crf"] = "labels"
    config["runs"]["cut"] = {"dataset": "shapes", "generator": {"method": "densecrf"}, "evaluate": ["shapes-val"]}
    config["tables"] = {"table_3": {"split": "shapes-val", "what": ["pseudo masks"], "runs": {"CRF": "cut"}}}
    path.write_text(yaml.safe_dump(config | changes, sort_keys=False))
    return path


def test_the_demo_shares_nothing_and_skips_the_last_auxiliary_segmenter(tmp_path):
    result = snakemake(tmp_path, "-n", "all")
    assert result.returncode == 0, result.stdout + result.stderr
    counts = job_counts(result.stdout + result.stderr)
    # Auxiliary f^0 and f^1 for g^1 and g^2, and f^0 to f^2 of the target and of full.
    assert counts["train_segmenter"] == 2 + 3 + 3
    assert counts["train_generator"] == 2
    assert counts["generate_pseudo_masks"] == 1 + 2


def test_runs_that_agree_share_their_files(tmp_path):
    config = yaml.safe_load(DEMO.read_text())
    config["runs"]["fixed"] = config["runs"]["target"] | {"generator": {"from": "auxiliary", "stage": 2}}
    path = tmp_path / "fixed.yaml"
    path.write_text(yaml.safe_dump(config))
    counts = job_counts("".join(snakemake(tmp_path, "-n", "all", config=path).stdout))
    assert counts["train_segmenter"] == 2 + 3 + 3 + 2, "stage 0 is shared"
    assert counts["train_generator"] == 2


def test_the_tables_of_the_paper_share_what_they_can(tmp_path):
    configs = ROOT / "config/voc_coco.yaml", ROOT / "config/tables/voc_coco.yaml"
    call = [sys.executable, "-m", "snakemake", "--cores", "2", "--directory", str(tmp_path), "-n", "tables"]
    result = subprocess.run([*call, "--configfile", *map(str, configs)], capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    counts = job_counts(result.stdout + result.stderr)
    assert counts["tabulate_table"] == 7
    # Four stages of three networks and of three fractions; three with ResNet101 as segmenter, and of VOC's generator.
    assert counts["train_generator"] == 4 * 6 + 3 * 2
    config = yaml.safe_load(configs[0].read_text())["runs"] | yaml.safe_load(configs[1].read_text())["runs"]
    alone = sum(4 if run.get("stages", 3) == 4 else run.get("stages", 3) + 1 for run in config.values())
    assert counts["train_segmenter"] < alone - 20, "f^0 of a network on a dataset is trained once for all its weak runs"


@pytest.mark.parametrize("name", ["benchmark.yaml", "benchmark_gpu.yaml"])
def test_the_benchmarks_plan(name):
    if not BENCHMARK.exists():
        pytest.skip(f"{BENCHMARK} is absent")
    result = snakemake(ROOT, "-n", "all", "--forceall", config=ROOT / "config" / name)
    assert result.returncode == 0, result.stdout + result.stderr
    # Both views share f^0 of the auxiliary run and of the target run.
    assert job_counts(result.stdout + result.stderr)["train_segmenter"] == (1 + 2 + 2) + (1 + 3 + 3) + 4


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"stagse": 3}, "the top level: unknown key 'stagse'; did you mean 'stages'?"),
        ({"stages": "three"}, "stages: 'three' is not a whole number; mend the value"),
    ],
)
def test_a_bad_configuration_is_one_sentence(tmp_path, changes, sentence):
    result = snakemake(tmp_path, "-n", config=write_config(tmp_path / "bad.yaml", **changes))
    assert result.returncode != 0
    assert f"Configuration: {sentence}" in result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder in which the scaled-down demo has run."""
    folder = tmp_path_factory.mktemp("run")
    config = write_config(folder / "config.yaml")
    result = snakemake(folder, "all", "tables", config=config)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder, config


@pytest.mark.slow
def test_every_artifact_is_there(finished):
    folder, config = finished
    plan = Plan(yaml.safe_load(config.read_text()))
    for kind, run, stage in [("segmenter", "target", 1), ("generator", "auxiliary", 1), ("pseudo_masks", "target", 1)]:
        assert (folder / plan.path(kind, run, stage)).is_file()
    rows = json.loads((folder / "results/scores.json").read_text())
    kinds = [(row["run"], row["stage"], row["what"], row["crf"]) for row in rows]
    assert kinds == [
        ("target", 0, "box fill", "without"),
        ("target", 0, "segmenter", "without"), ("target", 0, "segmenter", "with"),
        ("target", 1, "pseudo masks", "without"), ("target", 1, "pseudo masks", "with"),
        ("target", 1, "segmenter", "without"), ("target", 1, "segmenter", "with"),
        ("full", 0, "segmenter", "without"), ("full", 1, "segmenter", "without"),
        ("cut", 0, "box fill", "without"), ("cut", 1, "pseudo masks", "without"),
    ]  # fmt: skip
    assert next(row for row in rows if (row["run"], row["stage"]) == ("full", 1))["per_cent_of_full"] == 100
    figures = "scores.png", "target/stage1/gallery.png", "full/losses.png", "cut/stage1/gallery.png"
    for name in ("scores.html", "scores.tsv", *figures):
        assert (folder / "results" / name).stat().st_size > 100
    assert not list((folder / "results").rglob("*.partial"))
    assert not list((folder / "results").rglob("*.state"))


@pytest.mark.slow
def test_pseudo_masks_describe_themselves_and_stay_inside_the_boxes(finished):
    folder, _ = finished
    with h5py.File(folder / "results/target/stage1/pseudo_masks.h5") as file, \
            h5py.File(folder / "results/datasets/shapes/boxes.h5") as boxes:  # fmt: skip
        assert json.loads(file.attrs["classes"]) == CLASSES
        assert {"lpg_version", "settings_digest", "input_digests", "code_digest"} <= set(file.attrs)
        outside = boxes["label_maps/values"][:] == 0
        assert not file["label_maps/values"][:][outside].any()
        assert len(file["boxes/shapes"]) == len(boxes["boxes/edges"])
    refined = LabelMaps([folder / "results/target/stage1/shapes/pseudo_masks_crf.h5"], CLASSES)
    exported = folder / "results/target/stage1/pseudo_masks"
    assert len(list(exported.rglob("*.png"))) == len(refined.names)
    for name in refined.names:
        assert np.array_equal(np.asarray(PIL.Image.open(exported / f"{name}.png")), refined[name])


@pytest.mark.slow
def test_the_table_can_be_recomputed_from_the_files(finished):
    folder, _ = finished
    row = next(row for row in json.loads((folder / "results/scores.json").read_text()) if row["what"] == "pseudo masks")
    with h5py.File(folder / "results/target/stage1/shapes-val/pseudo_masks.h5") as file:
        labels = file["label_maps/values"][:]
    with h5py.File(folder / "results/datasets/shapes-val/masks.h5") as file:
        truth = file["label_maps/values"][:]
    ious = []
    for class_id in range(5):
        inside = truth != 255
        one, other = (truth == class_id) & inside, (labels == class_id) & inside
        if (one | other).any():
            ious.append((one & other).sum() / (one | other).sum())
    assert row["miou"] == pytest.approx(100 * np.mean(ious))


@pytest.mark.slow
def test_a_table_of_the_paper_has_the_measured_row_beside_the_published_ones(finished):
    folder, _ = finished
    scores = json.loads((folder / "results/cut/stage1/scores.json").read_text())
    lines = (folder / "results/tables/table_3.tsv").read_text().splitlines()
    assert len(lines) == 1 + 3 + 1
    (measured,) = [line.split("\t") for line in lines if line.startswith("CRF\tmeasured")]
    assert f"{scores[0]['miou']:.2f}" in measured


@pytest.mark.slow
def test_a_second_start_has_nothing_to_do_and_a_stage_can_be_made_again(finished):
    folder, config = finished
    assert "Nothing to be done" in snakemake(folder, "-n", "all", "tables", config=config).stdout
    again = snakemake(folder, "-n", "-R", "train_generator", config=config)
    counts = job_counts(again.stdout + again.stderr)
    assert counts["train_generator"] == 1
    assert "extract_boxes" not in counts


@pytest.mark.slow
def test_a_broken_photograph_stops_the_run_with_one_sentence_and_keeps_what_is_done(finished):
    folder, config = finished
    names = (folder / "results/demo/target/ImageSets/Segmentation/val.txt").read_text().split()
    photographs = [folder / f"results/demo/target/JPEGImages/{name}.jpg" for name in names]
    whole = [photograph.read_bytes() for photograph in photographs]
    for photograph, content in zip(photographs, whole, strict=True):
        photograph.write_bytes(content[: len(content) // 2])
    try:
        result = snakemake(folder, "-f", "results/datasets/shapes-val/boxes.h5", config=config)
    finally:
        for photograph, content in zip(photographs, whole, strict=True):
            photograph.write_bytes(content)
    said = result.stdout + result.stderr
    assert result.returncode != 0
    assert re.search(r"JPEGImages/val_\d+.jpg cannot be read .*; replace the file, or set skip_unreadable: true", said)
    assert "Traceback" not in said
    assert (folder / "results/target/stage1/segmenter.pt").is_file()


@pytest.mark.slow
def test_killed_in_the_middle_of_training_it_goes_on_from_its_state(finished):
    folder, _ = finished
    longer = yaml.safe_load((folder / "config.yaml").read_text())
    longer["segmenters"]["small"]["stages"] = [{"iterations": 160}]
    path = folder / "longer.yaml"
    path.write_text(yaml.safe_dump(longer))
    target, state = "results/full/stage0/segmenter.pt", folder / "results/full/stage0/segmenter.state"
    killed = subprocess.Popen(
        command(folder, target, config=path), cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + 120
    while not state.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert state.exists(), "no state was written before the kill"
    assert not (folder / target).exists()
    # The rest of the training need not be long: the state alone says where it was.
    snakemake(folder, "--unlock", config=path)
    second = snakemake(folder, target, config=path)
    assert second.returncode == 0, second.stdout + second.stderr
    resumed = re.search(r"resumed from .* at iteration (\d+)", second.stdout + second.stderr)
    assert resumed and int(resumed[1]) > 0
    assert len(torch.load(folder / target, weights_only=True)["losses"]) == 160
    assert not state.exists()
