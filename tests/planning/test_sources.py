"""What jobs read that no job made, and how a change of it is told."""

import os
import shutil
from pathlib import Path

import pytest

from lpg.generators.shipped import SHIPPED
from lpg.planning.sources import Sources


def test_permissions_are_no_settings_of_a_reader(plan, settings, target):
    settings["datasets"]["voc"]["clip_boxes"] = True
    made = Sources(plan(voc=target(allow_shared_classes=["cat"])))
    assert made.permissions("voc") == {"skip_unreadable": False, "clip_boxes": True, "follow_links": False}
    assert "clip_boxes" not in made.settings("voc")
    assert made.run_settings("voc") == {"voc": made.settings("voc")}
    assert made.listing("voc") == made.run_listing("voc") == ["results/voc.json"]
    assert (made.plan.allowed("voc"), made.plan.allowed("teacher")) == (["cat"], [])


def test_a_default_of_a_dataset_that_is_written_out_is_none_of_its_settings(plan, settings):
    bare = dict(settings["datasets"]["voc"])
    settings["datasets"]["voc"] |= {"fraction": 1.0, "classes": {}, "shards": 1}
    assert Sources(plan()).settings("voc") == bare


def test_the_seed_is_a_datasets_where_a_part_of_it_is_drawn(plan, settings):
    settings["seed"] = 7
    assert Sources(plan()).seed("voc") == 0
    settings["datasets"]["voc"]["fraction"] = 0.5
    assert Sources(plan()).seed("voc") == 7


def test_scattered_annotations_have_another_digest_when_one_is_written_anew(plan, settings, target, tmp_path):
    settings["datasets"]["voc"] = {"format": "labelme", "images": str(tmp_path), "annotations": str(tmp_path)}
    made = Sources(plan(voc=target()))
    assert made.annotations("voc") == ""
    digests = set()
    for name, text in (("a.json", "{}"), ("a.json", "[1]"), ("sub/b.json", "{}"), ("notes.txt", "")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        digests.add(made.annotations("voc"))
    assert len(digests) == 3
    assert made.annotations("voc") in digests


def put(path: Path, text: str) -> None:
    """As `mv` and `cp -p` do: a file of another content that is older than anything here."""
    path.write_text(text)
    os.utime(path, (1_000_000_000 + len(text), 1_000_000_000))


def test_a_list_of_annotations_has_another_digest_when_an_older_one_takes_its_place(plan, settings, target, tmp_path):
    file, own = tmp_path / "boxes.json", tmp_path / "own.txt"
    put(own, "a")
    settings["datasets"]["voc"] = {"format": "coco", "images": str(tmp_path), "annotations": str(file)}
    made = Sources(plan(voc=target(masks=str(own))))
    told = [(made.annotations("voc"), made.run_annotations("voc"))]
    for path, text in ((file, "{}"), (file, "[1]"), (own, "a\nb")):
        put(path, text)
        told.append((made.annotations("voc"), made.run_annotations("voc")))
    assert told[0][0] == ""
    assert len({one for one, _ in told}) == 3 and len({run for _, run in told}) == 4


def test_what_the_workflow_makes_itself_is_as_it_was_before_it_was_there(plan, settings, target, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings["datasets"]["voc"] = {"format": "coco", "images": "results/drawn", "annotations": "results/drawn/b.json"}
    made = Sources(plan(voc=target()))
    (tmp_path / "results/drawn").mkdir(parents=True)
    (tmp_path / "results/drawn/b.json").write_text("{}")
    assert made.annotations("voc") == ""


def test_a_finished_generator_has_another_digest_when_an_older_one_takes_its_place(plan, target, tmp_path):
    file, told = tmp_path / "generator.safetensors", []
    for name in ("general", "disjoint", "general"):
        shutil.copy2(SHIPPED[name].path, file)
        made = Sources(
            plan(voc=target(generator={"file": str(file)}), shipped=target(generator={"shipped": "general"}))
        )
        told.append(made.generator_files("voc"))
    assert told[0] == told[2] != told[1] and all(told)
    assert made.generator_files("shipped") == "", "its digest is that of the package"


@pytest.mark.parametrize(
    ("method", "option", "name"),
    [("mcg", "proposals", ""), ("sam", "checkpoint", ""), ("grabcut_plus_hed", "hed", "a")],
)
def test_the_files_of_a_method_have_another_digest_when_one_is_written_anew(
    plan, target, tmp_path, method, option, name
):
    assert Sources(plan(voc=target(generator={"method": "grabcut"}))).generator_files("voc") == ""
    assert Sources(plan(voc=target())).generator_files("voc") == ""
    digests, given = [], tmp_path / "given"
    given.mkdir()
    for text in ("1", "22"):
        (given / "sub").mkdir(exist_ok=True)
        (given / "a").write_text(text)
        (given / "sub" / "b").write_text("0")
        made = Sources(plan(voc=target(generator={"method": method, option: str(given / name)})))
        digests += [made.generator_files("voc"), made.generator_files("voc")]
    assert digests[0] == digests[1] != digests[2] == digests[3]
    assert all(digests)


def test_of_vocs_layout_the_annotations_that_a_list_names_are_watched(plan, settings, target, tmp_path):
    (tmp_path / "JPEGImages").mkdir()
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "half.txt").write_text("a\nb\nmissing\n")
    settings["datasets"]["voc"] = {"format": "voc", "root": str(tmp_path), "split": str(tmp_path / "half.txt")}
    made, digests = Sources(plan(voc=target())), []
    for name, text in (("a", "1"), ("b", "1"), ("b", "12"), ("other", "1")):
        (tmp_path / "Annotations" / f"{name}.xml").write_text(text)
        digests.append(made.annotations("voc"))
    assert len(set(digests)) == 3 and digests[2] == digests[3] != ""
