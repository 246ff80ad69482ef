"""Valid inputs, and what becomes of them: bytes, lines, the trees of JSON and YAML, and XML."""

import copy
import struct
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from hostile import nasty
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

EDITS = st.integers(1, 3)
INTEGERS = [struct.pack(f"<{kind}", 2 ** (8 * struct.calcsize(kind)) - minus) for kind in "BHIQ" for minus in (1, 2)]
PIECES = st.one_of(st.binary(max_size=8), st.sampled_from([*INTEGERS, b"\0" * 16, b"\x7f\xff\xff\xff", b"\x80\0\0\0"]))
BLOCK = 512  # bytes that are moved or repeated


@st.composite
def mutated_bytes(draw: DrawFn, sources: SearchStrategy[bytes]) -> bytes:
    """Bytes overwritten, inserted, taken out, repeated, cut off."""
    content = draw(sources)
    for _ in range(draw(EDITS)):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        length = draw(st.integers(1, BLOCK))
        piece = draw(PIECES)
        content = {
            "over": content[:at] + piece + content[at + len(piece) :],
            "in": content[:at] + piece + content[at:],
            "out": content[:at] + content[at + length :],
            "again": content[: at + length] + content[at:],
            "cut": content[:at],
            "flip": content[:at] + bytes(byte ^ (1 << length % 8) for byte in content[at : at + 1]) + content[at + 1 :],
        }[draw(st.sampled_from(["over", "over", "flip", "flip", "in", "out", "again", "cut"]))]
    return content


@st.composite
def mutated_lines(draw: DrawFn, source: str, separators: str = ",") -> str:
    """Lines and cells replaced, taken out, repeated, swapped."""
    lines = source.split("\n")
    for _ in range(draw(EDITS)):
        at, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        cells = lines[at].split(separators)
        cells[draw(st.integers(0, len(cells) - 1))] = draw(nasty.texts)
        lines = {
            "cell": [*lines[:at], separators.join(cells), *lines[at + 1 :]],
            "line": [*lines[:at], draw(nasty.texts), *lines[at + 1 :]],
            "out": [*lines[:at], *lines[at + 1 :]] or [""],
            "again": [*lines, lines[at]],
            "swap": [*lines[:at], lines[other], *lines[at + 1 :]],
        }[draw(st.sampled_from(["cell", "cell", "cell", "line", "out", "again", "swap"]))]
    return "\n".join(lines)


@st.composite
def mutated_tree(draw: DrawFn, source: Any, values: SearchStrategy = nasty.values) -> Any:
    """Of lists and dictionaries: values replaced, taken out, repeated, put where others stand; keys renamed."""
    tree = {"root": copy.deepcopy(source)}
    for _ in range(draw(EDITS)):
        places = list(_places(tree))
        holder, key = draw(st.sampled_from(places))
        other, there = draw(st.sampled_from(places))
        action = draw(st.sampled_from(["value", "value", "value", "out", "again", "other", "key"]))
        if action == "value" or holder is tree:
            holder[key] = copy.deepcopy(draw(values))
        elif action == "out":
            del holder[key]
        elif action == "other":
            holder[key] = copy.deepcopy(other[there])
        elif isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[draw(nasty.names)] = holder.pop(key) if action == "key" else holder[key]
    return tree["root"]


def _places(holder: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
        yield holder, key
        if isinstance(holder[key], list | dict):
            yield from _places(holder[key])


XML_TEXTS = nasty.texts.map(lambda text: "".join(letter for letter in text if letter >= " " and letter < "\ud800"))


@st.composite
def mutated_xml(draw: DrawFn, source: str) -> str:
    """Texts, attributes and tags replaced; elements taken out, repeated, put below others."""
    root = ElementTree.fromstring(source)
    for _ in range(draw(EDITS)):
        parents = [node for node in root.iter() if len(node)]
        node = draw(st.sampled_from(list(root.iter())))
        parent, other = (draw(st.sampled_from(parents)) for _ in range(2)) if parents else (root, root)
        child = draw(st.sampled_from(list(parent))) if len(parent) else root
        match draw(st.sampled_from(["text", "text", "attribute", "attribute", "out", "again", "below", "tag"])):
            case "text":
                node.text = draw(XML_TEXTS)
            case "attribute" if node.attrib:
                node.set(draw(st.sampled_from(sorted(node.attrib))), draw(XML_TEXTS))
            case "out" if child is not root:
                parent.remove(child)
            case "again" | "below" if child is not root:
                other.append(copy.deepcopy(child))
            case "tag":
                node.tag = draw(st.sampled_from([each.tag for each in root.iter()]))
    return ElementTree.tostring(root, encoding="unicode")
