"""Small files that would fill the memory, stop the clock or crash what reads them."""

import json
import os

import numpy as np
import pytest
from hostile.documents import LABELME

from lpg.annotations.guess import guess_settings
from lpg.annotations.reader import open_reader
from lpg.annotations.texts import read_text, read_xml, read_yaml, whole
from lpg.errors import InputError
from lpg.pixels.rle import run_lengths


def test_entities_that_grow_are_refused(tmp_path):
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    path = tmp_path / "a.xml"
    path.write_text(f'<!DOCTYPE x [<!ENTITY e0 "{"x" * 100}">{entities}]><annotation>&e11;</annotation>')
    with pytest.raises(InputError, match=r"a\.xml is not valid XML \(limit on input amplification factor"):
        read_xml(path)


def test_files_are_not_fetched_as_entities(tmp_path):
    (tmp_path / "secret").write_text("secret")
    path = tmp_path / "a.xml"
    path.write_text(f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]><annotation>&e;</annotation>')
    with pytest.raises(InputError, match=r"a\.xml is not valid XML \(undefined entity"):
        read_xml(path)


def test_an_encoding_that_takes_time_squared_is_refused(tmp_path):
    path = tmp_path / "a.xml"
    path.write_bytes(b'<?xml version="1.0" encoding="punycode"?>' + b"abc-" + b"9a" * 10**6)
    with pytest.raises(InputError, match=r"a\.xml is not valid XML \("):
        read_xml(path)


def test_aliases_are_not_written_out(tmp_path, read):
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 30))
    text = f"l0: &l0 [x]\n{levels}\nnames: [cat]\nval: images\npath: *l29\n"
    reader = read("yolo", {"data.yaml": text, "labels/a.txt": "0 0.5 0.5 0.2 0.2"}, "data.yaml", split="val")
    assert reader.names() == ["a", "sub/b c"]
    (tmp_path / "deep.yaml").write_text("[" * 10**5)
    with pytest.raises(InputError, match=r"deep\.yaml is not valid YAML"):
        read_yaml(tmp_path / "deep.yaml")


def test_nothing_waits_for_the_other_end_of_a_pipe(tmp_path, images):
    (tmp_path / "marks").mkdir()
    os.mkfifo(tmp_path / "marks" / "a.json")
    with pytest.raises(InputError, match=r"a\.json is no file; take it out of the folder"):
        read_text(tmp_path / "marks" / "a.json")
    with pytest.raises(InputError, match=r"marks has no file of boxes"):
        guess_settings(images, tmp_path / "marks")
    (images / "a.jpg").unlink()
    os.mkfifo(images / "a.jpg")
    (tmp_path / "dangling").mkdir()
    (tmp_path / "dangling" / "a.json").symlink_to("nowhere")
    with pytest.raises(InputError, match=r"dangling has no file of boxes"):
        guess_settings(images, tmp_path / "dangling")


@pytest.mark.parametrize(("text", "number"), [("12", 12), (" 7 ", 7), ("-1", None), ("9" * 5000, None), ("²", None)])
def test_whole_numbers_have_no_thousand_digits(text, number):
    assert whole(text) == number


@pytest.mark.parametrize(
    ("runs", "width"), [("9" * 5000, "3"), ("6", "-2"), ("1,2", "1e6"), (",", "3"), ("", "3"), ("nan", "3")]
)
def test_runs_of_cvat_that_fill_nothing_are_refused(read, runs, width):
    mask = f'<mask label="cat" rle="{runs}" left="0" top="0" width="{width}" height="{"-3" if "-" in width else "2"}"/>'
    image = f'<annotations><image id="7" name="a.jpg" width="8" height="6">{mask}</image></annotations>'
    with pytest.raises(InputError, match=r"image 7, shape 1: its runs do not fill its size"):
        read("cvat", {"annotations.xml": image}, "annotations.xml")


def test_postscript_is_no_mask_of_labelme(read):
    text = "JSFQUy1BZG9iZS0zLjAgRVBTRi0zLjAKJSVCb3VuZGluZ0JveDogMCAwIDggNgo="
    masks = [{"label": "cat", "points": [[0, 0], [1, 1]], "shape_type": "mask", "mask": text}]
    with pytest.raises(InputError, match=r"a\.json, shape 1: its mask is no image; mend or drop it"):
        read("labelme", {"a.json": json.dumps({**LABELME, "shapes": masks})}, "a.json")


def test_a_name_that_is_too_long_is_of_no_file(coco, voc, make_boxes):
    coco.annotations.write_text(coco.annotations.read_text().replace("one.jpg", "x" * 300 + ".jpg"))
    with pytest.raises(InputError, match=r"xx\.jpg cannot be read \(.*File name too long"):
        make_boxes(coco.settings)
    voc.list.write_text("x" * 5000)
    with pytest.raises(InputError, match=r"\.xml does not exist, though .*train\.txt names it"):
        make_boxes(voc.settings)


def test_two_categories_of_one_name_are_one_class(coco, make_boxes):
    content = json.loads(coco.annotations.read_text())
    content["categories"].append({"id": 99, "name": "kite"})
    content["annotations"][0]["category_id"] = 99
    coco.annotations.write_text(json.dumps(content))
    reader = open_reader(coco.settings, "datasets.tiny")
    assert reader.class_names == ["zebra", "kite"]
    assert reader.record("one").class_ids.tolist() == [2, 2]


@pytest.mark.parametrize(
    ("segmentation", "reason"),
    [
        ({"size": [6, 8], "counts": "o" * 10**6}, "its counts are no run lengths"),
        ({"size": [6, 8], "counts": "\x00" * 9}, "its counts are no run lengths"),
        ({"size": [2**32, 2**32], "counts": []}, "4294967296 is no side of a mask"),
        ({"size": [2**20, 2**20], "counts": [2**40]}, "1048576×1048576 pixels are too many"),
        ({"size": [-6, -8], "counts": [48]}, "-6 is no side of a mask"),
        ({"size": [6, 8], "counts": [2**32 + 48]}, "its runs cover 4294967344 pixels"),
        ([[0, 0, 80, 0] * 10**5], "a polygon whose outline is longer than"),
        ([[[0, 0], [1, 1], [2, 2], [3, 3], [4, 4], [5, 5]]], "a polygon with a point far from"),
    ],
)
def test_masks_that_are_none_are_refused_at_once(segmentation, reason):
    with pytest.raises(ValueError, match=reason):
        run_lengths(segmentation, 6, 8)


def test_the_longest_run_of_a_mask_is_read():
    """35 bits of it: as many as the difference of two of C's unsigned integers takes."""
    counts = "PPPPP8"  # 2**28, five bits a character, the lowest first
    assert run_lengths({"size": [2**14, 2**14], "counts": counts}, 2**14, 2**14)["size"] == [2**14, 2**14]
    assert np.prod(run_lengths({"size": [6, 8], "counts": [48]}, 6, 8)["size"]) == 48
