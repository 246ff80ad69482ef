"""Ids of COCO's layout, by which annotations name images and categories."""

import json
import logging
from pathlib import Path

import numpy as np

from lpg.files.ragged import Names

log = logging.getLogger(__name__)


def positions_of(path: Path, named: Names, ids: Names, key: str, section: str) -> np.ndarray:
    """Where the entries stand that annotations name, int32 (annotations,); -1 where there is none.

    Text and a number are the same id, where one of the lists writes it as text.
    """
    found, matched = np.full(len(named), -1, dtype=np.int32), 0
    for number, text in enumerate(named):
        position = ids.last(text)
        if position is None:
            position = ids.last(_written_otherwise(text))
            matched += position is not None
        if position is not None:
            found[number] = position
    if matched:
        log.warning(
            "%s: the %s of %d annotations is text where the id in %s is a number, or the reverse: compared as text",
            path, key, matched, section,
        )  # fmt: skip
    return found


def repeated_ids(ids: Names) -> list[str]:
    """The ids that stand twice in a list, as JSON, each once: `7` and `"7"` are one."""
    texts = sum(map(_is_text, ids))
    mixed = filter(_is_text, ids) if 0 < texts < len(ids) else ()
    both = (text for text in mixed if (number := _written_otherwise(text)) != text and number in ids)
    return list(dict.fromkeys([*ids.repeated(), *both]))


def _is_text(text: str) -> bool:
    return text.startswith('"')


def _written_otherwise(text: str) -> str:
    """A number's JSON for that of its text, and the reverse."""
    value = json.loads(text)
    return json.dumps(str(value)) if not isinstance(value, str) else value if value.lstrip("-").isdecimal() else text
