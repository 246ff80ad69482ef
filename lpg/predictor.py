"""Arrays in, arrays out: the masks of the boxes of one photograph."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from lpg.evaluation.calibration import Calibration
from lpg.evaluation.quality import rate
from lpg.evaluation.quality_table import Quality
from lpg.generators.interface import Generator, Request
from lpg.generators.opening import open_learned
from lpg.generators.shipped import calibration_of, generator_path
from lpg.photograph import Photograph
from lpg.pixels.given import boxes_given, classes_given, photograph_given


@dataclass(frozen=True)
class Masks:
    """The masks of N boxes of a photograph of H × W pixels.

    Attributes:
        image: the boxes.
        inside: of every box the soft mask inside its pixels, uint8 (h, w), 255 for 1.
        quality: of every mask its risk, and what it is made of.
        scores: of every mask its predicted IoU, float (N,), calibrated on masks that the generator has not learned
            from (docs/quality.md); not a number where there is no calibration, nor of a mask that shows no doubt.
        object_from: the least value of a soft mask that is object.
    """

    image: Photograph
    inside: Sequence[np.ndarray]
    quality: Sequence[Quality]
    object_from: int = 128

    @property
    def scores(self) -> np.ndarray:
        """The predicted IoU of every mask, float64 (N,); not a number where nothing is predicted."""
        return np.array([np.nan if one.score is None else one.score for one in self.quality])

    @property
    def soft(self) -> np.ndarray:
        """uint8 (N, H, W), 255 for 1, 0 outside a box."""
        whole = np.zeros((len(self.inside), self.image.height, self.image.width), dtype=np.uint8)
        for mask, place, own in zip(whole, self.image.inside, self.inside, strict=True):
            mask[place] = own
        return whole

    @property
    def binary(self) -> np.ndarray:
        """bool (N, H, W)."""
        return self.soft >= self.object_from


class MaskPredictor:
    """A generator that needs no segmenter, loaded once and asked for any number of photographs."""

    def __init__(self, generator: Generator, calibration: Calibration | None = None) -> None:
        self.generator, self.calibration = generator, calibration

    @classmethod
    def load(cls, generator: str | Path = "general", device: str = "cpu", apply: dict | None = None) -> Self:
        """A generator that comes with the package (`general`, `disjoint`), or the file of one.

        Arguments:
            generator: a name, or the path of a `generator.pt` or `generator.safetensors`.
            device: `cpu` or `cuda`, as text or as torch's.
            apply: how it makes masks, where that is another way than its own, as `apply` of a configuration:
                `{"flip": False, "scale": 0.75}` is more than twice as fast (docs/shipped.md).

        Raises:
            InputError: there is none of that name, the file is no generator, or `apply` has an unknown key.
        """
        path = generator_path(generator)
        beside = calibration_of(path)
        return cls(open_learned(path, str(device), apply), Calibration.load(beside) if beside else None)

    def masks(self, image: np.ndarray, boxes: Sequence, classes: Sequence[int] | None = None) -> Masks:
        """The mask of the object in every box.

        Arguments:
            image: RGB, uint8 (H, W, 3).
            boxes: (N, 4), x0 y0 x1 y1, edges in pixels: the first pixel spans 0 to 1. What leaves the
                photograph is cut.
            classes: of the boxes, numbers from 1 on; only a generator that sees whole photographs makes a difference
                between one class and several.

        Raises:
            InputError: the arrays are of another shape or type, a box has no area inside the photograph, or a class
                is no whole number from 1 on.
        """
        image = photograph_given(image)
        height, width = image.shape[:2]
        edges = boxes_given(boxes, height, width)
        ids = np.ones(len(edges), dtype=int) if classes is None else classes_given(classes, len(edges))
        photograph = Photograph("image", "", height, width, edges, ids, object_ids=list(range(len(edges))))
        found = self.generator.masks_of(Request(photograph, image, {})).boxes if len(edges) else []
        names = {number: f"class {number}" for number in ids.tolist()}
        least = self.generator.object_from
        rated = rate(photograph, found, names, calibration=self.calibration, object_from=least)
        return Masks(photograph, found, rated, least)
