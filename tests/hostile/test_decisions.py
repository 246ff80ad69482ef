"""Files of decisions: the review page's, COCO's, PNGs; and what they are matched with."""

import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from conftest import photograph_of
from hostile import documents
from hostile.cases import attempt, cases
from hostile.mutations import mutated_bytes, mutated_tree
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pycocotools import mask as rle

from lpg.pseudo_masks.decision_files import read_decisions
from lpg.pseudo_masks.decision_matching import match_decisions

IMAGE = photograph_of(6, 8, [[1, 1, 5, 4], [2, 2, 4, 4]], [1, 2], name="tiny/a")
CLASSES = ("background", "zebra", "kite")
PAGE = {
    "lpg_decisions": 1,
    "decisions": [
        {"image": "tiny/a", "object_id": 1, "decision": "accept", "mask": documents.KITE, "class": "kite",
         "box": [2, 2, 4, 4]},
        {"image": "tiny/a", "object_id": 2, "decision": "redo", "method": "grabcut", "class": "zebra"},
        {"image": "tiny/a", "object_id": "2", "decision": "reject"},
    ],
}  # fmt: skip


def attempt_decisions(name: str, content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        found = attempt(lambda: match_decisions(read_decisions([path]), [IMAGE], CLASSES), [path], len(content))
    for position, entry in (found or {}).get("tiny/a", {}).items():
        assert position in (0, 1) and entry.decision in ("accept", "reject", "redo")
        if entry.mask:
            assert rle.decode(entry.mask).shape == (6, 8)


@cases(8_000)
@given(st.sampled_from([PAGE, documents.COCO]).flatmap(mutated_tree))
def test_json(content):
    attempt_decisions("decisions.json", json.dumps(content).encode())


@cases(2_000)
@given(mutated_bytes(st.sampled_from([PAGE, documents.COCO]).map(lambda content: json.dumps(content).encode())))
def test_broken_json(content):
    attempt_decisions("decisions.json", content)


def png(height: int, width: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((height, width), 255, np.uint8)).save(file, "PNG")
    return file.getvalue()


@cases(2_000)
@given(
    name=st.sampled_from(["a__1.png", "tiny__a__2.png", "__.png", "a__%00.png", "a__%FF.png", "b.png"]),
    content=mutated_bytes(st.sampled_from([png(6, 8), png(8, 6)])),
)
def test_pictures(name, content):
    attempt_decisions(name, content)
