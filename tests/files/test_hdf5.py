"""HDF5 files and photographs on disk."""

import json
import multiprocessing
import pickle
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from lpg.errors import InputError
from lpg.pixels.pictures import (
    PhotographCache,
    read_palette_mask,
    read_photograph,
    voc_palette,
    write_palette_mask,
)
from lpg.storage import (
    Ragged,
    RaggedWriter,
    class_table,
    create_file,
    open_file,
    read_strings,
    replace_atomically,
    write_strings,
)

ARRAYS = [np.array([[1, 2, 3], [4, 5, 6]]), np.zeros((0, 4)), np.array([[7], [8]]), np.full((300, 400), 9)]


def write_ragged(path: Path, arrays: list[np.ndarray]) -> None:
    with create_file(path, ["background"]) as file:
        writer = RaggedWriter(file, "maps")
        for array in arrays:
            writer.append(array.astype(np.uint8))
        writer.close()


@pytest.fixture
def ragged(tmp_path) -> Ragged:
    write_ragged(tmp_path / "maps.h5", ARRAYS)
    return Ragged(tmp_path / "maps.h5", "maps")


def test_file_appears_when_it_is_whole(tmp_path):
    path = tmp_path / "new" / "table.h5"
    with create_file(path, ["background", "cat"]):
        assert not path.exists()
        assert [file.name for file in path.parent.iterdir()] == ["table.h5.partial"]
    assert [file.name for file in path.parent.iterdir()] == ["table.h5"]


def test_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "text"
    path.write_text("old")
    with pytest.raises(RuntimeError), replace_atomically(path) as partial:
        partial.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_file_describes_itself(tmp_path):
    with create_file(tmp_path / "a.h5", ["background", "cat"], {"rule": "r", "input_digests": {"b": "2", "a": "1"}}):
        pass
    with open_file(tmp_path / "a.h5") as file:
        assert class_table(file) == ("background", "cat")
        assert file.attrs["rule"] == "r"
        assert json.loads(file.attrs["input_digests"]) == {"a": "1", "b": "2"}


def test_strings_survive(tmp_path):
    names = ["voc/2007_000033", "Füße/日本", ""]
    with create_file(tmp_path / "a.h5", []) as file:
        write_strings(file, "images/name", names)
        write_strings(file, "none", [])
    with open_file(tmp_path / "a.h5") as file:
        assert read_strings(file, "images/name") == names
        assert read_strings(file, "none") == []


def test_ragged_gives_back_every_array(ragged):
    assert len(ragged) == 4
    for array, expected in zip(ragged, ARRAYS, strict=True):
        np.testing.assert_array_equal(array, expected)
    np.testing.assert_array_equal(ragged[2], [[7], [8]])


def test_ragged_holds_three_dimensions(tmp_path):
    array = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    with create_file(tmp_path / "a.h5", []) as file:
        writer = RaggedWriter(file, "x", dtype="float32", dimensions=3)
        writer.append(array[:0])
        writer.append(array)
        writer.close()
    ragged = Ragged(tmp_path / "a.h5", "x")
    assert ragged[0].shape == (0, 3, 4)
    np.testing.assert_array_equal(ragged[1], array)


def test_ragged_writer_refuses_another_dimension(tmp_path):
    refused = pytest.raises(ValueError, match=r"/maps holds 2-dimensional arrays, not \(3,\)")
    with refused, create_file(tmp_path / "a.h5", []) as file:
        RaggedWriter(file, "maps").append(np.zeros(3, dtype=np.uint8))
    assert list(tmp_path.iterdir()) == []


def test_open_ragged_is_pickled_without_its_file(ragged):
    expected = ragged[0]
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(ragged))[0], expected)


def test_forked_process_opens_the_file_anew(ragged):
    assert ragged[0].tolist() == [[1, 2, 3], [4, 5, 6]]
    write_ragged(ragged.path, [array + 10 for array in ARRAYS])
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)
    child = context.Process(target=lambda: send.send(ragged[0].tolist()))
    child.start()
    assert receive.poll(60)
    assert receive.recv() == [[11, 12, 13], [14, 15, 16]]
    child.join()


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"boxes\.h5 does not exist; let Snakemake make it: snakemake --cores all"):
        open_file(tmp_path / "boxes.h5")


def test_file_that_is_not_hdf5_is_refused(tmp_path):
    (tmp_path / "boxes.h5").write_text("not HDF5")
    with pytest.raises(InputError, match=r"boxes\.h5 is not a readable HDF5 file .*; delete it and run again"):
        open_file(tmp_path / "boxes.h5")


def test_truncated_hdf5_is_refused(tmp_path):
    path = tmp_path / "boxes.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.random.default_rng(0).random(10_000)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(InputError, match=r"boxes\.h5 is not a readable HDF5 file"):
        open_file(path)


def test_file_of_another_step_is_refused(ragged):
    with pytest.raises(InputError, match=r"maps\.h5 has no 'images/name': it was not made by the step"):
        open_file(ragged.path, "maps/values", "images/name")


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
    with pytest.raises(InputError, match=r"cat\.jpg does not exist; put the file there"):
        read_photograph(tmp_path / "cat.jpg")


@pytest.mark.parametrize("keep", [0, 20, 2000])
def test_truncated_photograph_is_refused(tmp_path, keep):
    path = tmp_path / "cat.jpg"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(path)
    assert path.stat().st_size > 2000
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"cat\.jpg cannot be read \(.+\); replace the file, or set skip_unreadable"):
        read_photograph(path)


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
