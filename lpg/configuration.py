"""The configuration, checked before anything runs. No torch here."""

import copy
import json
import math
from pathlib import Path

import jsonschema

from lpg.errors import InputError
from lpg.image_lists import voc_list
from lpg.sentences import sentence

DEFAULTS = {
    "seed": 0,
    "stages": 3,
    "skip_unreadable": False,
    "clip_boxes": False,
    "allow_shared_classes": [],
    "gallery": {"images": 8},
    "sources": None,  # the pinned table, lpg/sources.yaml
    "tables": {},
}

# What workflow/rules/fetch.smk makes, and so may be missing.
WEIGHTS = "data/weights"
FETCHED = (
    "data/coco/annotations/instances_train2017.json",
    "data/coco/annotations/instances_val2017.json",
    "data/voc2012/ImageSets/Segmentation/train.txt",
    "data/voc2012/ImageSets/Segmentation/val.txt",
    "data/voc2012/ImageSets/Segmentation/train_aug.txt",
)


def check_configuration(config: dict, schema_path: str | Path, results: str = "results") -> dict:
    """The configuration with defaults filled in; every dataset becomes `annotation_files` and its reader's `settings`.

    Raises:
        InputError: a key or value that the schema refuses, or a file that does not exist.
    """
    _refuse_numbers_as_names(config)
    _refuse_endless_numbers(config, "")
    schema = json.loads(Path(schema_path).read_text())
    errors = list(jsonschema.Draft202012Validator(schema).iter_errors(config))
    choices = [error for error in errors if error.validator == "enum"]  # first, for other errors follow from them
    error = jsonschema.exceptions.best_match(choices or errors)
    if error is not None:
        raise InputError(sentence(error))
    config = {**DEFAULTS, **copy.deepcopy(config)}
    for name, settings in config["datasets"].items():
        paths = annotation_files(settings)
        for path in paths:
            if not made_here(path, results):
                _refuse_missing(f"datasets.{name}", path, settings)
        config["datasets"][name] = {"annotation_files": [str(path) for path in paths], "settings": settings}
    return config


def made_here(path: str | Path, results: str | Path) -> bool:
    """Whether the workflow makes the file itself, so that it may be missing when it starts."""
    return Path(path).is_relative_to(results) or Path(path).is_relative_to(WEIGHTS) or str(path) in FETCHED


def annotation_files(settings: dict) -> list[Path]:
    """What says which images a dataset has: COCO's instances, and a list of some of them; VOC's list of a split."""
    if settings["format"] == "coco":
        return [Path(settings[key]) for key in ("annotations", "split") if key in settings]
    return [voc_list(settings["root"], settings["split"])]


def _refuse_endless_numbers(value, where: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{where}: {value} is no number to compute with; mend the value")
    if isinstance(value, dict):
        for key, part in value.items():
            _refuse_endless_numbers(part, f"{where}.{key}" if where else str(key))
    if isinstance(value, list):
        for index, part in enumerate(value):
            _refuse_endless_numbers(part, f"{where}[{index}]")


def _refuse_numbers_as_names(config: dict) -> None:
    for section in ("datasets", "segmenters", "generators", "runs"):
        for name in config.get(section) or {}:
            if not isinstance(name, str):
                raise InputError(f"{section}: YAML reads the name {name} as no text; write '{name}' in quotes")


def _refuse_missing(where: str, path: Path, settings: dict) -> None:
    """The annotation file and the photographs' folder; what stands in them is looked at when it is read."""
    if not path.is_file():
        raise InputError(f"{where}: {path} does not exist; mend the path or put the file there")
    coco = settings["format"] == "coco"
    folder = Path(settings["images"]) if coco else Path(settings["root"], "JPEGImages")
    if not folder.is_dir():
        raise InputError(f"{where}: the folder {folder} does not exist; mend {'images' if coco else 'root'}")
