"""A trained generator network, in either view."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lpg.boxes import Image, box_slices
from lpg.errors import InputError
from lpg.generators.interface import Generator, Request, SoftMasks, whole_classes
from lpg.images import to_channels
from lpg.networks.builder import build_generator
from lpg.networks.checkpoint import load_checkpoint
from lpg.pairs import BLANK_SCORE, Pair, cut_input, network_input, outside_fill, pairs_of, test_window
from lpg.recipes import generator_recipe
from lpg.windows import Window, paste, paste_inside, resize

PIXELS = 32 * 512 * 512  # of input at once, at most


@dataclass(frozen=True)
class _Job:
    """One pair on its way through the network."""

    request: int
    pair: Pair
    window: Window
    channels: Tensor


class LearnedGenerator(Generator):
    """Reads `generator.pt` and answers requests, batched over (image, class) pairs or over boxes."""

    def __init__(self, path: str | Path, device: str = "cpu", batch: int = 32) -> None:
        self.checkpoint = load_checkpoint(path, kind="generator")
        self.recipe = generator_recipe(self.checkpoint.recipe)
        self.relative_score = self.recipe.relative_score
        self.batch = batch
        self.network = build_generator(self.recipe.architecture)
        self.network.load_state_dict(self.checkpoint.weights)
        self.network.eval()
        self.to(device)

    def to(self, device: str) -> "LearnedGenerator":
        self.device = device
        self.network.to(device, memory_format=torch.channels_last)
        return self

    def __call__(self, requests: list[Request]) -> list[SoftMasks]:
        jobs = [job for index, request in enumerate(requests) for job in self._jobs(index, request)]
        found: list[list[tuple[_Job, Tensor]]] = [[] for _ in requests]
        for job, soft in zip(jobs, self._run(jobs), strict=True):
            found[job.request].append((job, soft))
        return [self._pasted(request.image, masks) for request, masks in zip(requests, found, strict=True)]

    def _pasted(self, image: Image, found: list[tuple[_Job, Tensor]]) -> SoftMasks:
        """What the network says of the pairs of a photograph, in their order, where it belongs."""
        size = image.height, image.width
        if self.recipe.view == "image":
            return SoftMasks(
                np.stack(
                    [paste(soft, job.window, *size).numpy() * image.box_map(job.pair.class_id) for job, soft in found]
                )
            )
        inside = [box_slices(image.boxes[job.pair.box], *size) for job, _ in found]
        boxes = [
            paste_inside(soft, job.window, *where).numpy() for (job, soft), where in zip(found, inside, strict=True)
        ]
        return SoftMasks(whole_classes(image, inside, boxes), boxes)

    def _jobs(self, index: int, request: Request) -> list[_Job]:
        jobs, fill = [], outside_fill(self.checkpoint.normalisation)
        image = to_channels(request.photograph)
        if request.scores:
            scores = request.scores
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
        """The soft mask of every job over its window, uint8, at the network's input size."""
        masks: list[Tensor | None] = [None] * len(jobs)
        shapes: dict[tuple[int, ...], list[int]] = {}
        for index, job in enumerate(jobs):
            shapes.setdefault(tuple(job.channels.shape), []).append(index)
        for (_, height, width), indices in shapes.items():
            at_once = max(1, min(self.batch, PIXELS // (height * width)))
            for start in range(0, len(indices), at_once):
                chunk = indices[start : start + at_once]
                soft = self._forward(torch.stack([jobs[index].channels for index in chunk]))
                for index, mask in zip(chunk, soft, strict=True):
                    masks[index] = mask
        return masks

    @torch.inference_mode()
    def _forward(self, channels: Tensor) -> Tensor:
        x = network_input(channels, self.checkpoint.normalisation).to(self.device)
        soft = self._soft(x)
        if self.recipe.flip_test:
            soft = (soft + self._soft(x.flip(-1)).flip(-1)) / 2
        return (soft * 255).round().to(torch.uint8).cpu()

    def _soft(self, x: Tensor) -> Tensor:
        """softmax g, the object's channel, float32 (N, H, W), interpolated from stride 4."""
        logits = functional.interpolate(
            self.network(x.contiguous(memory_format=torch.channels_last)).float(), size=x.shape[-2:], mode="bilinear"
        )
        return logits.softmax(dim=1)[:, 1]
