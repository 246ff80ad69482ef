"""The configuration's definition as a JSON schema and as the tables of docs/configuration.md.

python -m lpg.planning.reference    # writes both anew, from the root of the repository
"""

import ast
import inspect
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from lpg.generators.learned.recipe import Apply, BoxApply
from lpg.planning.configuration import (
    BoxEntry,
    Configuration,
    GallerySettings,
    ImageEntry,
    RunSettings,
    SegmenterEntry,
    TableSettings,
)
from lpg.planning.datasets import (
    Classes,
    CocoDataset,
    CsvDataset,
    CvatDataset,
    LabelmeDataset,
    VocDataset,
    VocXmlDataset,
    YoloDataset,
)
from lpg.training.recipe import Settings

SCHEMA = Path("workflow", "schemas", "config.schema.json")
PAGE = Path("docs", "configuration.md")

NULLABLE = ("long_side", "focus")

# The tables of the page: the block's forms by what the column `of` calls them; one form needs no column.
TABLES: dict[str, Mapping[str, type[Settings]]] = {
    "configuration": {"": Configuration},
    "datasets": {
        "coco": CocoDataset,
        "voc": VocDataset,
        "voc_xml": VocXmlDataset,
        "yolo": YoloDataset,
        "csv": CsvDataset,
        "labelme": LabelmeDataset,
        "cvat": CvatDataset,
    },
    "classes": {"": Classes},
    "segmenters": {"": SegmenterEntry},
    "generators": {"image": ImageEntry, "box": BoxEntry},
    "apply": {"image": Apply, "box": BoxApply},
    "runs": {"": RunSettings},
    "tables": {"": TableSettings},
    "gallery": {"": GallerySettings},
}


def schema() -> str:
    """The JSON schema of a configuration, for editors and other programs."""
    found = Configuration.model_json_schema()
    for block in _derived(Settings):
        described = found if block is Configuration else found["$defs"].get(block.__name__, {})
        texts = texts_of(block)
        for name, of in described.get("properties", {}).items():
            described["properties"][name] = dict(sorted((of | {"description": texts[name]}).items()))
    text = json.dumps(_without_null(found), indent=2, ensure_ascii=False)
    return re.sub(r"\\n *", " ", text) + "\n"


def _without_null(node: Any, key: str = "") -> Any:
    """A key may be left out, but nothing may stand behind it, but for recipes' keys that have null for a value."""
    if isinstance(node, list):
        return [_without_null(part) for part in node if part != {"type": "null"}]
    if not isinstance(node, dict) or key in NULLABLE:
        return node
    return {name: _without_null(part, name) for name, part in node.items() if (name, part) != ("default", None)}


def _derived(block: type[Settings]) -> Iterator[type[Settings]]:
    for one in block.__subclasses__():
        yield one
        yield from _derived(one)


def texts_of(block: type[Settings]) -> dict[str, str]:
    """What stands below the fields of a block, in its own class and in those that it derives from, by their keys."""
    texts = {}
    for each in reversed((block.part_of or block).__mro__[: -len(Settings.__mro__)]):
        (definition,) = ast.parse(inspect.getsource(each)).body
        for field, below in pairwise(definition.body):
            match field, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    texts[each.model_fields[name].alias or name] = inspect.cleandoc(text)
    return texts


def page(text: str) -> str:
    """The page with its tables made anew, each between `<!-- name -->` and `<!-- /name -->`."""
    for name, forms in TABLES.items():
        mark = re.compile(rf"<!-- {name} -->\n.*?<!-- /{name} -->", re.DOTALL)
        if len(mark.findall(text)) != 1:
            raise ValueError(f"docs/configuration.md must have <!-- {name} --> and <!-- /{name} --> once")
        text = mark.sub(lambda _, name=name, forms=forms: f"<!-- {name} -->\n{table(forms)}<!-- /{name} -->", text)
    return text


def table(forms: Mapping[str, type[Settings]]) -> str:
    """A row for every key of a block, with its default and what it says; markdown."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for form, block in forms.items():
        texts = texts_of(block)
        for name, field in block.model_fields.items():
            key = field.alias or name
            row = key, _default(field), re.sub(r"\s+", " ", texts.get(key, ""))
            rows.setdefault(row, []).append(form)
    several = len(forms) > 1
    lines = [*_lines([("key", "of", "default", "says")], several), "|" + " --- |" * (4 if several else 3)]
    for (key, default, says), of in rows.items():
        lines += _lines([(f"`{key}`", "" if len(of) == len(forms) else ", ".join(of), default, says)], several)
    return "\n".join(lines) + "\n"


def _lines(rows: Sequence[tuple[str, str, str, str]], several: bool) -> list[str]:
    return ["| " + " | ".join(row if several else (row[0], *row[2:])) + " |" for row in rows]


def _default(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True)
    if default is PydanticUndefined:
        return "required"
    if isinstance(default, Settings):
        default = default.model_dump(mode="json", exclude_none=True)
    if default in (None, {}):
        return "none"
    return _written(list(default) if isinstance(default, tuple) else default)


def _written(value: Any) -> str:
    """A value as YAML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_written(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def write() -> None:
    """Write the schema and the page, from the root of the repository."""
    for path, text in ((SCHEMA, schema()), (PAGE, page(PAGE.read_text()))):
        path.write_text(text)


if __name__ == "__main__":
    write()
