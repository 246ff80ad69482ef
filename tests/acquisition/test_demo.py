"""The embedded demo is read by the same readers as real data."""

import numpy as np
import pytest
from conftest import records

from lpg.acquisition.demo import AUXILIARY, TARGET, draw_demo
from lpg.annotations.coco import CocoAnnotations
from lpg.annotations.voc import VocAnnotations
from lpg.files.boxes import BoxTable
from lpg.pixels.pictures import read_palette_mask, read_photograph


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    root = tmp_path_factory.mktemp("demo")
    draw_demo(root, seed=3, auxiliary=12, train=10, val=4)
    return root


@pytest.fixture(scope="module")
def auxiliary(demo):
    folder = demo / "auxiliary"
    return CocoAnnotations(images=folder / "images", annotations=folder / "annotations" / "instances.json")


def target(demo, split: str) -> VocAnnotations:
    return VocAnnotations(root=demo / "target", split=split, class_names=list(TARGET))


def tight_box(mask: np.ndarray) -> list[int]:
    rows, columns = np.nonzero(mask)
    return [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


def test_classes_of_the_two_datasets_are_disjoint(demo, auxiliary):
    assert auxiliary.class_names == list(AUXILIARY)
    assert target(demo, "train").class_names == list(TARGET)
    assert not set(AUXILIARY) & set(TARGET)


def test_demo_has_the_photographs_asked_for(demo, auxiliary):
    names = [auxiliary.names(), target(demo, "train").names(), target(demo, "val").names()]
    assert [len(group) for group in names] == [12, 10, 4]
    assert not set(names[1]) & set(names[2])
    assert len(list((demo / "target" / "JPEGImages").iterdir())) == 14


def test_auxiliary_boxes_are_tight_and_objects_do_not_share_pixels(auxiliary):
    several = 0
    for photograph in records(auxiliary):
        masks = list(auxiliary.instance_masks(photograph))
        several += len(masks) > 1
        for box, mask in zip(photograph.boxes.tolist(), masks, strict=True):
            assert box == tight_box(mask)
            assert mask.sum() >= 60
        assert not masks or np.sum(masks, axis=0).max() == 1
    assert several > 2


def test_target_masks_lie_in_their_boxes(demo):
    objects = 0
    for split in ("train", "val"):
        reader = target(demo, split)
        for photograph in records(reader):
            labels = reader.label_map(photograph)
            inside = np.zeros_like(labels, dtype=bool)
            for class_id, (x0, y0, x1, y1) in zip(photograph.class_ids, photograph.boxes.astype(int), strict=True):
                here = labels[y0:y1, x0:x1] == class_id
                assert all(edge.any() for edge in (here[0], here[-1], here[:, 0], here[:, -1]))
                inside[y0:y1, x0:x1] |= here
                objects += 1
            np.testing.assert_array_equal(labels > 0, inside)
    assert objects > 14


def test_photographs_have_the_size_of_their_annotation(demo, auxiliary):
    sizes = set()
    for photograph in [*records(auxiliary), *records(target(demo, "val"))]:
        size = photograph.height, photograph.width
        assert read_photograph(photograph.path).shape == (*size, 3)
        sizes.add(size)
    assert len(sizes) > 3
    assert all(112 <= side <= 144 for size in sizes for side in size)


def test_pipeline_takes_the_demo(demo, make_boxes, make_masks):
    settings = {"format": "voc", "root": str(demo / "target"), "split": "train", "class_names": list(TARGET)}
    boxes = make_boxes(settings)
    make_masks(settings, boxes)
    assert BoxTable([boxes]).classes == ("background", *TARGET)
    assert len(BoxTable([boxes])) >= 8


def test_demo_follows_its_seed(tmp_path):
    for folder, seed in (("first", 1), ("same", 1), ("other", 2)):
        draw_demo(tmp_path / folder, seed=seed, auxiliary=1, train=1, val=1)
    first, same, other = (
        read_palette_mask(tmp_path / folder / "target" / "SegmentationClass" / "train_000001.png")
        for folder in ("first", "same", "other")
    )
    np.testing.assert_array_equal(first, same)
    assert first.shape != other.shape or (first != other).any()
    photographs = [tmp_path / folder / "auxiliary" / "images" / "000001.jpg" for folder in ("first", "same")]
    assert photographs[0].read_bytes() == photographs[1].read_bytes()
