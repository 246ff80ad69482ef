"""`lpg convert`: annotations of one format in another, boxes or masks."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from lpg.annotations.exporters.annotated import Annotated
from lpg.annotations.exporters.registry import EXPORTERS
from lpg.annotations.extraction import check_boxes
from lpg.annotations.guess import guess_settings
from lpg.annotations.reader import Reader, open_reader
from lpg.annotations.registry import FORMATS
from lpg.classes import BACKGROUND
from lpg.commands.screen import screen


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--images", required=True, metavar="DIR", help="folder of the photographs")
    parser.add_argument("--annotations", required=True, metavar="FILE_OR_DIR", help="as your tool writes them")
    parser.add_argument("--format", choices=FORMATS, help="of the annotations; seen from their content by default")
    parser.add_argument("--to", nargs="+", choices=EXPORTERS, required=True, help="formats")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder to write, a folder in it for each format")
    parser.add_argument("--masks", action="store_true", help="the masks too, not the boxes alone")
    parser.add_argument("--clip-boxes", action="store_true", help="cut boxes that leave their photograph")


def run(arguments: argparse.Namespace) -> None:
    settings = guess_settings(Path(arguments.images), Path(arguments.annotations), arguments.format)
    with screen() as watch:
        reader = open_reader(settings, "the annotations")
        names = reader.names()
        for name in arguments.to:
            photographs = _annotated(reader, watch(names, f"as {name}"), arguments)
            EXPORTERS[name].open()(photographs, (BACKGROUND, *reader.class_names), Path(arguments.out, name))


def _annotated(reader: Reader, names: Iterator[str], arguments: argparse.Namespace) -> Iterator[Annotated]:
    for name in names:
        image = check_boxes(reader.record(name), reader.class_names, clip=arguments.clip_boxes)
        if not arguments.masks:
            yield Annotated(image)
            continue
        whole = reader.instance_masks(image)
        masks = [mask[inside] > 0 for mask, inside in zip(whole, image.inside, strict=True)]
        yield Annotated(image, masks, reader.label_map(image))
