"""The batches of the E step: crops of (photograph, class) pairs or of boxes, and what should be made of them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from lpg.classes import VOID
from lpg.errors import InputError
from lpg.files.boxes import BoxTable
from lpg.files.ground_truth import InstanceMasks
from lpg.files.label_maps import LabelMaps
from lpg.files.predictions import ScoreMaps
from lpg.generators.learned.pairs import BLANK_SCORE, Pair, blank_score, cut_pair, pairs_of
from lpg.generators.learned.recipe import BoxRecipe, ImageRecipe
from lpg.photograph import Photograph, PhotographCache
from lpg.pixels.box_maps import box_map
from lpg.pixels.colours import ColourJitter, Normalisation, to_channels
from lpg.pixels.windows import Window, box_window, cut, random_window, resize, window_with
from lpg.training.sampling import Rows, batch_indices, class_weights, sample_batch


class GeneratorBatches(Dataset):
    """The batches of g: `batches[iteration]` is channels (B, 5, crop, crop) and targets (B, crop/t, crop/t), uint8.

    A target is 1 on the object, 0 elsewhere, 255 (void) outside the photograph, in crowd regions, in boxes whose object
    has no mask, where one box's object and another's of its class are not told apart, and in the boxes of excluded
    classes: as background they would teach a network that knows persons that a person is never the object. t is the
    recipe's `target_stride`. With `rows` a batch is only those samples of it, the same ones as in the whole.
    """

    def __init__(
        self,
        table: BoxTable,
        masks: Sequence[str | Path],
        scores: ScoreMaps | None,
        recipe: ImageRecipe | BoxRecipe,
        normalisation: Normalisation,
        seed: int,
        rows: Rows | None = None,
    ) -> None:
        self.recipe, self.seed, self.rows, self.scores = recipe, seed, rows, scores
        self.labels = LabelMaps(masks, table.classes)
        self.instances = InstanceMasks(masks)
        self.read, self.jitter = PhotographCache(), ColourJitter(recipe.jitter)
        self._has_crowd: dict[str, bool] = {}
        self.outside = normalisation.mean_colour
        pairs = [pair for image in table.images if image.name in self.labels for pair in pairs_of(image, recipe.view)]
        self.pairs = [pair for pair in pairs if len(self._boxes(pair))]
        if not self.pairs:
            raise InputError(
                f"{', '.join(map(str, masks))}: no box has a mask and sides of at least minimum_side = "
                f"{recipe.minimum_side:g} pixels",
                "lower it, or look at the masks of the auxiliary dataset",
            )
        self.weights = class_weights([pair.class_id for pair in self.pairs], recipe.class_balance)

    def _boxes(self, pair: Pair) -> np.ndarray:
        """The boxes of the pair to train on, (boxes, 4): large enough, and of objects that have a mask."""
        image, chosen = pair.image, pair.indices
        boxes = image.boxes[chosen[self.instances.areas(image.name)[chosen] > 0]]
        return boxes[(boxes[:, 2:] - boxes[:, :2]).min(axis=1) >= self.recipe.minimum_side]

    def __getitem__(self, iteration: int) -> tuple[Tensor, Tensor]:
        chosen = batch_indices(self.seed, iteration, self.recipe.batch, len(self.pairs), self.weights)
        return sample_batch(
            self.pairs, self._sample, chosen=chosen, seed=self.seed, iteration=iteration, rows=self.rows
        )

    def _sample(self, pair: Pair, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        crop, side = self.recipe.crop, self.recipe.crop // self.recipe.target_stride
        shown = loosened(pair, self.recipe.loosen, rng)
        window = self._window(shown, rng)
        photograph = to_channels(self.read(pair.image))
        channels = resize(cut_pair(shown, photograph, window, self.outside), crop, crop)
        target = resize(cut(torch.from_numpy(self.target(pair))[None], window, VOID), side, side, nearest=True)
        score = self._score(pair, window)
        channels = torch.cat([self.jitter(channels[:3], rng), channels[3:], score])
        if rng.random() < 0.5:
            channels, target = channels.flip(-1), target.flip(-1)
        if rng.random() < self.recipe.score_dropout:
            channels[4] = BLANK_SCORE
        return channels, target[0]

    def _score(self, pair: Pair, window: Window) -> Tensor:
        crop = self.recipe.crop
        if self.scores is None:
            return blank_score(crop, crop)
        return self.scores.inside(pair.image, pair.class_id, window, crop)[None]

    def _window(self, pair: Pair, rng: np.random.Generator) -> Window:
        image, recipe = pair.image, self.recipe
        if pair.box is not None:
            return box_window(image.boxes[pair.box], rng.uniform(*recipe.context), tuple(rng.uniform(-0.7, 0.7, 2)))
        if recipe.focus is not None:
            box = rng.choice(self._boxes(pair))
            side = max(box[2:] - box[:2]) * np.exp(rng.uniform(*np.log(recipe.focus)))
            side = max(1, round(min(side, max(image.height, image.width))))
            return window_with(box, side, image.height, image.width, rng)
        base = 1.0 if recipe.long_side is None else recipe.long_side / max(image.height, image.width)
        return random_window(image.height, image.width, recipe.crop, base * rng.uniform(*recipe.scales), rng)

    def target(self, pair: Pair) -> np.ndarray:
        """y^p of the pair, uint8 (H, W): 1 on the object or on all objects of the class, void as the class says."""
        image, boxes = pair.image, pair.indices
        target = self._union(image, boxes)
        rivals = np.setdiff1d(Pair(image, pair.class_id).indices, boxes)  # none, if the pair is the whole class
        target[(target & self._union(image, rivals)) == 1] = VOID
        unknown = boxes[self.instances.areas(image.name)[boxes] == 0]
        if unknown.size:
            target[box_map(image.boxes[unknown], image.height, image.width) & (target == 0)] = VOID
        if len(image.excluded):
            target[box_map(image.excluded, image.height, image.width) & (target == 0)] = VOID
        crowd = self._crowd(image.name)
        if crowd is not None:
            target[crowd & (target == 0)] = VOID
        return target

    def _union(self, image: Photograph, boxes: np.ndarray) -> np.ndarray:
        """The masks of some boxes as one, uint8 (H, W)."""
        union = np.zeros((image.height, image.width), dtype=np.uint8)
        for box in boxes:
            union |= self.instances(image.name, int(box), image.height, image.width)
        return union

    def _crowd(self, name: str) -> np.ndarray | None:
        """Where the ground truth is void, bool (H, W); None, and remembered, for the many that have no such place."""
        if not self._has_crowd.get(name, True):
            return None
        void = self.labels[name] == VOID
        self._has_crowd[name] = bool(void.any())
        return void if self._has_crowd[name] else None


def loosened(pair: Pair, part: float, rng: np.random.Generator) -> Pair:
    """The pair with looser boxes: every edge up to a random part of its box's side outwards, and that up to `part`."""
    if not part:
        return pair
    image = pair.image
    sides = np.tile(image.boxes[:, 2:] - image.boxes[:, :2], 2)
    moved = rng.uniform(0, rng.uniform(0, part), image.boxes.shape) * sides
    boxes = image.boxes + np.array([-1, -1, 1, 1]) * moved
    boxes = boxes.clip(0, [image.width, image.height] * 2).astype(np.float32)
    return replace(pair, image=replace(image, boxes=boxes))
