"""A segmenter over a folder: a picture for each photograph, in its place, made once and made anew when it must be."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from conftest import write_photograph
from PIL import Image

from lpg.cli import main
from lpg.errors import InputError
from lpg.files.checkpoint import Checkpoint
from lpg.pixels.pictures import read_palette_mask
from lpg.segmenter.apply import Segmenter
from lpg.segmenter.folder import Count, Picture, segment_photographs
from lpg.segmenter.network import build_network
from lpg.segmenter.recipe import segmenter_recipe


class Halves:
    """Finds class 1 in the left half of a photograph and class 2 in the right one; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def labels_of(self, photographs):
        self.asked += len(photographs)
        halves = (np.where(np.arange(one.shape[1]) < one.shape[1] // 2, 1, 2) for one in photographs)
        return [np.tile(row, (len(one), 1)).astype(np.uint8) for row, one in zip(halves, photographs, strict=True)]


@pytest.fixture
def pictures(tmp_path) -> list[Picture]:
    """Of two photographs of 8 by 6 pixels, one in a folder."""
    made = []
    for name in ("a.jpg", "sub/b c.png"):
        write_photograph(tmp_path / "images" / name, 6, 8)
        made.append(Picture(tmp_path / "images" / name, tmp_path / "out" / Path(name).with_suffix(".png")))
    return made


def test_each_photograph_has_a_picture_and_it_is_made_once(pictures):
    segmenter = Halves()
    assert segment_photographs(segmenter, pictures, made_by="f 1").made == 2
    for picture in pictures:
        assert read_palette_mask(picture.path).tolist() == [[1] * 4 + [2] * 4] * 6
    assert segment_photographs(segmenter, pictures, made_by="f 1").made == 0 and segmenter.asked == 2
    write_photograph(pictures[0].source, 4, 8)
    assert segment_photographs(segmenter, pictures, made_by="f 1").made == 1, "a photograph that has changed"
    assert read_palette_mask(pictures[0].path).shape == (4, 8)
    assert segment_photographs(segmenter, pictures, made_by="f 2").made == 2, "another segmenter"


def test_a_name_that_is_no_utf8_is_a_name(tmp_path):
    source, path = (tmp_path / os.fsdecode(name) for name in (b"caf\xe9.jpg", b"caf\xe9.png"))
    write_photograph(source, 6, 8)
    for made in (1, 0):
        assert segment_photographs(Halves(), [Picture(source, path)], made_by="f 1").made == made
    assert read_palette_mask(path).shape == (6, 8)


def test_a_photograph_is_segmented_upright_or_as_it_is_stored(pictures):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (8, 6)).save(pictures[0].source, exif=exif)
    for upright, shape in ((True, (8, 6)), (False, (6, 8))):
        segment_photographs(Halves(), pictures, made_by=f"f {upright}", upright=upright)
        assert read_palette_mask(pictures[0].path).shape == shape


def test_one_that_cannot_be_read_is_refused_or_skipped_and_the_others_stay(pictures, caplog):
    pictures[1].source.write_bytes(b"")
    with pytest.raises(InputError, match=r"b c\.png cannot be read \(it is empty\)"):
        segment_photographs(Halves(), pictures, made_by="f")
    assert segment_photographs(Halves(), pictures, made_by="f", skip_unreadable=True) == Count(made=1, skipped=1)
    assert pictures[0].path.is_file() and "skipped: " in caplog.text


@pytest.mark.parametrize("foreign", [True, False])
def test_a_picture_of_somebody_elses_is_not_written_over(pictures, foreign):
    pictures[0].path.parent.mkdir()
    if foreign:
        Image.new("L", (8, 6)).save(pictures[0].path)
    else:
        pictures[0].path.write_bytes(b"half a pict")
    with pytest.raises(
        InputError, match=r"a\.png is no picture of lpg's, or damaged; give another folder, or move it away"
    ):
        segment_photographs(Halves(), pictures, made_by="f", skip_unreadable=True)


@pytest.fixture
def checkpoint(tmp_path) -> Path:
    recipe = segmenter_recipe({"architecture": "lraspp", "initialisation": "none"})
    network = build_network(recipe, 3)
    path = tmp_path / "segmenter.pt"
    Checkpoint(
        kind="segmenter",
        recipe=recipe.plain(),
        classes=("background", "cat", "dog"),
        weights=network.state_dict(),
        losses=[],
        initialisation="none",
        normalisation=network.normalisation,
    ).save(path)
    return path


def test_the_command_segments_a_folder(pictures, checkpoint, tmp_path, capsys):
    given = ["segment", str(checkpoint), "--images", str(tmp_path / "images"), "--out", str(tmp_path / "out")]
    (tmp_path / "out" / "old").mkdir(parents=True)
    Image.new("L", (8, 6)).save(tmp_path / "out" / "old" / "c.png")
    assert main([*given, "--device", "cpu"]) == 0
    said = capsys.readouterr().err
    assert "2 photographs segmented, 2 of them now" in said
    assert "1 pictures in" in said and "are of no photograph here, such as" in said
    segmenter = Segmenter.load(checkpoint)
    for picture in pictures:
        pixels = np.asarray(Image.open(picture.source).convert("RGB"))
        assert np.array_equal(read_palette_mask(picture.path), segmenter.labels(pixels))
    classes = json.loads((tmp_path / "out" / "classes.json").read_text())
    assert [one["name"] for one in classes] == ["background", "cat", "dog", "void"]
    assert json.loads((tmp_path / "out" / "provenance.json").read_text())["rule"] == "lpg segment"
    assert main([*given, "--device", "cpu"]) == 0
    assert "2 photographs segmented, 0 of them now" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"--out": "images/out"}, "images/out lies in images, where photographs are"),
        ({"--images": "nowhere"}, "the folder of the photographs nowhere does not exist"),
        ({"": "nothing.pt"}, "there is no segmenter 'nothing.pt'; give the path of a segmenter.pt of lpg's"),
        ({"--cores": "0"}, "--cores 0 is none; give 1 or more"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    pictures, checkpoint, tmp_path, monkeypatch, capsys, changes, sentence
):
    monkeypatch.chdir(tmp_path)
    given = {"": checkpoint.name, "--images": "images", "--out": "out", "--cores": "1"} | changes
    words = [word for option, value in given.items() for word in (option, value) if word]
    assert main(["segment", *words]) == 1
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out").exists() and not (tmp_path / "images" / "out").exists()


def test_photographs_that_were_skipped_are_not_counted_and_links_out_of_the_folder_are_asked_for(
    pictures, checkpoint, tmp_path, capsys
):
    given = ["segment", str(checkpoint), "--images", str(tmp_path / "images"), "--out", str(tmp_path / "out")]
    (tmp_path / "images" / "broken.jpg").write_bytes(b"")
    (tmp_path / "images" / "moving.gif").write_bytes(b"GIF89a")
    assert main([*given, "--skip-unreadable"]) == 0
    said = capsys.readouterr().err
    assert "2 photographs segmented, 2 of them now" in said and "1 GIFs in" in said
    write_photograph(tmp_path / "elsewhere.png", 6, 8)
    (tmp_path / "images" / "broken.jpg").unlink()
    (tmp_path / "images" / "c.png").symlink_to(tmp_path / "elsewhere.png")
    assert main(given) == 1
    assert "c.png is, or lies behind, a link that leads out of" in capsys.readouterr().err
    assert main([*given, "--follow-links"]) == 0
    assert "3 photographs segmented, 1 of them now" in capsys.readouterr().err


def test_classes_that_lpg_did_not_write_are_not_written_over(pictures, checkpoint, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "classes.json").write_text("mine")
    given = ["segment", str(checkpoint), "--images", str(tmp_path / "images"), "--out", str(tmp_path / "out")]
    assert main(given) == 1
    assert "has a classes.json that lpg did not write; give another folder" in capsys.readouterr().err
    assert (tmp_path / "out" / "classes.json").read_text() == "mine"


def test_two_photographs_are_no_one_picture(pictures, checkpoint, tmp_path, capsys):
    write_photograph(tmp_path / "images" / "a.png", 6, 8)
    assert main(["segment", str(checkpoint), "--images", str(tmp_path / "images"), "--out", str(tmp_path / "o")]) == 1
    assert (
        "2 photographs of" in (said := capsys.readouterr().err) and "those called a, and would be one picture" in said
    )
