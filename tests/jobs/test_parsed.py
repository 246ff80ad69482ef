"""What is remembered of a Python file, and when it is looked at again."""

import json

import pytest

from lpg.jobs import parsed


@pytest.fixture
def memory(tmp_path, monkeypatch):
    """The file in which this test's processes keep what they know."""
    monkeypatch.setattr(parsed, "MEMORY", tmp_path / "cache" / "parsed.json")
    return parsed.MEMORY


def in_a_new_process(path) -> parsed.Parsed:
    """As `parse` answers there; what it has learned is kept at its end."""
    parsed.parse.cache_clear()
    parsed._remembered.cache_clear()
    files, new = parsed._remembered()
    answer = parsed.parse(path)
    parsed._keep(parsed.MEMORY, parsed.file_digest(parsed.__file__), files, new)
    return answer


def test_a_file_that_has_not_changed_is_not_parsed_again(tmp_path, memory, monkeypatch):
    path = tmp_path / "a.py"
    path.write_text("from .b import c\nimport d\n")
    first = in_a_new_process(path)
    assert first.imports == [".b", ".b.c", "d"]
    monkeypatch.setattr("ast.parse", None)
    assert in_a_new_process(path) == first


def test_a_changed_file_is(tmp_path, memory):
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    first = in_a_new_process(path)
    path.write_text("x = 12\n")
    assert in_a_new_process(path).digest != first.digest


@pytest.mark.parametrize("damage", ["", "[1]", '{"by": "another version", "files": {}}'])
def test_a_memory_that_says_nothing_is_made_anew(tmp_path, memory, damage):
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    first = in_a_new_process(path)
    memory.write_text(damage)
    assert in_a_new_process(path) == first
    assert str(path) in json.loads(memory.read_text())["files"]


def test_where_nothing_can_be_kept_it_parses_anew(tmp_path, monkeypatch):
    (tmp_path / "no folder").write_text("")
    monkeypatch.setattr(parsed, "MEMORY", tmp_path / "no folder" / "parsed.json")
    (tmp_path / "a.py").write_text("x = 1\n")
    assert in_a_new_process(tmp_path / "a.py").imports == []
