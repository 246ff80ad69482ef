"""MATLAB's files as scipy writes them, and as scipy reads them."""

import io
import struct
import zlib

import numpy as np
import pytest
from scipy.io import loadmat, savemat
from scipy.sparse import eye

from lpg.pixels import matlab
from lpg.pixels.matlab import read_mat

ARRAYS = [
    np.arange(6, dtype=kind).reshape(2, 3)
    for kind in ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8")
]  # fmt: skip


@pytest.fixture
def write(tmp_path):
    def to(content: dict, compressed: bool = False):
        savemat(tmp_path / "a.mat", content, do_compression=compressed)
        return tmp_path / "a.mat"

    return to


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("array", [*ARRAYS, np.zeros((0, 3)), np.array([[7]], np.uint8), np.ones((2, 3, 4)), 1.5])
def test_arrays_are_those_that_scipy_reads(write, array, compressed):
    path = write({"a": array, "second": np.eye(2)}, compressed)
    found = read_mat(path)
    expected = loadmat(path)["a"]
    assert np.array_equal(found["a"], expected) and found["a"].dtype == expected.dtype
    assert found["second"].tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize("compressed", [False, True])
def test_cells_and_structures(write, compressed):
    cells = np.empty((3, 1), dtype=object)
    cells[:, 0] = [np.array([[1, 2]], np.uint16), np.array([[3.0]]), np.zeros((0, 0))]
    structure = {"Segmentation": ARRAYS[0], "Boundaries": eye(3).tocsc(), "name": "text", "cells": cells}
    found = read_mat(write({"GTcls": structure, "labels": cells}, compressed))
    assert [cell.tolist() for cell in found["labels"]] == [[[1, 2]], [[3]], []]
    assert found["GTcls"]["Segmentation"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert [cell.tolist() for cell in found["GTcls"]["cells"]] == [[[1, 2]], [[3]], []]
    assert found["GTcls"]["Boundaries"] is None and found["GTcls"]["name"] is None


def test_the_other_order_of_bytes(tmp_path):
    """2 by 1, int32, called x."""
    parts = [(6, struct.pack(">II", 12, 0)), (5, struct.pack(">ii", 2, 1)), (1, b"x"), (5, struct.pack(">ii", 7, -8))]
    body = b"".join(struct.pack(">II", kind, len(data)) + data + bytes(-len(data) % 8) for kind, data in parts)
    (tmp_path / "a.mat").write_bytes(bytes(124) + b"\1\0MI" + struct.pack(">II", 14, len(body)) + body)
    assert read_mat(tmp_path / "a.mat")["x"].tolist() == [[7], [-8]]


def test_what_is_packed_may_be_no_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr(matlab, "LARGEST", 1 << 20)
    packed = zlib.compress(struct.pack("<II", 14, 1 << 21) + bytes(1 << 21))
    (tmp_path / "a.mat").write_bytes(bytes(124) + b"\0\1IM" + struct.pack("<II", 15, len(packed)) + packed)
    with pytest.raises(ValueError, match="it ends in the middle of an element"):
        read_mat(tmp_path / "a.mat")


@pytest.mark.parametrize("cut", [0, 100, 127, 130, 140, 200])
def test_a_file_that_is_cut_short(write, cut):
    path = write({"a": np.ones((9, 9))})
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ValueError, match=r"ends in the middle|no file of MATLAB"):
        read_mat(path)


def test_a_file_from_7_3_on(tmp_path):
    (tmp_path / "a.mat").write_bytes(io.BytesIO(b"MATLAB 7.3".ljust(124) + b"\0\2IM").getvalue())
    with pytest.raises(ValueError, match=r"no file of MATLAB, or one from 7\.3 on"):
        read_mat(tmp_path / "a.mat")
