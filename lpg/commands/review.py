"""`lpg review`: a page to look through masks, worst first."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from lpg.commands.files import check_folder, find_masks
from lpg.commands.record import described, record
from lpg.commands.screen import screen
from lpg.evaluation.quality import rate_masks
from lpg.evaluation.review import write_review


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("masks", help="a folder that lpg masks wrote, or a pseudo_masks.h5")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder to write; open its index.html")
    parser.add_argument("--boxes", metavar="FILE", help="the boxes.h5 of the masks, if it is elsewhere")
    parser.add_argument("--cores", type=int, default=os.cpu_count(), metavar="N", help="all by default")


def run(arguments: argparse.Namespace) -> None:
    check_folder(arguments.out)
    boxes, masks, quality = find_masks(arguments.masks, arguments.boxes)
    with screen():
        if not quality.is_file():
            quality = Path(arguments.out, "quality.tsv")
            rate_masks(boxes=boxes, pseudo_masks=masks, path=quality)
        page = review_masks(boxes, masks, quality, Path(arguments.out), arguments.cores)
        record(arguments.out, described("review", arguments, [boxes, *masks, quality]), page)


def review_masks(boxes: Path, masks: Sequence[Path], quality: Path, folder: Path, processes: int) -> Path:
    """Write the page into a folder; it is the `index.html` there.

    Arguments:
        boxes, masks, quality: `boxes.h5`, `pseudo_masks.h5` of its photographs and their `quality.tsv`.
        processes: among which the photographs are shared.
    """
    write_review(
        folder,
        boxes=[boxes],
        pseudo_masks={"masks": list(masks)},
        quality={"masks": [quality]},
        processes=processes,
    )
    return folder / "index.html"
