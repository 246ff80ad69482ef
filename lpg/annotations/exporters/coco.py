"""COCO's instances: masks as RLE, which loses nothing."""

import json
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from pycocotools import mask as rle

from lpg.annotations.exporters.annotated import Annotated
from lpg.annotations.texts import read_json
from lpg.errors import InputError
from lpg.files.atomic import replace_atomically
from lpg.jobs.facts import package_facts
from lpg.photograph import Id
from lpg.pixels.runs import encode

log = logging.getLogger(__name__)


def export_coco(
    photographs: Iterable[Annotated], classes: Sequence[str], folder: str | Path, source: Path | None = None
) -> None:
    """Write `<folder>/instances.json`.

    Arguments:
        classes: the class table, background first.
        source: the instances file that the boxes came from: all that it says is kept, ids, boxes, categories and
            fields of others, and every object that has a mask is given `segmentation`, `area` and `score`.
    """
    content = read_json(source) if source else _frame(classes)
    known, own = {str(item["id"]): item for item in content["annotations"]}, set()
    for number, annotated in enumerate(photographs, start=1):
        if source is None:
            content["images"].append(_image(annotated, number))
        for index, key in enumerate(annotated.image.object_ids):
            if source is None:
                item = _annotation(annotated, index, number, len(known) + 1)
                content["annotations"].append(item)
                known[str(item["id"])] = item
            else:
                item = _of_source(known, key, source)
            item |= _mask(annotated, index)
            own.add(str(item["id"]))
    for item in content["annotations"]:
        item.setdefault("segmentation", [])  # readers want the key
    others = sum(bool(item.get("segmentation")) for key, item in known.items() if key not in own)
    if others:
        log.warning("%d masks of %s are its own, of objects that have none of ours (and no score)", others, source)
    with replace_atomically(Path(folder, "instances.json")) as partial:
        partial.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _of_source(known: dict[str, dict], key: Id, source: Path) -> dict:
    if str(key) not in known:
        raise InputError(f"{source} has no object {key} any more", "restore it, or make the masks again")
    return known[str(key)]


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
    if annotated.masks is None:
        return {}
    runs = encode(annotated.whole(index))
    score = {} if annotated.scores is None else {"score": round(annotated.scores[index], 4)}
    area = float(rle.area(runs))
    return {"segmentation": {"size": runs["size"], "counts": runs["counts"].decode()}, "area": area} | score
