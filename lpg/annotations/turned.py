"""Boxes that are turned around their centre: what is around them is an object's box."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

Edges = tuple[float, float, float, float]


def around_turned(edges: Edges, degrees: float) -> Edges:
    """The box x0 y0 x1 y1 around one that is turned by so much, one way or the other."""
    if not degrees:
        return edges
    x0, y0, x1, y1 = edges
    cos, sin = abs(math.cos(math.radians(degrees))), abs(math.sin(math.radians(degrees)))
    across, down = ((x1 - x0) * cos + (y1 - y0) * sin) / 2, ((x1 - x0) * sin + (y1 - y0) * cos) / 2
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return x - across, y - down, x + across, y + down


def rotation_in(attributes: Any) -> float:
    """The degrees that CVAT writes among the attributes of a box in others' formats, for its edges are of before."""
    value = attributes.get("rotation") if isinstance(attributes, Mapping) else None
    try:
        degrees = float(value or 0)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return degrees if math.isfinite(degrees) else 0.0


def settle_turned(item: dict, edges: Sequence[float]) -> None:
    """Give an entry of COCO's whose box is turned the box around it, and no angle any more, for it has a mask now."""
    if rotation_in(item.get("attributes")):
        x0, y0, x1, y1 = edges
        item |= {"bbox": [x0, y0, x1 - x0, y1 - y0], "attributes": {**item["attributes"], "rotation": 0.0}}
