"""What the numbers and colours of exported pictures mean."""

import json
from collections.abc import Sequence
from pathlib import Path

from lpg.classes import VOID
from lpg.pixels.pictures import voc_palette


def write_class_colours(path: str | Path, classes: Sequence[str]) -> None:
    """Write a JSON list of `id`, `name` and `colour` (`#800000`) of every class, the background first, and of void."""
    colours = [bytes(colour).hex() for colour in voc_palette().tolist()]
    named = [*enumerate(classes), (VOID, "void")]
    listed = [{"id": index, "name": name, "colour": f"#{colours[index]}"} for index, name in named]
    Path(path).write_text(json.dumps(listed, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
