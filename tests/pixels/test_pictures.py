"""Photographs and palette masks from disk."""

import os

import cv2
import numpy as np
import pytest
from PIL import Image

from lpg.errors import InputError
from lpg.pixels.pictures import (
    read_orientation,
    read_palette_mask,
    read_photograph,
    read_upright_size,
    voc_palette,
    write_palette_mask,
)


def test_grey_photograph_becomes_rgb(tmp_path):
    Image.fromarray(np.array([[0, 100], [200, 255]], dtype=np.uint8)).save(tmp_path / "grey.png")
    photograph = read_photograph(tmp_path / "grey.png")
    assert photograph.dtype == np.uint8
    assert photograph.tolist() == [[[0] * 3, [100] * 3], [[200] * 3, [255] * 3]]


TURNS = {
    1: lambda pixels: pixels, 2: np.fliplr, 3: lambda pixels: np.rot90(pixels, 2), 4: np.flipud,
    5: lambda pixels: pixels.swapaxes(0, 1), 6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(pixels, 2).swapaxes(0, 1), 8: np.rot90,
}  # fmt: skip


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("ending", ["png", "webp"])
def test_exif_orientation_is_applied_when_asked(tmp_path, orientation, ending):
    pixels = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    image, path = Image.fromarray(pixels), tmp_path / f"turned.{ending}"
    exif = image.getexif()
    exif[0x0112] = orientation
    image.save(path, exif=exif, lossless=True)
    assert read_orientation(path) == orientation
    np.testing.assert_array_equal(read_photograph(path), pixels)
    np.testing.assert_array_equal(read_photograph(path, True), TURNS[orientation](pixels))


@pytest.mark.parametrize("orientation", [None, 0, 9])
def test_no_orientation_is_upright(tmp_path, orientation):
    image, path = Image.new("RGB", (8, 6)), tmp_path / "a.jpg"
    exif = image.getexif()
    if orientation is not None:
        exif[0x0112] = orientation
    image.save(path, exif=exif)
    assert (read_orientation(path), read_photograph(path, upright=True).shape) == (1, (6, 8, 3))


def test_exif_that_is_broken_is_none(tmp_path):
    Image.new("RGB", (8, 6)).save(tmp_path / "a.jpg", exif=b"Exif\0\0no header of a TIFF")
    assert read_orientation(tmp_path / "a.jpg") == 1
    assert read_photograph(tmp_path / "a.jpg").shape == (6, 8, 3)


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


def test_a_photograph_of_somebody_else_is_whole(tmp_path, monkeypatch):
    def deny(path, _) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("lpg.pixels.pictures.open", deny, raising=False)
    with pytest.raises(InputError, match=r"a\.jpg cannot be read \(.*denied.*\); give this user the right to read it$"):
        read_photograph(tmp_path / "a.jpg")


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
    with pytest.raises(InputError, match=r"mask\.png has mode RGB; a mask is an 8-bit palette or grey PNG.* shows how"):
        read_palette_mask(tmp_path / "mask.png")


def test_a_palette_that_has_vocs_colours_in_another_order_is_refused(tmp_path):
    labels = np.array([[0, 1], [1, 0]], dtype=np.uint8)
    image = Image.fromarray(labels)
    for colours, is_mask in (
        ([0, 0, 0, 192, 128, 128], False),
        ([0, 0, 0, 1, 2, 3], True),
        ([9, 9, 9, 128, 0, 0], True),
    ):
        image.putpalette(colours)
        image.save(tmp_path / "mask.png")
        if is_mask:
            np.testing.assert_array_equal(read_palette_mask(tmp_path / "mask.png"), labels)
            continue
        with pytest.raises(
            InputError, match=r"mask\.png has VOC's colours in another order than VOC, so its numbers are"
        ):
            read_palette_mask(tmp_path / "mask.png")


@pytest.mark.parametrize("name", ["a.png", "a.tiff"])
def test_sixteen_bits_of_a_colour_are_refused(tmp_path, name):
    """Pillow would take the upper eight, of which a camera's ten or twelve bits fill a few."""
    deep = np.random.default_rng(0).integers(0, 1024, (6, 8, 3), dtype=np.uint16)
    cv2.imwrite(str(tmp_path / name), deep)
    with pytest.raises(
        InputError, match=rf"{name} has pixels of more than 8 bits \(mode RGB, 16 bits each\); convert"
    ) as refusal:
        read_photograph(tmp_path / name)
    assert refusal.value.permission == "skip_unreadable"
    cv2.imwrite(str(tmp_path / name), (deep >> 2).astype(np.uint8))
    assert read_photograph(tmp_path / name).shape == (6, 8, 3)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", r"it is empty\); replace the file$"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0a", r"it stands for a file of Git LFS\); fetch"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", r"it is HEIC\); convert it to JPEG or PNG$"),
        (b"\0\0\0\x1cftypavif\0\0\0\0mif1avif", r"it is AVIF\); convert it to JPEG or PNG$"),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_called_by_its_name(tmp_path, content, sentence):
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(InputError, match=rf"a\.jpg cannot be read \({sentence}"):
        read_photograph(tmp_path / "a.jpg")


def test_postscript_is_not_run(tmp_path, monkeypatch):
    monkeypatch.setattr("PIL.EpsImagePlugin.Ghostscript", pytest.fail)
    (tmp_path / "a.jpg").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 6\n%%EndComments\nshowpage\n")
    with pytest.raises(InputError, match=r"a\.jpg cannot be read \(it is none of JPEG, PNG, BMP,"):
        read_photograph(tmp_path / "a.jpg")


def test_a_pipe_is_no_photograph(tmp_path):
    os.mkfifo(tmp_path / "a.jpg")
    with pytest.raises(InputError, match=r"a\.jpg cannot be read \(it is no file\)"):
        read_photograph(tmp_path / "a.jpg")


@pytest.mark.parametrize(("orientation", "size"), [(1, (6, 8)), (3, (6, 8)), (6, (8, 6)), (9, (6, 8))])
def test_the_upright_size_is_in_the_header(tmp_path, orientation, size):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (8, 6)).save(tmp_path / "a.jpg", exif=exif)
    assert read_upright_size(tmp_path / "a.jpg") == size
    assert read_photograph(tmp_path / "a.jpg", upright=True).shape[:2] == size


@pytest.mark.parametrize("read", [read_photograph, read_upright_size, read_palette_mask])
def test_a_header_that_promises_more_than_the_file_can_hold_is_refused(tmp_path, read):
    Image.new("RGB", (8, 6)).save(tmp_path / "a.tif")
    content = bytearray((tmp_path / "a.tif").read_bytes())
    height = content.index(b"\x01\x01", 8) + 8  # the value of the tag 257
    content[height : height + 4] = (4_000_000).to_bytes(4, "little")
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(InputError, match=rf"a\.tif cannot be read \(its {len(content)} bytes cannot hold 8×4000000"):
        read(tmp_path / "a.tif")


def test_a_mask_of_one_value_is_as_large_as_it_likes(tmp_path):
    Image.new("P", (5000, 4000)).save(tmp_path / "a.png")
    assert read_palette_mask(tmp_path / "a.png").shape == (4000, 5000)
    Image.new("1", (5000, 4000)).save(tmp_path / "b.png")
    assert read_photograph(tmp_path / "b.png").shape == (4000, 5000, 3)


@pytest.mark.parametrize("labels", [np.zeros((2, 3), int), np.zeros((2, 3), bool), np.zeros((2, 3, 3), np.uint8)])
def test_labels_of_another_type_or_shape_are_refused(tmp_path, labels):
    with pytest.raises(InputError, match=r"^the labels are .*; give class ids as uint8 \(H, W\)"):
        write_palette_mask(tmp_path / "a.png", labels)
    assert not list(tmp_path.iterdir())
