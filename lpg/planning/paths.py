"""Where every file lies: one pattern each, for the rules that make it and for the plan that asks for it."""

from pathlib import Path

RESULTS = "results"
DEMO = "results/demo"
DEMO_ANNOTATIONS = f"{DEMO}/auxiliary/annotations/instances.json"
DEMO_LISTS = f"{DEMO}/target/ImageSets/Segmentation"
DEMO_PHOTOGRAPHS = f"{DEMO}/photographs/annotations.json"

# From the network.
WEIGHTS = "data/weights"
COCO_TRAIN, COCO_VAL = (f"data/coco/annotations/instances_{part}2017.json" for part in ("train", "val"))
VOC_LISTS = "data/voc2012/ImageSets/Segmentation"
VOC_TRAIN, VOC_VAL, VOC_TRAIN_AUG = (f"{VOC_LISTS}/{part}.txt" for part in ("train", "val", "train_aug"))
FETCHED = (COCO_TRAIN, COCO_VAL, VOC_TRAIN, VOC_VAL, VOC_TRAIN_AUG)


def made_here(path: str | Path) -> bool:
    """Whether the workflow makes the file itself, so that it may be missing when it starts."""
    return Path(path).is_relative_to(RESULTS) or Path(path).is_relative_to(WEIGHTS) or str(path) in FETCHED


def holds_what_is_made(folder: str | Path) -> bool:
    """Whether a folder may be missing, too: the workflow makes it, or files in it."""
    return made_here(folder) or any(Path(path).is_relative_to(folder) for path in FETCHED)


BOXES = "results/datasets/{dataset}/boxes.h5"
MASKS = "results/datasets/{dataset}/masks.h5"

CLASSES = "results/{run}/classes.json"
SCORED_CLASSES = "results/{run}/scored_classes.json"
OWN_MASKS = "results/{run}/own_masks.h5"
LOSSES = "results/{run}/losses.png"
HANDED_ON = "results/{run}/generator.safetensors"
GENERATOR_GRAPH = "results/{run}/generator.onnx"
SEGMENTER_GRAPH = "results/{run}/segmenter.onnx"

STAGE = "results/{run}/stage{stage}"
SEGMENTER = f"{STAGE}/segmenter.pt"
GENERATOR = f"{STAGE}/generator.pt"
STAGE_SCORES = f"{STAGE}/scores.json"
OBJECT_SCORES = f"{STAGE}/objects.tsv"
CALIBRATION = f"{STAGE}/calibration.json"
RISK_SCORES = f"{STAGE}/risk.tsv"
RELIABILITY = f"{STAGE}/reliability.png"
GALLERY = f"{STAGE}/gallery.png"
GALLERY_PAGES = f"{STAGE}/gallery"

# Of a stage on a dataset, its run's own or another.
ON_DATASET = f"{STAGE}/{{dataset}}"
PREDICTIONS = f"{ON_DATASET}/predictions.h5"
PSEUDO_MASKS = f"{ON_DATASET}/pseudo_masks.h5"
REFINED_MASKS = f"{ON_DATASET}/pseudo_masks_crf.h5"
QUALITY = f"{ON_DATASET}/quality.tsv"
EXPORTED_MASKS = f"{ON_DATASET}/pseudo_masks"
REVIEW = f"{ON_DATASET}/review/index.html"
SEGMENTATIONS = f"{ON_DATASET}/segmentations.h5"
REFINED_SEGMENTATIONS = f"{ON_DATASET}/segmentations_crf.h5"


def shard_of(path: str) -> str:
    """The pattern of the shards of what has a path: predictions.0-of-4.h5, …"""
    head, _, ending = path.rpartition(".")
    return f"{head}.{{shard}}-of-{{shards}}.{ending}"


SCORES_TSV = "results/scores.tsv"
SCORES_JSON = "results/scores.json"
SCORES_HTML = "results/scores.html"
SCORES_PNG = "results/scores.png"
CRATE = "results/ro-crate-metadata.json"
TABLE_TSV = "results/tables/{table}.tsv"
TABLE_HTML = "results/tables/{table}.html"

RESERVED = ("datasets", "demo", "benchmarks", "tables")  # folders of results/ that are no run's
BESIDE_DATASETS = ("gallery",)  # folders of results/<run>/stage<k>/ that are no dataset's
