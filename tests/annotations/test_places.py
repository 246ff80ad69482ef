"""Where a photograph may lie: in the folder that is named, or where links lead from it, if that is allowed."""

import json
import os
import re
from pathlib import Path

import pytest
from conftest import write_photograph

from lpg.errors import InputError
from lpg.files.boxes import BoxTable

LABEL = "0 0.5 0.5 0.25 0.5"
TABLE = "image,xmin,ymin,xmax,ymax,class\n{},1,2,5,6,cat\n"


@pytest.fixture
def names(tmp_path, make_boxes):
    """The photographs of a table that names one."""

    def of(called: str, **allow) -> list[str]:
        (tmp_path / "boxes.csv").write_text(TABLE.format(called))
        settings = {"format": "csv", "images": str(tmp_path / "images"), "annotations": str(tmp_path / "boxes.csv")}
        return BoxTable([make_boxes(settings, **allow)]).names

    return of


@pytest.fixture
def elsewhere(tmp_path) -> Path:
    """A photograph on another disk."""
    write_photograph(tmp_path / "disk" / "a.jpg", 6, 8)
    return tmp_path / "disk"


def test_the_folder_itself_may_be_a_link(tmp_path, names, elsewhere):
    (tmp_path / "images").symlink_to(elsewhere)
    assert names("a.jpg") == ["tiny/a"]


def test_a_link_within_the_folder_is_followed(tmp_path, names):
    write_photograph(tmp_path / "images" / "own.jpg", 6, 8)
    (tmp_path / "images" / "a.jpg").symlink_to("own.jpg")
    assert names("a.jpg") == ["tiny/a"]


def test_a_link_out_of_the_folder_is_followed_if_that_is_allowed(tmp_path, names, elsewhere):
    link = tmp_path / "images" / "a.jpg"
    link.parent.mkdir()
    link.symlink_to(elsewhere / "a.jpg")
    fault = f"{link} is, or lies behind, a link that leads out of {link.parent}, to {elsewhere / 'a.jpg'}; put the"
    with pytest.raises(InputError, match=re.escape(fault)) as refusal:
        names("a.jpg")
    assert refusal.value.permission == "follow_links"
    assert names("a.jpg", follow_links=True) == ["tiny/a"]


def test_a_folder_behind_a_link_counts_too(tmp_path, coco, make_boxes):
    (coco.images / "sub").rename(tmp_path / "disk")
    (coco.images / "sub").symlink_to(tmp_path / "disk")
    with pytest.raises(InputError, match=r"sub/two\.jpg is, or lies behind, a link that leads out of "):
        make_boxes(coco.settings)
    assert "tiny/sub/two" in BoxTable([make_boxes(coco.settings, follow_links=True)]).names


@pytest.mark.parametrize("format", ["yolo", "csv", "labelme", "voc_xml"])
def test_no_format_leaves_out_what_lies_in_a_linked_folder(tmp_path, make_boxes, format):
    """The annotations of labelme and VOC's XML lie beside their photographs here."""
    write_photograph(tmp_path / "images" / "own.jpg", 6, 8)
    write_photograph(tmp_path / "disk" / "far.jpg", 6, 8)
    (tmp_path / "images" / "sub").symlink_to(tmp_path / "disk")
    shape = {"label": "cat", "points": [[1, 2], [5, 6]], "shape_type": "rectangle"}
    edges = "<xmin>2</xmin><ymin>3</ymin><xmax>5</xmax><ymax>6</ymax>"
    files = {
        "yolo": {"labels/own.txt": LABEL, "labels/sub/far.txt": LABEL, "data.yaml": "names: [cat]"},
        "csv": {"data.yaml": TABLE.format("own.jpg") + "far.jpg,1,2,5,6,cat"},
        "labelme": {f"images/{name}.json": json.dumps({"shapes": [shape]}) for name in ("own", "sub/far")},
        "voc_xml": {
            f"images/{name}.xml": f"<annotation><object><name>cat</name><bndbox>{edges}</bndbox></object></annotation>"
            for name in ("own", "sub/far")
        },
    }
    for name, text in files[format].items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    place = "images" if format in ("labelme", "voc_xml") else "data.yaml"
    settings = {"format": format, "images": str(tmp_path / "images"), "annotations": str(tmp_path / place)}
    with pytest.raises(InputError, match=r"sub/far\.jpg is, or lies behind, a link that leads out of ") as refusal:
        make_boxes(settings)
    assert refusal.value.permission == "follow_links"
    assert BoxTable([make_boxes(settings, follow_links=True)]).names == ["tiny/own", "tiny/sub/far"]


def test_vocs_folder_of_photographs_may_be_a_link(tmp_path, voc, make_boxes):
    (voc.root / "JPEGImages").rename(tmp_path / "disk")
    (voc.root / "JPEGImages").symlink_to(tmp_path / "disk")
    assert BoxTable([make_boxes(voc.settings)]).names == ["tiny/p"]


def test_a_name_with_a_line_break_is_refused_or_skipped(tmp_path, names):
    write_photograph(tmp_path / "images" / "a\nb.jpg", 6, 8)
    with pytest.raises(
        InputError, match=r"boxes\.csv:3: the name 'a\\nb' is no line of text in UTF-8; rename .*a\\nb\.jpg"
    ):
        names('"a\nb.jpg"')


def test_a_name_that_is_not_utf8_is_refused_or_skipped(tmp_path, make_boxes):
    """As a disk of former times may have it."""
    for name in (b"gr\xfcn.jpg", b"a.jpg"):
        write_photograph(tmp_path / "images" / os.fsdecode(name), 6, 8)
        (tmp_path / "labels" / os.fsdecode(name)).parent.mkdir(exist_ok=True)
        (tmp_path / "labels" / os.fsdecode(name)).with_suffix(".txt").write_text("0 0.5 0.5 0.5 0.5")
    (tmp_path / "classes.txt").write_text("cat")
    settings = {"format": "yolo", "images": str(tmp_path / "images"), "annotations": str(tmp_path / "labels")}
    with pytest.raises(InputError, match=r"gr\\udcfcn\.txt: the name 'gr\\udcfcn' is no line of text in UTF-8; rename"):
        make_boxes(settings)
    assert BoxTable([make_boxes(settings, skip_unreadable=True)]).names == ["tiny/a"]


def test_where_the_folder_has_no_name_in_utf8_photographs_are_not_to_be_renamed(tmp_path, make_boxes):
    folder = tmp_path / os.fsdecode(b"gr\xfcn")
    write_photograph(folder / "a.jpg", 6, 8)
    (tmp_path / "boxes.csv").write_text("image,xmin,ymin,xmax,ymax,class\na.jpg,1,1,3,3,cat\n")
    settings = {"format": "csv", "images": str(folder), "annotations": str(tmp_path / "boxes.csv")}
    for skip in (False, True):
        with pytest.raises(
            InputError, match=r"^the folder of the photographs .*gr\\udcfcn has no name in UTF-8; rename it"
        ):
            make_boxes(settings, skip_unreadable=skip)


def test_names_of_any_other_kind_are_names(tmp_path, names):
    for called in ("it's a b.jpg", "ünï\u202f🦓.jpg", "$(x);&<>%s{0}.jpg", "-rf.jpg", "x" * 240 + ".jpg"):
        write_photograph(tmp_path / "images" / called, 6, 8)
        assert names(called) == [f"tiny/{called.removesuffix('.jpg')}"]
