"""A folder of photographs, in which each is found by whatever an annotation calls it."""

import logging
import os
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from lpg.annotations.image_lists import leaves_folder
from lpg.errors import InputError
from lpg.photograph import one_spelling

log = logging.getLogger(__name__)

ENDINGS = (".jpg", ".jpeg", ".jfif", ".jpe", ".png", ".bmp", ".webp", ".tif", ".tiff")
NAMED = (*ENDINGS, ".gif")  # read where an annotation names one; lying in a folder, it is mostly no photograph
LINKED = 1 << 15  # folders behind links: an archive of somebody else's may link to a whole disk


def files_below(folder: Path, endings: Sequence[str]) -> list[Path]:
    """The files of a folder and its folders that end so, in either case, sorted; hidden ones are left out.

    Links are followed: whether a photograph may lie behind one is asked when it is read.
    """
    found = []
    for place, names in _walk(os.fspath(folder)):
        chosen = (name for name in names if name.lower().endswith(tuple(endings)) and not name.startswith("."))
        found += [Path(place, name) for name in chosen]
    return sorted(found)


def _walk(folder: str) -> Iterator[tuple[str, list[str]]]:
    """Each folder below one, and the names of its files: every folder once, by its own name before that of a link.

    Raises:
        InputError: links lead to more folders than a dataset has.
    """
    waiting, seen, behind = deque([folder]), set(), 0
    while waiting:
        top = waiting.popleft()
        home = os.path.realpath(top)
        for place, folders, names in os.walk(top):
            real = os.path.normpath(os.path.join(home, place[len(top) :].lstrip(os.sep)))
            folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
            if real in seen:
                folders.clear()
                continue
            seen.add(real)
            behind += top is not folder
            if behind > LINKED:
                raise InputError(
                    f"{top} is a link to {home}, and links in {folder} lead to more than {LINKED} folders",
                    "take it away, or link to the folder that is meant alone",
                )
            paths = (os.path.join(place, name) for name in folders)
            waiting += [path for path in paths if os.path.islink(path)]
            yield place, names


def without_ending(name: str) -> str:
    """A photograph's name: only the ending of a picture is one, for `leaf.v2` may be a name."""
    stem, dot, ending = name.rpartition(".")
    return stem if dot and f".{ending.lower()}" in NAMED else name


class ImageFolder:
    """The photographs below a folder.

    Attributes:
        root: the folder.
        paths: of every photograph, relative to it, sorted.
    """

    def __init__(self, folder: str | Path) -> None:
        self.root = Path(folder)
        if self.root.is_file():
            raise InputError(f"{self.root} is a file", "give the folder of the photographs")
        if not self.root.is_dir():
            raise InputError(f"the folder of the photographs {self.root} does not exist", "mend the path")
        self.paths = [path.relative_to(self.root).as_posix() for path in files_below(self.root, ENDINGS)]
        self._told: set[tuple[str, str]] = set()
        self._by_path: dict[str, list[str]] = {}
        self._by_name: dict[str, list[str]] = {}
        self._folders = {one_spelling(str(parent)) for path in self.paths for parent in PurePosixPath(path).parents}
        for path in self.paths:
            for table, called in ((self._by_path, path), (self._by_name, PurePosixPath(path).name)):
                for key in (called, without_ending(called)):
                    table.setdefault(one_spelling(key), []).append(path)

    def has(self, path: str) -> bool:
        """Whether a photograph lies there, relative to the folder."""
        return one_spelling(path) in self._by_path

    def place(self, *called: str, source: str) -> str:
        """The photograph that an annotation means, relative to the folder; one that is missing, where it should lie.

        Folders that lead to it elsewhere do not count, nor does its ending: with `C:\\data\\a.png` or `../images/a.png`
        `a.jpg` may be meant. So no name leads out of the folder. One without folders may lie in any, which is told if
        the first of the names has a folder that is there.

        Arguments:
            called: what it may be called; the first that is there counts.
            source: where that stands, for messages.

        Raises:
            InputError: it may be several.
        """
        home = self._home(called[0])
        for name in called:
            if found := self._found(name, source):
                folder = PurePosixPath(one_spelling(found)).parent.as_posix()
                if home and not f"{folder}/".startswith(f"{home}/") and folder not in _said_folders(name):
                    self._tell(home, found, source)
                return found
        return _expected(called[-1])

    def _tell(self, home: str, found: str, source: str) -> None:
        """Warn once for two folders: all photographs of one may lie in the other, or one may be missing."""
        pair = home, PurePosixPath(found).parent.as_posix()
        if pair not in self._told:
            self._told.add(pair)
            log.warning(
                "%s: its photograph is taken to be %s, though there is a folder %s without it: see that it is, and so "
                "for others of the two folders",
                source, found, home,
            )  # fmt: skip

    def _home(self, called: str) -> str:
        """The folder that a name says, as far as it is there, relative to ours; nothing if it says none."""
        return next((folder for folder in _said_folders(called) if folder in self._folders), "")

    def _found(self, called: str, source: str) -> str | None:
        keys = [key for tail in tails(called) for key in (tail, without_ending(tail))]
        found = [self._by_path.get(one_spelling(key)) for key in keys]
        if keys and "/" not in keys[0]:
            found.append(self._by_name.get(one_spelling(keys[0])))
        first, *others = next(filter(None, found), [None])
        if others:
            raise InputError(
                f"{source}: '{called}' may be {first} or {others[0]} of {self.root}", "write its folder and its ending"
            )
        return first


def _said_folders(called: str) -> Iterator[str]:
    """The folders in a name, from all of them to the last."""
    folders = (PurePosixPath(one_spelling(tail)).parent.as_posix() for tail in tails(called))
    return (folder for folder in folders if folder != ".")


def _expected(called: str) -> str:
    name = called.replace("\\", "/").removeprefix("./")
    *_, last = ("?", *tails(name))
    return last if leaves_folder(name) or ":" in name else name


def tails(called: str) -> Iterator[str]:
    """A path, and what is left of it as its first folders are taken away one by one; nothing that goes up."""
    parts = [part for part in called.strip().replace("\\", "/").split("/") if part not in ("", ".")]
    for start in range(len(parts)):
        if ".." not in parts[start:]:
            yield "/".join(parts[start:])
