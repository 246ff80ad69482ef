"""The page itself: what it is told, and its text, style and scripts in one file."""

import json
import logging
from collections.abc import Mapping, Sequence
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


def write_page(
    folder: Path,
    columns: Mapping[str, list],
    classes: Sequence[str],
    stages: Sequence[str],
    title: str,
    rated: bool,
) -> None:
    """Write `masks.js` and `index.html`, the page itself last.

    Arguments:
        columns: what the page knows of every box before its masks are loaded, a list per fact.
        classes: the class table; those that no box has are left out.
        rated: whether the risks are those of `quality.tsv`.
    """
    named = set(columns["class"])
    about = {
        "title": title,
        # The same objects are the same work, whatever their masks are by now.
        "key": text_digest(title, json.dumps([columns["image"], columns["object"]])),
        "stages": stages,
        "methods": METHODS,
        "rated": rated,
        "chunk": CHUNK,
        "classes": [name for name in classes if name in named],
        "columns": columns,
    }
    write_script(folder / "masks.js", "window.REVIEW={};", about)
    templates = Environment(loader=PackageLoader("lpg.evaluation.review"), autoescape=True)
    source = {name: templates.loader.get_source(templates, name)[0] for name in ("review.css", *SCRIPTS)}
    page = templates.get_template("index.html").render(
        title=title, style=source["review.css"], scripts=[source[name] for name in SCRIPTS]
    )
    with replace_atomically(folder / "index.html") as partial:
        partial.write_text(page, encoding="utf-8")
    log.info("%d masks to look at: %s", len(columns["image"]), folder / "index.html")


def write_script(path: Path, pattern: str, value: object) -> None:
    """A value as a script, for a page on disk may not fetch files; `<` is escaped wherever the text may end up."""
    text = json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")
    before, after = pattern.split("{}")
    with replace_atomically(path) as partial:
        partial.write_text(f"{before}{text}{after}", encoding="utf-8")
