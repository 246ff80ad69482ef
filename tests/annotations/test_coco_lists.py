"""COCO's JSON entry by entry is what the json module makes of the whole, and so is what is wrong with it."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpg.annotations import coco_lists
from lpg.annotations.coco_lists import read_lists
from lpg.errors import InputError

KEYS = ["images", "annotations"]


class File(io.BytesIO):
    name = "a.json"


def lists(content: bytes) -> dict[str, list]:
    """All entries by key; each stands where it says."""
    found = {key: [] for key in KEYS}
    for key, value, start, stop in read_lists(File(content), KEYS):
        assert repr(json.loads(content[start:stop].decode())) == repr(value)
        found[key].append(value)
    return found


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@pytest.fixture(params=[1, 7, 1 << 16], autouse=True)
def block(request, monkeypatch) -> None:
    """The file is read in blocks of so many bytes."""
    monkeypatch.setattr(coco_lists, "BLOCK", request.param)


documents = st.builds(
    lambda content, others, ascii, indent, mark: (
        mark + json.dumps(others | content, ensure_ascii=ascii, indent=indent).encode("utf-8", "replace")
    ),
    st.fixed_dictionaries({key: st.lists(values, max_size=4) for key in KEYS}),
    st.dictionaries(st.sampled_from(["info", "licenses", "é"]), values),
    st.booleans(),
    st.sampled_from([None, 0, 2]),
    st.sampled_from([b"", coco_lists.MARK]),
)


@given(documents)
def test_entries_are_those_of_the_whole(content):
    whole = json.loads(content.decode("utf-8-sig"))
    assert repr(lists(content)) == repr({key: whole[key] for key in KEYS})


@given(documents, st.data())
def test_what_is_cut_off_is_refused_at_its_place(content, data):
    cut = content[: data.draw(st.integers(len(coco_lists.MARK), len(content) - 1))]
    with pytest.raises(InputError, match=r"a\.json is not (valid JSON|UTF-8) \(.*\)") as refused:
        lists(cut)
    with pytest.raises(ValueError) as error:
        json.loads(cut.decode("utf-8-sig"))
    if not isinstance(error.value, UnicodeDecodeError):
        assert f"({error.value})" in refused.value.fault


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'{"images": [12, 3.5e], "annotations": []}', r"not valid JSON \(Expecting ',' delimiter: line 1 column 20"),
        (b'{"images": [],\n\n "annotations": [} ', r"not valid JSON \(Expecting value: line 3 column 18 \(char 33\)\)"),
        (b'{"images": [], "annotations": []} []', r"not valid JSON \(Extra data: line 1 column 35 \(char 34\)\)"),
        (b'{"images": [], "annotations": [' + b"[" * 10**5, r"not valid JSON \(.*recursion"),
        (b'{"images": ["\xff"], "annotations": []}', r"not UTF-8 \(invalid start byte at byte 13\)"),
        (b"[1, 2]", "holds no object"),
        (b'{"images": []}', "has no 'annotations'"),
        (b'{"images": 3, "annotations": []}', "'images' is no list"),
        (b'{"images": [], "images": [], "annotations": []}', "has 'images' twice"),
    ],
)
def test_what_is_no_object_of_lists_is_refused(content, fault):
    with pytest.raises(InputError, match=fault):
        lists(content)


def test_what_is_malformed_is_refused_where_it_stands_and_the_rest_not_read():
    file = File(b'{"images": [{"id":01, "file_name": ["' + b'a", "' * 10**6)
    with pytest.raises(InputError, match=r"Expecting ',' delimiter: line 1 column 20 "):
        list(read_lists(file, KEYS))
    assert file.tell() <= 2 * (1 << 16)
