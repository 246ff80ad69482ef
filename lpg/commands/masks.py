"""`lpg masks`: a folder of photographs and their boxes become masks, in the formats of other tools."""

import argparse
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from lpg.annotations.exporters.registry import EXPORTERS
from lpg.annotations.extraction import extract_boxes
from lpg.annotations.image_folder import files_below
from lpg.annotations.opened import opened_files
from lpg.commands.decided import check_decisions
from lpg.commands.devices import add_device, check_device, chosen_machine
from lpg.commands.export import export_masks
from lpg.commands.exporting import check_own, written_in
from lpg.commands.files import ANOTHER, alone_in, check_cores, check_inputs, settings_of, sources_of
from lpg.commands.reading import DATASET, add_reading, check_out, read_arguments
from lpg.commands.record import described, record
from lpg.commands.review import review_masks
from lpg.commands.screen import screen
from lpg.commands.wording import as_given
from lpg.errors import InputError
from lpg.evaluation.quality import rate_masks
from lpg.files.boxes import BoxTable
from lpg.files.hdf5 import open_file
from lpg.files.moved import moved_or_changed
from lpg.generators.interface import Generator
from lpg.generators.opening import PLAIN_METHODS, open_learned, open_method
from lpg.generators.shipped import DEFAULT, SHIPPED, calibration_of, generator_path
from lpg.jobs.job import Job
from lpg.jobs.machine import Machine
from lpg.jobs.provenance import VERSION, file_digest, settings_digest
from lpg.pseudo_masks.shards import make_shards, shards_of

log = logging.getLogger(__name__)

QUICK = {"flip": False, "scale": 0.75}  # docs/shipped.md has what it costs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_reading(parser)
    parser.add_argument("--boxes", required=True, metavar="FILE_OR_DIR", help="the boxes, as your tool writes them")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder to write; the same again goes on there")
    maker = parser.add_mutually_exclusive_group()
    maker.add_argument(
        "--generator", default=DEFAULT, metavar="NAME_OR_FILE",
        help=f"{', '.join(SHIPPED)}, or a generator.pt of yours; {DEFAULT} by default",
    )  # fmt: skip
    maker.add_argument("--method", choices=PLAIN_METHODS, help="a method that has learned nothing instead")
    parser.add_argument(
        "--quick", action="store_true",
        help="general and disjoint look once at each box, smaller, in place of twice: about twice as fast, masks lose "
        "a point of IoU, and their scores are two or three too high",
    )  # fmt: skip
    parser.add_argument(
        "--export", action="extend", nargs="+", choices=EXPORTERS, metavar="FORMAT",
        help=f"what to write: {', '.join(EXPORTERS)}; coco by default",
    )  # fmt: skip
    parser.add_argument("--review", action="store_true", help="also a page to look through the masks, worst first")
    parser.add_argument(
        "--decisions", action="extend", nargs="+", default=[], metavar="FILE",
        help="what was decided on that page, or masks that were corrected: COCO, or a folder of PNGs",
    )  # fmt: skip
    parser.add_argument("--rejected", choices=("void", "boxes"), default="void", help="what becomes of rejected masks")
    add_device(parser)
    parser.add_argument("--cores", type=int, default=os.cpu_count(), metavar="N", help="all by default")


def run(arguments: argparse.Namespace) -> None:
    out, arguments.export = Path(arguments.out), arguments.export or ["coco"]
    _check(out, arguments)
    with screen() as watch, alone_in(out):
        check_decisions(arguments.decisions, arguments.rejected)
        made_by, generator = _generator(arguments)
        machine = Machine() if arguments.method else chosen_machine(arguments)
        boxes = _boxes(out, arguments)
        learned = [] if arguments.method else [generator_path(arguments.generator)]
        made = described("masks", arguments, [arguments.boxes, boxes, *learned, *arguments.decisions], machine)
        job = Job(out / "masks", made, processes=arguments.cores)
        quality = out / "quality.tsv"
        shards = make_shards(
            lambda: _opened(generator, machine.device, quality),
            made_by,
            boxes=boxes,
            job=job,
            watch=watch,
            decisions=arguments.decisions,
            rejected=arguments.rejected,
        )
        rate_masks(boxes=boxes, pseudo_masks=shards, path=quality, calibration=_calibration(arguments))
        export_masks(arguments.export, boxes, shards, quality, out, made, watch)
        pages = [review_masks(boxes, shards, quality, out / "review", arguments.cores)] if arguments.review else []
        record(out, made, *pages)
        _tell_older(out, arguments, shards)


def _opened(generator: Callable[[str], Generator], device: str, quality: Path) -> Generator:
    """The generator, for masks that are made now: what was known of those before is of them no more."""
    quality.unlink(missing_ok=True)
    return generator(device)


def _tell_older(out: Path, arguments: argparse.Namespace, shards: Sequence[Path]) -> None:
    """Warn of what an earlier command wrote of other masks: it stays, and would be taken for what it is not."""
    made = max(path.stat().st_mtime for path in shards)
    options = {name: f"--export {name}" for name in EXPORTERS if name not in arguments.export}
    options |= {} if arguments.review else {"review": "--review"}
    for name, option in options.items():
        times = [path.stat().st_mtime for path in written_in(out / name)]
        if times and max(times) < made:
            log.warning("%s is of the masks before these; with %s it is made anew", out / name, option)


def _check(out: Path, arguments: argparse.Namespace) -> None:
    """Refuse what can be known to be wrong before a photograph is read."""
    check_out(out, ("masks", "review", *arguments.export), arguments.images, arguments.boxes)
    check_inputs(out, arguments.export, arguments.decisions, "move yours out of there, so that nothing of it is lost")
    check_own(out, arguments.export)
    _check_quality(out)
    check_cores(arguments.cores)
    check_device(arguments)
    if arguments.quick and (arguments.method or arguments.generator not in SHIPPED):
        raise InputError(
            f"--quick is a way of {' and '.join(SHIPPED)}, and not of {arguments.method or arguments.generator}",
            "leave one of the two out",
        )


def _check_quality(out: Path) -> None:
    """Refuse a table that lpg masks did not write, and would write over."""
    if (out / "quality.tsv").exists() and not any((out / name).exists() for name in ("boxes.h5", "masks")):
        raise InputError(f"--out {out} has a quality.tsv, and no masks of lpg masks", ANOTHER)


def _boxes(out: Path, arguments: argparse.Namespace) -> Path:
    """`boxes.h5` of the photographs, made once for as long as they and their boxes stay as they are."""
    path = out / "boxes.h5"
    settings, allow = read_arguments(arguments, arguments.boxes)
    seen = settings_digest({"settings": settings, "allow": vars(allow), "files": _looks(settings, out)})
    if path.exists():
        with open_file(path) as file:
            if file.attrs.get("seen") == seen:
                return path
    provenance = described("masks", arguments, [arguments.boxes]) | {"settings": {"settings": settings}, "seen": seen}
    with TemporaryDirectory(dir=out, prefix=".reading-") as folder:
        read = Path(folder, path.name)
        with as_given(arguments.boxes):
            extract_boxes(settings, dataset=DATASET, allow=allow, job=Job(read, provenance))
        if path.exists():
            _check_same(path, read)
        with moved_or_changed(path):
            read.replace(path)
    return path


def _check_same(path: Path, read: Path) -> None:
    """Refuse boxes from elsewhere in the place of others; a dataset that was moved may come from anywhere."""
    before, now = (sources_of(settings_of(boxes)) for boxes in (path, read))
    if before and before != now and _made_of(path) != _made_of(read):
        raise InputError(f"{path.parent} holds masks of {' and '.join(before)}, not of {' and '.join(now)}", ANOTHER)


def _made_of(boxes: Path) -> list[str]:
    """The digests of photographs and boxes, wherever they are."""
    return [shard.made_of for shard in shards_of(boxes, BoxTable([boxes]), boxes.parent)]


def _looks(settings: dict, out: Path) -> list[tuple[str, int, int]]:
    """What would tell that photographs or annotations have changed, without reading them."""
    images, own = Path(settings["images"]), out.resolve()
    inside = own.is_relative_to(images)  # what is written there is none of the photographs
    photographs = (path for path in files_below(images, [""]) if not (inside and own in path.parents))
    files = sorted({*opened_files(settings), *(path for path in photographs if path.is_file())})
    looks = ((path, path.stat()) for path in files)
    return [(str(path), look.st_size, look.st_mtime_ns) for path, look in looks]


def _generator(arguments: argparse.Namespace) -> tuple[str, Callable[[str], Generator]]:
    """What tells the generator from others, and how it is opened on a device."""
    if arguments.method:
        return f"{arguments.method} with lpg {VERSION}", lambda device: open_method(arguments.method, {})
    path = generator_path(arguments.generator)
    made_by = f"{path.name} {file_digest(path)}{', quickly,' if arguments.quick else ''} with lpg {VERSION}"
    if arguments.generator in SHIPPED:
        return made_by, lambda device: open_learned(path, device, QUICK if arguments.quick else None)
    own = open_learned(path)  # refused, if it is, before a thousand photographs are read
    return made_by, own.to


def _calibration(arguments: argparse.Namespace) -> Path | None:
    return None if arguments.method else calibration_of(generator_path(arguments.generator))
