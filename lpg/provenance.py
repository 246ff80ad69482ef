"""What made a file: code, settings and inputs, as digests. No torch here: the workflow reads this while it plans."""

import ast
import hashlib
import json
from functools import cache
from importlib import metadata
from pathlib import Path

PACKAGE = Path(__file__).parent
VERSION = "0.1.0"


def text_digest(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()


def settings_digest(settings: dict) -> str:
    """The same for equal settings, in whatever order they were written."""
    return text_digest(json.dumps(settings, sort_keys=True))


def file_digest(path: str | Path) -> str:
    """Of the bytes of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=12)).hexdigest()


@cache
def code_digest(script: str | Path) -> str:
    """Of the syntax, docstrings and comments left out, of a script and of every lpg module that it reaches."""
    reached: dict[str, str] = {}
    waiting = [Path(script)]
    while waiting:
        path = waiting.pop()
        if str(path) not in reached:
            tree = _without_docstrings(ast.parse(path.read_text()))
            reached[str(path)] = ast.dump(tree)
            waiting += _imported_modules(tree)
    return text_digest(*(f"{Path(path).name} {dump}" for path, dump in sorted(reached.items())))


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return tree


def _imported_modules(tree: ast.Module) -> list[Path]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == PACKAGE.name:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names if alias.name.split(".")[0] == PACKAGE.name]
    paths = []
    for name in names:
        stem = PACKAGE.parent.joinpath(*name.split("."))
        paths += [path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()]
    return paths


def describe(*, rule: str, settings: dict, code: str, inputs: list[str]) -> dict:
    """What goes into the attributes of every file: everything that its content depends on."""
    return {
        "lpg_version": VERSION,
        "rule": rule,
        "settings": json.dumps(settings, sort_keys=True),
        "settings_digest": settings_digest(settings),
        "code_digest": code,
        "input_digests": {str(path): file_digest(path) for path in inputs},
    }


def training_digest(provenance: dict) -> str:
    """Of settings, code, the contents of the inputs, and torch: what a training state must share to be resumed."""
    contents = sorted(provenance["input_digests"].values())
    torch_version = metadata.version("torch")
    return text_digest(provenance["settings_digest"], provenance["code_digest"], torch_version, *contents)
