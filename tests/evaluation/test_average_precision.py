"""AP against a plain version of its definition, against pycocotools and against faster-coco-eval."""

import contextlib
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from faster_coco_eval import COCO as FasterCOCO
from faster_coco_eval import COCOeval_faster
from pycocotools import mask as rle
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from lpg.evaluation.average_precision import AveragePrecision, Rated

SIZES = {"small": 0, "large": 60}
HEIGHT, WIDTH = 30, 40
THRESHOLDS = np.linspace(0.5, 0.95, 10)


def encoded(mask: np.ndarray) -> dict:
    return rle.encode(np.asfortranarray(mask.astype(np.uint8)))


def rectangle(top: int, left: int, bottom: int, right: int) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[top:bottom, left:right] = True
    return mask


@dataclass(frozen=True)
class Placed(Rated):
    image: str


def rated(image: str, class_name: str, score: float, found: np.ndarray, true: np.ndarray) -> Placed:
    return Placed(class_name, score, encoded(found), encoded(true), int(true.sum()), image)


def average_precisions(objects: Sequence[Placed], sizes: dict[str, int]) -> pd.DataFrame:
    photographs = defaultdict(list)
    for one in objects:
        photographs[one.image].append(one)
    precision = AveragePrecision(sizes)
    for own in photographs.values():
        precision.add(own)
    return precision.table()


@pytest.fixture
def objects() -> list[Placed]:
    """Cats and dogs on three photographs, shifted by some pixels; no dog is small, two cats are of 60 pixels."""
    rng, found = np.random.default_rng(1), []
    for number in range(24):
        height, width = rng.integers(4, 16, 2) if number % 2 else rng.integers(9, 16, 2)
        top, left = rng.integers(0, HEIGHT - height - 4), rng.integers(0, WIDTH - width - 4)
        down, right, grown = rng.integers(0, 3, 3)
        true = rectangle(top, left, top + height, left + width)
        mask = rectangle(top + down, left + right, top + down + height + grown, left + right + width)
        found.append(rated(f"d/{number % 3}", "cat" if number % 2 else "dog", round(rng.random(), 3), mask, true))
    both = rectangle(1, 1, 7, 11)  # of either size
    found += [rated("d/0", "cat", 0.55, both, both), rated("d/1", "cat", 0.35, rectangle(1, 1, 7, 10), both)]
    return found


def test_a_good_mask_that_is_sure_and_a_bad_one_that_is_not():
    true = rectangle(0, 0, 10, 10)
    good, bad = rated("d/a", "cat", 0.9, rectangle(0, 0, 10, 9), true), rated("d/b", "cat", 0.2, true & False, true)
    found = average_precisions([good, bad], SIZES)
    half = 100 * 51 / 101  # recall 0, 0.01, …, 0.5
    assert found.loc["cat", "ap_50"] == found.loc["all", "ap_75"] == pytest.approx(half)
    assert found.loc["cat", "ap"] == pytest.approx(0.9 * half)  # an IoU of 0.9 is not above 0.95
    assert np.isnan(found.loc["small", "ap"])
    swapped = average_precisions([rated("d/a", "cat", 0.1, rectangle(0, 0, 10, 9), true), bad], SIZES)
    assert swapped.loc["all", "ap_50"] == pytest.approx(half / 2)


def of_class(objects: list[Placed], low: int, high: float, iou) -> np.ndarray:
    """AP of every threshold: of one class, of the objects of a size, by the definition."""
    images = sorted({one.image for one in objects})
    values = []
    for threshold in THRESHOLDS:
        answers, wanted = [], 0
        for image in images:
            here = [one for one in objects if one.image == image]
            wanted += sum(low <= one.area <= high for one in here)
            free = list(range(len(here)))
            for one in sorted(here, key=lambda one: -one.score):
                near = {i: iou(one.found, here[i].true) for i in free}
                able = [i for i in free if near[i] >= min(threshold, 1 - 1e-10)]
                # One of the size is preferred to a better one of another.
                best = max(able, key=lambda i: (low <= here[i].area <= high, near[i]), default=None)
                area = rle.area(one.found) if best is None else here[best].area
                if best is not None:
                    free.remove(best)
                if low <= area <= high:
                    answers.append((one.score, best is not None))
        hits = np.cumsum([hit for _, hit in sorted(answers, key=lambda answer: -answer[0])])
        precisions = hits / np.arange(1, len(hits) + 1)
        recalls = hits / wanted
        values.append(np.mean([max(precisions[recalls >= recall], default=0) for recall in np.linspace(0, 1, 101)]))
    return np.array(values)


def mask_iou(one: dict, other: dict) -> float:
    a, b = rle.decode(one) > 0, rle.decode(other) > 0
    return (a & b).sum() / (a | b).sum()


def rim(mask: np.ndarray) -> np.ndarray:
    """2 % of a diagonal of 50 pixels: those with a neighbour that is not of the mask."""
    padded = np.pad(mask, 1)
    around = [padded[row : row + HEIGHT, column : column + WIDTH] for row in range(3) for column in range(3)]
    return mask & ~np.logical_and.reduce(around)


def rim_iou(one: dict, other: dict) -> float:
    a, b = (rim(rle.decode(mask) > 0) for mask in (one, other))
    return min((a & b).sum() / (a | b).sum(), mask_iou(one, other))


def test_ap_is_that_of_its_definition(objects):
    found = average_precisions(objects, SIZES)
    of = {name: [one for one in objects if one.class_name == name] for name in ("cat", "dog")}
    for name, own in of.items():
        wanted = 100 * of_class(own, 0, np.inf, mask_iou)
        assert found.loc[name, ["ap", "ap_50", "ap_75"]].tolist() == pytest.approx(
            [wanted.mean(), wanted[0], wanted[5]]
        )
        assert found.loc[name, "boundary_ap"] == pytest.approx(100 * of_class(own, 0, np.inf, rim_iou).mean())
    large = [100 * of_class(own, 60, np.inf, mask_iou).mean() for own in of.values()]
    assert found.loc["large", "ap"] == pytest.approx(np.mean(large))
    assert found.loc["small", "ap"] == pytest.approx(100 * of_class(of["cat"], 0, 60, mask_iou).mean())
    assert found.loc["all", "ap"] == pytest.approx(found.loc[["cat", "dog"], "ap"].mean())
    assert 0 < found.loc["all", "boundary_ap"] < found.loc["all", "ap"] < 100


def test_ap_is_that_of_pycocotools(objects):
    truth, (dataset, answers) = COCO(), as_coco(objects)
    truth.dataset = dataset
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(answers), "segm")
        evaluation.params.areaRng = [[0, 1e10], [0, 60], [60, 1e10]]
        evaluation.params.areaRngLbl = ["all", "small", "large"]
        evaluation.evaluate()
        evaluation.accumulate()
    wanted = evaluation.eval["precision"][..., 2]
    found = average_precisions(objects, SIZES)["ap"]
    for position, name in enumerate(["all", *SIZES]):
        there = wanted[:, :, :, position]
        assert found[name] == pytest.approx(100 * there[there > -1].mean())
    for position, name in enumerate(["cat", "dog"]):
        assert found[name] == pytest.approx(100 * wanted[:, :, position, 0].mean())


def test_of_equally_good_objects_the_last_is_taken():
    """The surer mask lies in the middle of two objects; the other one is the first object's own."""
    first, middle, second = (rectangle(0, left, 10, left + 10) for left in (0, 2, 4))
    one, other = rated("d/a", "cat", 0.9, middle, first), rated("d/a", "cat", 0.5, first, second)
    for objects, ap in (([one, other], 100), ([other, one], 100 * 51 / 101)):
        assert average_precisions(objects, SIZES).loc["cat", "ap_50"] == pytest.approx(ap)
        assert 100 * of_the_library(objects, SIZES, "segm")[0, :, 0, 0].mean() == pytest.approx(ap)


def as_coco(objects: Sequence[Placed]) -> tuple[dict, list[dict]]:
    """The objects and the masks found of them, in COCO's words."""
    images = list(dict.fromkeys(one.image for one in objects))
    classes = sorted({one.class_name for one in objects})
    places = [{"image_id": images.index(one.image), "category_id": classes.index(one.class_name)} for one in objects]
    dataset = {
        "images": [{"id": number, "height": HEIGHT, "width": WIDTH} for number in range(len(images))],
        "categories": [{"id": number, "name": name} for number, name in enumerate(classes)],
        "annotations": [
            {**place, "id": number, "iscrowd": 0, "area": one.area, "bbox": [0, 0, 1, 1], "segmentation": one.true}
            for number, (place, one) in enumerate(zip(places, objects, strict=True), start=1)
        ],
    }
    answers = [
        {**place, "segmentation": one.found, "score": one.score} for place, one in zip(places, objects, strict=True)
    ]
    return dataset, answers


def of_the_library(objects: Sequence[Placed], sizes: dict[str, int], kind: str) -> np.ndarray:
    """Precision by threshold, recall, class and size, all sizes first: float64 (10, 101, classes, 1 + sizes)."""
    dataset, answers = as_coco(objects)
    ends = [*list(sizes.values())[1:], 1e10]
    ranges = {name: [least, end] for (name, least), end in zip(sizes.items(), ends, strict=True)}
    truth = FasterCOCO(dataset)
    evaluation = COCOeval_faster(truth, truth.loadRes(answers), kind, ranges, boundary_cpu_count=1)
    evaluation.params.maxDets = [len(objects)]
    evaluation.evaluate()
    evaluation.accumulate()
    return evaluation.eval["precision"][..., 0]


def crowded(seed: int) -> list[Placed]:
    """Objects of three classes that overlap on few photographs, some alike, some not found, some not there; few scores.

    Now and then the area is of a mask that void has taken a part of.
    """
    rng, objects = np.random.default_rng(seed), []
    for _ in range(rng.integers(1, 60)):
        height, width = rng.integers(1, 16, 2)
        top, left = rng.integers(0, 12, 2)
        down, right, grown, narrower = rng.integers(-1, 3, 4)
        true = rectangle(top, left, top + height, left + width)
        found = rectangle(max(0, top + down), max(0, left + right), top + height + grown, left + width - narrower)
        if rng.random() < 0.1:
            found[:] = False
        if objects and rng.random() < 0.2:
            found = rle.decode(objects[-1].found) > 0
        if rng.random() < 0.05:
            true[:] = False
        score = float(rng.choice([0.0, 0.25, 0.5, 1.0, rng.random()]))
        name = rng.choice(["cat", "dog", "eel"], p=[0.7, 0.2, 0.1])
        image, area = f"d/{rng.integers(0, 5)}", int(true.sum()) + int(rng.choice([0, 0, 30]))
        objects.append(Placed(str(name), score, encoded(found), encoded(true), area, image))
    return sorted(objects, key=lambda one: one.image)  # a photograph at a time


@pytest.mark.parametrize("sizes", [SIZES, {"small": 0, "medium": 40, "large": 120}], ids=["two sizes", "three"])
def test_ap_is_that_of_faster_coco_eval(sizes):
    absent = 0
    for seed in range(60):
        objects = crowded(seed)
        found = average_precisions(objects, sizes)
        masks, rims = (of_the_library(objects, sizes, kind) for kind in ("segm", "boundary"))
        classes = sorted({one.class_name for one in objects})
        where = {"all": np.s_[:, 0], **{name: np.s_[:, 1 + at] for at, name in enumerate(sizes)}}
        where |= {name: np.s_[at, 0] for at, name in enumerate(classes)}
        assert list(found.index) == list(where)
        for of, place in where.items():
            parts = masks[:, :, *place], masks[0][:, *place], masks[5][:, *place], rims[:, :, *place]
            there = [part[part > -1] for part in parts]  # the library's word for no object
            wanted = [100 * part.mean() if part.size else np.nan for part in there]
            assert found.loc[of].tolist() == pytest.approx(wanted, abs=1e-9, nan_ok=True), (seed, of)
            absent += np.isnan(wanted[0])
    assert absent, "sizes without an object were among them"
