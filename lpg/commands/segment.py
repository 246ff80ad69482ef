"""`lpg segment`: a trained segmenter over a folder of photographs, which need no boxes."""

import argparse
import logging
import os
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from lpg.annotations.image_folder import ImageFolder, files_below, without_ending
from lpg.annotations.looks import check_inside
from lpg.commands.devices import add_device, check_device, chosen_machine
from lpg.commands.files import ANOTHER, LOCK, alone_in, check_cores, check_folder
from lpg.commands.reading import check_outside
from lpg.commands.record import described, record
from lpg.commands.screen import screen
from lpg.errors import InputError
from lpg.files.class_colours import write_class_colours
from lpg.jobs.provenance import file_digest
from lpg.jobs.stamps import FOLDER
from lpg.segmenter.apply import Segmenter
from lpg.segmenter.folder import Picture, segment_photographs

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("segmenter", help="the segmenter.pt of a run, such as results/mine/stage3/segmenter.pt")
    parser.add_argument("--images", required=True, metavar="DIR", help="folder of the photographs")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder to write; the same again goes on there")
    parser.add_argument(
        "--flip-test", action=argparse.BooleanOptionalAction,
        help="average the scores of the mirrored photograph; as the checkpoint says by default",
    )  # fmt: skip
    parser.add_argument("--skip-unreadable", action="store_true", help="go on without photographs that cannot be read")
    parser.add_argument("--follow-links", action="store_true", help="read photographs that links lead to elsewhere")
    parser.add_argument(
        "--orientation", choices=("upright", "stored"), default="upright",
        help="where EXIF turns a photograph, segment it upright, by default, or as its pixels are stored",
    )  # fmt: skip
    add_device(parser)
    parser.add_argument("--cores", type=int, default=os.cpu_count(), metavar="N", help="all by default")


def run(arguments: argparse.Namespace) -> None:
    out, checkpoint = Path(arguments.out), Path(arguments.segmenter)
    _check(out, checkpoint, arguments)
    pictures = _pictures(out, arguments.images, arguments.follow_links)
    with screen() as watch, ExitStack() as held:
        # Refused before anything is written.
        machine = chosen_machine(arguments)
        segmenter = Segmenter.load(checkpoint, machine.device, flip_test=arguments.flip_test)
        flips = " flip_test" if segmenter.recipe.flip_test else ""
        held.enter_context(alone_in(out))
        made_by = described("segment", arguments, [checkpoint], machine)
        record(out, made_by)
        write_class_colours(out / "classes.json", segmenter.classes)
        count = segment_photographs(
            segmenter,
            pictures,
            made_by=f"segmenter {file_digest(checkpoint)} {arguments.orientation}{flips}",
            upright=arguments.orientation == "upright",
            skip_unreadable=arguments.skip_unreadable,
            watch=watch,
        )
        segmented = len(pictures) - count.skipped
        log.info("%d photographs segmented, %d of them now: %s", segmented, count.made, out)
        if left_out := len(files_below(Path(arguments.images), [".gif"])):
            log.warning("%d GIFs in %s are left out: most are no photographs", left_out, arguments.images)
        others = set(files_below(out, [".png"])) - {picture.path for picture in pictures}
        if others:
            log.warning("%d pictures in %s are of no photograph here, such as %s", len(others), out, min(others))


def _check(out: Path, checkpoint: Path, arguments: argparse.Namespace) -> None:
    """Refuse what can be known to be wrong before a photograph is read."""
    if not checkpoint.is_file():
        raise InputError(f"there is no segmenter '{checkpoint}'", "give the path of a segmenter.pt of lpg's")
    check_outside(out, arguments.images)
    check_folder(out)
    if (out / "classes.json").exists() and not any((out / name).exists() for name in (FOLDER, LOCK)):
        raise InputError(f"--out {out} has a classes.json that lpg did not write", ANOTHER)
    check_cores(arguments.cores)
    check_device(arguments)


def _pictures(out: Path, images: str, follow_links: bool) -> list[Picture]:
    """A PNG for each photograph, called as it is."""
    folder = ImageFolder(images)
    if not folder.paths:
        raise InputError(f"--images {images} has no photographs", "give the folder that has them")
    count = Counter(map(without_ending, folder.paths))
    (name, several), *_ = count.most_common(1)
    if several > 1:
        raise InputError(
            f"{several} photographs of {images} differ in their endings alone, such as those called {name}, and would "
            "be one picture",
            "rename or move the others",
        )
    if not follow_links:
        for path in folder.paths:
            check_inside(folder.root / path, folder.root)
    return [Picture(folder.root / path, out / f"{without_ending(path)}.png") for path in folder.paths]
