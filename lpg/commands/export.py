"""`lpg export`: masks that are made, in the formats of other tools."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from lpg.annotations.exporters.annotated import annotated_masks
from lpg.annotations.exporters.registry import EXPORTERS
from lpg.commands.exporting import check_own, known_source, write_formats
from lpg.commands.files import alone_in, check_folder, check_inputs, find_masks, settings_of, sources_of
from lpg.commands.reading import check_apart
from lpg.commands.record import described
from lpg.commands.screen import screen
from lpg.evaluation.quality_table import read_scores
from lpg.files.boxes import BoxTable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("masks", help="a folder that lpg masks wrote, or a pseudo_masks.h5")
    parser.add_argument(
        "--to",
        action="extend",
        nargs="+",
        choices=EXPORTERS,
        required=True,
        metavar="FORMAT",
        help=", ".join(EXPORTERS),
    )
    parser.add_argument("--out", required=True, metavar="DIR", help="folder to write, a folder in it for each format")
    parser.add_argument("--boxes", metavar="FILE", help="the boxes.h5 of the masks, if it is elsewhere")


def run(arguments: argparse.Namespace) -> None:
    out = Path(arguments.out)
    check_folder(out)
    boxes, masks, quality = find_masks(arguments.masks, arguments.boxes)
    settings = settings_of(boxes)
    check_apart(out, settings)
    check_inputs(out, arguments.to, sources_of(settings))
    check_own(out, arguments.to)
    with screen() as watch, alone_in(out):
        made_by = described("export", arguments, [boxes, *masks, *filter(None, [quality])])
        export_masks(arguments.to, boxes, masks, quality, out, made_by, watch)


def export_masks(
    formats: Sequence[str],
    boxes: Path,
    masks: Sequence[Path],
    quality: Path | None,
    out: Path,
    made_by: dict,
    watch: Callable[..., Iterator],
) -> None:
    """Write `<out>/<format>` for each format.

    Arguments:
        boxes, masks: `boxes.h5`, and `pseudo_masks.h5` of its photographs.
        quality: their `quality.tsv`, whose scores are exported too.
        made_by: what the files are made by and of.
        watch: passes photographs through, and tells how far they are.
    """
    table, scores = BoxTable([boxes]), read_scores(quality) if quality else {}
    write_formats(
        formats,
        lambda: annotated_masks(table, masks, scores),
        table.classes,
        out,
        source=known_source(settings_of(boxes), formats),
        made_by=made_by,
        watch=watch,
        total=len(table),
    )
