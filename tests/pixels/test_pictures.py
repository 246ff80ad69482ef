"""Photographs and palette masks from disk."""

import numpy as np
import pytest
from PIL import Image

from lpg.errors import InputError
from lpg.pixels.pictures import PhotographCache, read_palette_mask, read_photograph, voc_palette, write_palette_mask


def test_grey_photograph_becomes_rgb(tmp_path):
    Image.fromarray(np.array([[0, 100], [200, 255]], dtype=np.uint8)).save(tmp_path / "grey.png")
    photograph = read_photograph(tmp_path / "grey.png")
    assert photograph.dtype == np.uint8
    assert photograph.tolist() == [[[0] * 3, [100] * 3], [[200] * 3, [255] * 3]]


def test_exif_orientation_is_not_applied(tmp_path):
    image = Image.new("RGB", (8, 6))
    exif = image.getexif()
    exif[0x0112] = 6  # a quarter turn
    image.save(tmp_path / "turned.jpg", exif=exif)
    assert read_photograph(tmp_path / "turned.jpg").shape == (6, 8, 3)


def test_missing_photograph_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"cat\.jpg does not exist; put the file there or take it off the list$"):
        read_photograph(tmp_path / "cat.jpg")


@pytest.mark.parametrize("keep", [0, 20, 2000])
def test_truncated_photograph_is_refused(tmp_path, keep):
    path = tmp_path / "cat.jpg"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(path)
    assert path.stat().st_size > 2000
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"cat\.jpg cannot be read \(.+\); replace the file$") as refusal:
        read_photograph(path)
    assert refusal.value.permission == "skip_unreadable"


def test_palette_is_that_of_voc():
    colours = {0: (0, 0, 0), 1: (128, 0, 0), 2: (0, 128, 0), 4: (0, 0, 128), 15: (192, 128, 128), 255: (224, 224, 192)}
    assert {index: tuple(voc_palette()[index].tolist()) for index in colours} == colours


def test_palette_mask_keeps_ids_and_shows_colours(tmp_path):
    labels = np.array([[0, 1, 15], [255, 2, 0]], dtype=np.uint8)
    write_palette_mask(tmp_path / "new" / "mask.png", labels)
    np.testing.assert_array_equal(read_palette_mask(tmp_path / "new" / "mask.png"), labels)
    assert Image.open(tmp_path / "new" / "mask.png").convert("RGB").getpixel((2, 0)) == (192, 128, 128)


def test_colour_image_is_no_mask(tmp_path):
    Image.new("RGB", (3, 2)).save(tmp_path / "mask.png")
    with pytest.raises(InputError, match=r"mask\.png has mode RGB; a mask is an 8-bit palette or grey PNG"):
        read_palette_mask(tmp_path / "mask.png")


def test_cache_keeps_photographs_up_to_its_limit(tmp_path):
    paths = [tmp_path / "first.png", tmp_path / "second.png"]
    for path in paths:
        Image.new("RGB", (4, 5), (1, 2, 3)).save(path)
    cache = PhotographCache(limit=4 * 5 * 3 + 59)
    photographs = [cache(path) for path in paths]
    for path in paths:
        path.unlink()
    np.testing.assert_array_equal(cache(paths[0]), photographs[0])
    with pytest.raises(InputError, match=r"second\.png does not exist"):
        cache(paths[1])
