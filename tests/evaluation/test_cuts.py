"""An object is what its method labels as object, wherever it is looked at: a void pixel belongs to none."""

import numpy as np
import pandas as pd
import pytest
from conftest import photograph_of
from PIL import Image

from lpg.annotations.exporters.annotated import annotated_masks
from lpg.evaluation.gallery.columns import masks_of_boxes
from lpg.evaluation.objects import score_objects
from lpg.evaluation.quality import rate_masks
from lpg.evaluation.quality_table import read_quality
from lpg.evaluation.review.pieces import cut_pieces
from lpg.files.boxes import BoxTable, write_boxes
from lpg.files.ground_truth import write_ground_truth
from lpg.files.inspection import inspect_file
from lpg.files.label_maps import LabelMaps
from lpg.files.pseudo_masks import SoftMaskFile
from lpg.generators.baselines.sdi.boxes_ignore import BoxesIgnore
from lpg.generators.baselines.sdi.grabcut_and_mcg import GrabCutAndMCG, agreement
from lpg.generators.baselines.sdi.grabcut_plus import GrabCutPlus
from lpg.generators.interface import BoxGenerator, Generator
from lpg.jobs.job import Job
from lpg.pixels.rle import encode
from lpg.predictor import MaskPredictor
from lpg.pseudo_masks.generate import generate_pseudo_masks

COLUMNS = np.arange(20)


class Intersection(GrabCutAndMCG):
    """GrabCut+ has columns 0 to 11 of a box of 20 × 20, MCG columns 8 to 19."""

    def __init__(self) -> None: ...

    def prepare(self, request) -> None: ...

    def mask_of_box(self, photograph, inside, state) -> np.ndarray:
        return np.tile(agreement(COLUMNS < 12, COLUMNS >= 8), (20, 1))


class Votes(GrabCutPlus):
    """Of its GrabCuts 10 % have columns 0 to 3, 60 % columns 4 to 9, 80 % the rest."""

    def __init__(self) -> None: ...

    def mask_of_box(self, photograph, inside, state) -> np.ndarray:
        return np.tile(np.select([COLUMNS < 4, COLUMNS < 10], [26, 153], 204).astype(np.uint8), (20, 1))


class Unsure(BoxGenerator):
    """Half sure of columns 0 to 9, sure of the rest."""

    def mask_of_box(self, photograph, inside, state) -> np.ndarray:
        return np.tile(np.where(COLUMNS < 10, 140, 250).astype(np.uint8), (20, 1))


@pytest.fixture
def masks_by(tmp_path):
    """Masks by a method of one box that is the whole of its photograph, and the ground truth: what it calls object."""
    Image.fromarray(np.zeros((20, 20, 3), np.uint8)).save(tmp_path / "a.png")
    image = photograph_of(20, 20, [[0, 0, 20, 20]], [1], name="a", path=tmp_path / "a.png")
    write_boxes([image], ["cat"], path=tmp_path / "boxes.h5", dataset="d")

    def make(method: Generator, **how) -> np.ndarray:
        job = Job(tmp_path / "pseudo.h5")
        generate_pseudo_masks(method, boxes=[tmp_path / "boxes.h5"], predictions=[], job=job, **how)
        labels = LabelMaps([tmp_path / "pseudo.h5"])["d/a"]
        true = (labels == 1).astype(np.uint8)
        write_ground_truth(tmp_path / "masks.h5", ("background", "cat"), [("d/a", true, [true])])
        return labels

    return make


METHODS = [(Intersection, 80), (BoxesIgnore, 81), (Votes, 200), (Unsure, 400)]


@pytest.mark.parametrize(("method", "pixels"), METHODS)
def test_an_object_is_what_the_labels_call_so(masks_by, tmp_path, caplog, method, pixels):
    caplog.set_level("INFO")
    labels = masks_by(method())
    assert (labels == 1).sum() == pixels
    assert ("1 of 1 masks fill their box" in caplog.text) == (pixels == 400)

    boxes, masks = tmp_path / "boxes.h5", tmp_path / "pseudo.h5"
    score_objects(boxes=[boxes], truth=[tmp_path / "masks.h5"], masks=[masks], path=tmp_path / "objects.tsv")
    assert pd.read_csv(tmp_path / "objects.tsv", sep="\t")["iou"].tolist() == [100] * 3

    rate_masks(boxes=boxes, pseudo_masks=masks, previous=masks, second=masks, path=tmp_path / "quality.tsv")
    (row,) = read_quality(tmp_path / "quality.tsv")
    assert (int(row["area"]), row["change"], row["agreement"]) == (pixels, "1.0000", "1.0000")

    (exported,) = annotated_masks(BoxTable([boxes]), [masks], {})
    (drawn,) = masks_of_boxes([masks])(BoxTable([boxes]).images[0])
    for found in (exported.whole(0), drawn):
        assert np.array_equal(found, labels == 1)
    assert inspect_file(masks)["masks"]["mean part filled"] == round(pixels / 400, 3)


@pytest.mark.parametrize(("method", "pixels"), METHODS)
def test_people_are_shown_the_same_objects(masks_by, tmp_path, method, pixels):
    labels = masks_by(method())
    soft, (image,) = SoftMaskFile(tmp_path / "pseudo.h5"), BoxTable([tmp_path / "boxes.h5"]).images
    for name in ("crops", "thumbnails"):
        (tmp_path / name).mkdir()
    folders = {name: tmp_path / name for name in ("crops", "thumbnails")}
    (piece,) = cut_pieces(image, [soft.boxes("d/a")], 0, folders, [soft.object_from("d/a")])
    assert piece.masks == [encode(labels == 1)["counts"].decode()] and piece.filling == [pixels / 400]
    found = MaskPredictor(method()).masks(np.zeros((20, 20, 3), np.uint8), [[0, 0, 20, 20]])
    assert np.array_equal(found.binary[0], labels == 1) and found.quality[0].area == pixels


def test_the_ignore_band_of_a_run_makes_void_and_changes_no_object(masks_by, tmp_path):
    labels = masks_by(Unsure(), band=(0.3, 0.7))
    assert [(labels == value).sum() for value in (1, 255)] == [200, 200]
    soft = SoftMaskFile(tmp_path / "pseudo.h5")
    assert soft.object_from("d/a") == 128 and (soft.boxes("d/a")[0] >= 128).all()
