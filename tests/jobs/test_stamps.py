"""What made an output is said in it or beside it, and nothing else of it changes."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lpg.jobs.stamps import BESIDE, FOLDER, read_stamp, stamp

SETTINGS = '{"title": "<a> & \\"b\\" – ü"}'
MADE_BY = {"rule": "draw_gallery", "lpg_version": "0.1.0", "settings": SETTINGS, "device": {"cpu": "x"}}
PAGE = "<!doctype html>\n<html><head>\n<title>a</title></head><body><head></body></html>\n"


@pytest.fixture
def files(tmp_path) -> Path:
    Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4)).save(tmp_path / "a.png")
    (tmp_path / "a.html").write_text(PAGE)
    (tmp_path / "a.tsv").write_text("a\tb\n")
    (tmp_path / "a.json").write_text("[1]\n")
    return tmp_path


@pytest.mark.parametrize("name", ["a.png", "a.html", "a.tsv", "a.json"])
def test_what_is_said_is_read_again_and_saying_it_twice_changes_nothing(files, name):
    assert read_stamp(files / name) == {}
    stamp([files / name], MADE_BY)
    assert read_stamp(files / name) == MADE_BY
    once = (files / name).read_bytes()
    stamp([files / name], MADE_BY)
    assert (files / name).read_bytes() == once
    assert not list(files.glob("*.partial"))


def test_a_picture_keeps_its_pixels_and_pillow_reads_what_it_says(files):
    stamp([files / "a.png"], MADE_BY)
    with Image.open(files / "a.png") as image:
        assert np.asarray(image).tolist() == np.arange(12).reshape(3, 4).tolist()
        assert json.loads(image.text["lpg"]) == MADE_BY


def test_a_page_is_told_once_in_its_head(files):
    stamp([files / "a.html"], MADE_BY)
    page = (files / "a.html").read_text()
    assert page.count("<meta") == 1 and page.index("<meta") < page.index("<title>")
    assert page.replace(page[page.index("<meta") : page.index("\n<title>")], "") == PAGE


def test_a_table_and_a_list_stay_as_they_are_and_are_told_beside(files):
    stamp([files / "a.tsv", files / "a.json"], MADE_BY)
    assert (files / "a.tsv").read_text() == "a\tb\n" and (files / "a.json").read_text() == "[1]\n"
    assert json.loads((files / f"a.tsv{BESIDE}").read_text()) == MADE_BY


def test_a_folder_is_told_in_a_file_of_its_own_and_so_are_its_files_and_its_pages(files):
    stamp([files], MADE_BY)
    assert json.loads((files / FOLDER).read_text()) == MADE_BY
    assert read_stamp(files) == read_stamp(files / "a.tsv") == read_stamp(files / "a.png") == MADE_BY
    assert "<meta" in (files / "a.html").read_text(), "a page can be handed on alone"
    assert read_stamp(files / "b" / "c" / "d" / "a.txt") == MADE_BY
    assert read_stamp(files / "b" / "c" / "d" / "e" / "a.txt") == {}, "too far below to be of it"


def test_the_page_of_a_folder_tells_of_the_files_beside_it(files):
    (files / "a.html").rename(files / "index.html")
    stamp([files / "index.html"], MADE_BY)
    assert read_stamp(files / "masks.js") == MADE_BY


@pytest.mark.parametrize("name", ["a.h5", "a.pt", "a.onnx", "a.safetensors", "gone.tsv"])
def test_what_its_writer_tells_and_what_is_not_there_is_left_alone(tmp_path, name):
    if name != "gone.tsv":
        (tmp_path / name).write_text("x")
    stamp([tmp_path / name], MADE_BY)
    assert [path.name for path in tmp_path.iterdir()] == [name] * (name != "gone.tsv")


def test_a_file_that_is_no_picture_is_not_touched(tmp_path):
    (tmp_path / "a.png").write_text("no picture")
    stamp([tmp_path / "a.png"], MADE_BY)
    assert (tmp_path / "a.png").read_text() == "no picture" and read_stamp(tmp_path / "a.png") == {}


def test_of_a_file_below_the_root_of_all_nothing_is_said():
    assert read_stamp(Path("/nothing.tsv")) == {} == read_stamp(Path("/"))
