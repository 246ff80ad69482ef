"""COCO's instances: masks as RLE, which loses nothing."""

import json
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from pycocotools import mask as rle

from lpg.annotations.coco_entries import has_mask
from lpg.annotations.exporters.annotated import Annotated
from lpg.annotations.exporters.coco_source import CocoSource
from lpg.annotations.turned import settle_turned
from lpg.files.atomic import replace_atomically
from lpg.jobs.facts import package_facts
from lpg.pixels.rle import encode

log = logging.getLogger(__name__)


def export_coco(
    photographs: Iterable[Annotated], classes: Sequence[str], folder: str | Path, source: Path | None = None
) -> None:
    """Write `<folder>/instances.json`.

    Arguments:
        classes: the class table, background first.
        source: the instances file that the boxes came from: all that it says is kept, ids, boxes, categories and
            fields of others, and every object that has a mask is given `segmentation`, `area` and `score`.
            Where some have masks, those that have none get an empty one.

    Raises:
        InputError: the source is of other objects now.
    """
    kept = CocoSource(source, classes) if source else _Fresh(classes)
    own: set[int] = set()
    for annotated in photographs:
        for index, item in enumerate(kept.objects(annotated)):
            if annotated.masks is not None:
                item.pop("score", None)  # of the mask or of the box before
                item |= _mask(annotated, index)
                own.add(id(item))
                settle_turned(item, annotated.image.boxes[index].astype(float).tolist())
    if source and own:
        others = sum(has_mask(item) and id(item) not in own for item in kept.content["annotations"])
        if others:
            log.warning("%d objects that were given no mask keep that of %s (and have no score)", others, source)
        kept.give_empty_masks()
    for item in kept.content["annotations"]:
        item.setdefault("segmentation", [])  # readers want the key
    with replace_atomically(Path(folder, "instances.json")) as partial:
        partial.write_bytes(_encoded(kept.content))


def _encoded(content: dict) -> bytes:
    try:
        return json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a letter, which a field of somebody's may hold as an escape, and no UTF-8
        return json.dumps(content).encode()


class _Fresh:
    """A file that nothing is known of but the photographs: their ids and those of their objects are counted.

    Attributes:
        content: all that it says.
    """

    def __init__(self, classes: Sequence[str]) -> None:
        self.content = _frame(classes)

    def objects(self, annotated: Annotated) -> list[dict]:
        """The entries of a photograph's boxes, in their order."""
        images, annotations = self.content["images"], self.content["annotations"]
        images.append(_image(annotated, len(images) + 1))
        first, indices = len(annotations) + 1, range(len(annotated.image.boxes))
        items = [_annotation(annotated, index, len(images), first + index) for index in indices]
        annotations += items
        return items


def _frame(classes: Sequence[str]) -> dict:
    categories = [{"id": number, "name": name} for number, name in enumerate(classes) if number]
    return {"info": {"lpg": package_facts()}, "images": [], "annotations": [], "categories": categories}


def _image(annotated: Annotated, number: int) -> dict:
    image = annotated.image
    return {"id": number, "file_name": annotated.file_name, "height": image.height, "width": image.width}


def _annotation(annotated: Annotated, index: int, image_id: int, key: int) -> dict:
    x0, y0, x1, y1 = annotated.image.boxes[index].astype(float).tolist()
    return {
        "id": key,
        "image_id": image_id,
        "category_id": int(annotated.image.class_ids[index]),
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "area": (x1 - x0) * (y1 - y0),
        "iscrowd": 0,
    }


def _mask(annotated: Annotated, index: int) -> dict:
    runs = encode(annotated.whole(index))
    score = {} if annotated.scores is None else {"score": round(annotated.scores[index], 4)}
    area = float(rle.area(runs))
    return {"segmentation": {"size": runs["size"], "counts": runs["counts"].decode()}, "area": area} | score
