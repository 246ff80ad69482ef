"""A trained generator network, in either view."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lpg.box_maps import box_slices
from lpg.errors import InputError
from lpg.generators.interface import Generator, Request, SoftMasks, whole_classes
from lpg.guided import colour_functions, mask_of_colours
from lpg.images import to_channels
from lpg.networks.builder import build_generator
from lpg.networks.checkpoint import fill, load_checkpoint
from lpg.pairs import BLANK_SCORE, Pair, cut_input, network_input, outside_fill, pairs_of, test_window
from lpg.recipes import generator_recipe
from lpg.windows import Window, paste_inside, resize

PIXELS = 32 * 512 * 512  # of input at once, at most


@dataclass(frozen=True)
class _Job:
    """One pair on its way through the network."""

    request: int
    pair: Pair
    window: Window
    channels: Tensor


class LearnedGenerator(Generator):
    """Reads `generator.pt` and answers requests, batched over (image, class) pairs or over boxes.

    Arguments:
        batch: pairs that go through the network at once, at most.
        settings: fields of the recipe to change, of `lpg.recipes.TEST_FIELDS`.
    """

    def __init__(self, path: str | Path, device: str = "cpu", batch: int = 32, settings: dict | None = None) -> None:
        self.checkpoint = load_checkpoint(path, kind="generator")
        self.recipe = generator_recipe(self.checkpoint.recipe | (settings or {}))
        self.relative_score = self.recipe.relative_score
        self.batch = batch
        self.network = build_generator(self.recipe.architecture)
        fill(self.network, self.checkpoint, path)
        self.network.eval()
        self.to(device)

    def to(self, device: str) -> "LearnedGenerator":
        self.device = device
        self.network.to(device, memory_format=torch.channels_last)
        return self

    def __call__(self, requests: list[Request]) -> list[SoftMasks]:
        jobs = [job for index, request in enumerate(requests) for job in self._jobs(index, request)]
        found: list[list[tuple[_Job, Tensor]]] = [[] for _ in requests]
        for job, answer in zip(jobs, self._run(jobs), strict=True):
            found[job.request].append((job, answer))
        return [self._pasted(request, answers) for request, answers in zip(requests, found, strict=True)]

    def _pasted(self, request: Request, found: list[tuple[_Job, Tensor]]) -> SoftMasks:
        """What the network says of the pairs of a photograph, in their order, where it belongs."""
        image = request.image
        whole = slice(0, image.height), slice(0, image.width)
        boxes = [job.pair.box for job, _ in found]
        inside = [whole if box is None else box_slices(image.boxes[box], image.height, image.width) for box in boxes]
        masks = [
            self._soft_mask(request.photograph[where], job, answer, where)
            for (job, answer), where in zip(found, inside, strict=True)
        ]
        if self.recipe.view == "image":
            return SoftMasks(np.stack(masks) * image.box_maps())
        return SoftMasks(whole_classes(image, inside, masks), masks)

    def _soft_mask(self, pixels: np.ndarray, job: _Job, answer: Tensor, where: tuple[slice, slice]) -> np.ndarray:
        """The soft mask of a pair, uint8 (h, w), where these pixels of the photograph are."""
        answer = paste_inside(answer, job.window, *where)
        return (mask_of_colours(answer, to_channels(pixels)) if self.recipe.guided_radius else answer[0]).numpy()

    def _jobs(self, index: int, request: Request) -> list[_Job]:
        jobs, fill = [], outside_fill(self.checkpoint.normalisation)
        image = to_channels(request.photograph)
        if request.scores:
            # Read once, not for every box of a class.
            scores = {class_id: request.scores[class_id] for class_id in request.image.classes}
        elif self.recipe.score_dropout:
            blank = np.full(request.photograph.shape[:2], BLANK_SCORE, dtype=np.uint8)
            scores = dict.fromkeys(request.image.classes, blank)
            fill[4] = BLANK_SCORE
        else:
            raise InputError(
                "this generator has never been without a score (score_dropout: 0 in its recipe); add a segmenter "
                "to the run, or take a generator that was trained with score_dropout"
            )
        for pair in pairs_of(request.image, self.recipe.view):
            window, size = test_window(pair, self.recipe)
            channels = cut_input(image, pair.box_map(), scores[pair.class_id], window, fill)
            jobs.append(_Job(index, pair, window, resize(channels, *size)))
        return jobs

    def _run(self, jobs: Sequence[_Job]) -> list[Tensor]:
        """`_forward` of every job, over its window at the network's input size."""
        answers: list[Tensor | None] = [None] * len(jobs)
        shapes: dict[tuple[int, ...], list[int]] = {}
        for index, job in enumerate(jobs):
            shapes.setdefault(tuple(job.channels.shape), []).append(index)
        for (_, height, width), indices in shapes.items():
            at_once = max(1, min(self.batch, PIXELS // (height * width)))
            for start in range(0, len(indices), at_once):
                chunk = indices[start : start + at_once]
                found = self._forward(torch.stack([jobs[index].channels for index in chunk]))
                for index, answer in zip(chunk, found, strict=True):
                    answers[index] = answer
        return answers

    @torch.inference_mode()
    def _forward(self, channels: Tensor) -> Tensor:
        """Soft masks, uint8 (N, 1, h, w), or for a guided upsampling the colours' functions, float32 (N, 4, h, w)."""
        channels = channels.to(self.device)
        x = network_input(channels, self.checkpoint.normalisation)
        soft = self._soft(x)
        if self.recipe.flip_test:
            soft = (soft + self._soft(x.flip(-1)).flip(-1)) / 2
        if not self.recipe.guided_radius:
            return (soft[:, None] * 255).round().to(torch.uint8).cpu()
        radius = max(1, round(self.recipe.guided_radius * max(soft.shape[-2:])))
        each = zip((channels[:, :3] / 255).split(1), soft.split(1), strict=True)  # one by one, for the memory it takes
        return torch.cat([colour_functions(image, mask, radius) for image, mask in each]).cpu()

    def _soft(self, x: Tensor) -> Tensor:
        """softmax g, the object's channel, float32 (N, H, W), interpolated from stride 4."""
        logits = functional.interpolate(
            self.network(x.contiguous(memory_format=torch.channels_last)).float(), size=x.shape[-2:], mode="bilinear"
        )
        return logits.softmax(dim=1)[:, 1]
