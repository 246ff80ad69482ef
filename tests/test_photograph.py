"""A photograph's record: its pixels are those that its boxes are of."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import photograph_of
from PIL import Image

from lpg.errors import InputError
from lpg.photograph import PhotographCache, spellings


@pytest.fixture
def saved(tmp_path):
    """Records of photographs of 5 by 4 pixels, by the names of their files."""

    def save(*names: str):
        for name in names:
            Image.new("RGB", (4, 5), (1, 2, 3)).save(tmp_path / name)
        return [photograph_of(5, 4, [[0, 0, 2, 2]], [1], path=tmp_path / name) for name in names]

    return save


def test_a_photograph_of_another_size_than_its_boxes_are_of_is_refused(saved, tmp_path):
    (image,) = saved("a.png")
    assert image.read().shape == (5, 4, 3)
    Image.new("RGB", (8, 10)).save(tmp_path / "a.png")
    for read in (image.read, lambda: PhotographCache()(image)):
        with pytest.raises(
            InputError, match=r"a\.png is 8×10 pixels, and was 4×5 when its boxes were read; bring back"
        ):
            read()


def test_cache_keeps_photographs_up_to_its_limit(saved):
    first, second = saved("first.png", "second.png")
    cache = PhotographCache(limit=4 * 5 * 3 + 59)
    photographs = [cache(image) for image in (first, second)]
    for image in (first, second):
        image.path.unlink()
    np.testing.assert_array_equal(cache(first), photographs[0])
    with pytest.raises(InputError, match=r"second\.png does not exist"):
        cache(second)


def test_what_is_asked_box_by_box_is_made_once():
    image = photograph_of(5, 4, [[0, 0, 2, 2], [1, 1, 4, 5]], [2, 1])
    assert image.inside is image.inside and image.inside[1] == (slice(1, 5), slice(1, 4))
    assert image.classes is image.classes and image.classes == [1, 2]


def test_an_accent_may_stand_by_itself():
    assert spellings("a") == ["a"]
    assert spellings("\u00e9") == ["\u00e9", "e\u0301"] and spellings("e\u0301") == ["e\u0301", "\u00e9"]


def test_a_photograph_that_is_read_turned_and_as_stored_is_kept_in_both_ways(tmp_path):
    """Two datasets may have one folder of photographs, and boxes of other pixels."""
    pixels, exif = np.zeros((4, 6, 3), np.uint8), Image.Exif()
    pixels[0, 0], exif[0x0112] = 255, 3  # upside down
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    stored = photograph_of(4, 6, [[0, 0, 2, 2]], [1], path=tmp_path / "a.png")
    cache = PhotographCache()
    one, other = cache(stored), cache(replace(stored, upright=True))
    assert one[0, 0, 0] == 255 == other[3, 5, 0] and other[0, 0, 0] == 0
