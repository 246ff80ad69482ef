"""Photographs and palette masks, in every format that is read and in some that are not."""

import io
import struct
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hostile.cases import attempt, cases
from hostile.mutations import mutated_bytes
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lpg.pixels.pictures import read_orientation, read_palette_mask, read_photograph, read_upright_size

MODES = {
    "JPEG": ("RGB", "L", "CMYK"),
    "PNG": ("RGB", "RGBA", "L", "LA", "P", "1", "I;16"),
    "BMP": ("RGB", "L", "P", "1"),
    "TIFF": ("RGB", "L", "CMYK", "LAB", "I;16", "F"),
    "WEBP": ("RGB", "RGBA"),
    "GIF": ("P",),
    "PPM": ("RGB",),
    "TGA": ("RGB",),
}
EXIF = Image.Exif()
EXIF[0x0112] = 6


def picture(format: str, mode: str) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 4, (6, 8, 3), dtype=np.uint8)
    image = (
        Image.fromarray(pixels).convert("RGB") if mode != "LAB" else Image.frombytes("LAB", (8, 6), pixels.tobytes())
    )
    image = Image.new(mode, (8, 6)) if mode in ("I;16", "F") else image if mode == "LAB" else image.convert(mode)
    file = io.BytesIO()
    image.save(file, format, **({"exif": EXIF} if format in ("JPEG", "PNG", "WEBP", "TIFF") else {}))
    return file.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """Its header promises what its data do not have."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0" * 99)),
        (b"IEND", b""),
    ]
    parts = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


PICTURES = [picture(format, mode) for format, modes in MODES.items() for mode in modes]
POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 6\nshowpage\n"
sides = st.sampled_from([0, 1, 6, 65_535, 100_000, 10**9, 2**31 - 1, 2**32 - 1])
contents = st.one_of(
    mutated_bytes(st.sampled_from(PICTURES)),
    mutated_bytes(st.sampled_from(PICTURES)),
    st.sampled_from([*PICTURES, POSTSCRIPT]),
    st.builds(huge_png, sides, sides),
)


@cases(8_000)
@given(contents, st.booleans())
def test_pictures(content, upright):
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.jpg")
        path.write_bytes(content)
        pixels = attempt(lambda: read_photograph(path, upright), [path], len(content))
        mask = attempt(lambda: read_palette_mask(path), [path], len(content))
        orientation = attempt(lambda: read_orientation(path), [path], len(content))
        size = attempt(lambda: read_upright_size(path), [path], len(content))
    if pixels is not None:
        assert pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3 and min(pixels.shape) > 0
        assert orientation in range(1, 9) and set(size) == set(pixels.shape[:2])
        assert not upright or size == pixels.shape[:2]
    assert mask is None or (mask.dtype == np.uint8 and mask.ndim == 2)
