"""The overlap rule of section III-D, and the generic generator whose masks it fuses."""

from fractions import Fraction

import cv2
import numpy as np
import pytest

from lpg.files.boxes import BoxTable
from lpg.generators.baselines.grabcut import GrabCut
from lpg.generators.interface import Request
from lpg.pixels.fusion import fuse_by_odds, fuse_by_overlap, fuse_foreground
from lpg.pixels.pictures import read_photograph


def as_masks(*rows: list) -> np.ndarray:
    return np.array(rows, dtype=bool)


def fuse_slowly(class_ids: list[int], masks: np.ndarray, soft: np.ndarray | None = None) -> np.ndarray:
    """Either rule, pixel by pixel, in exact numbers, one claimant against the other; with `soft` it is the odds'."""
    count, height, width = masks.shape
    pixels = [(row, column) for row in range(height) for column in range(width)]
    claims = {pixel: [index for index in range(count) if masks[(index, *pixel)]] for pixel in pixels}
    areas = [sum(index in claimed for claimed in claims.values()) for index in range(count)]

    def standing(index: int, other: int, pixel: tuple[int, int]) -> Fraction:
        if soft is None:
            return Fraction(sum({index, other} <= set(claimed) for claimed in claims.values()), areas[index])
        sure = 2 * int(soft[(index, *pixel)]) + 1
        return Fraction(sure, (512 - sure) * areas[index] ** 3)

    labels = np.zeros((height, width), dtype=np.uint8)
    for pixel, claimed in claims.items():
        for best in claimed[:1]:
            for other in claimed[1:]:
                best = other if standing(other, best, pixel) > standing(best, other, pixel) else best
            labels[pixel] = class_ids[best]
    return labels


def test_class_with_the_higher_overlap_rate_takes_the_region():
    wide = [[1, 1, 1, 1, 1, 0]]
    narrow = [[0, 0, 0, 1, 1, 1]]
    masks = as_masks(wide, narrow)  # of rates 2/5 and 2/3
    assert fuse_by_overlap([4, 9], masks).tolist() == [[4, 4, 4, 9, 9, 9]]
    assert fuse_by_overlap([4, 9], masks[::-1]).tolist() == [[9, 9, 9, 4, 4, 4]]


def test_hidden_class_stays_visible():
    masks = as_masks([[1, 1, 1], [1, 1, 1]], [[0, 1, 0], [0, 0, 0]])
    assert fuse_by_overlap([1, 2], masks).tolist() == [[1, 2, 1], [1, 1, 1]]


def test_first_class_takes_what_equal_rates_leave_open():
    masks = as_masks([[1, 1, 0]], [[0, 1, 1]])
    assert fuse_by_overlap([3, 5], masks).tolist() == [[3, 3, 5]]


def test_a_third_class_elsewhere_has_no_say():
    """Pixels six to nine are the first two classes' overlap: 4/9 of the one and 4/5 of the other."""
    masks = as_masks([[1] * 9 + [0]], [[0] * 5 + [1] * 5], [[1] * 5 + [0] * 5])
    assert fuse_by_overlap([1, 2, 3], masks).tolist() == [[3] * 5 + [2] * 5]


def test_empty_mask_has_no_pixel():
    masks = as_masks([[1, 1, 0]], [[0, 0, 0]])
    assert fuse_by_overlap([1, 2], masks).tolist() == [[1, 1, 0]]


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_fusion_agrees_with_a_loop_over_pixels(count):
    rng = np.random.default_rng(count)
    for _ in range(40):
        masks = rng.random((count, 6, 7)) < rng.uniform(0.05, 0.8, (count, 1, 1))
        class_ids = sorted(rng.choice(np.arange(1, 30), count, replace=False).tolist())
        np.testing.assert_array_equal(fuse_by_overlap(class_ids, masks), fuse_slowly(class_ids, masks))
        soft = rng.integers(0, 256, masks.shape).astype(np.uint8)
        np.testing.assert_array_equal(fuse_by_odds(class_ids, masks, soft), fuse_slowly(class_ids, masks, soft))


def test_foreground_counts_from_one_half_and_inside_the_boxes():
    foreground = np.array([[[127, 128, 255, 255]], [[255, 0, 0, 200]]], dtype=np.uint8)
    box_maps = as_masks([[1, 1, 1, 0]], [[0, 1, 1, 1]])
    assert fuse_foreground([1, 2], foreground, box_maps).tolist() == [[0, 1, 1, 2]]


def test_between_the_ends_of_an_ignore_band_a_pixel_is_void_unless_another_class_is_sure_of_it():
    foreground = np.array([[[101, 102, 152, 153, 130, 130]], [[0, 0, 0, 0, 153, 101]]], dtype=np.uint8)
    box_maps = np.ones((2, 1, 6), dtype=bool)
    fused = fuse_foreground([1, 2], foreground, box_maps, band=(0.4, 0.6))
    assert fused.tolist() == [[0, 255, 255, 1, 2, 255]]
    box_maps[0, 0, 1] = False
    assert fuse_foreground([1, 2], foreground, box_maps, band=(0.4, 0.6))[0, 1] == 0, "no void outside the boxes"


def test_the_surer_class_may_take_what_the_rates_give_to_another():
    """A rider's leg: three of the horse's six pixels are contested, and three of the rider's four."""
    foreground = np.array([[255, 255, 255, 130, 140, 254, 0], [0, 0, 0, 200, 210, 130, 255]], dtype=np.uint8)[:, None]
    box_maps = as_masks([[1, 1, 1, 1, 1, 1, 0]], [[0, 0, 0, 1, 1, 1, 1]])
    assert fuse_foreground([13, 15], foreground, box_maps).tolist() == [[13, 13, 13, 15, 15, 15, 15]]
    by_odds = fuse_foreground([13, 15], foreground, box_maps, fusion="odds")
    assert by_odds.tolist() == [[13, 13, 13, 15, 15, 13, 15]]


def test_of_two_that_are_as_sure_the_smaller_has_the_pixel():
    """A cup on a table that is sure of the place under it too."""
    foreground = np.array([[255, 255, 255, 255], [0, 255, 250, 0]], dtype=np.uint8)[:, None]
    by_odds = fuse_foreground([1, 2], foreground, as_masks([[1, 1, 1, 1]], [[0, 1, 1, 1]]), fusion="odds")
    assert by_odds.tolist() == [[1, 2, 1, 1]]
    # 250 of 255 are odds of 46 to 1, of 255 it is 511; the cube of half the area makes up for a factor of 8
    foreground[1, 0, 2] = 252
    by_odds = fuse_foreground([1, 2], foreground, as_masks([[1, 1, 1, 1]], [[0, 1, 1, 1]]), fusion="odds")
    assert by_odds.tolist() == [[1, 2, 2, 1]]


def test_grabcut_is_opencvs_box_by_box(benchmark, make_boxes, tmp_path):
    names = (benchmark / "voc/ImageSets/Segmentation/val.txt").read_text().split()[:2]
    (tmp_path / "two.txt").write_text("\n".join(names))
    settings = {"format": "voc", "root": str(benchmark / "voc"), "split": str(tmp_path / "two.txt")}
    compared = 0
    for image in BoxTable([make_boxes(settings)]).images:
        photograph = read_photograph(image.path)
        (masks,) = GrabCut()([Request(image, photograph, {})])
        for edges, mask in zip(image.boxes.astype(int), masks.boxes, strict=True):
            x0, y0, x1, y1 = edges
            expected = np.zeros(photograph.shape[:2], dtype=np.uint8)
            cv2.setRNGSeed(0)
            cv2.grabCut(
                cv2.cvtColor(photograph, cv2.COLOR_RGB2BGR),
                expected,
                (x0, y0, x1 - x0, y1 - y0),
                np.zeros((1, 65)),
                np.zeros((1, 65)),
                5,
                cv2.GC_INIT_WITH_RECT,
            )
            expected = (expected == cv2.GC_FGD) | (expected == cv2.GC_PR_FGD)
            np.testing.assert_array_equal(mask == 255, expected[y0:y1, x0:x1])
            assert 0 < expected.sum() < (x1 - x0) * (y1 - y0)
            compared += 1
    assert compared >= 2
