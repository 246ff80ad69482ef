"""The command `lpg`, on tiny folders, by a method that costs nothing."""

import csv
import errno
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import write_photograph
from PIL import Image
from pycocotools import mask as rle
from pycocotools.coco import COCO

from lpg.cli import main
from lpg.commands.files import alone_in
from lpg.commands.masks import QUICK
from lpg.evaluation.quality import rate_masks
from lpg.files.boxes import BoxTable
from lpg.files.made_by import made_by
from lpg.files.pseudo_masks import SoftMaskFile
from lpg.generators.opening import open_method
from lpg.jobs.job import Job
from lpg.jobs.provenance import VERSION, content_digest, describe
from lpg.jobs.stamps import read_stamp, stamp
from lpg.predictor import MaskPredictor
from lpg.pseudo_masks.generate import mask_photographs


@pytest.fixture
def masks(coco, tmp_path):
    """`lpg masks` with the method `boxes`, and other options; returns its exit status."""
    content = json.loads(coco.annotations.read_text())
    content["annotations"] = [item | {"segmentation": [], "mine": 1} for item in content["annotations"]]
    coco.annotations.write_text(json.dumps(content))

    def run(*options: str) -> int:
        given = "--images", coco.images, "--boxes", coco.annotations, "--out", tmp_path / "out", "--device", "cpu"
        return main(["masks", *map(str, given), *(options or ("--method", "boxes"))])

    return run


def test_masks_come_in_the_file_that_the_boxes_came_in(masks, tmp_path):
    assert masks() == 0
    written = COCO(str(tmp_path / "out" / "coco" / "instances.json"))
    kite = written.anns[102]
    assert np.argwhere(written.annToMask(kite)).tolist() == [[2, 3], [2, 4], [3, 3], [3, 4]]
    assert (kite["mine"], kite["area"], kite["bbox"]) == (1, 4, [3, 2, 2, 2])
    assert 0 < kite["score"] < 1
    assert not written.annToMask(written.anns[104]).any() and written.anns[104]["area"] == 0  # a crowd


def test_masks_that_are_made_quickly_are_those_of_that_way_and_of_no_other(masks, tmp_path, capsys):
    assert masks("--quick") == 0
    table, made = BoxTable([tmp_path / "out" / "boxes.h5"]), SoftMaskFile(tmp_path / "out" / "masks" / "00000.h5")
    quick, whole = (MaskPredictor.load("general", apply=apply) for apply in (QUICK, None))
    otherwise = []
    for image, pixels in table.photographs():
        same, other = (one.masks(pixels, image.boxes).inside for one in (quick, whole))
        assert all(map(np.array_equal, made.of(image), same))
        otherwise.append(not all(map(np.array_equal, made.of(image), other)))
    assert any(otherwise)
    assert masks("--generator", "general") == 1
    assert "holds masks by general.safetensors" in capsys.readouterr().err
    assert masks("--quick", "--method", "boxes") == 1
    assert "--quick is a way of general and disjoint, and not of boxes" in capsys.readouterr().err


def test_the_same_again_makes_nothing_again(masks, coco, tmp_path):
    masks()
    made = [tmp_path / "out" / "boxes.h5", tmp_path / "out" / "masks" / "00000.h5"]
    before = [path.stat().st_mtime_ns for path in made]
    assert masks() == 0
    assert [path.stat().st_mtime_ns for path in made] == before
    coco.change(102, bbox=[3, 2, 1, 2])
    assert masks() == 0
    assert all(path.stat().st_mtime_ns > time for path, time in zip(made, before, strict=True))
    written = COCO(str(tmp_path / "out" / "coco" / "instances.json"))
    assert written.anns[102]["area"] == 2


def test_another_generator_does_not_write_over_the_masks_of_one(masks, capsys):
    masks()
    assert masks("--method", "grabcut") == 1
    assert f"not by grabcut with lpg {VERSION}; give another folder to write" in capsys.readouterr().err


def test_masks_of_other_boxes_are_not_written_over(masks, coco, tmp_path, capsys):
    masks()
    other = tmp_path / "other.json"
    coco.change(102, bbox=[3, 2, 1, 2])
    coco.annotations.rename(other)
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert masks("--method", "boxes", "--boxes", str(other)) == 1
    said = capsys.readouterr().err
    assert {path: path.read_bytes() for path in before} == before
    assert f"out holds masks of {coco.images} and {coco.annotations}, not of {coco.images} and {other}; give an" in said


def test_masks_of_a_folder_that_was_moved_stay(masks, coco, tmp_path, monkeypatch):
    masks()
    made = tmp_path / "out" / "masks" / "00000.h5"
    before, digest = made.stat().st_mtime_ns, content_digest(tmp_path / "out" / "boxes.h5")
    images, annotations = coco.images.rename(tmp_path / "moved"), coco.annotations.rename(tmp_path / "moved.json")
    assert masks("--method", "boxes", "--images", str(images), "--boxes", str(annotations)) == 0
    assert made.stat().st_mtime_ns == before and content_digest(tmp_path / "out" / "boxes.h5") == digest
    read = BoxTable([tmp_path / "out" / "boxes.h5"]).images
    assert all(Path(image.path).is_relative_to(images) for image in read)
    assert [path.name for path in (tmp_path / "out").iterdir() if path.name.startswith(".r")] == []


def test_what_is_read_is_not_written_to(voc, coco, tmp_path, capsys):
    """Formats are written to folders of their names, in which somebody's own may lie."""
    own = voc.root.rename(tmp_path / "voc")
    truth = {path: path.read_bytes() for path in own.rglob("*") if path.is_file()}
    given = ["--images", str(own / "JPEGImages"), "--boxes", str(own), "--method", "boxes", "--device", "cpu"]
    assert main(["masks", *given, "--out", str(tmp_path), "--export", "voc"]) == 1
    said = capsys.readouterr().err
    assert f"{tmp_path / 'voc'} would be written to, where {own / 'JPEGImages'} is; give another folder" in said
    assert {path: path.read_bytes() for path in own.rglob("*") if path.is_file()} == truth
    given = ["--images", str(coco.images), "--boxes", str(coco.annotations), "--out", str(coco.images)]
    assert main(["masks", *given, "--method", "boxes"]) == 1
    assert "is the folder of the photographs; give another folder" in capsys.readouterr().err
    (tmp_path / "yolo").mkdir()
    annotations = coco.annotations.rename(tmp_path / "yolo" / "instances.json")
    given = ["--images", str(coco.images), "--annotations", str(annotations), "--to", "yolo"]
    assert main(["convert", *given, "--out", str(tmp_path)]) == 1
    assert f"{tmp_path / 'yolo'} would be written to, where {annotations} is" in capsys.readouterr().err


def test_masks_are_exported_over_nothing_that_they_were_made_from(masks, coco, tmp_path, capsys):
    masks()
    given = ["export", str(tmp_path / "out"), "--to", "coco", "--out"]
    assert main([*given, str(tmp_path)]) == 1  # the photographs lie in coco/images
    assert f"{tmp_path / 'coco'} would be written to, where {coco.images} is; give another" in capsys.readouterr().err
    assert main([*given, str(tmp_path / "new")]) == 0


def test_a_changed_photograph_is_seen_wherever_masks_are_written(masks, coco):
    for grey, out in enumerate((coco.root, coco.images / "out")):
        given = ["--method", "boxes", "--out", str(out)]
        assert masks(*given) == 0
        before = (out / "boxes.h5").stat().st_mtime_ns
        assert masks(*given) == 0
        assert (out / "boxes.h5").stat().st_mtime_ns == before
        Image.new("RGB", (8, 6), (grey, 0, 0)).save(coco.images / "one.jpg")
        assert masks(*given) == 0
        assert (out / "boxes.h5").stat().st_mtime_ns > before


def test_a_refusal_is_one_sentence_with_the_option_that_would_allow_it(masks, coco, capsys):
    (coco.images / "one.jpg").write_bytes(b"no picture")
    assert masks() == 1
    (sentence,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("lpg: ")]
    assert "one.jpg cannot be read" in sentence and sentence.endswith(", or add --skip-unreadable")
    assert masks("--method", "boxes", "--skip-unreadable") == 0


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--images", "{tmp}/none"), "--images {tmp}/none is no folder"),
        (("--out", "{tmp}/coco/instances.json"), "is no folder; give a folder"),
        (("--out", "{tmp}/coco/images/one.jpg/x"), "Not a directory"),
        (("--boxes", "{tmp}/none.json"), "{tmp}/none.json does not exist"),
        (("--boxes", "{tmp}/coco/half.json"), "is not valid JSON"),
        (("--generator", "{tmp}/coco/instances.json"), "instances.json holds no network, or is damaged; give"),
        (("--cores", "0"), "--cores 0 is none"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(masks, tmp_path, capsys, options, sentence):
    (tmp_path / "coco" / "half.json").write_text('{"images": [')
    options = [text.format(tmp=tmp_path) for text in options]
    assert masks(*(() if "--generator" in options else ("--method", "boxes")), *options) == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("lpg: ")]
    assert sentence.format(tmp=tmp_path) in line and "--skip-unreadable" not in line


def test_two_do_not_work_in_one_folder(masks, tmp_path, capsys):
    with alone_in(tmp_path / "out"):
        assert masks() == 1
    assert "another lpg works in" in capsys.readouterr().err
    assert masks() == 0
    export = ["export", str(tmp_path / "out"), "--to", "png", "--out", str(tmp_path / "more")]
    with alone_in(tmp_path / "more"):
        assert main(export) == 1
    assert "another lpg works in" in capsys.readouterr().err
    assert main(export) == 0


def test_a_folder_that_may_not_be_written_says_so(masks, monkeypatch, tmp_path, capsys):
    def deny(folder, **_) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(folder))

    monkeypatch.setattr(Path, "mkdir", deny)
    assert masks() == 1
    sentence = f"lpg: {tmp_path / 'out'} cannot be written (Permission denied); give this user the right to write there"
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "given", "sentence"),
    [
        ("export", "out/boxes.h5", "{tmp}/out/boxes.h5 holds no masks; give its folder, {tmp}/out"),
        ("review", "out/quality.tsv", "{tmp}/out/quality.tsv holds no masks; give its folder, {tmp}/out"),
        ("review", "coco/instances.json", "instances.json holds no masks; give the folder that lpg masks wrote, or a"),
        ("export", "out/none", "{tmp}/out/none does not exist; give the folder that lpg masks wrote, or a pseudo_mask"),
        ("export", "out/masks", "{tmp}/out/masks holds no masks; give its folder, {tmp}/out"),
        ("review", "out/coco", "{tmp}/out/coco holds no masks; give its folder, {tmp}/out"),
        ("review", "coco", "{tmp}/coco holds no masks; give the folder that lpg masks wrote, or a pseudo_masks.h5"),
    ],
)
def test_a_file_without_masks_is_no_fault_of_the_file(masks, tmp_path, capsys, command, given, sentence):
    masks()
    to = ("--to", "png") if command == "export" else ("--boxes", str(tmp_path / "out" / "boxes.h5"))
    assert main([command, str(tmp_path / given), *to, "--out", str(tmp_path / "new")]) == 1
    assert sentence.format(tmp=tmp_path) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("export", "{tmp}/out", "--to", "png", "--out", "{tmp}/coco/instances.json"), "instances.json is no folder"),
        (("review", "{tmp}/out", "--out", "{tmp}/coco/instances.json"), "instances.json is no folder; give a folder"),
        (("export-onnx", "general", "--out", "{tmp}"), "--out {tmp} is a folder; name the .onnx to write"),
        (("export-onnx", "general", "--out", "{tmp}/x.pt"), "--out {tmp}/x.pt is not called .onnx; name the .onnx to"),
        (
            ("export", "{tmp}/out", "--to", "png", "--out", "{tmp}/coco/images"),
            "--out {tmp}/coco/images is the folder of the photographs",
        ),
        (
            ("export-onnx", "nix", "--out", "{tmp}/x.onnx"),
            "there is no checkpoint 'nix'; give general or disjoint, or the path of a generator.pt, a .safetensors "
            "or a segmenter.pt",
        ),
    ],
)
def test_a_file_is_no_folder_and_a_folder_no_file(masks, tmp_path, capsys, options, sentence):
    masks()
    assert main([text.format(tmp=tmp_path) for text in options]) == 1
    assert sentence.format(tmp=tmp_path) in capsys.readouterr().err


def test_files_of_an_earlier_export_are_told(masks, tmp_path, capsys):
    masks("--method", "boxes", "--export", "png")
    old = tmp_path / "out" / "png" / "gone__1.png"
    old.write_bytes(b"")
    os.utime(old, (1, 1))
    masks("--method", "boxes", "--export", "png")
    assert f"1 files there are not of this export but older, such as {old}" in capsys.readouterr().err


@pytest.mark.parametrize("out", ["new", "images/new"])
def test_files_of_an_earlier_conversion_are_told(coco, tmp_path, capsys, out):
    given = "--images", coco.images, "--annotations", coco.annotations, "--out", tmp_path / out
    assert main(["convert", *map(str, given), "--to", "labelme"]) == 0
    old = tmp_path / out / "labelme" / "gone.json"
    old.write_text("{}")
    os.utime(old, (1, 1))
    assert main(["convert", *map(str, given), "--to", "labelme"]) == 0
    assert f"1 files there are not of this export but older, such as {old}" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["masks", "export", "convert"])
def test_files_that_lpg_did_not_write_are_written_over_by_no_command(masks, coco, tmp_path, capsys, command):
    masks()
    out, labels = tmp_path / "data", tmp_path / "data" / "yolo" / "labels" / "sub" / "two.txt"
    labels.parent.mkdir(parents=True)
    labels.write_text("mine")
    given = {
        "masks": ["--images", coco.images, "--boxes", coco.annotations, "--method", "boxes", "--export", "voc", "yolo"],
        "export": [tmp_path / "out", "--to", "voc", "yolo"],
        "convert": ["--images", coco.images, "--annotations", coco.annotations, "--to", "voc", "yolo"],
    }
    given = [command, *map(str, given[command]), "--out", str(out)]
    assert main(given) == 1
    assert (
        f"{out / 'yolo'} has files of which nothing says that lpg wrote them, such as {labels}; give"
        in capsys.readouterr().err
    )
    assert labels.read_text() == "mine" and not (out / "voc").exists()
    shutil.rmtree(out / "yolo")
    assert main(given) == 0 == main(given), "and what it has written it writes anew"


def test_what_an_older_lpg_has_written_is_written_anew(masks, tmp_path, capsys):
    """It said what it had written in one file, of the last command."""
    masks("--method", "boxes", "--export", "coco", "voc")
    out = tmp_path / "out"
    for path in out.glob("*.provenance.json"):
        path.unlink()
    (out / "yolo").mkdir()
    (out / "yolo" / ".DS_Store").write_text("of macOS, and nobody's")
    made = (out / "provenance.json").read_text()
    assert masks("--method", "boxes", "--export", "voc") == 1
    assert "voc has files of which nothing says that lpg wrote them" in capsys.readouterr().err
    (out / "provenance.json").write_text(made.replace(VERSION, "0.1.0"))
    assert masks("--method", "boxes", "--export", "coco", "voc", "yolo") == 0


def test_a_table_that_lpg_did_not_write_is_not_written_over(masks, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "quality.tsv").write_text("mine")
    assert masks() == 1
    assert "has a quality.tsv, and no masks of lpg masks; give another folder" in capsys.readouterr().err
    assert (tmp_path / "out" / "quality.tsv").read_text() == "mine"


def test_every_format_says_what_wrote_it(masks, tmp_path):
    masks()
    out = tmp_path / "out"
    assert main(["export", str(out), "--to", "voc", "--out", str(out)]) == 0
    rules = {name: made_by(out / name)["rule"] for name in ("voc/classes.txt", "coco/instances.json", "quality.tsv")}
    assert rules == {"voc/classes.txt": "lpg export", "coco/instances.json": "lpg masks", "quality.tsv": "lpg masks"}


def test_masks_are_exported_later(masks, tmp_path):
    masks()
    out = tmp_path / "out"
    assert main(["export", str(out), "--to", "voc", "png", "--out", str(tmp_path / "more")]) == 0
    assert (tmp_path / "more" / "voc" / "SegmentationObject" / "one.png").is_file()
    assert (tmp_path / "more" / "png" / "one__102.png").is_file()
    assert main(["export", str(tmp_path), "--to", "png", "--out", str(tmp_path)]) == 1


@pytest.fixture
def of_workflow(masks, tmp_path):
    """Makes the masks of a stage as the workflow does, by a method, and rates them if asked; returns their file."""
    masks()
    boxes = tmp_path / "results" / "datasets" / "d" / "boxes.h5"
    boxes.parent.mkdir(parents=True)
    shutil.copy(tmp_path / "out" / "boxes.h5", boxes)
    path = tmp_path / "results" / "run" / "stage1" / "d" / "pseudo_masks.h5"
    path.parent.mkdir(parents=True)
    classes = [*BoxTable([boxes]).classes, "bus"]  # of a run over several datasets

    def make(method: str, rated: bool) -> Path:
        table = BoxTable([boxes], classes)
        mask_photographs(open_method(method, {}), table, job=Job(path, {"rule": "generate_generic_masks"}))
        if rated:
            quality = path.with_name("quality.tsv")
            rate_masks(boxes=boxes, pseudo_masks=[path], path=quality)
            stamp([quality], describe(rule="rate_pseudo_masks", settings={}, code="", inputs=[boxes, path]))
        return path

    return make


def test_masks_of_the_workflow_are_exported_with_their_scores_and_not_with_those_of_earlier_masks(
    of_workflow, tmp_path, caplog
):
    def exported(to: str) -> list[dict]:
        given = "export", str(path), "--to", "coco", "--out", str(tmp_path / to)
        assert main(given) == 0
        return COCO(str(tmp_path / to / "coco" / "instances.json")).loadAnns([101, 102, 103])

    path = of_workflow("boxes", rated=True)
    assert all(0 < one["score"] < 1 for one in exported("first"))
    assert not any("other masks" in line for line in caplog.messages)
    of_workflow("boxes_ignore", rated=False)
    assert not any("score" in one for one in exported("second"))
    assert any("quality.tsv is of other masks, and left out" in line for line in caplog.messages)
    (path.parent / "quality.tsv.provenance.json").unlink()
    caplog.clear()
    assert not any("score" in one for one in exported("third"))
    assert any("nothing says which masks" in line for line in caplog.messages)
    assert main(["review", str(path), "--out", str(tmp_path / "page"), "--cores", "1"]) == 0
    assert (tmp_path / "page" / "quality.tsv").is_file()


def test_masks_are_put_into_no_file_of_other_objects(masks, coco, tmp_path, capsys):
    """Its ids are counted anew, as tools do when an object is deleted."""
    masks()
    export = ["export", str(tmp_path / "out"), "--to", "coco", "--out", str(tmp_path / "more")]
    content = json.loads(coco.annotations.read_text())
    coco.annotations.write_text(json.dumps(content, indent=2))
    assert main(export) == 0
    content["annotations"].append(content["annotations"][0])
    coco.annotations.write_text(json.dumps(content))
    assert main(export) == 1
    assert "shares its id with another; put the old file back" in capsys.readouterr().err
    del content["annotations"][-1], content["annotations"][0]
    for number, item in enumerate(content["annotations"], start=101):
        item["id"] = number
    coco.annotations.write_text(json.dumps(content))
    assert main(export) == 1
    assert (
        f"lpg: {coco.annotations} has changed since its boxes were read: object 101, a zebra of one, is a kite there; "
        "put the old file back, or make the masks again with the same lpg masks"
    ) in capsys.readouterr().err
    assert masks() == 0 and main(export) == 0


def test_what_a_coco_file_that_is_gone_has_said_is_told_to_be_lost(masks, coco, tmp_path, capsys):
    masks()
    coco.annotations.unlink()
    export = ["export", str(tmp_path / "out"), "--out", str(tmp_path / "more"), "--to"]
    assert main([*export, "png"]) == 0
    assert "is not there any more" not in capsys.readouterr().err
    assert main([*export, "coco"]) == 0
    assert (
        f"{coco.annotations} is not there any more: ids of photographs, classes and objects are counted anew, and its "
        "crowds, other objects and other fields are lost; put it back and export again to keep them"
    ) in capsys.readouterr().err


@pytest.mark.parametrize("command", [["export", "--to", "png"], ["review"]])
def test_masks_are_given_to_no_boxes_of_the_same_shape(masks, coco, tmp_path, capsys, command):
    masks()
    (tmp_path / "out").rename(tmp_path / "first")
    coco.annotations.write_text(coco.annotations.read_text().replace("kite", "bed"))
    masks()
    made, other = str(tmp_path / "first" / "masks" / "00000.h5"), str(tmp_path / "out" / "boxes.h5")
    assert main([command[0], made, *command[1:], "--boxes", other, "--out", str(tmp_path / "more")]) == 1
    assert (
        f"lpg: {made} was made from other boxes than those in {other}: on photographs/one it has bed, couch, zebra, "
        "not couch, kite, zebra; give the boxes.h5 that it was made from"
    ) in capsys.readouterr().err


def test_masks_are_looked_through(masks, tmp_path):
    assert masks("--method", "boxes", "--review") == 0
    out = tmp_path / "out"
    assert (
        main(
            ["review", str(out / "masks" / "00000.h5"), "--boxes", str(out / "boxes.h5"), "--out", str(tmp_path / "r")]
        )
        == 0
    )
    for folder in (out / "review", tmp_path / "r"):
        assert "<html" in (folder / "index.html").read_text() and list((folder / "crops").iterdir())


def test_a_page_is_written_over_no_photograph_and_no_mask(masks, coco, tmp_path, capsys):
    masks()
    given = tmp_path / "mine" / "crops"
    given.mkdir(parents=True)
    (given / "000000.jpg").write_bytes(b"mine")
    for place in (coco.images, tmp_path / "out", tmp_path / "mine"):
        assert main(["review", str(tmp_path / "out"), "--out", str(place)]) == 1
        assert "give another folder" in " ".join(capsys.readouterr().err.split())
    assert (given / "000000.jpg").read_bytes() == b"mine" and not (Path(coco.images) / "index.html").exists()
    for _ in range(2):  # a page of ours may be written anew, and one that was begun
        (tmp_path / "page" / "masks.js").unlink(missing_ok=True)
        assert main(["review", str(tmp_path / "out"), "--out", str(tmp_path / "page")]) == 0
    assert main(["review", str(tmp_path / "out"), "--out", str(tmp_path / "page"), "--cores", "0"]) == 1
    assert "--cores 0 is none; give 1 or more" in capsys.readouterr().err


def test_scores_of_masks_before_are_not_exported_with_masks_of_now(masks, tmp_path, capsys, monkeypatch):
    """A command that is stopped between masks and their scores leaves masks that are not finished."""
    masks()
    decision = {"image": "photographs/one", "object_id": 102, "decision": "reject"}
    (tmp_path / "decisions.json").write_text(json.dumps({"lpg_decisions": 1, "decisions": [decision]}))
    again = "--method", "boxes", "--decisions", str(tmp_path / "decisions.json")
    with monkeypatch.context() as patch:
        patch.setattr("lpg.commands.masks.rate_masks", lambda **_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert masks(*again) != 0
    export = ["export", str(tmp_path / "out"), "--to", "coco", "--out", str(tmp_path / "elsewhere")]
    assert main(export) == 1
    assert "has masks that are not finished; finish them with the same lpg masks again" in capsys.readouterr().err
    assert masks(*again) == 0 and main(export) == 0


def test_what_is_there_of_the_masks_before_a_decision_is_told(masks, tmp_path, capsys):
    """A folder of them that is exported again is no longer of those."""
    masks("--export", "yolo", "png", "--review")
    masks("--export", "coco")
    assert "is of the masks before these" not in capsys.readouterr().err
    decision = {"image": "photographs/one", "object_id": 102, "decision": "reject"}
    (tmp_path / "decisions.json").write_text(json.dumps({"lpg_decisions": 1, "decisions": [decision]}))
    (tmp_path / "out" / "yolo" / "images").mkdir()
    photograph = tmp_path / "out" / "yolo" / "images" / "one.jpg"  # as the log asks for; it is newer than all masks
    photograph.touch()
    os.utime(photograph, (time.time() + 3600,) * 2)
    masks("--export", "coco", "png", "--decisions", str(tmp_path / "decisions.json"))
    told = " ".join(capsys.readouterr().err.split())  # lines are as wide as the screen
    for name, option in (("yolo", "--export yolo"), ("review", "--review")):
        assert f"{name} is of the masks before these; with {option} it is made anew" in told
    assert told.count("is of the masks before these") == 2


def test_what_was_decided_is_in_the_masks_of_the_same_command(masks, tmp_path):
    masks()
    decision = {"image": "photographs/one", "object_id": 102, "decision": "reject"}
    (tmp_path / "decisions.json").write_text(json.dumps({"lpg_decisions": 1, "decisions": [decision]}))
    assert masks("--method", "boxes", "--decisions", str(tmp_path / "decisions.json")) == 0
    written = COCO(str(tmp_path / "out" / "coco" / "instances.json"))
    assert (written.anns[101]["area"], written.anns[102]["area"]) == (12, 0)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--rejected", "boxes"), "lpg: --rejected is about decisions, and there are none; add --decisions, or leave"),
        (("--decisions", "{tmp}/no.json"), "lpg: {tmp}/no.json does not exist; mend the path"),
        (
            ("--decisions", "{tmp}/coco/images"),
            "lpg: {tmp}/coco/images has no PNG in it; give a folder of <image>__<ob",
        ),
    ],
)
def test_decisions_are_looked_at_before_photographs(masks, tmp_path, capsys, options, sentence):
    assert masks("--method", "boxes", *(text.format(tmp=tmp_path) for text in options)) == 1
    assert sentence.format(tmp=tmp_path) in capsys.readouterr().err
    assert not (tmp_path / "out" / "boxes.h5").exists()


@pytest.mark.parametrize(("name", "given"), [("coco", "coco/instances.json"), ("png", "png")])
def test_corrected_masks_are_not_written_over(masks, tmp_path, capsys, name, given):
    assert masks("--method", "boxes", "--export", name) == 0
    own, before = tmp_path / "out" / given, sorted((tmp_path / "out" / name).rglob("*.*"))
    content = [path.read_bytes() for path in before]
    assert masks("--method", "boxes", "--export", name, "--decisions", str(own)) == 1
    assert f"would be written to, where {own} is; move yours out of there" in capsys.readouterr().err
    assert [path.read_bytes() for path in before] == content
    (tmp_path / "out" / "review").mkdir()
    decisions = shutil.move(own, tmp_path / "out" / "review")  # where the page lies, which leaves other files alone
    assert masks("--method", "boxes", "--export", name, "--review", "--decisions", str(decisions)) == 0


def test_a_place_among_the_photographs_is_refused_where_they_are_looked_for(coco, tmp_path, capsys):
    table = tmp_path / "boxes.csv"
    table.write_text("image,x,y,width,height,class\none.jpg,3,2,5,4,kite\n")
    inside = coco.images / "masks"
    given = "masks", "--images", str(coco.images), "--method", "boxes", "--out", str(inside), "--boxes"
    assert main([*given, str(table)]) == 1
    assert f"--out {inside} lies in {coco.images}, where photographs are: its files" in capsys.readouterr().err
    assert not (inside / "boxes.h5").exists()
    assert main([*given, str(coco.annotations)]) == 0, "COCO says where its photographs are"
    assert main([*given[:-3], "--out", str(tmp_path / "out"), "--boxes", str(table)]) == 0
    exported = "export", str(tmp_path / "out"), "--to", "png", "--out", str(coco.images / "png")
    assert main(exported) == 1
    assert f"--out {coco.images / 'png'} lies in {coco.images}, where" in capsys.readouterr().err
    assert not (coco.images / "png").exists()


def test_an_option_that_is_given_twice_is_both(masks, tmp_path, capsys):
    decided = {"image": "one", "decision": "reject"}
    paths = [tmp_path / f"{key}.json" for key in (101, 102)]
    for path, key in zip(paths, (101, 102), strict=True):
        path.write_text(json.dumps({"lpg_decisions": 1, "decisions": [decided | {"object_id": key}]}))
    options = [word for path in paths for word in ("--decisions", str(path))]
    assert masks("--method", "boxes", "--export", "csv", "--export", "yolo", *options) == 0
    assert "0 accepted, 2 rejected" in capsys.readouterr().err
    assert all((tmp_path / "out" / name).is_dir() for name in ("csv", "yolo"))
    assert not (tmp_path / "out" / "coco").exists()
    written = "export", str(tmp_path / "out"), "--to", "png", "--to", "voc", "--out", str(tmp_path / "new")
    assert main(written) == 0
    assert all((tmp_path / "new" / name).is_dir() for name in ("png", "voc"))


def test_a_photograph_that_changes_behind_a_linked_folder_is_masked_anew(coco, tmp_path):
    shutil.move(coco.images, tmp_path / "store")
    coco.images.mkdir()
    (coco.images / "day").symlink_to(tmp_path / "store")
    content = json.loads(coco.annotations.read_text())
    for image in content["images"]:
        image["file_name"] = f"day/{image['file_name']}"
    coco.annotations.write_text(json.dumps(content))
    given = "masks", "--images", coco.images, "--boxes", coco.annotations, "--out", tmp_path / "out", "--follow-links"
    made = tmp_path / "out" / "masks" / "00000.h5"
    times = []
    for _ in range(2):
        assert main([*map(str, given), "--method", "boxes"]) == 0
        times.append(made.stat().st_mtime_ns)
        Image.new("RGB", (8, 6)).save(tmp_path / "store" / "one.jpg")
    assert times[1] > times[0]


def test_pages_of_others_in_the_folder_stay_as_they_are(masks, coco, tmp_path):
    (tmp_path / "out").mkdir()
    pages = {"index.html": b"<html><head></head></html>", "latin.html": b"<html><head>gr\xfc\xdfe</head></html>"}
    for name, content in pages.items():
        (tmp_path / "out" / name).write_bytes(content)
    assert masks("--method", "boxes", "--review") == 0
    given = "--images", coco.images, "--annotations", coco.annotations, "--out", tmp_path / "out"
    assert main(["convert", *map(str, given), "--to", "csv"]) == 0
    assert {name: (tmp_path / "out" / name).read_bytes() for name in pages} == pages
    assert read_stamp(tmp_path / "out" / "review" / "index.html")["rule"] == "lpg masks"


def test_an_empty_path_is_not_the_working_directory(masks, capsys):
    assert masks("--method", "boxes", "--out", "") == 1
    assert "what is given for out is empty; set the variable" in capsys.readouterr().err


def test_an_option_that_a_command_does_not_have_is_answered_with_those_that_it_has(capsys):
    with pytest.raises(SystemExit):
        main(["masks", "--images", "a", "--boxes", "b", "--out", "c", "--to", "coco"])
    said = capsys.readouterr().err
    assert "--export FORMAT" in said and "lpg masks: error: unrecognized arguments: --to coco" in said


def test_a_file_that_decides_nothing_is_told(masks, coco, capsys):
    assert masks("--method", "boxes", "--decisions", str(coco.annotations)) == 0  # its segmentations are empty
    assert f"WARNING  {coco.annotations} decides nothing: of a COCO file the objects count" in capsys.readouterr().err


def test_annotations_are_converted(coco, tmp_path):
    given = "--images", coco.images, "--annotations", coco.annotations, "--out", tmp_path / "new"
    assert main(["convert", *map(str, given), "--to", "csv"]) == 0
    lines = (tmp_path / "new" / "csv" / "boxes.csv").read_text().splitlines()
    assert "one.jpg,3,2,5,4,kite,102" in lines


def test_masks_are_converted_whole(coco, tmp_path):
    given = "--images", coco.images, "--annotations", coco.annotations, "--out", tmp_path / "new"
    coco.change(102, bbox=[3, 2, 1, 1])  # smaller than its mask
    assert main(["convert", *map(str, given), "--to", "coco", "--masks", "--skip-unreadable"]) == 0
    before, after = COCO(str(coco.annotations)), COCO(str(tmp_path / "new" / "coco" / "instances.json"))
    kites = [next(item for item in one.anns.values() if item["bbox"] == [3, 2, 1, 1]) for one in (before, after)]
    assert np.array_equal(*(one.annToMask(kite) for one, kite in zip((before, after), kites, strict=True)))


@pytest.mark.parametrize("masks", [[], ["--masks"]])
def test_all_that_a_coco_file_says_is_kept_when_it_is_converted(coco, tmp_path, masks):
    given = "--images", coco.images, "--annotations", coco.annotations, "--out", tmp_path / "new"
    before = json.loads(coco.annotations.read_text()) | {"info": {"year": 2026}}
    before["annotations"][0]["mine"] = "é"
    coco.annotations.write_text(json.dumps(before))
    assert main(["convert", *map(str, given), "--to", "coco", *masks]) == 0
    after = json.loads((tmp_path / "new" / "coco" / "instances.json").read_text())
    for item, written in zip(before["annotations"], after["annotations"], strict=True):
        assert item == {key: written[key] for key in item} | ({"segmentation": item["segmentation"]} if masks else {})
    assert after | {"annotations": 0} == before | {"annotations": 0}
    one, other = COCO(str(coco.annotations)), COCO(str(tmp_path / "new" / "coco" / "instances.json"))
    assert all(np.array_equal(one.annToMask(one.anns[key]), other.annToMask(other.anns[key])) for key in one.anns)


def test_vocs_own_folders_are_read_with_their_masks(coco, tmp_path):
    given = "--images", coco.images, "--annotations", coco.annotations, "--out", tmp_path / "new"
    assert main(["convert", *map(str, given), "--to", "voc", "--masks"]) == 0
    voc = tmp_path / "new" / "voc"
    shutil.copytree(coco.images, voc / "JPEGImages")
    given = "--images", voc / "JPEGImages", "--annotations", voc, "--out", tmp_path / "back"
    assert main(["convert", *map(str, given), "--to", "coco", "--masks"]) == 0
    back = COCO(str(tmp_path / "back" / "coco" / "instances.json"))
    kite = next(item for item in back.anns.values() if item["bbox"] == [3, 2, 2, 2])
    assert np.argwhere(back.annToMask(kite)).tolist() == [[2, 3], [2, 4], [3, 3], [3, 4]]


def test_a_file_of_ours_is_described(masks, tmp_path, capsys):
    masks()
    capsys.readouterr()
    assert main(["inspect", str(tmp_path / "out" / "boxes.h5"), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    table = BoxTable([tmp_path / "out" / "boxes.h5"])
    assert facts["photographs"] == len(table) and facts["boxes"]["kite"] == 2
    assert main(["inspect", str(tmp_path / "out" / "masks" / "00000.h5")]) == 0
    assert "fill their box" in capsys.readouterr().out
    (tmp_path / "x.h5").write_bytes(b"no")
    assert main(["inspect", str(tmp_path / "x.h5")]) == 1


def test_a_generator_that_ships_is_described_by_its_name(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["inspect", "general", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["file"].endswith("shipped/general.safetensors") and facts["kind"] == "generator"


def test_help_imports_nothing_heavy():
    code = "import sys; from lpg.cli import main\ntry: main(['masks', '--help'])\nexcept SystemExit: pass\n"
    code += "assert not {'torch', 'pandas', 'snakemake', 'matplotlib'} & set(sys.modules), sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_folders_photographs_and_classes_are_called_as_people_call_them(tmp_path):
    home, called, kind = tmp_path / "Eigene Bilder 'ü' \"x\" $(y)", "möin 'kät' \"1\" ½;%20", 'kä\'t, "große" <b>&'
    write_photograph(home / "photos of 2024" / f"{called}.png", 6, 8)
    table = home / "boxes ö.csv"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows(
            [("image", "xmin", "ymin", "xmax", "ymax", "class"), (f"{called}.png", 1, 2, 5, 6, kind)]
        )
    given = "--images", str(home / "photos of 2024"), "--boxes", str(table), "--out", str(home / "aus gabe")
    formats = ["coco", "yolo", "voc", "png", "labelme", "csv"]
    assert main(["masks", *given, "--method", "boxes", "--device", "cpu", "--review", "--export", *formats]) == 0
    for annotations in ("coco/instances.json", "voc/Annotations", "csv/boxes.csv", "labelme", "yolo"):
        out, images = home / f"zu rück {annotations[:3]}", str(home / "photos of 2024")
        given = "--images", images, "--annotations", str(home / "aus gabe" / annotations), "--out", str(out)
        assert main(["convert", *given, "--to", "coco"]) == 0
        content = json.loads((out / "coco" / "instances.json").read_text())
        assert [image["file_name"] for image in content["images"]] == [f"{called}.png"]
        assert [category["name"] for category in content["categories"]] == [kind]
        box = content["annotations"][0]["bbox"]
        assert box == pytest.approx([1, 2, 4, 4], abs=1 if annotations in ("labelme", "yolo") else 0)  # an outline's


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("page.html", b"\xff\xfe", r"page\.html, or a file beside it, says of its making cannot be read"),
        ("page.html", b'<meta name="lpg" content="{">', r"page\.html, or a file beside it, says"),
        ("quality.tsv", b"image\n", r"quality\.tsv, or a file beside it, says of its making cannot be read"),
        ("network.onnx", b"\x08\x01" * 99, r"network\.onnx: neither it nor anything beside it says that lpg made it"),
    ],
)
def test_what_cannot_be_inspected_is_refused_in_one_sentence(tmp_path, capsys, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    if name.endswith(".tsv"):
        (tmp_path / "provenance.json").write_text("{")
    assert main(["inspect", str(tmp_path / name)]) == 1
    assert re.search(sentence, capsys.readouterr().err)


def test_a_format_that_cannot_hold_the_masks_leaves_the_others_whole(masks, tmp_path, coco, capsys):
    """VOC numbers 254 objects of a photograph; the format behind it is written all the same."""
    content = json.loads(coco.annotations.read_text())
    one = content["annotations"][0]
    content["annotations"] = [{**one, "id": number} for number in range(1, 257)]
    coco.annotations.write_text(json.dumps(content))
    assert masks("--method", "boxes", "--export", "voc", "csv") == 1
    assert "has 256 objects, and SegmentationObject numbers 254" in capsys.readouterr().err
    assert len((tmp_path / "out/csv/boxes.csv").read_text().splitlines()) == 257


def test_a_turned_boxs_mask_goes_out_with_the_box_around_it(coco, tmp_path):
    """The angle would turn the box again in whatever reads the file."""
    content = json.loads(Path(coco.annotations).read_text())
    item, *_, gone = content["annotations"]  # the last is on a photograph that is not there
    turn = {"bbox": [2, 2, 4, 2], "segmentation": [], "attributes": {"rotation": 90.0, "occluded": False}}
    item |= turn
    gone |= {**turn, "image_id": 99}
    content["images"].append({"id": 99, "file_name": "gone.jpg", "height": 6, "width": 8})
    source = tmp_path / "turned.json"
    source.write_text(json.dumps(content))
    given = "masks", "--images", str(coco.images), "--boxes", str(source), "--method", "boxes", "--out"
    options = "--export", "coco", "--cores", "1", "--skip-unreadable"
    assert main([*given, str(tmp_path / "out"), *options]) == 0
    written = json.loads((tmp_path / "out" / "coco" / "instances.json").read_text())
    found, without = (one for one in written["annotations"] if one["id"] in (item["id"], gone["id"]))
    for one in (found, without):
        assert one["bbox"] == [3, 1, 2, 4] and one["attributes"] == {"rotation": 0.0, "occluded": False}
    assert not rle.area(without["segmentation"])
    assert rle.toBbox(found["segmentation"]).tolist() == [3, 1, 2, 4]


def test_a_directory_that_is_gone_is_said(coco, tmp_path, monkeypatch, capsys):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert main(["masks", "--images", "../images", "--boxes", "../boxes.json", "--out", "out"]) == 1
    assert "the working directory is gone; go to one that is there" in capsys.readouterr().err


def test_a_name_that_the_shells_locale_lacks_is_said(monkeypatch, capsys):
    def refuse(*_):
        "é.jpg".encode("ascii")

    monkeypatch.setattr("lpg.commands.masks.run", refuse)
    assert main(["masks", "--images", ".", "--boxes", ".", "--out", "out"]) == 1
    assert "the shell's locale cannot name 'é.jpg'; set LC_ALL=C.UTF-8" in capsys.readouterr().err
