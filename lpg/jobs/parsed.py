"""What a Python file imports and does, without what it says to people. Remembered beside Python's own compiled files.

To parse a hundred modules was a fifth of the demo's plan, and most of them are the same as a minute ago.
"""

import ast
import atexit
import contextlib
import json
import os
import re
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import NamedTuple

from lpg.jobs.provenance import file_digest, text_digest

LOGGERS = {"log", "logging", "logger"}
FILE_NAME = re.compile(r"[\w.-]+\.\w{2,4}")
MEMORY = Path(cache_from_source(__file__)).with_suffix(".json")  # in __pycache__, one for each version of Python


class Parsed(NamedTuple):
    """What is known of a Python file.

    The names that it imports, relative ones with their dots, the digest of its code, and those of its texts that may be
    the names of files.
    """

    imports: list[str]
    digest: str
    files: list[str]


@cache
def parse(path: Path) -> Parsed:
    """What a file imports and does."""
    (known, new), key, look = _remembered(), str(path.resolve()), path.stat()
    seen = [look.st_mtime_ns, look.st_size]
    if known.get(key, [None])[0] != seen:
        tree = silenced(path)
        known[key] = [seen, _imported(tree), text_digest(ast.dump(tree)), _file_names(tree)]
        new.append(key)
    return Parsed(*known[key][1:])


def silenced(path: Path) -> ast.AST:
    """A file without what it says to people."""
    return _Silenced().visit(ast.parse(path.read_text()))


@cache
def _remembered() -> tuple[dict[str, list], list[str]]:
    """What is remembered of files, by path: time and size, and what was parsed; and the paths that are parsed anew.

    What another version of this module knew is gone.
    """
    by, files, new = file_digest(__file__), {}, []
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(MEMORY.read_text())
        files = kept["files"] if kept["by"] == by else {}
    atexit.register(_keep, MEMORY, by, files, new)
    return files, new


def _keep(memory: Path, by: str, files: dict[str, list], new: list[str]) -> None:
    """Write what is remembered for the next process, if it is new; where it cannot be written, that parses anew."""
    if not new:
        return
    files = {path: known for path, known in files.items() if os.path.exists(path)}
    partial = memory.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):
        memory.parent.mkdir(exist_ok=True)
        partial.write_text(json.dumps({"by": by, "files": files}))
        os.replace(partial, memory)


def _imported(tree: ast.Module) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            inside = f"{base}." if node.module else base
            names += [base, *(inside + alias.name for alias in node.names)]
    return [*dict.fromkeys(names)]


def _file_names(tree: ast.AST) -> list[str]:
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return sorted(filter(FILE_NAME.fullmatch, texts))


class _Silenced(ast.NodeTransformer):
    """Takes out of a module what it says to people."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_text else self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return _without_texts(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        of = node.func.value if isinstance(node.func, ast.Attribute) else None
        logs = isinstance(of, ast.Name) and of.id in LOGGERS
        named = node.func.id if isinstance(node.func, ast.Name) else ""
        return _without_texts(node) if logs or named.endswith("Error") else self.generic_visit(node)


def _without_texts(node: ast.AST) -> ast.AST:
    """A refusal or a log call without its words; what permits to go on without it is none of them."""

    class Blank(ast.NodeTransformer):
        def visit_keyword(self, node: ast.keyword) -> ast.AST:
            return node if node.arg == "permission" else self.generic_visit(node)

        def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
            return ast.Constant("")

        def visit_Constant(self, node: ast.Constant) -> ast.AST:
            return ast.Constant("") if isinstance(node.value, str) else node

    return Blank().visit(node)
