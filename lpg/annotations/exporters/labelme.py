"""labelme: a JSON a photograph; every part of an object is a polygon, and parts of one object share their group."""

import json
from collections.abc import Iterable, Sequence
from os.path import relpath
from pathlib import Path

from lpg.annotations.exporters.annotated import Annotated, say_left_out
from lpg.annotations.exporters.turning import all_upright
from lpg.files.atomic import replace_atomically
from lpg.pixels.polygons import outlines


def export_labelme(
    photographs: Iterable[Annotated], classes: Sequence[str], folder: str | Path, source: Path | None = None
) -> None:
    """Write `<folder>/<name>.json`, which points to the photograph where it lies. Holes are filled.

    An object with an empty mask is left out.
    """
    empty = 0
    for annotated in all_upright(photographs):
        empty += annotated.empty
        image, path = annotated.image, Path(folder, f"{annotated.image.name}.json")
        content = {
            "version": "5.5.0",
            "flags": {},
            "shapes": [shape for index in range(len(image.boxes)) for shape in _shapes(annotated, index, classes)],
            "imagePath": Path(relpath(image.path, path.parent.resolve())).as_posix(),  # `..` goes up from there
            "imageData": None,
            "imageHeight": image.height,
            "imageWidth": image.width,
        }
        with replace_atomically(path) as partial:
            partial.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
    say_left_out(empty)


def _shapes(annotated: Annotated, index: int, classes: Sequence[str]) -> list[dict]:
    image = annotated.image
    common = {"label": classes[image.class_ids[index]], "group_id": index + 1, "description": "", "flags": {}}
    if annotated.masks is None:
        corners = image.boxes[index].astype(float).reshape(2, 2).tolist()
        return [common | {"points": corners, "shape_type": "rectangle"}]
    rings = (ring + annotated.corner(index) for ring in outlines(annotated.masks[index]))
    return [common | {"points": ring.astype(float).tolist(), "shape_type": "polygon"} for ring in rings]
