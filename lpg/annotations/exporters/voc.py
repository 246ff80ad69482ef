"""PASCAL VOC: masks of classes and of objects as palette PNG, boxes as XML."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from lpg.annotations.exporters.annotated import Annotated
from lpg.classes import VOID
from lpg.errors import InputError
from lpg.files.atomic import replace_atomically
from lpg.pixels.pictures import write_palette_mask


def export_voc(
    photographs: Iterable[Annotated], classes: Sequence[str], folder: str | Path, source: Path | None = None
) -> None:
    """Write `SegmentationClass`, `SegmentationObject`, `Annotations`, `ImageSets/Segmentation/all.txt`, `classes.txt`.

    An object's number in `SegmentationObject` is its place in the XML. A pixel that several claim belongs to the class
    that the fusion gave it to, and to the smallest of that class's objects there.

    Raises:
        InputError: a photograph has more objects than 8 bits hold.
    """
    folder, names = Path(folder), []
    for annotated in photographs:
        names.append(annotated.image.name)
        _write_boxes(folder / "Annotations" / f"{annotated.image.name}.xml", annotated, classes)
        if annotated.masks is None:
            continue
        if len(annotated.masks) >= VOID:
            raise InputError(
                f"{annotated.image.path} has {len(annotated.masks)} objects, and SegmentationObject numbers {VOID - 1}",
                "export it as coco or png",
            )
        objects = annotated.objects().astype(np.uint8)
        objects[annotated.labels == VOID] = VOID
        for kind, labels in (("SegmentationObject", objects), ("SegmentationClass", annotated.labels)):
            with replace_atomically(folder / kind / f"{annotated.image.name}.png") as partial:
                write_palette_mask(partial, labels)
    for path, lines in (("ImageSets/Segmentation/all.txt", names), ("classes.txt", classes[1:])):
        with replace_atomically(folder / path) as partial:
            partial.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _write_boxes(path: Path, annotated: Annotated, classes: Sequence[str]) -> None:
    image, root = annotated.image, ElementTree.Element("annotation")
    _add(root, filename=annotated.file_name)
    _add(ElementTree.SubElement(root, "size"), width=image.width, height=image.height, depth=3)
    _add(root, segmented=int(annotated.masks is not None))
    for box, class_id in zip(image.boxes, image.class_ids, strict=True):
        item = ElementTree.SubElement(root, "object")
        _add(item, name=classes[class_id], pose="Unspecified", truncated=0, difficult=0)
        # VOC counts pixels from 1 and includes the last.
        x0, y0, x1, y1 = (f"{edge:.10g}" for edge in (box.astype(float) + np.array([1, 1, 0, 0])).round(2))
        _add(ElementTree.SubElement(item, "bndbox"), xmin=x0, ymin=y0, xmax=x1, ymax=y1)
    ElementTree.indent(root)
    with replace_atomically(path) as partial:
        ElementTree.ElementTree(root).write(partial, encoding="utf-8")


def _add(parent: ElementTree.Element, **texts) -> None:
    for tag, text in texts.items():
        ElementTree.SubElement(parent, tag).text = str(text)
