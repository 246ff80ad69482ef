"""What commands that read annotations are told of them."""

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path

from lpg.annotations.extraction import Permissions
from lpg.annotations.guess import guess_settings
from lpg.annotations.registry import FORMATS
from lpg.commands.files import ANOTHER, check_folder, check_inputs
from lpg.errors import InputError
from lpg.pseudo_masks.decision_matching import UNNAMED

DATASET = UNNAMED  # what the dataset is called inside our files
NAMED = ("coco", "voc")  # formats that name a photograph by its path; others look for it in all of the folder


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add the options of photographs and annotations, but for where the annotations are."""
    parser.add_argument("--images", required=True, metavar="DIR", help="folder of the photographs")
    parser.add_argument(
        "--format", choices=[name for name in FORMATS if name != "voc_xml"], help="seen from the content by default"
    )
    parser.add_argument("--skip-unreadable", action="store_true", help="go on without photographs that cannot be read")
    parser.add_argument("--clip-boxes", action="store_true", help="cut boxes that leave their photograph")
    parser.add_argument("--follow-links", action="store_true", help="read photographs that links lead to elsewhere")
    parser.add_argument(
        "--orientation", choices=("stored", "upright"),
        help="which pixels the boxes are of where EXIF turns a photograph and its size does not tell",
    )  # fmt: skip


def read_arguments(arguments: argparse.Namespace, annotations: str) -> tuple[dict, Permissions]:
    """The settings of the dataset, and what it may do without a refusal."""
    # Whole paths, for who reads our files from elsewhere.
    images, boxes = Path(arguments.images).resolve(), Path(annotations).resolve()
    if not images.is_dir():
        raise InputError(f"--images {arguments.images} is no folder", "give the folder of the photographs")
    try:
        settings = guess_settings(images, boxes, arguments.format, masks=getattr(arguments, "masks", False))
    except InputError as error:  # nothing is read yet that could be gone on without
        raise InputError(error.fault, error.remedy) from None
    if settings["format"] not in NAMED:
        check_outside(arguments.out, arguments.images)
    if arguments.orientation:
        settings["orientation"] = arguments.orientation
    return settings, Permissions(arguments.skip_unreadable, arguments.clip_boxes, arguments.follow_links)


def check_out(out: Path, folders: Iterable[str], images: str, annotations: str) -> None:
    """Refuse a place to write that is no folder, that would be read next time, or where something stands that is read.

    Arguments:
        folders: the names of those in `out` that are written.
    """
    check_folder(out)
    read = Path(annotations).resolve()
    if read.is_dir() and read in (out.resolve(), *out.resolve().parents):
        raise InputError(f"--out {out} lies in {annotations}, and would be read as boxes next time", ANOTHER)
    check_elsewhere(out, images)
    check_inputs(out, folders, [images, annotations])


def check_apart(out: str | Path, settings: Mapping[str, str]) -> None:
    """Refuse a place to write among the photographs of a dataset that was read with these settings."""
    if "images" in settings:
        check_elsewhere(out, settings["images"])
        if settings["format"] not in NAMED:
            check_outside(out, settings["images"])


def check_elsewhere(out: str | Path, images: str | Path) -> None:
    """Refuse to write into the folder of the photographs itself."""
    if Path(out).resolve() == Path(images).resolve():
        raise InputError(f"--out {out} is the folder of the photographs", ANOTHER)


def check_outside(out: str | Path, images: str | Path) -> None:
    """Refuse a place to write below the folder of the photographs, all of whose files may be read."""
    if Path(out).resolve().is_relative_to(Path(images).resolve()):
        raise InputError(
            f"--out {out} lies in {images}, where photographs are: its files would be taken for theirs next time",
            ANOTHER,
        )
