"""The E step: train the class-agnostic generator g on the auxiliary dataset's masks."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from lpg.box_maps import box_map
from lpg.boxes import BoxTable
from lpg.classes import VOID
from lpg.errors import InputError
from lpg.images import jitter_colours, to_channels
from lpg.labels import LabelMaps
from lpg.losses import GeneratorLoss
from lpg.masks import InstanceMasks
from lpg.networks.builder import build_generator
from lpg.networks.checkpoint import fill, load_checkpoint
from lpg.networks.weights import NORMALISATION
from lpg.optimizers import generator_optimizer
from lpg.pairs import BLANK_SCORE, Pair, cut_input, network_input, outside_fill, pairs_of
from lpg.photographs import PhotographCache
from lpg.predictions import ScoreMaps
from lpg.recipes import GeneratorRecipe, generator_recipe
from lpg.sampling import sample_batch
from lpg.training import Machine, train_checkpoint
from lpg.windows import Window, box_window, cut, random_window, resize, window_with


class GeneratorBatches(Dataset):
    """`batches[iteration]`: channels (B, 5, crop, crop) and targets (B, crop/t, crop/t), uint8.

    A target is 1 on the object, 0 elsewhere, 255 (void) outside the photograph, in crowd regions and in boxes whose
    object has no mask; t is the recipe's `target_stride`.
    """

    def __init__(
        self,
        table: BoxTable,
        masks: Sequence[str | Path],
        predictions: Sequence[str | Path],
        recipe: GeneratorRecipe,
        seed: int,
    ) -> None:
        self.recipe, self.seed = recipe, seed
        self.labels = LabelMaps(masks, table.classes)
        self.instances = InstanceMasks(masks)
        self.scores = ScoreMaps(predictions, table.classes, recipe.relative_score)
        self.read = PhotographCache()
        self._has_crowd: dict[str, bool] = {}
        self.fill = outside_fill(NORMALISATION)
        pairs = [pair for image in table.images if image.name in self.labels for pair in pairs_of(image, recipe.view)]
        self.pairs = [pair for pair in pairs if len(self._boxes(pair))]
        if not self.pairs:
            raise InputError(
                f"{', '.join(map(str, masks))}: no box has a mask and sides of at least minimum_side = "
                f"{recipe.minimum_side:g} pixels; lower it, or look at the masks of the auxiliary dataset"
            )

    def _boxes(self, pair: Pair) -> np.ndarray:
        """The boxes of the pair to train on, (boxes, 4): large enough, and of objects that have a mask."""
        image, chosen = pair.image, pair.indices
        boxes = image.boxes[chosen[self.instances.areas(image.name)[chosen] > 0]]
        return boxes[(boxes[:, 2:] - boxes[:, :2]).min(axis=1) >= self.recipe.minimum_side]

    def __getitem__(self, iteration: int) -> tuple[Tensor, Tensor]:
        return sample_batch(self.pairs, self._sample, batch=self.recipe.batch, seed=self.seed, iteration=iteration)

    @staticmethod
    def prepare(channels: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """A batch as the loss wants it, on the device of the batch: inputs float32 and targets int64."""
        return network_input(channels, NORMALISATION), targets.long()

    def _sample(self, pair: Pair, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        image, crop = pair.image, self.recipe.crop
        score = self.scores(image.name, pair.class_id, image.height, image.width)
        window = self._window(pair, rng)
        photograph = to_channels(self.read(image.path))
        channels = resize(cut_input(photograph, pair.box_map(), score, window, self.fill), crop, crop)
        target = resize(cut(torch.from_numpy(self.target(pair))[None], window, VOID), crop, crop, nearest=True)
        target = resize(target, crop // self.recipe.target_stride, crop // self.recipe.target_stride, nearest=True)
        channels = torch.cat([jitter_colours(channels[:3], self.recipe.jitter, rng), channels[3:]])
        if rng.random() < 0.5:
            channels, target = channels.flip(-1), target.flip(-1)
        if rng.random() < self.recipe.score_dropout:
            channels[4] = BLANK_SCORE
        return channels, target[0]

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
        target = np.zeros((image.height, image.width), dtype=np.uint8)
        for box in boxes:
            target |= self.instances(image.name, int(box), image.height, image.width)
        unknown = boxes[self.instances.areas(image.name)[boxes] == 0]
        if unknown.size:
            target[box_map(image.boxes[unknown], image.height, image.width) & (target == 0)] = VOID
        crowd = self._crowd(image.name)
        if crowd is not None:
            target[crowd & (target == 0)] = VOID
        return target

    def _crowd(self, name: str) -> np.ndarray | None:
        """Where the ground truth is void, bool (H, W); None, and remembered, for the many that have no such place."""
        if not self._has_crowd.get(name, True):
            return None
        void = self.labels[name] == VOID
        self._has_crowd[name] = bool(void.any())
        return void if self._has_crowd[name] else None


def train_generator(
    settings: dict,
    *,
    boxes: Sequence[str | Path],
    masks: Sequence[str | Path],
    predictions: Sequence[str | Path],
    start: str | Path | None,
    path: str | Path,
    seed: int,
    digest: str,
    machine: Machine,
    provenance: dict | None = None,
) -> None:
    """Train g^(k+1) on (x, y^b, p^k) -> y^p and write its checkpoint.

    Arguments:
        settings: the recipe's fields that the configuration sets.
        boxes, masks: of every auxiliary dataset.
        predictions: p^k of the auxiliary segmenter.
        start: g^k; None starts from `initialisation`.
        digest: see `lpg.training.train`.
    """
    recipe = generator_recipe(settings)
    table = BoxTable(boxes)
    batches = GeneratorBatches(table, masks, predictions, recipe, seed)
    torch.manual_seed(seed)
    network = build_generator(recipe.architecture, "none" if start else recipe.initialisation)
    if start is not None:
        checkpoint = load_checkpoint(start, kind="generator", architecture=recipe.architecture)
        fill(network, checkpoint, start)
    train_checkpoint(
        network,
        generator_optimizer(network, recipe),
        batches,
        GeneratorLoss(recipe.outside_weight, recipe.iou_weight),
        kind="generator",
        recipe=recipe,
        classes=table.classes,
        path=path,
        seed=seed,
        digest=digest,
        machine=machine,
        provenance=provenance,
    )
