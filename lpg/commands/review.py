"""`lpg review`: a page to look through masks, worst first."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from lpg.commands.files import (
    ANOTHER,
    LOCK,
    alone_in,
    check_cores,
    check_folder,
    check_inputs,
    find_masks,
    settings_of,
    sources_of,
)
from lpg.commands.record import described, record
from lpg.commands.screen import screen
from lpg.errors import InputError
from lpg.evaluation.quality import rate_masks
from lpg.evaluation.review import PARTS, write_review


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("masks", help="a folder that lpg masks wrote, or a pseudo_masks.h5")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder to write; open its index.html")
    parser.add_argument("--boxes", metavar="FILE", help="the boxes.h5 of the masks, if it is elsewhere")
    parser.add_argument("--cores", type=int, default=os.cpu_count(), metavar="N", help="all by default")


def run(arguments: argparse.Namespace) -> None:
    check_folder(arguments.out)
    check_cores(arguments.cores)
    boxes, masks, quality = find_masks(arguments.masks, arguments.boxes)
    rated = [quality] if quality else []
    _check_place(Path(arguments.out), [boxes, *masks, *rated], sources_of(settings_of(boxes)))
    with screen(), alone_in(Path(arguments.out)):
        if not quality:
            quality = Path(arguments.out, "quality.tsv")
            rate_masks(boxes=boxes, pseudo_masks=masks, path=quality)
        page = review_masks(boxes, masks, quality, Path(arguments.out), arguments.cores)
        record(arguments.out, described("review", arguments, [boxes, *masks, quality]), page)


def _check_place(out: Path, masks: Sequence[Path], sources: Sequence[str]) -> None:
    """Refuse a folder with pictures that are not of a page: it would be filled, and they might be written over."""
    check_inputs(out, PARTS, [*map(str, masks), *sources])
    known = [source for source in map(Path, sources) if source.is_dir() and out.resolve() == source.resolve()]
    ours = any((out / name).is_file() for name in ("masks.js", LOCK))  # a page, or the begin of one
    if known or (not ours and any((out / part).exists() for part in PARTS)):
        raise InputError(f"--out {out} holds photographs or masks, and no page of lpg's", ANOTHER)


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
