"""What the texts say of the package is true."""

import importlib
import re

import pytest
from conftest import ROOT

TEXTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def there(name: str) -> bool:
    """Whether `lpg.a.b.c` is a module, or something in one."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        module, _, attribute = name.rpartition(".")
        return "." in name and there(module) and hasattr(importlib.import_module(module), attribute)
    return True


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.name)
def test_every_name_of_the_package_is_there(text):
    content = text.read_text()
    named = set(re.findall(r"\blpg(?:\.[a-zA-Z_]+)+\b(?!\()", content))
    for module, names in re.findall(r"^from (lpg[.\w]*) import (.+)$", content, re.MULTILINE):
        named |= {f"{module}.{name.strip()}" for name in names.split(",")}
    assert [name for name in sorted(named) if not there(name)] == []


def test_the_texts_name_some():
    assert sum("lpg." in text.read_text() for text in TEXTS) > 2


# Folders with a file for each network, rival or format, as the map says of them.
ONE_FOR_EACH = ("networks", "generators/baselines", "annotations/exporters")


def test_the_map_names_every_module():
    map_of = (ROOT / "CONTRIBUTING.md").read_text().split("### Module map")[1].split("\n### ")[0]
    named = set(re.findall(r"`(?:[\w]+/)*(\w+)/?`", map_of))
    modules = {path.relative_to(ROOT / "lpg") for path in (ROOT / "lpg").rglob("*.py") if path.stem != "__init__"}
    listed = {path for path in modules if not any(path.is_relative_to(folder) for folder in ONE_FOR_EACH)}
    assert len(listed) > 100
    assert sorted(str(path) for path in listed if path.stem not in named) == []
