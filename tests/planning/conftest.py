"""A small configuration whose run `teacher` learns the generators, and runs that a test adds to it."""

from collections.abc import Callable

import pytest
from conftest import plan_of

from lpg.planning.recursion import Plan


def dataset(name: str) -> dict:
    return {"format": "coco", "images": "results/images", "annotations": f"results/{name}.json"}


@pytest.fixture
def settings() -> dict:
    """All but the runs; a test may change it."""
    return {
        "stages": 3,
        "datasets": {name: dataset(name) for name in ("aux", "more", "voc", "val")},
        "segmenters": {
            "light": {"architecture": "resnet18"},
            "twin": {"architecture": "resnet18"},
            "typo": {"architecture": "resnet18", "initialisation": "imagnet"},
            "bare": {"iterations": 5},
            "steady": {"architecture": "fpn", "momentum": 0.9},
            "masked": {"architecture": "lraspp", "masking": True},
            "elsewhere": {"architecture": "largefov", "initialisation": "weights/vgg16.pth"},
        },
        "generators": {
            "blind": {"architecture": "hourglass", "score_dropout": 0.5},
            "alone": {"architecture": "hourglass", "score_dropout": 1},
            "bare": {"iterations": 5},
            "focused": {"architecture": "hourglass", "focus": [1.1, 2], "scales": [0.5, 1.5]},
            "crops": {"architecture": "hourglass", "view": "box"},
            "ready": {"architecture": "resnet18", "initialisation": "data/weights/r18.pth"},
            "typo": {"architecture": "resnet18", "initialisation": "imagnet"},
            "trunkless": {"architecture": "hourglass", "initialisation": "imagenet"},
        },
    }


@pytest.fixture
def target() -> Callable[..., dict]:
    """A run over `voc` that borrows from `teacher`, with changes; None takes a key out."""

    def run(**changes) -> dict:
        keys = {"dataset": "voc", "segmenter": "light", "generator": {"from": "teacher"}, "evaluate": ["val"]}
        return {key: value for key, value in {**keys, **changes}.items() if value is not None}

    return run


@pytest.fixture
def teacher() -> dict:
    return {"dataset": ["aux", "more"], "segmenter": "light", "generator": {"learn": "hourglass"}}


@pytest.fixture
def plan(settings, teacher) -> Callable[..., Plan]:
    """The checked plan of `teacher` and of the runs that it is given."""

    def of(**runs: dict) -> Plan:
        return plan_of({**settings, "runs": {"teacher": teacher, **runs}})

    return of
