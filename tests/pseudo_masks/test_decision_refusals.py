"""What a file of decisions may not say."""

import json

import numpy as np
import pytest
from PIL import Image

from lpg.errors import InputError
from lpg.pseudo_masks.decision_files import read_decisions

RUNS = {"size": [6, 8], "counts": [47, 1]}


def page(*decisions: object) -> dict:
    return {"lpg_decisions": 1, "decisions": list(decisions)}


def coco(image: dict | None = None, name: object = "cat") -> dict:
    item = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": RUNS}
    images = [{"id": 1, "file_name": "a.jpg", "height": 6, "width": 8, **(image or {})}]
    return {"images": images, "annotations": [item], "categories": [{"id": 1, "name": name}]}


REJECT = {"image": "a", "object_id": 1, "decision": "reject"}


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        ({"lpg_decisions": 1, "decisions": 5}, ": its decisions are no list; save it again"),
        ({"lpg_decisions": 1, "decisions": None}, ": its decisions are no list; save it again"),
        (page(7), ", decision 1 has no image, object_id or decision"),
        (page(REJECT | {"image": ["a"]}), r", decision 1: \['a'\] or 1 is no name"),
        (page(REJECT | {"object_id": {}}), r", decision 1: 'a' or {} is no name"),
        (
            page(REJECT | {"decision": "accept", "mask": {"size": [2**32] * 2, "counts": []}}),
            r"cannot be read \(4294967296 is",
        ),
        (page(REJECT | {"decision": "accept", "mask": None}), ", decision 1 accepts no mask; save it again"),
        (coco({"height": 10**9, "width": 10**9}), None),
        (coco({"file_name": ""}), None),
        (coco(name=["cat"]), r", annotation 1: \['cat'\] is no class"),
        ("[" * 10**5, r" cannot be read as JSON \(maximum recursion depth"),
    ],
)
def test_refusals(tmp_path, content, refusal):
    path = tmp_path / "decisions.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    if refusal is None:  # run lengths have a size of their own; and an entry may be about no photograph at hand
        assert len(read_decisions([path])[0]) == 1
        return
    with pytest.raises(InputError, match=rf"decisions\.json{refusal}" if not refusal.startswith("cannot") else refusal):
        read_decisions([path])


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (np.uint16, r"a__1\.png has pixels of more than 8 bits \(mode I;16\); convert it to 8-bit RGB or grey$"),
        (None, r"a__1\.png cannot be read \(it is none of JPEG, .*\); replace the file$"),
    ],
)
def test_a_picture_that_cannot_be_read_is_gone_on_without_by_no_permission(tmp_path, kind, sentence):
    """`skip_unreadable` is about photographs, and whoever gives it for a decision would lose those."""
    path = tmp_path / "a__1.png"
    path.write_bytes(b"no picture") if kind is None else Image.fromarray(np.ones((6, 8), kind)).save(path)
    with pytest.raises(InputError, match=sentence) as refusal:
        read_decisions([path])
    assert refusal.value.permission is None
