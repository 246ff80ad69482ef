"""Which photographs are looked at: some at random, and those whose masks are worst."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lpg.evaluation.confusion import confusion_matrix, intersection_over_union
from lpg.evaluation.quality_table import read_quality
from lpg.files.label_maps import LabelMaps
from lpg.jobs.log import track
from lpg.photograph import dataset_of


@dataclass(frozen=True)
class Choice:
    """A photograph to show: its name, what is said about its masks, and what stands above the first of a section."""

    name: str
    note: str
    heading: str = ""


@dataclass(frozen=True)
class Measure:
    """How good masks are, photograph by photograph: `of` is None where it is not known.

    Attributes:
        name: how it is called.
        digits: as it is printed.
        worst: what the worst are called.
        sign: -1 if less is worse.
    """

    name: str
    of: Callable[[str], float | None]
    digits: int
    worst: str
    sign: int

    def note(self, name: str) -> str:
        value = self.of(name)
        return "" if value is None else f"{self.name} {value:.{self.digits}f}"


def by_iou(truth: LabelMaps, labels: LabelMaps, classes: int) -> Measure:
    """The measure by ground truth: IoU, in per cent."""
    return Measure("IoU", lambda name: photograph_iou(name, truth, labels, classes), 1, "lowest IoU", -1)


def by_risk(paths: Iterable[str | Path]) -> Measure:
    """The measure by files like `quality.tsv`: the risk, from 0 to 1."""
    return Measure("risk", read_risks(paths).get, 2, "highest risk", 1)


def choose(
    names: Sequence[str], measures: Sequence[Measure], *, images: int, worst: int, seed: int
) -> Iterator[Choice]:
    """Choose `images` photographs of every dataset at random, then the `worst` of the others.

    Arguments:
        measures: of each dataset the first counts that knows anything of it.
    """
    for dataset, own in _by_dataset(names).items():
        measure = next((one for one in measures if any(one.of(name) is not None for name in own)), measures[-1])
        drawn = at_random(own, images, seed)
        others = sorted(set(own) - set(drawn))
        bad = worst_of(track(others, "photographs"), measure, worst)
        for way, group in (("at random", drawn), (f"{measure.worst} of the others", bad)):
            for position, name in enumerate(group):
                yield Choice(name, measure.note(name), "" if position else f"{dataset}, {way}")


def at_random(names: Sequence[str], count: int, seed: int) -> list[str]:
    """`count` of the names, in an order that depends on `seed` and on how many there are."""
    return [names[index] for index in np.random.default_rng(seed).permutation(len(names))[:count]]


def worst_of(names: Iterable[str], measure: Measure, count: int) -> list[str]:
    """The `count` worst, worst first, of those that can be measured."""
    known = {name: value for name in names if (value := measure.of(name)) is not None} if count else {}
    return sorted(known, key=lambda name: -measure.sign * known[name])[:count]


def photograph_iou(name: str, truth: LabelMaps, labels: LabelMaps, classes: int) -> float | None:
    """The mean IoU, in per cent, of a photograph's classes, background and void left out; None if there is none."""
    if name not in truth or name not in labels:
        return None
    of_classes = intersection_over_union(confusion_matrix(truth[name], labels[name], classes))[1:]
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
        mean = np.nanmean(of_classes)
    return None if np.isnan(mean) else 100 * float(mean)


def read_risks(paths: Iterable[str | Path]) -> Mapping[str, float]:
    """The highest risk of a box of every photograph."""
    risks: dict[str, float] = {}
    for path in paths:
        for row in read_quality(path):
            risks[row["image"]] = max(risks.get(row["image"], 0.0), float(row["risk"]))
    return risks


def _by_dataset(names: Sequence[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(dataset_of(name), []).append(name)
    return groups
