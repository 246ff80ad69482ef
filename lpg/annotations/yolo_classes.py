"""What stands beside the labels of YOLO: the classes behind the numbers, and which photographs a split has."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lpg.annotations.image_lists import read_lines
from lpg.annotations.texts import read_text, read_yaml
from lpg.errors import InputError

YAMLS = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
LISTS = ("classes.txt", "obj.names", "_darknet.labels", "predefined_classes.txt", "classes.names")


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
    """Of the data.yaml that `annotations` is, or of what lies in that folder, above it or beside the photographs.

    Arguments:
        class_names: the classes in the order of their numbers from 0 on, in place of the file's.
    """
    path = annotations if annotations.is_file() else _beside(annotations, images)
    is_yaml = path is not None and path.suffix.lower() in (".yaml", ".yml")
    content = read_yaml(path) if is_yaml else {}
    keypoints = "kpt_shape" in content
    if class_names is not None:
        return YoloTable(dict(enumerate(class_names)), "class_names", keypoints, content)
    if path is None:
        raise InputError(
            f"{annotations}: no {YAMLS[0]} and no {LISTS[0]} there or above says what the class numbers mean",
            "put one there, or give class_names: [first, second, …]",
        )
    if not is_yaml:
        lines = (line.strip() for line in read_text(path).splitlines())
        return YoloTable(dict(enumerate(line for line in lines if line)), str(path))
    return YoloTable(_names(path, content.get("names")), str(path), keypoints, content)


def _beside(annotations: Path, images: Path) -> Path | None:
    folders = [annotations, *annotations.absolute().parents[:2], images, images.absolute().parent]
    paths = (folder / name for folder in folders for name in (*YAMLS, *LISTS))
    return next((path for path in paths if path.is_file()), None)


def _names(path: Path, names: Any) -> dict[int, str]:
    """The table of a data.yaml: a list, or a dictionary by number."""
    pairs = names.items() if isinstance(names, dict) else enumerate(names) if isinstance(names, list) else ()
    table = {str(key): name for key, name in pairs}
    if not table or not all(key.isdecimal() and isinstance(name, str) and name for key, name in table.items()):
        raise InputError(f"{path} has no names of classes", "write names: [first, second], or {0: first, 1: second}")
    return {int(key): table[key].strip() for key in sorted(table, key=int)}


def split_places(table: YoloTable, split: str) -> tuple[set[Path], list[Path]]:
    """The photographs and the folders of photographs that a key of the data.yaml, such as `val`, names."""
    named = table.content.get(split)
    named = [named] if isinstance(named, str) else named
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        splits = [key for key in ("train", "val", "test") if key in table.content]
        raise InputError(
            f"{table.source} has no split '{split}'",
            f"it has {', '.join(splits) or 'none'}; or give the path of a list that ends in .txt",
        )
    photographs: set[Path] = set()
    folders: list[Path] = []
    for name in named:
        place = _place(table, name)
        if place.is_dir():
            folders.append(place.resolve())
        else:
            photographs |= {place.parent.joinpath(line).resolve() for line in read_lines(place)}
    return photographs, folders


def _place(table: YoloTable, name: str) -> Path:
    """As ultralytics finds it, from the folder of the data.yaml: Roboflow's begin with one `../` too many."""
    home = Path(table.source).absolute().parent
    roots = [home / str(table.content.get("path") or ""), home]
    places = [root / one for root in roots for one in (name, name.removeprefix("../"))]
    return _first(places, f"{table.source}: {name} does not exist")


def _first(places: Iterable[Path], fault: str) -> Path:
    for place in places:
        if place.exists():
            return place
    raise InputError(fault, "mend path and the splits of the file, or leave split out")
