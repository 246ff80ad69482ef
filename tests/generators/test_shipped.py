"""The generators that come with the package: what they are, what their cards say, and what they make of photographs."""

import hashlib
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from conftest import request_of
from skimage import data

from lpg.acquisition.photographs import BOXED
from lpg.classes import VOC, canonical
from lpg.files.checkpoint import load_checkpoint
from lpg.generators.learned.apply import LearnedGenerator
from lpg.generators.shipped import SHIPPED
from lpg.jobs.provenance import file_digest

shipped = pytest.mark.parametrize("one", SHIPPED.values(), ids=list(SHIPPED))


@shipped
def test_a_file_is_small_and_of_the_network_that_planning_expects(one):
    assert one.path.stat().st_size < 12e6
    checkpoint = load_checkpoint(one.path, kind="generator", architecture=one.architecture)
    assert checkpoint.recipe["trunk"] == one.trunk
    assert checkpoint.recipe["score_dropout"] > 0, "it makes masks without a segmenter"


@shipped
def test_a_card_is_of_the_file_beside_it(one):
    card, checkpoint = one.card.read_text(), load_checkpoint(one.path, kind="generator")
    assert hashlib.sha256(one.path.read_bytes()).hexdigest() in card
    assert f"{sum(value.numel() for value in checkpoint.weights.values()):,} numbers" in card
    names = re.search(r"^## Classes\n\n(.*?)\n\n", card, re.MULTILINE | re.DOTALL)[1]
    assert tuple(names.replace("\n", " ").split(", ")) == checkpoint.classes[1:]


def test_the_disjoint_one_has_seen_no_class_of_voc_and_the_general_one_all():
    seen = {
        name: {canonical(label) for label in load_checkpoint(one.path, kind="generator").classes}
        for name, one in SHIPPED.items()
    }
    voc = {canonical(label) for label in VOC}
    assert not seen["disjoint"] & voc
    assert voc <= seen["general"]
    assert [name for name, one in SHIPPED.items() if one.shares] == ["general"]


@shipped
@pytest.mark.parametrize(
    ("photograph", "position", "inside", "outside"),
    [
        (data.chelsea, 0, [(150, 150), (60, 200), (180, 100)], [(120, 392)]),
        (data.coffee, 0, [(60, 190), (130, 290), (250, 250)], [(30, 180)]),
        (data.coffee, 1, [(350, 240), (200, 100), (250, 470)], [(70, 80), (380, 475)]),
        (data.rocket, 0, [(200, 321), (350, 321)], [(130, 308)]),
        (data.astronaut, 0, [(100, 220), (400, 150), (250, 220)], [(60, 60), (40, 320)]),
    ],
    ids=["cat", "cup", "saucer", "rocket", "astronaut"],
)
def test_an_object_is_masked_and_what_is_around_it_is_not(one, photograph, position, inside, outside):
    _, box = BOXED[photograph][position]
    boxed = replace(request_of(photograph(), [box], [1]), scores={})
    (answer,) = LearnedGenerator.load(one.path)([boxed])
    mask = answer.foreground[0] > 127
    assert all(mask[place] for place in inside), "rows and columns"
    assert not any(mask[place] for place in outside)
    assert not np.delete(mask, np.s_[box[1] : box[3]], axis=0).any()


@shipped
def test_a_calibration_is_of_the_file_beside_it(one):
    provenance = json.loads(one.calibration.read_text())["provenance"]
    assert provenance["generator"] == f"{one.path.name} {file_digest(one.path)}"
    assert provenance["calibration_error_after"] < provenance["calibration_error_before"] < 0.1
    unseen = {"disjoint": ["coco60-val"], "general": ["coco-val", "voc-val"]}
    assert provenance["datasets"] == unseen[one.name], "disjoint has looked at no mask of VOC's classes"
