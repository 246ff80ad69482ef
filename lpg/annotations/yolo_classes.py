"""What stands beside the labels of YOLO: the classes behind the numbers, and which photographs a split has."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from os.path import exists
from pathlib import Path, PurePath
from typing import Any

from lpg.annotations.image_folder import tails
from lpg.annotations.image_lists import read_lines
from lpg.annotations.texts import read_text, read_yaml, whole
from lpg.annotations.yolo_files import LISTS, YAMLS, is_yaml, table_files
from lpg.errors import InputError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class YoloTable:
    """The classes of a dataset by their numbers, and where they stand.

    Attributes:
        keypoints: whether labels are of poses: a box, then points.
        content: of the data.yaml, if there is one.
    """

    classes: Mapping[int, str]
    source: str
    keypoints: bool = False
    content: Mapping[str, Any] = field(default_factory=dict)


def read_table(annotations: Path, images: Path, class_names: Sequence[str] | None) -> YoloTable:
    """The table of the data.yaml that `annotations` is, or of what lies in that folder, above it or by the photographs.

    Arguments:
        class_names: the classes in the order of their numbers from 0 on, in place of the file's.

    Raises:
        InputError: no file says what the numbers mean, and no `class_names` are given; or the file cannot be read.
    """
    paths = table_files(annotations, images)
    content = read_yaml(paths[0]) if paths and is_yaml(paths[0]) else {}
    if class_names is not None:
        return YoloTable(dict(enumerate(class_names)), "class_names", "kpt_shape" in content, content)
    if not paths:
        raise InputError(
            f"{annotations}: no {YAMLS[0]} and no {LISTS[0]} there or above says what the class numbers mean",
            "put one there, or give class_names: [first, second, …]",
        )
    table = _table(paths[0], content)
    log.info("%s says what the class numbers mean", table.source)
    for path in paths[1:]:
        if (other := _other(path)) and other != table.classes:
            log.warning("%s names other classes, %s: it is not looked at", path, ", ".join(other.values()))
    return table


def _table(path: Path, content: Mapping[str, Any]) -> YoloTable:
    if is_yaml(path):
        return YoloTable(_names(path, content.get("names")), str(path), "kpt_shape" in content, content)
    lines = (line.strip() for line in read_text(path).splitlines())
    return YoloTable(dict(enumerate(line for line in lines if line)), str(path))


def _other(path: Path) -> Mapping[int, str]:
    """The classes of a table that is not used; none of one that cannot be read."""
    try:
        return _table(path, read_yaml(path) if is_yaml(path) else {}).classes
    except InputError:
        return {}


def _names(path: Path, names: Any) -> dict[int, str]:
    """The table of a data.yaml: a list, or a dictionary by number."""
    pairs = names.items() if isinstance(names, dict) else enumerate(names) if isinstance(names, list) else ()
    table = {str(key): name for key, name in pairs}
    if not table or not all(whole(key) is not None and isinstance(name, str) for key, name in table.items()):
        raise InputError(f"{path} has no names of classes", "write names: [first, second], or {0: first, 1: second}")
    return {int(key): table[key].strip() for key in sorted(table, key=int)}


def of_split(table: YoloTable, split: str, images: Path, paths: Iterable[str]) -> list[str]:
    """The photographs, by their paths below `images`, that a key of the data.yaml names, such as `val`.

    One is where its name is, whatever file a link of that name leads to. A list may have been written elsewhere, and
    may name photographs that are not below `images`.

    Raises:
        InputError: there is no such key, or it leads nowhere, as a line of a list may.
    """
    lists, folders = _split_places(table, split)
    home = cache(Path.resolve)
    places = {home((images / path).parent) / PurePath(path).name: path for path in paths}
    chosen = {path for place, path in places.items() if any(map(place.is_relative_to, folders))}
    known = set(places.values())
    for list_, line in ((path, line) for path in lists for line in read_lines(path) if "\0" not in line):
        place = list_.parent / line.replace("\\", "/")
        found = places.get(home(place.parent) / place.name) or places.get(place.resolve())
        if found is None and not exists(place):
            found = next((tail for tail in tails(line) if tail in known), None)
            if found is None:
                raise InputError(f"{list_}: no photograph of {images} is '{line}'", "mend the list")
        if found:
            chosen.add(found)
    return [path for path in places.values() if path in chosen]


def _split_places(table: YoloTable, split: str) -> tuple[list[Path], list[Path]]:
    """The lists and the folders of photographs that a split names."""
    named = _named(table.content, split)
    if named is None:
        splits = [key for key in ("train", "val", "test") if key in table.content]
        raise InputError(
            f"{table.source} has no split '{split}'",
            f"it has {', '.join(splits) or 'none'}; or give the path of a list that ends in .txt",
        )
    places = [_place(table, name) for name in named]
    lists, folders = ([one for one in places if one.is_dir() == wanted] for wanted in (False, True))
    return lists, [folder.resolve() for folder in folders]


def split_lists(table: Path, split: str) -> list[Path]:
    """The lists of photographs among what a key of a data.yaml names; what cannot be read is the reader's to refuse."""
    try:
        content = read_yaml(table)
    except InputError:
        return []
    found = (_found(table, content, name) for name in _named(content, split) or ())
    return [path for path in found if path and not path.is_dir()]


def _named(content: Mapping[str, Any], split: str) -> list[str] | None:
    named = content.get(split)
    named = [named] if isinstance(named, str) else named
    return named if isinstance(named, list) and all(isinstance(name, str) for name in named) else None


def _place(table: YoloTable, name: str) -> Path:
    found = _found(Path(table.source), table.content, name)
    if found is None:
        raise InputError(
            f"{table.source}: {name} does not exist", "mend path and the splits of the file, or leave split out"
        )
    return found


def _found(table: Path, content: Mapping[str, Any], name: str) -> Path | None:
    """The place that a name in a data.yaml means, as ultralytics finds it; Roboflow's have one `../` too many."""
    path = content.get("path")
    roots = [*([table.parent / path] if isinstance(path, str) else []), table.parent]
    places = [root / one for root in roots for one in (name, name.removeprefix("../"))]
    return next((place for place in places if exists(place)), None)  # false of names that are too long, too
