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
