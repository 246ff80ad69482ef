"""Which code a job runs, as a digest: an edit runs again what it affects, and nothing else. No torch here.

The digest follows every import of a script, relative ones and packages' `__init__` too, wherever it stands in a module.
Left out is what cannot change a result: comments, docstrings, the texts of errors and of log calls, and modules that
only speak, of progress or of what made a file (`SILENT`). A module called `registry`, with all that it imports, is a
table of which a job uses a line or two, so whoever plans adds the digests of those lines and of the modules that they
name, which are imported by name and reached by nobody else. Templates count with the module that names them.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lpg.jobs.lines import Line
from lpg.jobs.provenance import text_digest

PACKAGE = Path(__file__).parents[1]
REGISTRY = "registry.py"
# What they do ends up in no result: faults, progress, what made a file, that a file is whole, and whether a network
# that is there already is the one that is wanted.
SILENT = ("lpg/errors.py", "lpg/jobs/log.py", "lpg/jobs/provenance.py", "lpg/files/atomic.py", "lpg/training/kept.py")
TEMPLATES = "templates"  # a folder beside the modules whose strings name the files in it, or above them
LOGGERS = {"log", "logging", "logger"}


def code_digest(*paths: str | Path) -> str:
    """Of scripts or modules and of every module of the package that they reach."""
    modules = {module for path in paths for module in (Path(path), *reached_modules(path))}
    dumps = {_name(path): _dump(path) for path in modules if _counts(path)}
    return text_digest(*(f"{name} {dump}" for name, dump in sorted(dumps.items())))


def line_digest(line: Line) -> str:
    """Of one line of a registry, and of the module that it names."""
    module = PACKAGE.parent.joinpath(*line.module.split(".")).with_suffix(".py")
    return text_digest(code_digest(module), repr(line.identity()))


@cache
def reached_modules(path: str | Path) -> frozenset[Path]:
    """The files of the package that a script or module imports, directly or through others."""
    reached: set[Path] = set()
    waiting = [Path(path)]
    while waiting:
        new = set(_imports(waiting.pop())) - reached
        reached |= new
        waiting += [module for module in new if _counts(module)]
    return frozenset(reached)


def _counts(path: Path) -> bool:
    """Whether an edit of a module may change a result of those who import it."""
    return path.name != REGISTRY and _name(path) not in SILENT


@cache
def _imports(path: Path) -> tuple[Path, ...]:
    """What one file imports of the package: modules, and the `__init__` of every package on the way to them."""
    found: dict[Path, None] = {}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, path)
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            found |= dict.fromkeys(_files(name))
    return tuple(found)


def _absolute(node: ast.ImportFrom, path: Path) -> str:
    """The full name of the module that an import names, which may count dots from its own package."""
    if not node.level:
        return node.module or ""
    package = path.resolve().relative_to(PACKAGE.parent).parent.parts
    return ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])


def _files(name: str) -> Iterator[Path]:
    parts = name.split(".")
    if parts[0] != PACKAGE.name:
        return
    for depth in range(1, len(parts) + 1):
        stem = PACKAGE.parent.joinpath(*parts[:depth])
        for path in (stem / "__init__.py", stem.with_suffix(".py")):
            if path.is_file():
                yield path


def _name(path: Path) -> str:
    """As in the package; a script by its own name, for its folder is the clone's."""
    path = path.resolve()
    return str(path.relative_to(PACKAGE.parent)) if path.is_relative_to(PACKAGE) else path.name


@cache
def _dump(path: Path) -> str:
    tree = silenced(path)
    return "\n".join([ast.dump(tree), *(template.read_text() for template in templates_of(path, tree))])


def silenced(path: Path) -> ast.AST:
    """A module without what it says to people."""
    return _Silenced().visit(ast.parse(path.read_text()))


def templates_of(path: Path, tree: ast.AST) -> list[Path]:
    """Those that the strings of a module name; a template names others, which count with it."""
    known = [template for folder in (path.parent, path.parent.parent) for template in folder.glob(f"{TEMPLATES}/*")]
    if not known:
        return []
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    found = [template for template in known if template.name in texts]
    within = "".join(template.read_text() for template in found)
    return sorted({*found, *(other for other in known if f'"{other.name}"' in within)})


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
    class Blank(ast.NodeTransformer):
        def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
            return ast.Constant("")

        def visit_Constant(self, node: ast.Constant) -> ast.AST:
            return ast.Constant("") if isinstance(node.value, str) else node

    return Blank().visit(node)
