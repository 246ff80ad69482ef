"""The page itself: what it is told, and its text, style and scripts in one file."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader

from lpg.files.atomic import replace_atomically
from lpg.generators.opening import PLAIN_METHODS
from lpg.jobs.provenance import text_digest

log = logging.getLogger(__name__)

CHUNK = 500  # boxes whose masks are loaded at once
# In the order in which they are run.
SCRIPTS = ("rle.js", "draw.js", "places.js", "store.js", "tiles.js", "zoom.js", "page.js")
NEVER = ("boxes", "boxes_ignore")  # methods that are no way to a better mask
METHODS = tuple(name for name in PLAIN_METHODS if name not in NEVER)


class Columns:
    """What the page knows of every box before its masks are loaded, a list per fact; kept as the text that it will be.

    Attributes:
        images, objects: the photograph and the key of every box.
        classes: that any box has.
    """

    def __init__(self) -> None:
        self.images: list[str] = []
        self.objects: list[int | str] = []
        self.classes: set[str] = set()
        self._texts: dict[str, bytearray] = {}

    def __len__(self) -> int:
        return len(self.images)

    def add(self, facts: Mapping[str, object]) -> None:
        """Of one box; `image`, `object` and `class` among them."""
        self.images.append(facts["image"])
        self.objects.append(facts["object"])
        self.classes.add(facts["class"])
        for key, value in facts.items():
            self._texts.setdefault(key, bytearray()).extend(b"," + _script_text(value).encode())

    def parts(self) -> Iterator[str]:
        """The text of all of them, an object of lists, in parts."""
        for number, (key, text) in enumerate(self._texts.items()):
            yield f"{',' if number else ''}{_script_text(key)}:["
            yield text[1:].decode()
            yield "]"


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
        # The same objects are the same work, whatever their masks are by now.
        "key": text_digest(title, json.dumps([columns.images, columns.objects])),
        "stages": stages,
        "methods": METHODS,
        "rated": rated,
        "chunk": CHUNK,
        "classes": [name for name in classes if name in columns.classes],
    }
    with replace_atomically(folder / "masks.js") as partial, partial.open("w", encoding="utf-8") as file:
        file.write(f'window.REVIEW={_script_text(about)[:-1]},"columns":{{')
        file.writelines(columns.parts())
        file.write("}};")
    templates = Environment(loader=PackageLoader("lpg.evaluation.review"), autoescape=True)
    source = {name: templates.loader.get_source(templates, name)[0] for name in ("review.css", *SCRIPTS)}
    page = templates.get_template("index.html").render(
        title=title, style=source["review.css"], scripts=[source[name] for name in SCRIPTS]
    )
    with replace_atomically(folder / "index.html") as partial:
        partial.write_text(page, encoding="utf-8")
    log.info("%d masks to look at: %s", len(columns), folder / "index.html")


def write_script(path: Path, pattern: str, value: object) -> None:
    """A value as a script, for a page on disk may not fetch files; `<` is escaped wherever the text may end up."""
    before, after = pattern.split("{}")
    with replace_atomically(path) as partial:
        partial.write_text(f"{before}{_script_text(value)}{after}", encoding="utf-8")


def _script_text(value: object) -> str:
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")
