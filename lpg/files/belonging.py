"""Whether masks are of the boxes that they are shown with: a mask is found by its place in a file, not by a name."""

import json
from collections.abc import Iterator
from pathlib import Path

from lpg.classes import canonical
from lpg.errors import InputError
from lpg.files.boxes import BoxTable
from lpg.files.hdf5 import class_table, iterate_strings, open_file, read_offsets
from lpg.files.ragged import Names
from lpg.photograph import Id


def check_belonging(masks: str | Path, boxes: str | Path) -> None:
    """Compare ids and classes of every photograph that a `pseudo_masks.h5` has with those of a `boxes.h5`.

    Raises:
        InputError: a photograph has other ones there, or is none.
    """
    table = BoxTable([boxes])
    for name, ids, classes in _photographs(masks):
        try:
            image = table[name]
        except KeyError:
            raise _strange(masks, boxes, f"{name} is not in it") from None
        own = sorted(table.classes[class_id] for class_id in image.classes)
        if list(map(str, image.object_ids)) != list(map(str, ids)):
            raise _strange(masks, boxes, f"of {name} it has the objects {_few(image.object_ids)}, not {_few(ids)}")
        if set(map(canonical, own)) != set(map(canonical, classes)):
            raise _strange(masks, boxes, f"on {name} it has {_few(own)}, not {_few(sorted(classes))}")


def _photographs(masks: str | Path) -> Iterator[tuple[str, list[Id], list[str]]]:
    """The name, the ids of the objects and the classes of every photograph."""
    with open_file(masks, "images/name", "boxes/object_id", "named/class_id") as file:
        table, class_ids = class_table(file), file["named/class_id"][:].tolist()
        texts = Names(iterate_strings(file, "boxes/object_id"))
        objects, named = (read_offsets(file, group).tolist() for group in ("boxes", "named"))
        for position, name in enumerate(iterate_strings(file, "images/name")):
            ids = [json.loads(texts[index]) for index in range(*objects[position : position + 2])]
            yield name, ids, [table[one] for one in class_ids[slice(*named[position : position + 2])]]


def _strange(masks: str | Path, boxes: str | Path, reason: str) -> InputError:
    return InputError(
        f"{masks} was made from other boxes than those in {boxes}: {reason}", "give the boxes.h5 that it was made from"
    )


def _few(values: list) -> str:
    """The first few values, for messages."""
    return ", ".join(map(str, values[:5])) + ", …" * (len(values) > 5)
