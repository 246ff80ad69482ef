"""The M step: train the segmenter f on label maps, and read its scores."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from lpg.box_maps import paint_boxes
from lpg.boxes import BoxTable, Image
from lpg.classes import VOID
from lpg.errors import InputError
from lpg.images import jitter_colours, mean_colour, normalise, to_channels
from lpg.labels import LabelMaps, write_label_maps
from lpg.losses import SegmenterLoss, filling_rates
from lpg.networks.builder import build_segmenter
from lpg.networks.checkpoint import fill, load_checkpoint
from lpg.networks.multiscale import multiscale_logits
from lpg.networks.weights import NORMALISATION
from lpg.optimizers import segmenter_optimizer
from lpg.photographs import PhotographCache
from lpg.recipes import SegmenterRecipe, segmenter_recipe
from lpg.sampling import sample_batch
from lpg.storage import RaggedWriter, create_file, write_strings
from lpg.training import Machine, train_checkpoint
from lpg.windows import cut, pad, random_window, resize, whole_window

# Crops and whole photographs are padded to it, the coarsest stride of any trunk. So a logit stands for the same pixels
# in training and afterwards, at every scale; unpadded crops of 321 pixels would shift every mask by 3.5 pixels.
MULTIPLE = 32


class SegmenterBatches(Dataset):
    """`batches[iteration]`: images (B, 3, side, side) and labels (B, side, side), void 255; uint8, as they are stored.

    The side is the recipe's `crop`, padded to a multiple of 32 as photographs are at test time.

    For BCM's losses the painted box maps are a third part, like the labels.
    """

    def __init__(self, table: BoxTable, labels: LabelMaps, recipe: SegmenterRecipe, seed: int) -> None:
        self.images = [image for image in table.images if image.name in labels]
        self.labels, self.recipe, self.seed = labels, recipe, seed
        self.read = PhotographCache()
        if not self.images:
            raise InputError("no photograph of the boxes has a label map; the two files are of different datasets")

    def __getitem__(self, iteration: int) -> tuple[Tensor, ...]:
        return sample_batch(self.images, self._sample, batch=self.recipe.batch, seed=self.seed, iteration=iteration)

    def _sample(self, image: Image, rng: np.random.Generator) -> tuple[Tensor, ...]:
        recipe = self.recipe
        base = 1.0 if recipe.long_side is None else recipe.long_side / max(image.height, image.width)
        window = random_window(image.height, image.width, recipe.crop, base * rng.uniform(*recipe.scales), rng)
        photograph = cut(to_channels(self.read(image.path)), window, mean_colour(NORMALISATION))
        maps = cut(torch.from_numpy(self._maps(image)), window, VOID)
        photograph = jitter_colours(resize(photograph, recipe.crop, recipe.crop), recipe.jitter, rng)
        maps = resize(maps, recipe.crop, recipe.crop, nearest=True)
        if rng.random() < 0.5:
            photograph, maps = photograph.flip(-1), maps.flip(-1)
        return pad(photograph, MULTIPLE, mean_colour(NORMALISATION)), *pad(maps, MULTIPLE, VOID)

    @staticmethod
    def prepare(images: Tensor, *maps: Tensor) -> tuple[Tensor, ...]:
        """A batch as the loss wants it, on the device of the batch: images normalised, float32; maps int64."""
        return normalise(images, NORMALISATION), *(part.long() for part in maps)

    def _maps(self, image: Image) -> np.ndarray:
        """The label map and, where the loss asks for it, the painted box map, uint8 (1 or 2, H, W)."""
        maps = [self.labels[image.name]]
        if self.recipe.reads_boxes:
            maps.append(paint_boxes(image.boxes, image.class_ids, image.height, image.width))
        return np.stack(maps)


def train_segmenter(
    settings: dict,
    *,
    boxes: Sequence[str | Path],
    labels: Sequence[str | Path],
    start: str | Path | None,
    path: str | Path,
    seed: int,
    digest: str,
    machine: Machine,
    provenance: dict | None = None,
) -> None:
    """Train f^k on labels^k and write its checkpoint.

    Arguments:
        settings: the recipe's fields that the configuration sets.
        boxes: `boxes.h5` of every dataset of the run.
        labels: files with label maps; where two hold the same image, the later one counts.
        start: f^(k-1); None starts from `initialisation`.
        digest: see `lpg.training.train`.
    """
    recipe = segmenter_recipe(settings)
    table = BoxTable(boxes)
    network = segmenter_start(recipe, table.classes, start, seed)
    label_maps = LabelMaps(labels, table.classes)
    batches = SegmenterBatches(table, label_maps, recipe, seed)
    rates = filling_rates(table, label_maps) if recipe.by_filling_rates else None
    train_checkpoint(
        network,
        segmenter_optimizer(network, recipe),
        batches,
        SegmenterLoss(rates),
        kind="segmenter",
        recipe=recipe,
        classes=table.classes,
        path=path,
        seed=seed,
        digest=digest,
        machine=machine,
        provenance=provenance,
    )


def segmenter_start(recipe: SegmenterRecipe, classes: Sequence[str], start: str | Path | None, seed: int) -> nn.Module:
    """The network as its training begins: f^(k-1) where there is one, else as `initialisation` says."""
    torch.manual_seed(seed)
    if start is None:
        return _network(recipe, classes, recipe.initialisation)
    checkpoint = load_checkpoint(start, kind="segmenter", architecture=recipe.architecture, classes=classes)
    network = _network(recipe, classes)
    fill(network, checkpoint, start)
    return network


def _network(recipe: SegmenterRecipe, classes: Sequence[str], initialisation: str = "none") -> nn.Module:
    return build_segmenter(recipe.architecture, len(classes), initialisation, recipe.masking)


class Segmenter:
    """A trained segmenter, ready to read photographs of any size and shape."""

    def __init__(self, path: str | Path, device: str = "cpu", classes: Sequence[str] | None = None) -> None:
        self.checkpoint = load_checkpoint(path, kind="segmenter", classes=classes)
        self.recipe = segmenter_recipe(self.checkpoint.recipe)
        self.device = device
        self.network = _network(self.recipe, self.checkpoint.classes)
        fill(self.network, self.checkpoint, path)
        self.network.to(device, memory_format=torch.channels_last).eval()

    @torch.inference_mode()
    def scores(self, photograph: np.ndarray) -> Tensor:
        """softmax f(x) at the network's resolution, float32 (classes, h, w), over the padded window."""
        normalisation = self.checkpoint.normalisation
        window, size = self.window(*photograph.shape[:2])
        channels = resize(cut(to_channels(photograph), window, mean_colour(normalisation)), *size)
        x = normalise(channels, normalisation)[None].to(self.device)
        scores = self._softmax(x)
        if self.recipe.flip_test:
            scores = (scores + self._softmax(x.flip(-1)).flip(-1)) / 2
        return scores[0].cpu()

    def _softmax(self, x: Tensor) -> Tensor:
        return multiscale_logits(self.network, x)[-1].float().softmax(dim=1)

    def window(self, height: int, width: int):
        """The padded window that `scores` covers, and the size it is read at."""
        return whole_window(height, width, self.recipe.long_side, MULTIPLE)

    def probabilities(self, photograph: np.ndarray) -> Tensor:
        """softmax f(x) interpolated to the photograph's pixels, float32 (classes, H, W)."""
        height, width = photograph.shape[:2]
        window, _ = self.window(height, width)
        return resize(self.scores(photograph), window.height, window.width)[:, :height, :width]

    def label_map(self, photograph: np.ndarray) -> np.ndarray:
        """The segmentation, uint8 (H, W): the class of the highest score, interpolated to the photograph's pixels."""
        return self.probabilities(photograph).argmax(dim=0).to(torch.uint8).numpy()


def predict_scores(
    *, segmenter: str | Path, boxes: Sequence[str | Path], path: str | Path, device: str, provenance: dict | None = None
) -> None:
    """Write p^k: for every photograph the scores of the background and of the classes its boxes name.

    `scores` holds uint8 (named classes, h, w) at the network's own resolution, 255 for the highest score of the class
    in the photograph, which is in `named/peak`; the classes are in `named/class_id` by `named/offset`, and
    `images/window` is the size in pixels that the scores cover.
    """
    network = Segmenter(segmenter, device)
    table = BoxTable(boxes, network.checkpoint.classes)
    with create_file(path, table.classes, provenance) as file:
        writer = RaggedWriter(file, "scores", dimensions=3)
        windows, peaks = [], []
        for image, photograph in table.photographs():
            scores = network.scores(photograph)[[0, *image.classes]]
            window, _ = network.window(image.height, image.width)
            windows.append((window.height, window.width))
            parts = image.height / window.height, image.width / window.width  # the rest is padding
            rows, columns = (math.ceil(side * part) for side, part in zip(scores.shape[1:], parts, strict=True))
            peak = scores[:, :rows, :columns].amax(dim=(1, 2)).clamp(min=torch.finfo(scores.dtype).tiny)
            writer.append((scores / peak[:, None, None]).clamp(max=1).mul(255).round().to(torch.uint8).numpy())
            peaks.append(peak.numpy())
        writer.close()
        write_strings(file, "images/name", table.names)
        file["images/window"] = np.array(windows, dtype=np.int32)
        file["named/offset"] = np.cumsum([0, *(1 + len(image.classes) for image in table.images)], dtype=np.int64)
        file["named/class_id"] = np.concatenate([[0, *image.classes] for image in table.images]).astype(np.uint8)
        file["named/peak"] = np.concatenate(peaks)


def segment_images(
    *, segmenter: str | Path, boxes: Sequence[str | Path], path: str | Path, device: str, provenance: dict | None = None
) -> None:
    """Write the segmentation of every photograph of `boxes` as label maps; the boxes themselves are not looked at."""
    network = Segmenter(segmenter, device)
    table = BoxTable(boxes, network.checkpoint.classes)
    label_maps = (network.label_map(photograph) for _, photograph in table.photographs())
    write_label_maps(path, table.classes, table.names, label_maps, provenance)
