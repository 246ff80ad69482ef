"""`lpg convert`: annotations of one format in another, boxes or masks."""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from lpg.annotations.exporters.annotated import boxes_alone, true_masks
from lpg.annotations.exporters.registry import EXPORTERS
from lpg.annotations.extraction import extract_boxes
from lpg.annotations.truth import extract_masks
from lpg.commands.exporting import check_own, known_source, write_formats
from lpg.commands.reading import DATASET, add_reading, check_out, read_arguments
from lpg.commands.record import described
from lpg.commands.screen import screen
from lpg.commands.wording import as_given
from lpg.files.boxes import BoxTable
from lpg.jobs.job import Job


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--annotations", required=True, metavar="FILE_OR_DIR", help="as your tool writes them")
    parser.add_argument("--to", action="extend", nargs="+", choices=EXPORTERS, required=True, help="formats")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder to write, a folder in it for each format")
    parser.add_argument("--masks", action="store_true", help="the masks too, not the boxes alone")
    add_reading(parser)


def run(arguments: argparse.Namespace) -> None:
    check_out(Path(arguments.out), arguments.to, arguments.images, arguments.annotations)
    check_own(Path(arguments.out), arguments.to)
    settings, allow = read_arguments(arguments, arguments.annotations)
    with TemporaryDirectory() as folder, screen() as watch:
        boxes, masks = Path(folder, "boxes.h5"), Path(folder, "masks.h5")
        with as_given(arguments.annotations):
            extract_boxes(settings, dataset=DATASET, allow=allow, job=Job(boxes))
            if arguments.masks:
                extract_masks(settings, dataset=DATASET, boxes=boxes, allow=allow, job=Job(masks))
        table = BoxTable([boxes])
        write_formats(
            arguments.to,
            lambda: true_masks(table, masks) if arguments.masks else map(boxes_alone, table.images),
            table.classes,
            Path(arguments.out),
            source=known_source(settings, arguments.to),
            made_by=described("convert", arguments, [arguments.annotations]),
            watch=watch,
            total=len(table),
        )
