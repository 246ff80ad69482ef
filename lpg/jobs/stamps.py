"""What made an output, said in the output itself or beside it, once it is whole.

HDF5 files, checkpoints and graphs are told by those who write them. Here is the rest: a text in a PNG, a `<meta>` in a
page, a `provenance.json` in a folder, and a `<file>.provenance.json` beside what has no room, such as a table.
"""

import html
import json
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

NAME = "lpg"  # of the text in a PNG, and of the meta
FOLDER = "provenance.json"
BESIDE = ".provenance.json"
DEPTH = 4  # folders up to that of all, such as out/voc/ImageSets/Segmentation
TOLD = (".h5", ".pt", ".safetensors", ".onnx")  # by their writers
SIGNATURE, HEADER = b"\x89PNG\r\n\x1a\n", 33  # a PNG's; its bytes to the end of the first chunk, which says its size
META = re.compile(rf'<meta name="{NAME}" content="([^"]*)">')


def stamp(outputs: Iterable[str | Path], provenance: dict) -> None:
    """Say in every output, or beside it, what made it. What is not there is passed over; all of a folder is ours."""
    text = json.dumps(provenance, sort_keys=True)
    for path in map(Path, outputs):
        if path.is_dir():
            stamp_folder(path, provenance)
            for page in sorted(path.glob("*.html")):
                _stamp_page(page, text)
        elif path.is_file() and path.suffix not in TOLD:
            _stamp_file(path, text, provenance)


def stamp_folder(folder: Path, provenance: dict) -> None:
    """Say in a folder, in which others may have files too, what made ours."""
    _replace(folder / FOLDER, _lines(provenance))


def stamp_beside(path: Path, provenance: dict) -> None:
    """Say beside a file, or a folder in which a tool expects no other file, what made it."""
    _replace(beside(path), _lines(provenance))


def beside(path: Path) -> Path:
    """Where that is said."""
    return path.parent / (path.name + BESIDE)  # `/` has no name


def _stamp_file(path: Path, text: str, provenance: dict) -> None:
    match path.suffix:
        case ".png":
            _stamp_picture(path, text)
        case ".html":
            _stamp_page(path, text)
            if path.name == "index.html":  # the page of a folder, whose other files have no room
                stamp_folder(path.parent, provenance)
        case _:
            stamp_beside(path, provenance)


def read_stamp(path: Path) -> dict:
    """What `stamp` said of a file, or of the folder that it lies in; nothing where nobody has."""
    if path.suffix == ".png" and path.is_file() and (text := _text_of_picture(path)):
        return json.loads(text)
    if path.suffix == ".html" and path.is_file() and (found := META.search(path.read_text(encoding="utf-8"))):
        return json.loads(html.unescape(found[1]))
    folders = [path] if path.is_dir() else list(path.absolute().parents)[:DEPTH]
    said = ((folder / FOLDER, beside(folder)) for folder in folders)
    places = [beside(path), *(place for both in said for place in both)]
    return next((json.loads(place.read_text()) for place in places if place.is_file()), {})


def _stamp_page(path: Path, text: str) -> None:
    page = META.sub("", path.read_text(encoding="utf-8"))
    meta = f'<meta name="{NAME}" content="{html.escape(text)}">'
    _replace(path, page.replace("<head>", f"<head>{meta}", 1).encode())


def _stamp_picture(path: Path, text: str) -> None:
    content = path.read_bytes()
    if content.startswith(SIGNATURE) and not _text_of_picture(path):
        _replace(path, content[:HEADER] + text_chunk(NAME, text) + content[HEADER:])


def text_chunk(name: str, text: str) -> bytes:
    """The tEXt chunk of a PNG; the text is ASCII, as `json.dumps` writes it."""
    body = b"tEXt" + name.encode() + b"\0" + text.encode("ascii")
    return (len(body) - 4).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)


def _text_of_picture(path: Path) -> str:
    wanted = NAME.encode() + b"\0"
    texts = (data for kind, data in _chunks(path) if kind == b"tEXt" and data.startswith(wanted))
    return next(texts, wanted)[len(wanted) :].decode()


def _chunks(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """Kind and data of the chunks before the pixels."""
    with path.open("rb") as file:
        if file.read(len(SIGNATURE)) != SIGNATURE:
            return
        while (head := file.read(8))[4:] not in (b"IDAT", b"IEND", b""):
            yield head[4:], file.read(int.from_bytes(head[:4]))
            file.read(4)


def _lines(provenance: dict) -> bytes:
    return (json.dumps(provenance, indent=1, sort_keys=True) + "\n").encode()


def _replace(path: Path, content: bytes) -> None:
    """Not by `lpg.files.atomic`, which stands above this chapter."""
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    os.replace(partial, path)
