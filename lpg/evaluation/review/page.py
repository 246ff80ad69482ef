"""The page itself: what it is told, and its text, style and scripts in one file."""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Self

from jinja2 import Environment, PackageLoader

from lpg.files.atomic import replace_atomically, worded
from lpg.generators.opening import PLAIN_METHODS

log = logging.getLogger(__name__)

BLOCK = 1 << 16  # bytes that are copied at once
CHUNK = 500  # boxes whose masks are loaded at once
# In the order in which they are run.
SCRIPTS = ("rle.js", "draw.js", "places.js", "store.js", "tiles.js", "zoom.js", "page.js")
NEVER = ("boxes", "boxes_ignore")  # methods that are no way to a better mask
METHODS = tuple(name for name in PLAIN_METHODS if name not in NEVER)


class Columns:
    """What the page knows of every box before its masks are loaded, a list per fact.

    There may be a million boxes: it is kept as the text that it will be, in files without a name beside the page.

    Attributes:
        classes: that any box has.

    Arguments:
        folder: of the page; it is there.
    """

    def __init__(self, folder: Path) -> None:
        self.classes: set[str] = set()
        self._folder, self._count, self._open = folder, 0, ExitStack()
        self._facts: dict[str, IO[bytes]] = {}
        self._keys: dict[str, IO[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with worded(self._folder):  # closing writes what waits
            self._open.close()

    def __len__(self) -> int:
        return self._count

    def add(self, facts: Mapping[str, object]) -> None:
        """Add the facts of one box; `image`, `object` and `class` are among them."""
        self._count += 1
        self.classes.add(facts["class"])
        for name, value in facts.items():
            self._append(self._facts, name, ",", _script_text(value))
        for name in ("image", "object"):
            self._append(self._keys, name, ", ", json.dumps(facts[name]))

    def _append(self, files: dict[str, IO[bytes]], name: str, comma: str, text: str) -> None:
        if name not in files:
            files[name], comma = TemporaryFile(dir=self._folder), ""  # noqa: SIM115, the stack closes it
            self._open.enter_context(files[name])
        with worded(self._folder):
            files[name].write(f"{comma}{text}".encode())

    def key(self, title: str) -> str:
        """The key under which a browser keeps what is decided: `text_digest(title, json.dumps([images, objects]))`.

        The same objects are the same work, whatever their masks are by now.
        """
        digest = hashlib.blake2b(f"{title}\0".encode(), digest_size=12)
        for before, name in (("[[", "image"), ("], [", "object")):
            digest.update(before.encode())
            for block in self._blocks(self._keys[name]) if len(self) else ():
                digest.update(block)
        digest.update(b"]]")
        return digest.hexdigest()

    def parts(self) -> Iterator[bytes]:
        """The text of the facts of all boxes, an object of lists, in parts."""
        for number, (name, file) in enumerate(self._facts.items()):
            yield f"{',' if number else ''}{_script_text(name)}:[".encode()
            yield from self._blocks(file)
            yield b"]"

    def _blocks(self, file: IO[bytes]) -> Iterator[bytes]:
        with worded(self._folder):
            file.seek(0)  # which writes what waits
        while block := file.read(BLOCK):
            yield block


def write_page(
    folder: Path,
    columns: Columns,
    classes: Sequence[str],
    stages: Sequence[str],
    title: str,
    rated: bool,
) -> None:
    """Write `masks.js` and `index.html`, the page itself last.

    Arguments:
        columns: of all boxes.
        classes: the class table; those that no box has are left out.
        rated: whether the risks are those of `quality.tsv`.
    """
    about = {
        "title": title,
        "key": columns.key(title),
        "stages": stages,
        "methods": METHODS,
        "rated": rated,
        "chunk": CHUNK,
        "classes": [name for name in classes if name in columns.classes],
    }
    with replace_atomically(folder / "masks.js") as partial, partial.open("wb") as file:
        file.write(f'window.REVIEW={_script_text(about)[:-1]},"columns":{{'.encode())
        file.writelines(columns.parts())
        file.write(b"}};")
    templates = Environment(loader=PackageLoader("lpg.evaluation.review"), autoescape=True)
    source = {name: templates.loader.get_source(templates, name)[0] for name in ("review.css", *SCRIPTS)}
    page = templates.get_template("index.html").render(
        title=title, style=source["review.css"], scripts=[source[name] for name in SCRIPTS]
    )
    with replace_atomically(folder / "index.html") as partial:
        partial.write_text(page, encoding="utf-8")
    log.info("%d masks to look at: %s", len(columns), folder / "index.html")


def write_script(path: Path, pattern: str, value: object) -> None:
    """Write a value as a script, for a page on disk may not fetch files."""
    before, after = pattern.split("{}")
    with replace_atomically(path) as partial:
        partial.write_text(f"{before}{_script_text(value)}{after}", encoding="utf-8")


def _script_text(value: object) -> str:
    """A value as JSON; `<` is escaped, wherever the text may end up."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")
