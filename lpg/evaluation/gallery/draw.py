"""A gallery: pages of photographs with boxes, masks of every stage, segmentation and ground truth."""

import base64
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lpg.classes import merge
from lpg.evaluation.gallery.choices import Choice, by_iou, by_risk, choose
from lpg.evaluation.gallery.columns import Files, Painter, columns_of
from lpg.evaluation.gallery.segmented import Segmenter
from lpg.evaluation.gallery.sheet import Row, write_sheet
from lpg.evaluation.pages import write_page
from lpg.files.atomic import replace_folder
from lpg.files.boxes import BoxTable, merged_classes
from lpg.files.label_maps import LabelMaps
from lpg.jobs.log import track

PAGE = 12  # photographs
ABOUT_IOU = "IoU is the mean over the classes in a photograph, in per cent, of the masks of the last stage shown."
ABOUT_RISK = "Risk, from 0 to 1, is that of the riskiest box of a photograph."
SIDE, SHEET_SIDE = 640, 320  # pixels of the long side of a picture, on a page and on the sheet


def draw_gallery(
    *,
    title: str,
    boxes: Files,
    truth: Files,
    pseudo_masks: Files,
    segmentations: Files,
    segmenter: Segmenter | None = None,
    quality: Files = (),
    refined: bool,
    images: int,
    worst: int,
    seed: int,
    sheet: str | Path,
    folder: str | Path,
) -> None:
    """Write the gallery as pages, `<folder>/index.html`, `page_2.html`, …, and its first page as one picture, `sheet`.

    Of every dataset `images` photographs are drawn by `seed`, the same for every stage, then come the `worst` of the
    others: by IoU where there is ground truth, else by risk where it is known.

    Arguments:
        title: of the pages.
        boxes: `boxes.h5` of the datasets that are looked at.
        truth, segmentations, quality: `masks.h5`, `segmentations.h5` and `quality.tsv` of some of them.
        segmenter: shows what it makes of photographs that have no segmentations; without it nothing is shown of them.
        pseudo_masks: labels^1 to labels^k, of each the files of all the datasets, in the order of `boxes`.
        refined: whether the pseudo masks are those after a dense CRF; their titles say so.
    """
    named = merged_classes([*boxes, *pseudo_masks, *segmentations, *truth])
    table = BoxTable(boxes, merge([named, segmenter.classes]) if segmenter else named)
    stages = [pseudo_masks[start : start + len(boxes)] for start in range(0, len(pseudo_masks), len(boxes))]
    kind = "mask after CRF" if refined else "pseudo mask"
    columns = columns_of(table, stages=stages, segmentations=segmentations, segmenter=segmenter, truth=truth, kind=kind)
    last = LabelMaps(stages[-1], table.classes)
    iou = [by_iou(LabelMaps(truth, table.classes), last, len(table.classes))] if truth else []
    chosen = list(choose(table.names, [*iou, by_risk(quality)], images=images, worst=worst, seed=seed))
    pages = [chosen[start : start + PAGE] for start in range(0, len(chosen), PAGE)]
    about = [*([ABOUT_IOU] if truth else []), *([ABOUT_RISK] if quality else [])]
    with replace_folder(folder) as partial:  # of an earlier gallery there may be more pages
        _write_pages(partial, pages, Painter(table, columns, SIDE), title=title, about=" ".join(about))
    painter = Painter(table, columns, SHEET_SIDE)
    write_sheet(sheet, _rows(painter, pages[0]), painter.legend(), SHEET_SIDE)


def _write_pages(folder: Path, pages: Sequence[Sequence[Choice]], painter: Painter, **texts: str) -> None:
    names = ["index.html", *(f"page_{number}.html" for number in range(2, len(pages) + 1))]
    sections = [(one.heading, name) for page, name in zip(pages, names, strict=True) for one in page if one.heading]
    for number, page in enumerate(track(pages, "pages"), start=1):
        painter.seen.clear()
        write_page(
            folder / names[number - 1],
            "gallery.html",
            rows=[_as_html(row) for row in _rows(painter, page)],
            legend=painter.legend(),
            **{"page": number, "names": names, "sections": sections, **texts},
        )


def _rows(painter: Painter, page: Sequence[Choice]) -> list[Row]:
    return [Row(one.name, one.note, painter.pictures(painter.table[one.name]), one.heading) for one in page]


def _as_html(row: Row) -> dict[str, Any]:
    pictures = {
        title: {"uri": _uri(picture), "width": picture.shape[1], "height": picture.shape[0]}
        for title, picture in row.pictures.items()
    }
    return {"name": row.name, "note": row.note, "heading": row.heading, "pictures": pictures}


def _uri(picture: np.ndarray) -> str:
    """The address of a picture that stands in the page itself, as a JPEG."""
    content = BytesIO()
    Image.fromarray(picture).save(content, format="JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(content.getvalue()).decode()
