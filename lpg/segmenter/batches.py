"""The batches of the M step: random crops of photographs and their labels, each a function of seed and iteration."""

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from lpg.classes import VOID
from lpg.errors import InputError
from lpg.files.boxes import BoxTable
from lpg.files.label_maps import LabelMaps
from lpg.photograph import Photograph, PhotographCache
from lpg.pixels.colours import ColourJitter, to_channels
from lpg.pixels.windows import cut, pad, random_window, resize
from lpg.segmenter.losses import SegmenterTask
from lpg.segmenter.recipe import SegmenterRecipe
from lpg.training.sampling import Rows, batch_indices, sample_batch


class SegmenterBatches(Dataset):
    """The batches of f: `batches[iteration]` is images (B, 3, side, side) and maps (B, side, side), void 255; uint8.

    The side is the recipe's `crop`, padded as photographs are at test time. The maps are those that the task looks at,
    the labels first. With `rows` a batch is only those samples of it, the same ones as in the whole.
    """

    def __init__(
        self,
        table: BoxTable,
        labels: LabelMaps,
        recipe: SegmenterRecipe,
        task: SegmenterTask,
        seed: int,
        rows: Rows | None = None,
    ) -> None:
        self.images = [image for image in table.images if image.name in labels]
        self.labels, self.recipe, self.seed, self.rows = labels, recipe, seed, rows
        self.maps_of, self.outside = task.maps_of, task.network.normalisation.mean_colour
        self.multiple = task.network.multiple
        self.read, self.jitter = PhotographCache(), ColourJitter(recipe.jitter)
        if not self.images:
            raise InputError("no photograph of the boxes has a label map", "the two files are of different datasets")

    def __getitem__(self, iteration: int) -> tuple[Tensor, ...]:
        chosen = batch_indices(self.seed, iteration, self.recipe.batch, len(self.images))
        return sample_batch(
            self.images, self._sample, chosen=chosen, seed=self.seed, iteration=iteration, rows=self.rows
        )

    def _sample(self, image: Photograph, rng: np.random.Generator) -> tuple[Tensor, ...]:
        recipe = self.recipe
        base = 1.0 if recipe.long_side is None else recipe.long_side / max(image.height, image.width)
        window = random_window(image.height, image.width, recipe.crop, base * rng.uniform(*recipe.scales), rng)
        photograph = cut(to_channels(self.read(image)), window, self.outside)
        maps = cut(torch.from_numpy(np.stack(self.maps_of(image, self.labels[image.name]))), window, VOID)
        photograph = self.jitter(resize(photograph, recipe.crop, recipe.crop), rng)
        maps = resize(maps, recipe.crop, recipe.crop, nearest=True)
        if rng.random() < 0.5:
            photograph, maps = photograph.flip(-1), maps.flip(-1)
        return pad(photograph, self.multiple, self.outside), *pad(maps, self.multiple, VOID)
