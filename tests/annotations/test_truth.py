"""From annotations to `masks.h5`, and the masks that semi-supervision lists."""

import json
import logging

import numpy as np
import pytest
from conftest import VOC_MASK, voc_object, voc_xml
from PIL import Image

from lpg.annotations.truth import choose_masks
from lpg.errors import InputError
from lpg.files.boxes import BoxTable
from lpg.files.ground_truth import InstanceMasks
from lpg.files.hdf5 import class_table, open_file
from lpg.files.label_maps import LabelMaps
from lpg.jobs.job import Job
from lpg.pixels.pictures import write_palette_mask


def test_masks_file_of_coco(coco, make_boxes, make_masks):
    path = make_masks(coco.settings, make_boxes(coco.settings))
    with open_file(path) as file:
        table = class_table(file)
    assert table == ("background", "zebra", "kite")
    labels = LabelMaps([path], table)
    assert labels.names == ["tiny/one", "tiny/sub/two"]
    assert labels["tiny/sub/two"].tolist() == [[2, 2, 0, 0, 0], [2, 2, 0, 0, 0], [0] * 5, [0] * 5]
    assert labels["tiny/one"][[2, 5]].tolist() == [[0, 1, 1, 2, 2, 0, 0, 0], [255] * 8]


def test_instance_masks_follow_the_boxes_that_clipping_left(coco, make_boxes, make_masks):
    coco.change(101, bbox=[20, 1, 4, 3])
    boxes = make_boxes(coco.settings, clip_boxes=True)
    masks = InstanceMasks([make_masks(coco.settings, boxes)])
    kite = masks("tiny/one", 0, 6, 8)
    assert kite[2:4, 3:5].all() and kite.sum() == 4


def test_two_names_of_a_class_leave_the_ids_of_the_others_alone(coco, make_boxes, make_masks):
    content = json.loads(coco.annotations.read_text())
    content["categories"] = [{"id": 24, "name": "couch"}, {"id": 30, "name": "sofa"}, {"id": 38, "name": "kite"},
                             {"id": 63, "name": "lamp"}]  # fmt: skip
    coco.annotations.write_text(json.dumps(content))
    settings = coco.settings | {"classes": {"keep": ["couch", "kite"]}}
    boxes = make_boxes(settings)
    table = BoxTable([boxes])
    labels = LabelMaps([make_masks(settings, boxes)], table.classes)
    assert table.classes == ("background", "couch", "kite")
    assert labels["tiny/sub/two"].tolist() == [[2, 2, 0, 0, 0], [2, 2, 0, 0, 0], [0] * 5, [0] * 5]


def test_masks_file_of_voc(voc, make_boxes, make_masks):
    path = make_masks(voc.settings, make_boxes(voc.settings))
    masks = InstanceMasks([path])
    assert masks("tiny/p", 0, 6, 8)[1:4, 1:5].tolist() == [[1, 1, 1, 0], [1, 1, 0, 0], [0, 1, 0, 0]]
    assert masks("tiny/p", 1, 6, 8).sum() == 4
    assert masks.areas("tiny/p").tolist() == [6, 4]
    labels = LabelMaps([path], ("background", "cat", "dog"))["tiny/p"]
    assert [int((labels == index).sum()) for index in (1, 2, 255)] == [6, 4, 3]


def test_mask_of_another_size_is_refused(voc, make_boxes, make_masks):
    write_palette_mask(voc.mask("p"), np.zeros((5, 8), dtype=np.uint8))
    boxes = make_boxes(voc.settings)
    with pytest.raises(InputError, match=r"p\.png is 8×5 pixels but its photograph is 8×6; replace") as refusal:
        make_masks(voc.settings, boxes)
    assert refusal.value.permission == "skip_unreadable"


def test_all_masks_that_are_wrong_are_told(coco, make_boxes, make_masks):
    boxes = make_boxes(coco.settings)
    for key in (101, 107):  # one of each photograph
        coco.change(key, segmentation=None)
    with pytest.raises(InputError, match=r"datasets\.tiny has 2 faults, they stand above; the first: .* has no mask"):
        make_masks(coco.settings, boxes)


def test_unreadable_mask_is_skipped_with_a_warning(coco, make_boxes, make_masks, caplog):
    boxes = make_boxes(coco.settings)
    coco.change(101, segmentation=None)
    with caplog.at_level(logging.WARNING):
        path = make_masks(coco.settings, boxes, skip_unreadable=True)
    assert LabelMaps([path], ("background", "zebra", "kite")).names == ["tiny/sub/two"]
    assert InstanceMasks([path])("tiny/sub/two", 0, 4, 5).sum() == 4
    assert "skipped: " in caplog.text and "annotation 101 has no mask" in caplog.text


def test_dataset_without_a_readable_mask_is_refused(voc, make_boxes, make_masks):
    boxes = make_boxes(voc.settings)
    voc.mask("p").unlink()
    with pytest.raises(InputError, match=r"datasets\.tiny: no photograph has a readable mask"):
        make_masks(voc.settings, boxes, skip_unreadable=True)
    assert not boxes.with_name("masks.h5").exists()


def test_masks_cover_the_photographs_of_the_boxes_file_only(coco, make_boxes, make_masks):
    boxes = make_boxes({**coco.settings, "fraction": 0.4}, seed=1)
    content = json.loads(coco.annotations.read_text())
    path = make_masks(coco.settings, boxes)
    with open_file(boxes) as file:
        names = LabelMaps([boxes], class_table(file)).names
    assert LabelMaps([path], ("background", "zebra", "kite")).names == names
    assert 0 < len(names) < len(content["images"])


def test_only_the_listed_photographs_need_masks_of_their_own(coco, voc, make_boxes, tmp_path):
    voc.xml("q").write_text(voc_xml(4, 5, voc_object("dog", "1 1 5 4")))
    settings = {"first": coco.settings, "second": voc.settings}
    boxes = [make_boxes(own, name) for name, own in settings.items()]
    voc.mask("q").unlink()
    path, images = tmp_path / "own.h5", tmp_path / "list.txt"
    images.write_text("p\n\nnot-here\nsub/two\n")
    choose_masks(settings, boxes=boxes, images=images, job=Job(path))
    labels = LabelMaps([path], ("background", "zebra", "kite", "cat", "dog"))
    assert labels.names == ["first/sub/two", "second/p"]
    assert labels["first/sub/two"].tolist() == [[2, 2, 0, 0, 0], [2, 2, 0, 0, 0], [0] * 5, [0] * 5]
    assert [int((labels["second/p"] == index).sum()) for index in (3, 4, 255)] == [6, 4, 3]


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ("q\n", r"list\.txt names no photograph of tiny that has a box; mend the list: a photograph is called 'p'"),
        ("\n", r"list\.txt names no photograph of tiny that has a box"),
        ("p\n", r"p\.png does not exist; put the file"),
    ],
)
def test_a_list_that_leads_to_no_mask_is_refused(voc, make_boxes, tmp_path, listed, message):
    boxes = make_boxes(voc.settings)
    voc.mask("p").unlink()
    (tmp_path / "list.txt").write_text(listed)
    with pytest.raises(InputError, match=message):
        job = Job(tmp_path / "own.h5")
        choose_masks({"tiny": voc.settings}, boxes=[boxes], images=tmp_path / "list.txt", job=job)
    assert not (tmp_path / "own.h5").exists()


@pytest.fixture
def choose(coco, voc, make_boxes, tmp_path):
    """The photographs whose own masks a list asks for, of two datasets with a photograph p each."""

    def choose(listed: str, **settings: dict) -> list[str]:
        settings = settings or {"first": voc.settings, "second": voc.settings, "third": coco.settings}
        (tmp_path / "list.txt").write_text(listed)
        boxes = [make_boxes(own, name) for name, own in settings.items()]
        choose_masks(settings, boxes=boxes, images=tmp_path / "list.txt", job=Job(tmp_path / "own.h5"))
        with open_file(tmp_path / "own.h5") as file:
            return LabelMaps([tmp_path / "own.h5"], class_table(file)).names

    return choose


def test_a_listed_name_may_have_its_ending_and_its_dataset(choose, caplog):
    assert choose("second/p.jpg\nsub/two.jpg\nsub/two\nsub/two\n") == ["second/p", "third/sub/two"]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_listed_names_that_lead_nowhere_are_told(choose, caplog):
    assert choose("second/p\nsecond/q\nthird/nowhere\n") == ["second/p"]
    assert "2 of the names in" in caplog.text and "are no photograph with a box, such as 'second/q'" in caplog.text


def test_a_listed_name_of_two_photographs_is_refused(choose):
    with pytest.raises(InputError, match=r"list\.txt: p is the name of first/p and of second/p; write which of them"):
        choose("p\n")


def test_own_masks_of_void_alone_are_refused_and_one_is_warned_of(choose, voc, caplog):
    write_palette_mask(voc.mask("p"), np.uint8(VOC_MASK > 0) * 255)
    with pytest.raises(InputError, match=r"^datasets\.tiny: the masks hold 0 and 255 alone"):
        choose("p\n", tiny=voc.settings)
    assert "the own mask of tiny/p shows no object, and its boxes name some" in caplog.text


def test_a_mask_that_was_saved_as_jpeg_is_refused(voc, make_boxes, make_masks):
    boxes = make_boxes(voc.settings)
    Image.fromarray(np.zeros((6, 8), np.uint8)).save(voc.mask("p"), format="jpeg")
    with pytest.raises(InputError, match=r"p\.png is JPEG, which changes the numbers of classes"):
        make_masks(voc.settings, boxes)


def test_a_dataset_whose_boxes_have_no_mask_is_warned_of(voc, make_boxes, make_masks, caplog):
    write_palette_mask(voc.objects("p"), np.zeros((6, 8), dtype=np.uint8))
    with caplog.at_level(logging.WARNING):
        make_masks(voc.settings, make_boxes(voc.settings))
    assert "0 of 2 boxes have a mask" in caplog.text


def test_masks_of_void_alone_are_refused(voc, make_boxes, make_masks):
    write_palette_mask(voc.mask("p"), np.uint8(VOC_MASK > 0) * 255)
    boxes = make_boxes(voc.settings)
    with pytest.raises(
        InputError, match=r"datasets\.tiny: the masks hold 0 and 255 alone, and 255 is void, .*; write the"
    ):
        make_masks(voc.settings, boxes)
    assert not boxes.with_name("masks.h5").exists()


def test_listed_names_may_have_blanks(voc, make_boxes, tmp_path):
    for path in (voc.xml("p"), voc.photograph("p"), voc.mask("p")):
        path.rename(path.with_stem("old p (1)"))
    voc.list.write_text("old p (1)\n")
    (tmp_path / "list.txt").write_text("old p (1)\n")
    job = Job(tmp_path / "own.h5")
    choose_masks({"tiny": voc.settings}, boxes=[make_boxes(voc.settings)], images=tmp_path / "list.txt", job=job)
    assert LabelMaps([job.path]).names == ["tiny/old p (1)"]
