"""A trained generator network, in either view."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Self

import numpy as np
import torch
from pydantic import ValidationError
from torch import Tensor
from torch.nn import functional

from lpg.errors import InputError
from lpg.files.checkpoint import fill, load_checkpoint
from lpg.generators.interface import Generator, Request, SoftMasks
from lpg.generators.learned.pairs import (
    Pair,
    blank_score,
    cut_pair,
    mask_window,
    network_input,
    pairs_of,
)
from lpg.generators.learned.recipe import BoxRecipe, ImageRecipe, generator_recipe
from lpg.networks.build import build_generator
from lpg.networks.inference import arithmetic, ready, together
from lpg.networks.protocols import GeneratorNetwork
from lpg.photograph import Photograph
from lpg.pixels.colours import to_channels
from lpg.pixels.guided import colour_functions, mask_of_colours
from lpg.pixels.windows import Window, cut, paste_inside, resize

NEUTRAL = 128  # a score that says neither object nor background
DOUBT = 0.01  # a score is never surer than that, for `score_weight`


@dataclass(frozen=True)
class _Query:
    """One pair on its way through the network.

    `channels` is what that sees, uint8 (5, h, w); `leant_on` the score that `score_weight` adds, uint8 (1, h, w), None
    where there is none; `scales` how many of the scales show the pair so.
    """

    request: int
    pair: Pair
    window: Window
    channels: Tensor
    leant_on: Tensor | None
    scales: int


class LearnedGenerator(Generator):
    """Answers requests, batched over (image, class) pairs or over boxes.

    Arguments:
        model: a network of the recipe's architecture, trained.
        recipe: how it was trained, and how it is applied.
    """

    network = True

    def __init__(self, model: GeneratorNetwork, recipe: ImageRecipe | BoxRecipe, device: str = "cpu") -> None:
        self.model, self.recipe = model, recipe
        self.named_score, self.fusion = recipe.named_score, recipe.apply.fusion
        self.blind = recipe.score_dropout == 1  # has never seen a score, and is shown none
        self.to(device)

    @classmethod
    def load(cls, path: str | Path, device: str = "cpu", apply: dict | None = None) -> Self:
        """The generator of a checkpoint; `apply` changes how it makes masks, field by field.

        Raises:
            InputError: as `load_checkpoint`, its weights are not its network's, its recipe is of another version, or it
                cannot make masks in the way of `apply`.
        """
        checkpoint = load_checkpoint(path, kind="generator")
        how = checkpoint.recipe.get("apply", {}) | (apply or {})
        try:
            recipe = generator_recipe(checkpoint.recipe | {"apply": how})
        except (KeyError, InputError) as error:
            unknown = error.fault if isinstance(error, InputError) else f"unknown {error}"
            raise InputError(
                f"{path} is of another version of lpg: {unknown}",
                "give a generator.pt that this version trained, or take that version",
            ) from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise InputError(
                f"{path} cannot make masks that way: {where}: {first['msg']}",
                "mend apply if it names the key, or give a generator.pt that this version trained",
            ) from None
        model = build_generator(recipe.architecture, trunk=recipe.trunk, output_stride=recipe.output_stride)
        fill(model, checkpoint, path)
        return cls(model, recipe, device)

    def to(self, device: str) -> Self:
        self.device = device
        self.model = ready(self.model, device)
        return self

    def __call__(self, requests: Sequence[Request]) -> list[SoftMasks]:
        queries = [query for index, request in enumerate(requests) for query in self._queries(index, request)]
        found: list[list[tuple[_Query, Tensor]]] = [[] for _ in requests]
        for query, answer in zip(queries, self._run(queries), strict=True):
            found[query.request].append((query, answer))
        return [self._pasted(request, answers) for request, answers in zip(requests, found, strict=True)]

    def masks_of(self, request: Request) -> SoftMasks:
        return self([request])[0]

    def _pasted(self, request: Request, found: list[tuple[_Query, Tensor]]) -> SoftMasks:
        """What the network says of the pairs of a photograph, in their order, where it belongs."""
        image, pairs = request.image, groupby(found, key=lambda seen: id(seen[0].pair))
        masks = [self._mean(request, list(views)) for _, views in pairs]
        if self.recipe.view == "image":
            return SoftMasks.of_classes(image, np.stack(masks) * image.box_maps())
        return SoftMasks.of_boxes(image, masks)

    def _mean(self, request: Request, views: Sequence[tuple[_Query, Tensor]]) -> np.ndarray:
        """The mean of the soft masks of a pair, uint8 (h, w), by how many scales show it each way."""
        masks = [self._soft_mask(request, *seen) for seen in views]
        if len(masks) == 1:
            return masks[0]
        return np.average(masks, axis=0, weights=[query.scales for query, _ in views]).round().astype(np.uint8)

    def _soft_mask(self, request: Request, query: _Query, answer: Tensor) -> np.ndarray:
        """The soft mask of a pair, uint8 (h, w): of the whole photograph, or of the pixels of its box."""
        image, box = request.image, query.pair.box
        where = (slice(0, image.height), slice(0, image.width)) if box is None else image.inside[box]
        pasted = (paste_inside(channel, query.window, *where)[0] for channel in answer.split(1))
        if not self.recipe.apply.guided_radius:
            return next(pasted).numpy()
        return mask_of_colours(pasted, to_channels(request.photograph[where])).numpy()

    def _queries(self, index: int, request: Request) -> list[_Query]:
        if not request.scores and not self.recipe.score_dropout:
            raise InputError(
                "this generator has never been without a score (score_dropout: 0 in its recipe)",
                "give it a segmenter's scores (a run: a segmenter), or take a generator trained with score_dropout",
            )
        queries, outside = [], self.model.normalisation.mean_colour
        photograph = to_channels(request.photograph)
        # Read once, not for every box of a class.
        scores = {class_id: request.scores[class_id] for class_id in request.image.classes} if request.scores else {}
        for pair, (window, size), scales in self._views(request.image):
            channels = resize(cut_pair(pair, photograph, window, outside), *size)
            seen, leant_on = blank_score(*size), None
            if scores:
                whole = torch.from_numpy(scores[pair.class_id])[None]
                if not self.blind:  # outside the photograph 0, as in training
                    seen = resize(cut(whole, window, 0), *size)
                if self.recipe.apply.score_weight:
                    leant_on = resize(cut(whole, window, NEUTRAL), *size)
            queries.append(_Query(index, pair, window, torch.cat([channels, seen]), leant_on, scales))
        return queries

    def _views(self, image: Photograph) -> Iterator[tuple[Pair, tuple[Window, tuple[int, int]], int]]:
        """Every pair of a photograph, its windows at their input sizes, and how many scales show it so."""
        for pair in pairs_of(image, self.recipe.view):
            scales = self.recipe.apply.scale
            views = Counter(mask_window(pair, self.recipe, self.model.multiple, scale) for scale in scales)
            yield from ((pair, view, times) for view, times in views.items())

    def _run(self, queries: Sequence[_Query]) -> list[Tensor]:
        """The answers of `_forward` to all queries, over their windows at the network's input size."""
        return together(
            [query.channels for query in queries],
            lambda indices: self._forward([queries[index] for index in indices]),
            self.device,
        )

    @torch.inference_mode()
    def _forward(self, queries: Sequence[_Query]) -> Tensor:
        """Soft masks, uint8 (N, 1, h, w), or for a guided upsampling the colours' functions, float32 (N, 4, h, w)."""
        channels = torch.stack([query.channels for query in queries]).to(self.device)
        x = network_input(channels, self.model.normalisation)
        soft = self._soft(x)
        if self.recipe.apply.flip:
            soft = (soft + self._soft(x.flip(-1)).flip(-1)) / 2
        if self.recipe.apply.score_weight:
            soft = self._leaning(soft, queries)
        if not self.recipe.apply.guided_radius:
            return (soft[:, None] * 255).round().to(torch.uint8).cpu()
        radius = max(1, round(self.recipe.apply.guided_radius * max(soft.shape[-2:])))
        each = zip((channels[:, :3] / 255).split(1), soft.split(1), strict=True)  # one by one, for the memory it takes
        return torch.cat([colour_functions(image, mask, radius) for image, mask in each]).cpu()

    def _leaning(self, soft: Tensor, queries: Sequence[_Query]) -> Tensor:
        """Soft masks, float32 (N, h, w), that lean on the score where there is one: logits are added."""
        neutral = torch.full((1, *soft.shape[1:]), 0.5)
        leant_on = (neutral if query.leant_on is None else query.leant_on / 255 for query in queries)
        scores = torch.cat(list(leant_on)).to(soft.device)
        return (soft.logit(eps=1e-6) + self.recipe.apply.score_weight * scores.logit(eps=DOUBT)).sigmoid()

    def _soft(self, x: Tensor) -> Tensor:
        """softmax g, the object's channel, float32 (N, H, W), interpolated from the network's stride."""
        with arithmetic(self.device):
            logits = self.model(x.contiguous(memory_format=torch.channels_last))
        whole = functional.interpolate(logits.float(), size=x.shape[-2:], mode="bilinear")
        return whole.softmax(dim=1)[:, 1]
