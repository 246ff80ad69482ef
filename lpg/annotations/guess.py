"""Which format a file or a folder of boxes has, by what stands in it."""

from collections.abc import Callable
from os.path import isfile
from pathlib import Path

from lpg.annotations.coco_lists import top_keys
from lpg.annotations.csv_columns import columns_of, is_headerless, separated
from lpg.annotations.foreign import UNREADABLE, foreign_json, foreign_table, foreign_text
from lpg.annotations.image_folder import files_below
from lpg.annotations.image_lists import read_lines
from lpg.annotations.texts import is_number, read_json, read_text, read_xml, read_yaml
from lpg.errors import InputError

KNOWN = {
    "coco": "COCO's JSON", "voc_xml": "VOC's XML", "yolo": "YOLO's text files", "csv": "a table (CSV)",
    "labelme": "labelme's JSON", "cvat": "CVAT's XML",
}  # fmt: skip
ONE_FILE = ("coco", "csv", "cvat")  # the others may be many files in a folder
LOOKED_AT = 5  # files of one ending in a folder: the others will be like them
HEAD = 1 << 16  # bytes of a table that are looked at
FEW = 16  # bytes of a file that may be blank


def guess_settings(images: str | Path, boxes: str | Path, format: str | None = None, masks: bool = False) -> dict:
    """The settings of a dataset, for `lpg.annotations.reader.open_reader`.

    Arguments:
        images: the folder of the photographs.
        boxes: a file, or the folder of the files.
        format: one of `KNOWN`, or `voc` for VOC's XML files in a folder; by what stands in the files by default.
        masks: whether masks are wanted too, which VOC has in folders of their own.

    Raises:
        InputError: no format fits, or several do; says what was seen.
    """
    format, boxes = "voc_xml" if format == "voc" else format, Path(boxes)
    if format is not None and format not in KNOWN:
        raise InputError(f"the format '{format}' is not known", f"known are {', '.join(map(_called, KNOWN))}")
    if not boxes.exists():
        raise InputError(f"{boxes} does not exist", "mend the path of the boxes")
    if format in (None, "voc_xml") and (boxes / "JPEGImages").is_dir() and (boxes / "Annotations").is_dir():
        own = {folder.resolve() for folder in (boxes, boxes / "JPEGImages")}
        if masks and Path(images).resolve() not in own:
            raise InputError(f"{boxes} has VOC's masks of {boxes / 'JPEGImages'}", f"they are no masks of {images}")
        return _vocs_folders(boxes, boxes / "JPEGImages" if Path(images).resolve() in own else Path(images), masks)
    if masks and format in (None, "voc_xml") and (boxes / "SegmentationClass").is_dir():
        raise InputError(
            f"{boxes} has VOC's masks, and no JPEGImages with their photographs",
            f"put them there, or a link to {images}, and give {boxes / 'JPEGImages'} as the folder of the photographs",
        )
    found = {_format_of_file(boxes, format): [boxes]} if boxes.is_file() else _formats_in(boxes, format)
    if len(found) > 1:
        seen = " and ".join(f"{KNOWN[name]} ({paths[0].relative_to(boxes)})" for name, paths in found.items())
        raise InputError(
            f"{boxes} has {seen}", f"say which format, {' or '.join(map(_called, found))}, or name the file"
        )
    ((format, paths),) = found.items()
    return {"format": format, "images": str(images), "annotations": str(_annotations(format, boxes, paths))}


def _vocs_folders(root: Path, images: Path, masks: bool) -> dict:
    """The settings of VOC's own layout; our export's `classes.txt` names the ids of its masks if they are not VOC's."""
    if not masks:
        return {"format": "voc_xml", "images": str(images), "annotations": str(root / "Annotations")}
    table = root / "classes.txt"
    return {"format": "voc", "root": str(root)} | ({"class_names": read_lines(table)} if table.is_file() else {})


def _annotations(format: str, boxes: Path, paths: list[Path]) -> Path:
    """The path of the annotations: the file, or the folder of the files."""
    if format == "yolo" and boxes.is_file() and boxes.suffix.lower() == ".txt":
        raise InputError(
            f"{boxes} holds the labels of one photograph", "give the folder of the label files, or data.yaml"
        )
    if format not in ONE_FILE or boxes.is_file():
        return boxes
    if len(paths) > 1:
        names = ", ".join(str(path.relative_to(boxes)) for path in paths[:LOOKED_AT])
        raise InputError(f"{boxes} has {KNOWN[format]} several times: {names}", "name the file that is meant")
    return paths[0]


def _formats_in(folder: Path, wanted: str | None) -> dict[str, list[Path]]:
    """The formats of the files below a folder, each with some of its files."""
    found: dict[str, list[Path]] = {}
    complaints: list[InputError] = []
    files = [path for path in files_below(folder, (*SNIFFED, *UNREADABLE)) if isfile(path) and not _is_blank(path)]
    for ending in {path.suffix.lower(): None for path in files}:
        for path in [path for path in files if path.suffix.lower() == ending][:LOOKED_AT]:
            try:
                found.setdefault(_format_of(path), []).append(path)
            except InputError as error:
                complaints.append(error)
    if wanted in found:
        return {wanted: found[wanted]}
    if wanted and found:
        raise InputError(f"{folder} has no file of {KNOWN[wanted]}", f"it has {', '.join(map(KNOWN.get, found))}")
    if not found:
        raise complaints[0] if complaints else InputError(f"{folder} has no file of boxes", _advice())
    return found


def _is_blank(path: Path) -> bool:
    """Whether a file says nothing, as the label files of photographs without objects."""
    return path.stat().st_size < FEW and not path.read_bytes().strip()


def _called(format: str) -> str:
    """What a person calls a format: VOC's XML in any folder is VOC's."""
    return "voc" if format == "voc_xml" else format


def _format_of_file(path: Path, wanted: str | None) -> str:
    """The format of a file: the wanted one, unless the file is plainly of another; COCO's reader says so itself."""
    if wanted is None:
        return _format_of(path)
    if (wanted, path.suffix.lower()) == ("coco", ".json"):  # it may not fit into memory
        return wanted
    try:
        found = _format_of(path)
    except InputError:  # it looks like none
        return wanted
    if found != wanted:
        raise InputError(f"{path} is {KNOWN[found]}", f"leave the format out, or say {_called(found)}")
    return wanted


def _format_of(path: Path) -> str:
    ending = path.suffix.lower()
    if ending in UNREADABLE:
        raise InputError(f"{path} is {UNREADABLE[ending][0]}", UNREADABLE[ending][1])
    if ending not in SNIFFED:
        raise InputError(f"{path}: no format of boxes ends in '{path.suffix}'", _advice())
    return SNIFFED[ending](path)


def _json(path: Path) -> str:
    if _is_coco(path):
        return "coco"
    content = read_json(path)
    keys = set(content) if isinstance(content, dict) else set()
    if "shapes" in keys:
        return "labelme"
    entry = content[0] if isinstance(content, list) and content and isinstance(content[0], dict) else {}
    seen = (
        f"a JSON list of entries with {', '.join(sorted(map(str, entry))[:6])}"
        if entry
        else f"a JSON with {', '.join(sorted(keys)[:6]) or 'no keys'}"
    )
    raise foreign_json(path, content) or _unknown(path, seen)


def _is_coco(path: Path) -> bool:
    """Whether a JSON is COCO's, without the whole of it in memory; what is wrong with a file, `read_json` says."""
    try:
        with path.open("rb") as file:
            return {"images", "annotations", "categories"} <= set(top_keys(file))
    except (OSError, ValueError, RecursionError, InputError):
        return False


def _xml(path: Path) -> str:
    tag = read_xml(path).tag
    if tag in ("annotation", "annotations"):
        return "voc_xml" if tag == "annotation" else "cvat"
    raise _unknown(path, f"XML whose root is <{tag}>")


def _yaml(path: Path) -> str:
    if "names" in read_yaml(path):
        return "yolo"
    raise _unknown(path, "YAML without names")


def _table(path: Path) -> str:
    """The format of a table; one that is known to be none of ours, or lacks a column, is refused."""
    separator, text = separated(read_text(path)[:HEAD])
    if not text.strip():
        raise InputError(f"{path} is empty", "mend the path")
    cells = text.strip().splitlines()[0].split(separator)
    if refusal := foreign_table(path, cells):
        raise refusal
    if not is_headerless(cells):
        columns_of(cells, str(path))
    return "csv"


def _labels(path: Path) -> str:
    """The format of text that begins as a line of YOLO does, of which NumPy writes 0.0 for 0; other text is refused."""
    lines = [line.split() for line in read_text(path)[:HEAD].splitlines() if line.strip()]
    words = lines[0] if lines else []
    if len(words) >= 5 and all(map(is_number, words)) and float(words[0]).is_integer():
        return "yolo"
    raise foreign_text(path, words) or _unknown(path, f"text that begins with '{' '.join(words)[:40]}'")


SNIFFED: dict[str, Callable[[Path], str]] = {
    ".json": _json, ".xml": _xml, ".yaml": _yaml, ".yml": _yaml, ".csv": _table, ".tsv": _table, ".txt": _labels,
}  # fmt: skip


def _unknown(path: Path, seen: str) -> InputError:
    return InputError(f"{path} is {seen}", _advice())


def _advice() -> str:
    return f"boxes may be {', '.join(KNOWN.values())}"
