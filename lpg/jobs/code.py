"""Which code a job runs, as a digest: an edit runs again what it affects, and nothing else. No torch here.

The digest follows every import of a script, relative ones and packages' `__init__` too, wherever it stands in a module.
Left out is what cannot change a result: comments, docstrings, the texts of errors and of log calls, and some modules
(`SILENT`). A module called `registry`, with all that it imports, is a table of which a job uses a line or two, so
whoever plans adds the digests of those lines and of the modules that they name, which are imported by name and reached
by nobody else. Templates count with the module that names them.
"""

from functools import cache
from pathlib import Path

from lpg.jobs.lines import Line
from lpg.jobs.parsed import parse
from lpg.jobs.provenance import text_digest

PACKAGE = Path(__file__).parents[1]
REGISTRY = "registry.py"
# What they do ends up in no result: faults, progress, what made a file, that a file is whole, whether a network that is
# there already is the one that is wanted, how many processes feed a training, and how it is stopped.
SILENT = (
    "lpg/errors.py", "lpg/jobs/log.py", "lpg/jobs/provenance.py", "lpg/files/atomic.py", "lpg/training/kept.py",
    "lpg/training/workers.py", "lpg/training/stops.py", "lpg/training/watch.py",
)  # fmt: skip
TEMPLATES = "templates"  # a folder beside the modules whose strings name the files in it, or above them


@cache  # a plan of 500 jobs asks for a few scripts again and again
def code_digest(*paths: str | Path) -> str:
    """The digest of scripts or modules, and of every module of the package that they reach."""
    modules = {module for path in paths for module in (Path(path), *reached_modules(path))}
    digests = {_name(path): _digest(path) for path in modules if _counts(path)}
    return text_digest(*(f"{name} {digest}" for name, digest in sorted(digests.items())))


def line_digest(line: Line) -> str:
    """The digest of one line of a registry, and of the module that it names."""
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
    names = (_absolute(name, path) for name in parse(path).imports)
    return tuple(dict.fromkeys(file for name in names for file in _files(name, PACKAGE)))


def _absolute(name: str, path: Path) -> str:
    """The full name of what an import names, which may count dots from its own package."""
    below = name.lstrip(".")
    if not (level := len(name) - len(below)):
        return name
    package = path.resolve().relative_to(PACKAGE.parent).parent.parts
    return ".".join([*package[: len(package) - level + 1], *filter(None, [below])])


@cache
def _files(name: str, package: Path) -> tuple[Path, ...]:
    """The module of this name or the one that has a thing of this name, after the `__init__` of every package above."""
    above, _, last = name.rpartition(".")
    if not above:
        return (package / "__init__.py",) if name == package.name else ()
    known, folder = _files(above, package), package.parent.joinpath(*above.split("."))
    if not known or known[-1] != folder / "__init__.py":
        return known
    stem = folder / last
    return (*known, *(path for path in (stem / "__init__.py", stem.with_suffix(".py")) if path.is_file()))


@cache
def _name(path: Path) -> str:
    """The path of a module below the package; a script's own name, for its folder is the clone's."""
    path = path.resolve()
    return str(path.relative_to(PACKAGE.parent)) if path.is_relative_to(PACKAGE) else path.name


@cache
def _digest(path: Path) -> str:
    return text_digest(parse(path).digest, *(template.read_text() for template in templates_of(path)))


def templates_of(path: Path) -> list[Path]:
    """The templates that the texts of a module name; a template names others, which count with it."""
    known = [template for folder in (path.parent, path.parent.parent) for template in folder.glob(f"{TEMPLATES}/*")]
    found = [template for template in known if template.name in parse(path).files]
    within = "".join(template.read_text() for template in found)
    return sorted({*found, *(other for other in known if f'"{other.name}"' in within)})
