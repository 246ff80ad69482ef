"""The review page: masks that a person accepts, rejects or has made again, in a folder that needs no server."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import isnan
from pathlib import Path

from lpg.errors import InputError
from lpg.evaluation.quality_table import Ratings
from lpg.evaluation.review.page import CHUNK, Columns, write_page, write_script
from lpg.evaluation.review.pieces import Piece, cut_pieces
from lpg.files.boxes import BoxTable
from lpg.files.pseudo_masks import SoftMaskFile
from lpg.jobs.log import track
from lpg.jobs.processes import in_order
from lpg.photograph import Photograph

PARTS = "crops", "thumbnails", "masks"  # folders


def write_review(
    folder: str | Path,
    *,
    boxes: Sequence[str | Path],
    pseudo_masks: Mapping[str, Sequence[str | Path]],
    quality: Mapping[str, Sequence[str | Path]] | None = None,
    title: str = "Masks",
    processes: int = 1,
) -> None:
    """Write `index.html`, `masks.js`, and what they open: `masks/`, `crops/` and `thumbnails/`.

    `index.html` is written last. Other files in the folder are left alone.

    Arguments:
        boxes: `boxes.h5` of one or more datasets or shards.
        pseudo_masks: `pseudo_masks.h5` on these photographs, one or several, by the name of the stage; the last is
            shown first.
        quality: `quality.tsv` by the same names; masks without a row are sorted by their doubt (see `pieces.doubt`).
        title: of the page.
        processes: among which the photographs are shared.

    Raises:
        InputError: a stage lacks a photograph, or there is a quality of none of them.
    """
    quality = quality or {}
    for stage in quality.keys() - pseudo_masks.keys():
        raise InputError(f"there is a quality of stage {stage} and no masks", "give both by the same names")
    folder, table = Path(folder), BoxTable(boxes)
    folders = {kind: folder / kind for kind in PARTS}
    for path in folders.values():
        path.mkdir(parents=True, exist_ok=True)
    ratings = {stage: Ratings(quality.get(stage, ())) for stage in pseudo_masks}
    rows = _rows(table, pseudo_masks, folders, processes)
    with Columns(folder) as columns:
        for chunk in range(-(-sum(len(image.boxes) for image in table.images) // CHUNK)):
            masks = []
            for image, index, piece in islice(rows, CHUNK):
                masks.append(piece.masks)
                columns.add(_facts(table, image, index, piece, ratings))
            write_script(folders["masks"] / f"{chunk:04d}.js", f"Review.arrive({chunk},{{}});", masks)
        write_page(folder, columns, table.classes, list(pseudo_masks), title, rated=any(ratings.values()))


def _rows(
    table: BoxTable, pseudo_masks: Mapping[str, Sequence[str | Path]], folders: Mapping[str, Path], processes: int
) -> Iterator[tuple[Photograph, int, Piece]]:
    """Every box with its photograph and its position there."""
    stages = {stage: SoftMaskFile(paths) for stage, paths in pseudo_masks.items()}

    def arguments() -> Iterator[tuple]:
        first = 0
        for image in track(table.images, "photographs"):
            for stage, file in stages.items():
                if image.name not in file:
                    raise InputError(f"stage {stage} has no masks of {image.name}", "give the files of all photographs")
            soft = [file.boxes(image.name) for file in stages.values()]
            yield image, soft, first, folders, [file.object_from(image.name) for file in stages.values()]
            first += len(image.boxes)

    for image, pieces in zip(table.images, in_order(cut_pieces, arguments(), processes), strict=True):
        yield from ((image, index, piece) for index, piece in enumerate(pieces))


def _facts(
    table: BoxTable, image: Photograph, index: int, piece: Piece, ratings: Mapping[str, Ratings]
) -> dict[str, object]:
    """What the page knows of a box before its masks are loaded."""
    rated = [ratings[stage].get(image.name, index) for stage in ratings]
    return {
        "image": image.name,
        "object": image.object_ids[index],
        "class": table.classes[image.class_ids[index]],
        "size": [image.height, image.width],
        "inside": piece.inside,
        "window": piece.window,
        "filling": [round(value, 3) for value in piece.filling],
        "risk": [round(one.risk if one else doubt, 4) for one, doubt in zip(rated, piece.doubt, strict=True)],
        "score": [None if one is None or isnan(one.score) else one.score for one in rated],
        "note": [one.note if one else "" for one in rated],
    }
