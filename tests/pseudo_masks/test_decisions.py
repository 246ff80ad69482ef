"""Decisions of people about single masks: read, matched with boxes, and applied where masks are made."""

import json
import logging
import unicodedata
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from conftest import photograph_of
from PIL import Image
from pycocotools import mask as rle

from lpg.annotations.exporters.annotated import Annotated
from lpg.annotations.exporters.png import export_png
from lpg.errors import InputError
from lpg.files.boxes import write_boxes
from lpg.files.label_maps import LabelMaps
from lpg.generators.interface import Request, SoftMasks
from lpg.generators.opening import open_method
from lpg.jobs.job import Job
from lpg.pixels.crf import CrfSettings
from lpg.pseudo_masks.decisions import Decisions
from lpg.pseudo_masks.generate import generate_pseudo_masks
from lpg.pseudo_masks.refine import refine_pseudo_masks
from lpg.pseudo_masks.settling import settle

CLASSES = ("background", "cat", "dog")
# Two cats whose boxes meet, and a dog over the second.
IMAGE = photograph_of(4, 8, [[0, 0, 4, 4], [3, 0, 7, 4], [5, 2, 8, 4]], [1, 1, 2], name="d/a")
SOFT = SoftMasks.of_boxes(IMAGE, [np.full((4, 4), 200, np.uint8), np.full((4, 4), 40, np.uint8),
                                  np.full((2, 3), 150, np.uint8)])  # fmt: skip
ONES = np.ones((4, 8), dtype=np.uint8)


def encoded(mask: np.ndarray) -> dict:
    found = rle.encode(np.asfortranarray(mask, dtype=np.uint8))
    return {"size": found["size"], "counts": found["counts"].decode()}


def page(*decisions: dict) -> str:
    return json.dumps({"lpg_decisions": 1, "decisions": [{"image": "d/a", **one} for one in decisions]})


def coco(*annotations: dict, file_name: str = "a.jpg") -> str:
    images = [{"id": 70, "file_name": file_name, "height": 4, "width": 8}]
    categories = [{"id": 5, "name": "Cat"}, {"id": 6, "name": "dog"}, {"id": 7, "name": "kite"}]
    return json.dumps(
        {"images": images, "categories": categories, "annotations": [{"image_id": 70, **one} for one in annotations]}
    )


def accept(object_id, mask: np.ndarray) -> dict:
    return {"object_id": object_id, "decision": "accept", "mask": encoded(mask)}


@pytest.fixture
def load(tmp_path):
    """Decisions from the texts of files, about `IMAGE`."""

    def read(*texts: str, rejected: str = "void", images=(IMAGE,)) -> Decisions:
        paths = [tmp_path / f"{index}.json" for index in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text)
        return Decisions.load(paths, images, CLASSES, rejected)

    return read


def settled(decisions: Decisions, labels: np.ndarray) -> np.ndarray:
    """A label map of `IMAGE` after the decisions."""
    return settle(IMAGE, labels, decisions.decide(IMAGE, SOFT).boxes, decisions.verdicts(IMAGE))


def test_without_decisions_nothing_is_touched():
    labels = np.zeros((4, 8), dtype=np.uint8)
    assert Decisions.load([], [IMAGE], CLASSES).decide(IMAGE, SOFT) is SOFT
    assert settled(Decisions(), labels) is labels


def test_an_accepted_mask_takes_the_place_of_the_generators(load):
    mask = np.zeros((4, 8), dtype=bool)
    mask[1:3, 2:6] = True
    soft = load(page(accept(1, mask))).decide(IMAGE, SOFT)
    assert soft.boxes[0].tolist() == [[0] * 4, [0, 0, 255, 255], [0, 0, 255, 255], [0] * 4], "cut to its box"
    assert [soft.boxes[index].tolist() for index in (1, 2)] == [SOFT.boxes[index].tolist() for index in (1, 2)]
    # The other cat keeps what it has where their boxes meet, and the dog all of it.
    assert soft.foreground[0, 0].tolist() == [0, 0, 0, 40, 40, 40, 40, 0]
    assert soft.foreground[0, 1].tolist() == [0, 0, 255, 255, 40, 40, 40, 0]
    assert soft.foreground[1].tolist() == SOFT.foreground[1].tolist()


@pytest.mark.parametrize(("rejected", "value"), [("void", 0), ("boxes", 255)])
def test_a_rejected_mask_is_void_or_its_box(load, rejected, value):
    decisions = load(page({"object_id": 3, "decision": "reject"}), rejected=rejected)
    soft = decisions.decide(IMAGE, SOFT)
    assert (soft.boxes[2] == value).all()
    labels = np.array([[0] * 8] * 2 + [[1] * 6 + [0] * 2] * 2, dtype=np.uint8)
    expected = labels.copy()
    if rejected == "void":
        expected[2:, 6:] = 255  # what no other object claims in the box
    assert settled(decisions, labels).tolist() == expected.tolist()


def test_a_mask_is_made_again_by_the_method_that_is_asked_for(load, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    image = photograph_of(24, 32, [[2, 2, 20, 20], [5, 4, 30, 22]], [2, 1], name="d/a", path=tmp_path / "a.png")
    soft = SoftMasks.of_boxes(image, [np.zeros((18, 18), np.uint8), np.zeros((18, 25), np.uint8)])
    asked = load(page({"object_id": 2, "decision": "redo", "method": "grabcut"}), images=[image])
    expected = open_method("grabcut", {}).masks_of(Request(image, pixels, {})).boxes[1]
    again = asked.decide(image, soft)
    assert expected.any() and again.boxes[1].tolist() == expected.tolist() and not again.boxes[0].any()
    assert again.foreground[0][4:22, 5:30].tolist() == expected.tolist() and not again.foreground[1].any()


@pytest.mark.parametrize("method", ["boxes_ignore", "grabcut_plus", "densecrf"])
def test_a_mask_made_again_is_what_its_method_calls_object(load, tmp_path, method):
    """Yes or no, for what a network's doubt says of a mask, that of another method does not."""
    pixels = np.random.default_rng(0).integers(20, 60, (24, 32, 3), dtype=np.uint8)
    pixels[8:16, 8:20] += 160
    Image.fromarray(pixels).save(tmp_path / "a.png")
    image = photograph_of(24, 32, [[2, 2, 28, 22]], [1], name="d/a", path=tmp_path / "a.png")
    asked = load(page({"object_id": 1, "decision": "redo", "method": method}), images=[image])
    soft = SoftMasks.of_boxes(image, [np.zeros((20, 26), np.uint8)])
    generator = open_method(method, {})
    (expected,) = generator.masks_of(Request(image, pixels, {})).boxes
    (again,) = asked.decide(image, soft).boxes
    assert set(np.unique(again)) == {0, 255}
    assert np.array_equal(again > 0, expected >= generator.object_from)


def test_no_other_class_lies_over_an_accepted_mask(load):
    right = np.zeros((4, 8), dtype=bool)
    right[:, 4:] = True
    corner = np.zeros((4, 8), dtype=bool)
    corner[1:, 5:] = True  # reaches over its box
    one = settled(load(page(accept(2, right))), np.full((4, 8), 2, dtype=np.uint8))
    assert one.tolist() == [[2] * 4 + [1] * 3 + [2]] * 4, "the cat inside its box"
    labels = np.array([[0] * 8] * 3 + [[0] * 5 + [1, 2, 2]], dtype=np.uint8)
    both = settled(load(page(accept(2, right), accept(3, corner))), labels)
    # Where both were accepted it stays as it was fused (the last row), and of the rest the smaller mask has it.
    assert both.tolist() == [[0] * 4 + [1] * 3 + [0]] * 2 + [[0] * 4 + [1] + [2] * 3, [0] * 4 + [1, 1, 2, 2]]


def test_of_two_decisions_about_a_box_the_later_counts(load):
    decisions = load(page(accept(1, ONES)), page({"object_id": 1, "decision": "reject"}))
    assert decisions.entries["d/a"][0].decision == "reject"


def polygon(x0, y0, x1, y1) -> list:
    return [[x0, y0, x1, y0, x1, y1, x0, y1]]


FILES = {  # about the second cat, whose key is 2
    "page": ("reject", lambda: page({"object_id": 2, "class": "cat", "box": [3, 0, 7, 4], "decision": "reject"})),
    "first tool": (80, lambda: coco({"id": 80, "category_id": 5, "segmentation": polygon(3, 0, 7, 4)})),
    "second tool": (90, lambda: coco({"id": 90, "category_id": 5, "segmentation": polygon(3, 1, 7, 4)})),
}


@pytest.mark.parametrize("order", [*permutations(FILES)], ids=",".join)
def test_of_files_of_any_kinds_the_later_counts(load, order, caplog):
    found = load(*(FILES[name][1]() for name in order)).entries["d/a"]
    assert [*found] == [1] and FILES[order[-1]][0] in (found[1].decision, found[1].object_id)
    assert caplog.messages == []


LINES = photograph_of(4, 8, [[3, 0, 7, 4], [5, 2, 8, 4]], [1, 2], name="d/a")  # IMAGE without its first line


@pytest.mark.parametrize("decision", ["accept", "reject", "redo"])
def test_a_line_taken_out_of_the_boxes_gives_no_decision_to_the_next(load, decision, caplog):
    """Keys of YOLO, CSV and others are numbers of lines."""
    masks = np.zeros((2, 4, 8), dtype=bool)
    masks[0, :, :4], masks[1, 2:, 5:] = True, True
    first, third = ({"decision": decision, "method": "boxes", "mask": encoded(mask)} for mask in masks)
    first |= {"object_id": 1, "class": "cat", "box": [0, 0, 4, 4]}
    third |= {"object_id": 3, "class": "dog", "box": [5, 2, 8, 4]}
    found = load(page(first, third), images=[LINES]).entries["d/a"]
    assert {position: entry.object_id for position, entry in found.items()} == {1: 3}
    assert "1 decisions match no box of their photograph: object 1 of d/a" in caplog.text


@pytest.mark.parametrize(
    ("image", "key", "mask", "boxes"),
    [
        (IMAGE, 1, (0, 0, 4, 4), [0]),
        (IMAGE, 1, (0, 0, 2, 2), [0]),  # small, and inside
        (IMAGE, 3, (4, 0, 8, 4), []),  # the second box is far nearer
        (LINES, 1, (0, 0, 3, 4), []),  # beside its box
        (LINES, 1, (5, 2, 8, 4), []),  # that of the next line
        (LINES, 2, (5, 2, 8, 4), [1]),
    ],
)
def test_a_mask_with_a_key_alone_must_lie_in_its_box(load, tmp_path, image, key, mask, boxes):
    whole, (x0, y0, x1, y1) = np.zeros((4, 8), dtype=bool), mask
    whole[y0:y1, x0:x1] = True
    assert [*load(page(accept(key, whole)), images=[image]).entries.get("d/a", {})] == boxes
    Image.fromarray(whole).save(tmp_path / f"a__{key}.png")
    assert [*Decisions.load([tmp_path / f"a__{key}.png"], [image], CLASSES).entries.get("d/a", {})] == boxes


@pytest.mark.parametrize(
    ("entry", "boxes"),
    [
        ({"object_id": 3, "class": "Dog"}, [2]),
        ({"object_id": 3, "class": "cat"}, []),
        ({"object_id": 1, "class": "cat", "box": [3, 0, 7, 4]}, [1]),  # numbered anew
        ({"object_id": 2, "class": "cat", "box": [3, 0, 7, 3]}, []),  # drawn anew: it was another mask
    ],
)
def test_class_and_box_tell_more_than_the_key(load, entry, boxes):
    assert [*load(page({**entry, "decision": "reject"})).entries.get("d/a", {})] == boxes


def test_objects_that_were_numbered_anew_are_all_found(load):
    """As our own export does, if the boxes came in no COCO file: an id is often the key of the box beside."""
    edges = [[0, 0, 6, 4], [1, 0, 7, 4], [2, 0, 8, 4]]
    image = photograph_of(4, 8, edges, [1, 1, 1], name="d/a")
    objects = [{"id": 2 + line, "category_id": 5, "segmentation": polygon(*box)} for line, box in enumerate(edges)]
    found = load(coco(*objects), images=[image]).entries["d/a"]
    assert {position: entry.object_id for position, entry in found.items()} == {0: 2, 1: 3, 2: 4}


@pytest.mark.parametrize(
    ("annotations", "boxes"),
    [
        ([{"id": 2, "category_id": 5, "segmentation": polygon(3, 0, 7, 4)}], {1: 2}),
        ([{"id": 99, "category_id": 5, "segmentation": polygon(3, 1, 7, 4)}], {1: 99}),  # new, by place
        ([{"id": 1, "category_id": 5, "segmentation": polygon(3, 0, 7, 4)}], {1: 1}),  # numbered anew
        ([{"id": 1, "category_id": 5, "segmentation": polygon(0, 0, 2, 1)}], {}),  # an equal key alone
        ([{"id": 9, "category_id": 5, "segmentation": polygon(0, 0, 2, 1), "bbox": [0, 0, 4, 4]}], {0: 9}),
        ([{"id": 9, "category_id": 5, "segmentation": polygon(6, 0, 8, 4), "bbox": [0, 0, 4, 4]}], {}),  # outside it
        ([{"id": 1, "category_id": 5, "segmentation": polygon(0, 0, 4, 4), "bbox": [0, 0, 0, 1e999]}], {0: 1}),
        ([{"id": 1, "category_id": 6, "segmentation": polygon(0, 0, 4, 4)}], {}),  # of another class
        ([{"id": 1, "category_id": 7, "segmentation": polygon(0, 0, 4, 4)}], {}),
        ([{"id": 9, "category_id": 5, "segmentation": polygon(0, 0, 2, 1)}], {}),  # nowhere near
        ([{"id": 1, "category_id": 5, "segmentation": [], "bbox": [0, 0, 4, 4]}], {}),
        ([{"id": 1, "category_id": 5, "segmentation": encoded(0 * ONES), "bbox": [0, 0, 4, 4]}], {}),
        ([{"id": 1, "category_id": 5, "segmentation": encoded(ONES), "iscrowd": 1}], {0: 1}),  # a brush calls all so
        ([{"id": 1, "category_id": "5", "segmentation": encoded(ONES)}], {0: 1}),
        ([{"id": 1, "category_id": 5, "segmentation": [[]]}], {}),  # a plain box, as one tool writes it
        ([{"id": 8, "category_id": 5, "segmentation": polygon(3, 0, 7, 4)},
          {"id": 9, "category_id": 5, "segmentation": polygon(3, 1, 7, 4)}], {1: 8}),  # no box serves two
        ([{"id": 3, "category_id": 6, "segmentation": {"size": [4, 8], "counts": [20, 12]}}], {2: 3}),
    ],
)  # fmt: skip
def test_objects_of_another_tool_are_found_by_class_and_place_and_key(load, annotations, boxes):
    found = load(coco(*annotations)).entries.get("d/a", {})
    assert {position: entry.object_id for position, entry in found.items()} == boxes


@pytest.mark.parametrize("file_name", ["a.jpg", "d/a.png", "export/d/a.jpg", "C:\\pictures\\a.jpg"])
def test_a_photograph_is_known_by_its_file_name(load, file_name):
    text = coco({"id": 1, "category_id": 5, "segmentation": polygon(0, 0, 4, 4)}, file_name=file_name)
    assert [*load(text).entries] == ["d/a"]


@pytest.mark.parametrize("name", ["a__3.png", "d/a__3.png", "elsewhere/a__3.png", "a__3.PNG"])
def test_a_folder_of_pictures(tmp_path, name):
    pixels = np.zeros((4, 8), dtype=np.uint8)
    pixels[3, 6:] = 7
    path = tmp_path / "folder" / name
    path.parent.mkdir(parents=True)
    Image.fromarray(pixels).save(path)
    for given in (tmp_path / "folder", path):
        soft = Decisions.load([given], [IMAGE], CLASSES).decide(IMAGE, SOFT)
        assert soft.boxes[2].tolist() == [[0, 0, 0], [0, 255, 255]]


def test_pictures_of_any_ids_come_back(tmp_path):
    """Whatever is in an id, the exporter names a file of its own for it, and that is found."""
    keys = ["x/1", "x_1", "a__b", "_", "50%", "é", 7]
    image = photograph_of(4, 8, [[at, 0, at + 2, 4] for at in range(7)], [1] * 7, name="a_")
    image.object_ids[:] = keys
    masks = [np.ones((4, 2), dtype=bool)] * len(keys)
    export_png([Annotated(image, masks)], CLASSES, tmp_path)
    found = Decisions.load([tmp_path], [replace(image, name="d/a_")], CLASSES).entries["d/a_"]
    assert {position: entry.object_id for position, entry in found.items()} == dict(enumerate(map(str, keys)))


@pytest.mark.parametrize("forms", [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_photograph_is_known_in_both_spellings_of_an_accent(load, tmp_path, forms):
    """macOS's archives have the second."""
    name, called = (unicodedata.normalize(form, "d/grün/é") for form in forms)
    image = replace(IMAGE, name=name)
    text = coco({"id": 1, "category_id": 5, "segmentation": polygon(0, 0, 4, 4)}, file_name=f"{called}.jpg")
    assert [*load(text, images=[image]).entries] == [name]
    path = tmp_path / f"{called}__1.png"
    path.parent.mkdir(parents=True)
    Image.fromarray(np.pad(ONES[:, :4], [(0, 0), (0, 4)])).save(path)
    assert [*Decisions.load([tmp_path / "d"], [image], CLASSES).entries] == [name]


ALIKE = [replace(IMAGE, name=f"d/{name}") for name in ("a", "cam1/a", "cam2/a", "cam1/b")]


@pytest.mark.parametrize(
    ("called", "about"),
    [
        ("a", "d/a"),
        ("d/a", "d/a"),
        ("cam1/a", "d/cam1/a"),
        ("images/cam1/a", "d/cam1/a"),
        ("cam3/cam1/b", "d/cam1/b"),
        ("cam3/a", "d/a or d/cam1/a"),  # the root's, once its folder is taken away, or one of another folder
        ("/home/me/a", "d/a or d/cam1/a"),
        ("cam3/b", ""),
    ],
)
def test_a_name_without_its_folders_counts_where_no_other_ends_so(load, tmp_path, caplog, called, about):
    text = coco({"id": 1, "category_id": 5, "segmentation": polygon(0, 0, 4, 4)}, file_name=f"{called}.jpg")
    path = tmp_path / "corrected" / f"{called.strip('/')}__1.png"
    path.parent.mkdir(parents=True)
    Image.fromarray(np.pad(ONES[:, :4], [(0, 0), (0, 4)])).save(path)
    beside = tmp_path / "corrected" / "z__1.png"  # another, as a plan gives them: one by one
    Image.fromarray(ONES).save(beside)
    for found in (
        load(text, images=ALIKE),
        Decisions.load([tmp_path / "corrected"], ALIKE, CLASSES),
        Decisions.load([path, beside], ALIKE, CLASSES),
    ):
        assert [*found.entries] == ([about] if about in {image.name for image in ALIKE} else [])
    said = [line for line in caplog.messages if "may be about several" in line]
    assert len(said) == 3 * (" or " in about)
    for line in said:
        assert line.startswith("1 decisions may be about several photographs and are left out, the first, ")
        assert called.strip("/") in line
        assert f"about {about}: write the folders" in line


def test_pictures_that_we_write_come_back_where_folders_have_photographs_of_one_name(tmp_path):
    masks = [np.ones((4, 4), dtype=bool), np.ones((4, 4), dtype=bool), np.ones((2, 3), dtype=bool)]
    export_png([Annotated(replace(one, name=one.name[2:]), masks) for one in ALIKE], CLASSES, tmp_path / "png")
    for given in ([tmp_path / "png"], sorted((tmp_path / "png").rglob("*.png"))):
        found = Decisions.load(given, ALIKE, CLASSES).entries
        assert {name: sorted(own) for name, own in found.items()} == {image.name: [0, 1, 2] for image in ALIKE}


def test_what_is_not_there_is_counted(load, caplog):
    caplog.set_level(logging.INFO)
    there = [accept(1, ONES), {"object_id": 2, "decision": "reject"}]
    load(page(*there, {"object_id": 44, "decision": "reject"}, {"image": "e/z", "object_id": 1, "decision": "reject"}))
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert "1 accepted, 1 rejected, 0 to redo" in said
    assert "1 decisions match no box of their photograph: object 44 of d/a" in said
    assert "1 decisions are about other photographs, the first e/z" in said


def test_empty_masks_of_a_coco_file_are_counted(load, caplog):
    caplog.set_level(logging.INFO)
    objects = [{"id": key, "category_id": 5, "segmentation": encoded(mask)} for key, mask in ((1, 0 * ONES), (2, ONES))]
    load(coco(*objects))
    assert any(said.endswith("0.json: 1 empty masks decide nothing") for said in caplog.messages)


def test_a_file_that_decides_nothing_is_named(load, caplog):
    boxes = coco({"id": 1, "bbox": [0, 0, 4, 4], "category_id": 5})
    assert load(page(accept(1, ONES)), boxes).entries["d/a"].keys() == {0}
    (said,) = caplog.messages
    assert said.endswith("1.json decides nothing: of a COCO file the objects count that have a mask")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", r"0\.json cannot be read as JSON .*; save it again"),
        ("[]", r"0\.json holds no decisions; give a file of the review page, a COCO file or a folder of PNGs"),
        ('{"lpg_decisions": 2}', r"is of version 2 of decisions, not 1"),
        (page({"decision": "accept"}), r"decision 1 has no image, object_id or decision"),
        (page({"object_id": 1, "decision": "maybe"}), r"'maybe' is no decision; write accept, reject or redo"),
        (page({"object_id": 1, "decision": "redo", "method": "sam"}), r"no mask can be made again by 'sam'; take"),
        (page({"object_id": 1, "decision": "accept"}), r"decision 1 accepts no mask; save it again"),
        *((page({"object_id": 1, "decision": "accept", "mask": {"size": [4, 8], "counts": counts}}),
           r"decision 1: its mask cannot be read") for counts in ("", "0", "zz", [12], [40, -8], [0.5, 31.5])),
        *((page({"object_id": 1, "decision": "reject", "box": box}), r"decision 1: .* is no box; write \[x0, y0")
          for box in ("all", [1, 2, 3], [0, 0, 1, None], [5, 0, 1, 4])),
        (page({"object_id": 1, "decision": "reject", "class": 7}), r"decision 1: 7 is no class; write its name"),
        *((coco({"id": 1, "category_id": 5, "segmentation": [[0, 0, far, 0, 4, 4]]}), r"annotation 1: its mask cannot")
          for far in (1e8, -1e9)),
        (page(accept(1, ONES[:, :5])), r"decision 1: its mask is 5×4 pixels, but d/a is 8×4; give the mask"),
        (coco({"category_id": 5, "segmentation": polygon(0, 0, 1, 1)}), r"an entry lacks 'id'; export it again"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_whole_is_refused(load, text, sentence):
    with pytest.raises(InputError, match=sentence):
        load(text)


@pytest.mark.parametrize(
    ("name", "sentence"), [("b.json", "does not exist"), ("a.png", "call it <image>__<object id>")]
)
def test_a_path_that_says_nothing_is_refused(tmp_path, name, sentence):
    with pytest.raises(InputError, match=sentence):
        Decisions.load([tmp_path / name], [IMAGE], CLASSES)


def test_decisions_reach_the_labels_and_the_crf_leaves_them(load, tmp_path):
    """A whole dataset: the accepted mask is in the label map as it was accepted, the rejected box is void."""
    Image.fromarray(np.zeros((4, 8, 3), dtype=np.uint8)).save(tmp_path / "a.png")
    image = photograph_of(4, 8, IMAGE.boxes, IMAGE.class_ids, name="a", path=tmp_path / "a.png")
    write_boxes([image], CLASSES[1:], path=tmp_path / "boxes.h5", dataset="d")
    mask = np.zeros((4, 8), dtype=bool)
    mask[0, :4] = True
    (tmp_path / "decisions.json").write_text(page(accept(1, mask), {"object_id": 3, "decision": "reject"}))
    boxes = [tmp_path / "boxes.h5"]
    decisions = [tmp_path / "decisions.json"]
    masks, refined = Path(tmp_path, "masks.h5"), Path(tmp_path, "refined.h5")
    generate_pseudo_masks(open_method("boxes", {}), boxes=boxes, predictions=[], job=Job(masks), decisions=decisions)
    expected = [[1] * 7 + [0]] + [[0] * 3 + [1] * 4 + [0]] + [[0] * 3 + [1] * 4 + [255]] * 2
    assert LabelMaps([masks])["d/a"].tolist() == expected
    refine_pseudo_masks(pseudo_masks=masks, settings=CrfSettings(4, 50, 5, 3, 1), job=Job(refined), boxes=boxes)
    assert LabelMaps([refined])["d/a"][0, :4].tolist() == [1] * 4
    assert LabelMaps([refined])["d/a"][3, 7] == 255


def test_a_decision_that_may_be_about_a_photograph_of_another_dataset_is_left_out(tmp_path, caplog):
    Image.fromarray(np.zeros((4, 8, 3), dtype=np.uint8)).save(tmp_path / "a.png")
    boxes = []
    for dataset in "def":
        name = "b" if dataset == "f" else "a"
        image = photograph_of(4, 8, [[0, 0, 4, 4]], [1], name=name, path=tmp_path / "a.png")
        boxes.append(tmp_path / f"{dataset}.h5")
        write_boxes([image], CLASSES[1:], path=boxes[-1], dataset=dataset)
    (tmp_path / "decided").mkdir()
    for name in ("a__1.png", "b__1.png"):
        Image.fromarray(np.full((4, 8), 255, np.uint8)).save(tmp_path / "decided" / name)
    found = [
        Decisions.of_boxes([tmp_path / "decided"], [own], others=[one for one in boxes if one != own]).entries
        for own in boxes
    ]
    assert [[*entries] for entries in found] == [[], [], ["f/b"]]
    assert sum("may be about several photographs" in line for line in caplog.messages) == 3
    assert [*Decisions.of_boxes([tmp_path / "decided"], boxes[:1]).entries] == ["d/a"]


@pytest.mark.parametrize("seed", range(4))
def test_masks_come_through_both_kinds_of_run_lengths(load, seed):
    mask = np.random.default_rng(seed).random((120, 90)) > 0.5
    image = photograph_of(120, 90, [[0, 0, 90, 120]], [1], name="d/a")
    soft = SoftMasks.of_boxes(image, [np.zeros((120, 90), np.uint8)])
    columns = np.concatenate([[0], mask.T.ravel(), [0]]).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.concatenate([columns[1:-1], [2]]), prepend=0) != 0)
    listed = {"size": [120, 90], "counts": np.diff(edges, prepend=0).tolist()}
    for given in (encoded(mask), listed):
        decided = load(page({"object_id": 1, "decision": "accept", "mask": given}), images=[image]).decide(image, soft)
        assert np.array_equal(decided.boxes[0] > 0, mask)


@pytest.mark.parametrize(
    ("colour", "opaque", "expected"),
    [
        (255, [1, 1, 0, 0], [1, 1, 0, 0]),  # the rest was erased, which leaves its colour
        ([255, 0, 255, 0], [1, 1, 0, 0], [1, 0, 0, 0]),
        (0, [1, 1, 0, 0], [1, 1, 0, 0]),  # drawn in black on nothing
        ([255, 255, 0, 0], [1, 1, 1, 1], [1, 1, 0, 0]),
    ],
)
def test_what_is_transparent_in_a_picture_is_no_object(tmp_path, colour, opaque, expected):
    pixels = np.zeros((4, 4, 4), dtype=np.uint8)
    pixels[..., :3], pixels[..., 3] = np.broadcast_to(np.array(colour), (4, 4))[..., None], 255 * np.array(opaque)
    Image.fromarray(pixels).save(tmp_path / "a__1.png")
    image = photograph_of(4, 4, [[0, 0, 4, 4]], [1], name="d/a")
    (entry,) = Decisions.load([tmp_path / "a__1.png"], [image], CLASSES).entries["d/a"].values()
    assert rle.decode(entry.mask).tolist() == [expected] * 4


def test_an_empty_picture_decides_nothing_and_is_told(tmp_path, caplog):
    Image.fromarray(np.zeros((4, 8), dtype=np.uint8)).save(tmp_path / "a__1.png")
    assert Decisions.load([tmp_path / "a__1.png"], [IMAGE], CLASSES).entries == {}
    assert "a__1.png is empty and decides nothing" in caplog.text


def test_a_number_after_a_dot_is_no_ending_of_a_photograph(tmp_path):
    """`frame.1` of `frame.1.jpg` is not `frame`."""
    images = [replace(IMAGE, name=name) for name in ("d/frame", "d/frame.1")]
    content = {
        "images": [{"id": 1, "file_name": "frame.1", "height": None, "width": None}],
        "categories": [{"id": 5, "name": CLASSES[1]}],
        "annotations": [{"id": 9, "image_id": "1", "category_id": 5, "segmentation": encoded(ONES)}],
    }
    (tmp_path / "decisions.json").write_text(json.dumps(content), encoding="utf-8-sig")
    assert [*Decisions.load([tmp_path / "decisions.json"], images, CLASSES).entries] == ["d/frame.1"]


@pytest.mark.parametrize(
    ("said", "known", "found"),
    [
        ("photographs/a", "d/a", True),
        ("d/a", "photographs/a", True),
        ("e/a", "d/a", False),
        ("photographs/b", "d/a", False),
    ],
)
def test_what_lpg_masks_calls_a_photograph_is_any_datasets_of_that_name(load, said, known, found):
    decisions = load(page(accept(1, ONES) | {"image": said}), images=[replace(IMAGE, name=known)])
    assert [*decisions.entries] == [known] * found


def test_the_folder_of_lpg_masks_in_a_name_of_another_tool_is_a_folder(load):
    text = coco({"id": 1, "category_id": 5, "segmentation": polygon(0, 0, 4, 4)}, file_name="export/photographs/a.jpg")
    assert [*load(text).entries] == ["d/a"]
