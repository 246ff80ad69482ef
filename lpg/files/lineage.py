"""What a file was made from, and that from what, back to what was given: by what the files say, without a look inside.

Files name their inputs as the workflow knew them, from its working directory.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lpg.files.made_by import made_by
from lpg.jobs.provenance import PACKAGE, content_digest

SHORT = 12  # digits of a commit, for people


@dataclass(frozen=True)
class Origin:
    """A file behind another.

    Attributes:
        path: as the file says that was made from it.
        depth: steps back.
        digest: of its content, as the file says that was made from it; empty of the file that is asked for.
        made_by: what made it; empty of what was given, and of what is not here any more or is another now.
        state: `given`, `gone` (it is not here), `changed` (its content is another now) or nothing.
    """

    path: str
    depth: int
    digest: str
    made_by: Mapping[str, Any]
    state: str = ""

    def __str__(self) -> str:
        known = self.made_by
        rule = [known.get("rule", ""), *(f"{key} {known[key]}" for key in ("run", "stage", "dataset") if key in known)]
        facts = [self.path, self.digest, " ".join(rule).strip(), known.get("commit", "")[:SHORT], self.state]
        return "  " * self.depth + "  ".join(fact for fact in facts if fact)


def trace(path: str | Path) -> list[Origin]:
    """A file and everything behind it, each once, the nearest first below what was made from it."""
    known = made_by(path)
    root = _working_directory(Path(path), known.get("input_digests", {}))
    return list(_behind(str(path), known, root))


def origins(paths: Iterable[str | Path], folder: Path) -> dict[str, dict[str, Any]]:
    """What made files and everything behind them, by their paths from this working directory.

    Arguments:
        folder: of what is made here; of others, such as a generator that was brought along, nothing is asked, for the
            files that they name are those of another place.
    """
    found: dict[str, dict[str, Any]] = {}
    waiting = [str(path) for path in paths]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = made_by(path) if Path(path).is_relative_to(folder) and Path(path).exists() else {}
            waiting += found[path].get("input_digests", {})
    return found


def _working_directory(path: Path, inputs: Iterable[str]) -> Path:
    """The folder from which the inputs of a file are found; those with a whole path are found from everywhere."""
    relative = [other for other in inputs if not Path(other).is_absolute()]
    for folder in (Path(), *path.absolute().parents):
        if any((folder / other).exists() for other in relative):
            return folder
    return Path()


def _behind(name: str, known: Mapping[str, Any], root: Path) -> Iterator[Origin]:
    seen: set[str] = {name}
    waiting = [Origin(name, 0, "", known)]
    while waiting:
        one = waiting.pop()
        yield one
        new = {other: digest for other, digest in one.made_by.get("input_digests", {}).items() if other not in seen}
        seen |= set(new)
        waiting += [_origin(other, one.depth + 1, digest, root) for other, digest in reversed(new.items())]


def _origin(name: str, depth: int, digest: str, root: Path) -> Origin:
    path = next((folder / name for folder in (root, PACKAGE.parent) if (folder / name).exists()), None)
    if path is None:
        return Origin(name, depth, digest, {}, "gone")
    if content_digest(path) != digest:
        return Origin(name, depth, digest, {}, "changed")
    known = made_by(path)
    return Origin(name, depth, digest, known, "" if known else "given")
