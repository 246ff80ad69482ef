"""Galleries: colours over a photograph, and a panel for everything that there is to see."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import photograph_of
from PIL import Image
from scipy import ndimage

from lpg.classes import VOID
from lpg.evaluation.gallery import draw_gallery, overlay
from lpg.files.boxes import write_boxes
from lpg.pixels.pictures import voc_palette

GREYS = {"a": 30, "b": 90, "c": 150}  # a photograph of one grey each
LABELS = np.full((8, 12), 2, dtype=np.uint8)


def test_class_colours_and_white_outlines_lie_over_a_greyed_photograph():
    photograph = np.full((5, 9, 3), (30, 60, 120), dtype=np.uint8)  # 70 in grey
    labels = np.zeros((5, 9), dtype=np.uint8)
    labels[:, :3], labels[:, 6:] = 5, VOID
    painted = overlay(photograph, labels)
    red, green, blue = voc_palette()[5].tolist()
    of_class = [int(0.35 * 70 + 0.65 * value) for value in (red, green, blue)]
    of_void, of_background, outline = [int(0.35 * 70 + 0.65 * 255)] * 3, [70] * 3, [255] * 3
    row = [of_class, of_class, outline, outline, of_background, outline, outline, of_void, of_void]
    assert painted.dtype == np.uint8
    assert painted.tolist() == [row] * 5


@pytest.fixture
def draw(tmp_path, write_label_maps):
    """Draw a gallery of three photographs with a box of a dog each, whose masks say class 2 of cat and dog."""
    photographs = []
    for name, grey in GREYS.items():
        Image.new("RGB", (12, 8), (grey,) * 3).save(tmp_path / f"{name}.png")
        photographs.append(photograph_of(8, 12, [[1, 1, 6, 6]], [1], name=name, path=tmp_path / f"{name}.png"))
    write_boxes(photographs, ["dog"], path=tmp_path / "boxes.h5", dataset="d")

    def draw(**overrides) -> Path:
        arguments = {
            "boxes": tmp_path / "boxes.h5", "truth": [], "pseudo_masks": [labelled("masks", GREYS)],
            "segmentations": [], "refined": False, "images": 1, "seed": 0, "path": tmp_path / "gallery.png",
        }  # fmt: skip
        draw_gallery(**arguments | overrides)
        return tmp_path / "gallery.png"

    def labelled(file: str, names) -> Path:
        return write_label_maps(f"{file}.h5", ("background", "cat", "dog"), {f"d/{name}": LABELS for name in names})

    draw.labelled = labelled
    return draw


def panels(path: Path) -> list[list[tuple[int, int, int]]]:
    """A colour of every panel, row by row: panels are what is large and not white."""
    picture = np.asarray(Image.open(path).convert("RGB"))
    parts, _ = ndimage.label((picture < 250).any(axis=2))
    places = [place for place in ndimage.find_objects(parts) if min(part.stop - part.start for part in place) > 60]
    rows = []
    for y, x in sorted(places, key=lambda place: place[0].stop):
        if not rows or y.stop > rows[-1][0][0].stop + 20:
            rows.append([])
        rows[-1].append((y, x))
    # Low on the right, where no box and no name of a class is drawn.
    return [
        [tuple(picture[y.stop - 10, x.stop - 10].tolist()) for y, x in sorted(row, key=lambda place: place[1].start)]
        for row in rows
    ]


def test_a_row_per_photograph_and_a_panel_per_stage_segmentation_and_truth(draw):
    stages = [draw.labelled(f"stage{stage}", GREYS) for stage in (1, 2, 3)]
    others = {"segmentations": [draw.labelled("f", GREYS)], "truth": [draw.labelled("truth", GREYS)]}
    found = panels(draw(pseudo_masks=stages, images=2, seed=4, **others))
    assert [len(row) for row in found] == [1 + 3 + 1 + 1] * 2
    chosen = [[*GREYS.values()][index] for index in np.random.default_rng(4).permutation(3)[:2]]
    assert [row[0] for row in found] == [(grey,) * 3 for grey in chosen]
    for grey, row in zip(chosen, found, strict=True):
        # Dog is the first class here, of the looked-at dataset and then of the run: VOC's first colour.
        expected = [int(0.35 * grey + 0.65 * value) for value in voc_palette()[1]]
        assert row[1:] == [tuple(expected)] * 5, "the same photograph in every column"


def test_a_photograph_without_a_mask_has_an_empty_panel(draw):
    names = list(GREYS)
    chosen = names[np.random.default_rng(0).permutation(3)[0]]
    files = [draw.labelled("with", [chosen]), draw.labelled("without", [name for name in names if name != chosen])]
    (row,) = panels(draw(pseudo_masks=files))
    assert len(row) == 2


@pytest.mark.parametrize(("refined", "title"), [(False, "pseudo mask, stage 1"), (True, "mask after CRF, stage 1")])
def test_a_column_says_whether_its_masks_went_through_a_crf(draw, monkeypatch, refined, title):
    titles = []
    monkeypatch.setattr(plt.Axes, "set_title", lambda panel, title, **style: titles.append(title))
    draw(refined=refined)
    assert titles == ["boxes", title]
