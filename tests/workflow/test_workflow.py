"""The workflow as a user calls it: facts about the plan, one small run for real, a kill and a restart."""

import json
import os
import re
import signal
import subprocess
import time

import h5py
import hdf5plugin  # noqa: F401  (registers the filter)
import numpy as np
import PIL.Image
import pytest
import torch
from conftest import ROOT, planned_jobs, snakemake, snakemake_call

from lpg.files.label_maps import LabelMaps
from lpg.files.pseudo_masks import SoftMaskFile

CLASSES = ("background", "square", "hexagon", "cross", "drop")


def test_the_demo_trains_what_it_needs_and_no_more(tmp_path):
    counts = planned_jobs(tmp_path, "all", config=None)  # in another folder, too
    # Auxiliary f^0 and f^1 for g^1 and g^2, and f^0 to f^2 of the target and of full.
    assert counts["train_segmenter"] == 2 + 3 + 3
    assert counts["train_generator"] == 2
    # On auxiliary photographs p^0 and p^1, on the target's too, and on its validation split all three, full's too.
    assert counts["predict_scores"] == 2 + 2 + 3 + 3
    assert counts["generate_pseudo_masks"] == 1 + 2 + 2 + 1, "and by the shipped generator"


def test_the_tables_of_the_paper_share_stage_0(tmp_path):
    configs = [ROOT / "config/voc_coco.yaml", ROOT / "config/tables/voc_coco.yaml"]
    call = [*snakemake_call(tmp_path, "-n", "tables", config=configs[0]), str(configs[1])]
    result = subprocess.run(call, capture_output=True, text=True, cwd=ROOT, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    counts = dict(re.findall(r"^(\w+) +(\d+)$", result.stdout + result.stderr, re.MULTILINE))
    assert counts["tabulate_table"] == "7"
    # Four stages of three networks and of three fractions; three with ResNet101 as segmenter, and of VOC's generator.
    assert counts["train_generator"] == str(4 * 6 + 3 * 2)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"stagse": 3}, "the top level: unknown key 'stagse'; did you mean 'stages'?"),
        ({"stages": "three"}, "stages: 'three' is not a whole number; mend the value"),
    ],
)
def test_a_bad_configuration_is_one_sentence(tmp_path, demo, write_config, changes, sentence):
    result = snakemake(tmp_path, "-n", config=write_config(demo | changes))
    assert result.returncode != 0
    assert f"Configuration: {sentence}" in result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("results/cut/stage1/segmenter.pt", "runs.cut has no segmenter; add one to it, or ask for its pseudo masks"),
        (
            "results/target/stage9/scores.json",
            "runs.target has no stage 9; ask for one up to 1, or give it more",
        ),
        ("results/auxiliary/stage1/risk.tsv", "runs.auxiliary has no evaluate; add a dataset with masks to it"),
    ],
)
def test_a_file_that_a_run_does_not_have_is_one_sentence(tmp_path, demo, write_config, target, sentence):
    result = snakemake(tmp_path, "-n", target, config=write_config(demo))
    assert result.returncode != 0
    assert f"Configuration: {sentence}" in result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.slow
def test_every_artifact_is_there(finished):
    folder, _ = finished
    results = folder / "results"
    for name in ("target/stage1/segmenter.pt", "auxiliary/stage1/generator.pt", "shapes.small/stage0/segmenter.pt"):
        assert (results / name).is_file()
    for name in ("predictions", "segmentations", "segmentations_crf", "pseudo_masks", "pseudo_masks_crf"):
        assert (results / "target/stage1/shapes-val" / f"{name}.h5").is_file()
    rows = json.loads((results / "scores.json").read_text())
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
    pages = "target/stage1/gallery/index.html", "cut/stage1/gallery/index.html"
    for name in ("scores.html", "scores.tsv", *figures, *pages):
        assert (results / name).stat().st_size > 100
    shown = (results / "target/stage1/gallery/index.html").read_text()
    assert re.search(r'alt="shapes-val/\w+: segmenter"', shown) and re.search(r'alt="shapes/\w+: segmenter"', shown)
    links = set(re.findall(r'href="([^"]+)"', (results / "scores.html").read_text()))
    assert set(pages) < links and all((results / link).is_file() for link in links)
    assert not list(results.rglob("*.partial"))
    assert not list(results.rglob("*.state"))


@pytest.mark.slow
def test_pseudo_masks_describe_themselves_and_stay_inside_the_boxes(finished):
    stage = finished[0] / "results/target/stage1/shapes"
    with h5py.File(stage / "pseudo_masks.h5") as file, \
            h5py.File(finished[0] / "results/datasets/shapes/boxes.h5") as boxes:  # fmt: skip
        assert tuple(json.loads(file.attrs["classes"])) == CLASSES
        assert {"lpg_version", "settings_digest", "input_digests", "code_digest", "content_digest"} <= set(file.attrs)
        outside = boxes["label_maps/values"][:] == 0
        assert not file["label_maps/values"][:][outside].any()
        assert file["boxes/object_id"][:].tolist() == boxes["boxes/object_id"][:].tolist()
        assert len(file["boxes/shapes"]) == len(file["boxes/index"]) == len(boxes["boxes/edges"])
    refined = LabelMaps([stage / "pseudo_masks_crf.h5"], CLASSES)
    exported = {path.stem: np.asarray(PIL.Image.open(path)) for path in (stage / "pseudo_masks").glob("*.png")}
    assert len(exported) == len(refined.names)
    for name in refined.names:
        assert np.array_equal(exported[name.removeprefix("shapes/")], refined[name])


@pytest.mark.slow
def test_a_method_that_sees_whole_classes_has_a_mask_of_every_box(finished):
    path = finished[0] / "results/cut/stage1/shapes/pseudo_masks.h5"
    soft, names = SoftMaskFile(path), LabelMaps([path]).names
    boxes = [mask for name in names for mask in soft.boxes(name)]
    assert len(boxes) > len(names) and all(mask.size and mask.max() > 127 for mask in boxes[:3])


@pytest.mark.slow
def test_the_table_can_be_recomputed_from_the_files(finished):
    results = finished[0] / "results"
    row = next(row for row in json.loads((results / "scores.json").read_text()) if row["what"] == "pseudo masks")
    with h5py.File(results / "target/stage1/shapes-val/pseudo_masks.h5") as file:
        labels = file["label_maps/values"][:]
    with h5py.File(results / "datasets/shapes-val/masks.h5") as file:
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
    results = finished[0] / "results"
    scores = json.loads((results / "cut/stage1/scores.json").read_text())
    lines = (results / "tables/table_3.tsv").read_text().splitlines()
    assert len(lines) == 1 + 3 + 1
    (measured,) = [line.split("\t") for line in lines if line.startswith("CRF\tmeasured")]
    assert f"{scores[0]['miou']:.2f}" in measured


@pytest.mark.slow
def test_the_report_opens_on_the_scores_and_pictures_of_the_last_stages(finished, tmp_path):
    folder, config = finished
    result = snakemake(folder, "all", "--report", str(tmp_path / "report.html"), config=config)
    assert result.returncode == 0, result.stdout + result.stderr
    report = (tmp_path / "report.html").read_text()
    values = dict(re.findall(r'<script id="[\w-]+">\s+var (\w+) = (.*);$', report, re.MULTILINE))
    text, pictures = (json.loads(values[name]) for name in ("workflow_desc", "results"))
    assert "system-message" not in text
    rows = json.loads((folder / "results/scores.json").read_text())
    cells = re.findall(r"<td>(.*?)</td>", text, re.DOTALL)
    shown = [cells[start : start + 5] for start in range(0, len(cells), 5)]
    expected = [
        [row["run"], row["what"] + " and CRF" * (row["crf"] == "with"), row["split"], "1", f"{row['miou']:.2f}"]
        for row in rows
        if row["stage"] == 1
    ]
    assert shown == expected
    named = re.findall(r"results\['(.*?)'\]", text)
    assert named == [f"results/{run}/stage1/gallery.png" for run in ("cut", "photographs", "target")]
    assert all(pictures[path]["mime_type"] == "image/png" for path in named)


@pytest.mark.slow
def test_a_broken_photograph_stops_the_run_with_one_sentence_and_keeps_what_is_done(copied):
    folder, config = copied
    for name in (folder / "results/demo/target/ImageSets/Segmentation/val.txt").read_text().split():
        photograph = folder / f"results/demo/target/JPEGImages/{name}.jpg"
        photograph.write_bytes(photograph.read_bytes()[:1000])
    result = snakemake(folder, "-f", "results/datasets/shapes-val/boxes.h5", config=config)
    said = result.stdout + result.stderr
    assert result.returncode != 0
    assert re.search(
        r"JPEGImages/val_\d+.jpg cannot be read .*; replace the file, "
        r"or set datasets\.shapes-val\.skip_unreadable: true to go on without it",
        said,
    )
    assert "Traceback" not in said
    assert (folder / "results/target/stage1/segmenter.pt").is_file()


@pytest.mark.slow
def test_killed_in_the_middle_of_training_it_goes_on_from_its_state(copied, demo, write_config):
    folder, _ = copied
    demo["segmenters"]["small"]["stages"] = [{"iterations": 90}]
    path = write_config(demo)
    target, state = "results/full/stage0/segmenter.pt", folder / "results/full/stage0/segmenter.state"
    killed = subprocess.Popen(
        snakemake_call(folder, target, config=path), cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + 120
    while not state.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert state.exists(), "no state was written before the kill"
    assert len(losses(folder / target)) == 2, "the network before is there until this one is"
    # The rest of the training need not be long: the state alone says where it was.
    snakemake(folder, "--unlock", config=path)
    second = snakemake(folder, target, config=path)
    assert second.returncode == 0, second.stdout + second.stderr
    resumed = re.search(r"resumed from .* at iteration (\d+)", second.stdout + second.stderr)
    assert resumed and int(resumed[1]) > 0
    assert len(losses(folder / target)) == 90
    assert not state.exists()


def losses(path) -> list[float]:
    return torch.load(path, weights_only=True)["losses"]
