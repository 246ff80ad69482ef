"""A trained segmenter, and the scores p^k that it gives."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import torch
from pydantic import ValidationError
from torch import Tensor
from torch.nn.functional import max_pool2d, pad

from lpg.errors import InputError
from lpg.files.boxes import BoxTable
from lpg.files.checkpoint import fill, load_checkpoint
from lpg.files.hdf5 import stands
from lpg.files.predictions import Scores, write_predictions
from lpg.jobs.job import Job
from lpg.jobs.processes import grouped
from lpg.networks.inference import arithmetic, ready, together
from lpg.networks.multiscale import multiscale_logits
from lpg.networks.protocols import SegmenterNetwork
from lpg.photograph import Photograph
from lpg.pixels.colours import to_channels
from lpg.pixels.pictures import image_given
from lpg.pixels.windows import Window, cut, resize, whole_window
from lpg.segmenter.network import build_network
from lpg.segmenter.recipe import SegmenterRecipe, segmenter_recipe


class Segmenter:
    """A segmenter, ready to read photographs of any size and shape.

    Arguments:
        network: of the recipe's architecture, trained.
        classes: what its logits stand for, background first.
    """

    def __init__(
        self, network: SegmenterNetwork, recipe: SegmenterRecipe, classes: Sequence[str], device: str = "cpu"
    ) -> None:
        self.recipe, self.classes, self.device = recipe, tuple(classes), device
        self.network = ready(network, device)

    @classmethod
    def load(
        cls,
        path: str | Path,
        device: str = "cpu",
        classes: Sequence[str] | None = None,
        flip_test: bool | None = None,
    ) -> Self:
        """The segmenter of a checkpoint.

        Arguments:
            device: `cpu` or `cuda`, as text or as torch's.
            classes: a checkpoint of another class table is refused.
            flip_test: average the mirrored photograph's scores; None does as the checkpoint says.

        Raises:
            InputError: as `load_checkpoint`, its weights are not those of its network, or its recipe is of another
                version.
        """
        checkpoint = load_checkpoint(path, kind="segmenter", classes=classes)
        applied = {} if flip_test is None else {"flip_test": flip_test}
        try:
            recipe = segmenter_recipe(checkpoint.recipe | applied)
        except (InputError, ValidationError) as error:
            unknown = error.fault if isinstance(error, InputError) else error.errors()[0]["msg"]
            raise InputError(
                f"{path} is of another version of lpg: {unknown}",
                "give a segmenter.pt that this version trained, or take that version",
            ) from None
        network = build_network(recipe, len(checkpoint.classes))
        fill(network, checkpoint, path)
        return cls(network, recipe, checkpoint.classes, str(device))

    def scores(self, photograph: np.ndarray) -> Tensor:
        """softmax f(x) of uint8 (H, W, 3) at the network's resolution, float32 (classes, h, w), over the padded window.

        Raises:
            InputError: the photograph is of another shape or type.
        """
        return self.scores_of([self.seen(image_given(photograph))])[0]

    def scores_of(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """The scores of photographs that `seen` has prepared; those of one size go through the network together."""
        return together(inputs, lambda indices: self._forward([inputs[index] for index in indices]), self.device)

    def seen(self, photograph: np.ndarray) -> Tensor:
        """The padded window at the size that the network reads, uint8 (3, h, w)."""
        window, size = self.window(*photograph.shape[:2])
        return resize(cut(to_channels(photograph), window, self.network.normalisation.mean_colour), *size)

    @torch.inference_mode()
    def _forward(self, inputs: list[Tensor]) -> Tensor:
        """softmax f(x), float32 (N, classes, h, w), on the CPU."""
        x = self.network.normalisation(torch.stack(inputs).to(self.device))
        scores = self._softmax(x)
        if self.recipe.flip_test:
            scores = (scores + self._softmax(x.flip(-1)).flip(-1)) / 2
        return scores.cpu()

    def labels(self, photograph: np.ndarray) -> np.ndarray:
        """The likeliest class of every pixel of uint8 (H, W, 3): its place in `classes`, uint8 (H, W).

        Raises:
            InputError: the photograph is of another shape or type.
        """
        return self.labels_of([photograph])[0]

    def labels_of(self, photographs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The labels of several photographs; those of one size go through the network together."""
        given = list(map(image_given, photographs))
        scores = self.scores_of(list(map(self.seen, given)))
        return [self._fitted(one, *photograph.shape[:2]) for one, photograph in zip(scores, given, strict=True)]

    def _fitted(self, scores: Tensor, height: int, width: int) -> np.ndarray:
        """The likeliest class of every pixel of a photograph from the scores of its padded window."""
        window, _ = self.window(height, width)
        fine = resize(scores, window.height, window.width)[:, :height, :width]
        return fine.argmax(dim=0).to(torch.uint8).numpy()

    def _softmax(self, x: Tensor) -> Tensor:
        with arithmetic(self.device):
            logits = multiscale_logits(self.network, x)[-1]
        return logits.float().softmax(dim=1)

    def window(self, height: int, width: int) -> tuple[Window, tuple[int, int]]:
        """The padded window that `scores` covers, and the size it is read at."""
        return whole_window(height, width, self.recipe.long_side, self.network.multiple)

    def predict(self, image: Photograph, photograph: np.ndarray, everywhere: bool = True) -> Scores:
        """p^k of the background, of the classes that the boxes name and of those that a segmentation may hold.

        They are in parts of each one's highest score in the photograph.
        """
        return self.kept(image, self.scores(photograph), everywhere)

    def kept(self, image: Photograph, scores: Tensor, everywhere: bool = True) -> Scores:
        """What `predict` keeps of a photograph's scores.

        Arguments:
            everywhere: if false, classes that no box names keep their scores only where they can decide a label, and
                are 0 elsewhere: a fifth of the bytes, and the same label map. A dense CRF needs them all.
        """
        window, _ = self.window(image.height, image.width)
        finer = scores.shape[1] > window.height or scores.shape[2] > window.width  # then more than four cells are mixed
        class_ids = sorted({0, *image.classes, *(range(len(scores)) if finer else contenders(scores))})
        scores = scores[class_ids]
        parts = image.height / window.height, image.width / window.width  # the rest is padding
        rows, columns = (math.ceil(side * part) for side, part in zip(scores.shape[1:], parts, strict=True))
        peaks = scores[:, :rows, :columns].amax(dim=(1, 2)).clamp(min=torch.finfo(scores.dtype).tiny)
        values = (scores / peaks[:, None, None]).clamp(max=1).mul(255).round().to(torch.uint8)
        if not (everywhere or finer):
            others = torch.tensor([class_id not in (0, *image.classes) for class_id in class_ids])
            values[others[:, None, None] & ~deciding(values * peaks[:, None, None])] = 0
        return Scores(class_ids, values.numpy(), peaks.numpy(), window)


def contenders(scores: Tensor) -> list[int]:
    """The classes that can be the likeliest of a pixel once the scores (classes, h, w) are interpolated.

    Bilinear interpolation mixes four cells at most. A class that is nowhere a quarter as likely as the likeliest stays
    below that mixture's mean of the likeliest ones, and so below one of them.
    """
    return _rivals(scores).flatten(1).any(dim=1).nonzero().flatten().tolist()


def _rivals(scores: Tensor) -> Tensor:
    """Where a class is at least a quarter as likely as the likeliest, bool (classes, h, w)."""
    return scores >= scores.amax(dim=0) / 4


def deciding(scores: Tensor) -> Tensor:
    """The cells of scores (classes, h, w) on which the label of an interpolated pixel may depend, bool.

    A pixel lies between four cells, or at a side of the map on some of them. Its label is none that is below a quarter
    of the likeliest in all four, and none whose highest of the four is below the lowest of another.
    """
    four = min(2, scores.shape[1]), min(2, scores.shape[2])
    highest, lowest = max_pool2d(scores, four, 1), -max_pool2d(-scores, four, 1)
    rivals = max_pool2d(_rivals(scores).float(), four, 1) > 0
    winning = rivals & (highest >= lowest.amax(dim=0))
    rows, columns = (side - 1 for side in four)
    return max_pool2d(pad(winning.float(), (columns, columns, rows, rows)), four, 1) > 0


def predict_scores(segmenter: Segmenter, *, boxes: Sequence[str | Path], job: Job, everywhere: bool = True) -> None:
    """Write `predictions.h5`: p^k on every photograph of `boxes`; `everywhere` as of `Segmenter.kept`."""
    table = job.part_of(BoxTable(boxes, segmenter.classes))
    if stands(job.path, job.ingredients, table.as_read):
        return
    write_predictions(job.path, table.classes, table.names, _predicted(segmenter, table, everywhere), job.provenance)


def _predicted(segmenter: Segmenter, table: BoxTable, everywhere: bool) -> Iterator[Scores]:
    seen = ((image, segmenter.seen(photograph)) for image, photograph in table.photographs())
    for group in grouped(seen, lambda one: one[0].pixels):
        images, inputs = zip(*group, strict=True)
        for image, scores in zip(images, segmenter.scores_of(inputs), strict=True):
            yield segmenter.kept(image, scores, everywhere)
