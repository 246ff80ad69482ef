"""Which files the reader of a dataset opens, photographs and their masks apart: what is made of them is then old.

Plans ask this of every dataset whenever they are made: no torch, and hardly a file is read.
"""

from collections.abc import Callable
from contextlib import suppress
from os.path import isfile
from pathlib import Path

from lpg.annotations.csv_columns import class_descriptions
from lpg.annotations.image_folder import ENDINGS, files_below
from lpg.annotations.image_lists import read_names, voc_folder, voc_list, xml_of
from lpg.annotations.texts import read_yaml
from lpg.annotations.yolo_classes import YoloTable, of_split, split_lists
from lpg.annotations.yolo_files import is_key, is_yaml, label_file, table_files
from lpg.errors import InputError


def opened_files(settings: dict) -> list[Path]:
    """All that `lpg.annotations.reader.open_reader` would open for its boxes and classes, as far as it is there.

    Arguments:
        settings: of the dataset, as `open_reader` has them.
    """
    found = [*listed_files(settings), *scattered_files(settings)]
    return [path for path in dict.fromkeys(found) if path.is_file()]


def listed_files(settings: dict) -> list[Path]:
    """The few files that say which photographs and classes there are: those of the settings may be missing yet."""
    return LISTED.get(settings["format"], _given)(settings)


def scattered_files(settings: dict) -> list[Path]:
    """The annotation files of which there is one for every photograph."""
    if settings["format"] in SCATTERED:
        return SCATTERED[settings["format"]](settings)
    return []


def _given(settings: dict) -> list[Path]:
    """The annotations and the list of a split; a folder of annotations is no file."""
    given = (settings["annotations"], settings.get("split"))
    return [Path(path) for path in given if path is not None and not Path(path).is_dir()]


def _coco(settings: dict) -> list[Path]:
    return [Path(path) for path in (settings["annotations"], settings.get("split")) if path is not None]


def _voc(settings: dict) -> list[Path]:
    split = settings.get("split")
    return [] if split is None else [voc_list(settings["root"], split)]


def _csv(settings: dict) -> list[Path]:
    return [*_given(settings), *class_descriptions(Path(settings["annotations"]))]


def _yolo(settings: dict) -> list[Path]:
    """The annotations, the table of classes, and the lists of a split, which is one or a key of data.yaml."""
    split, tables = settings.get("split"), table_files(Path(settings["annotations"]), Path(settings["images"]))
    table = tables[0] if tables else None
    given = _given({**settings, "split": None if is_key(split) else split})
    lists = split_lists(table, split) if table and is_key(split) and is_yaml(table) else []
    return [*given, *(path for path in (table, *lists) if path and path not in given)]


def _below(ending: str) -> Callable[[dict], list[Path]]:
    """What lists the files with an ending in a folder of annotations, wherever the photographs are."""

    def scattered(settings: dict) -> list[Path]:
        folder = Path(settings["annotations"])
        return files_below(folder, [ending]) if folder.is_dir() else []

    return scattered


def _voc_xml(settings: dict) -> list[Path]:
    """The XML files of VOC's layout: all below the folder; with a list, those that it names."""
    folder, lists = voc_folder(settings["root"], "Annotations"), _voc(settings)
    try:
        names = [name for path in lists for name in read_names(path, lambda line: isfile(xml_of(folder, line)))]
    except InputError:  # the reader's to refuse
        return []
    listed = (xml_of(folder, name) for name in names)
    return [path for path in listed if path.is_file()] if lists else files_below(folder, [".xml"])


def _labels(settings: dict) -> list[Path]:
    images, annotations, split = Path(settings["images"]), Path(settings["annotations"]), settings.get("split")
    paths = [path.relative_to(images).as_posix() for path in files_below(images, ENDINGS)]
    tables = table_files(annotations, images)[:1] if is_key(split) else []
    for table in filter(is_yaml, tables):
        with suppress(InputError):  # the reader's to refuse
            paths = of_split(YoloTable({}, str(table), content=read_yaml(table)), split, images, paths)
    return sorted({label for path in paths if (label := label_file(images, path, annotations))})


LISTED = {"coco": _coco, "voc": _voc, "csv": _csv, "yolo": _yolo}
SCATTERED = {"voc": _voc_xml, "voc_xml": _below(".xml"), "labelme": _below(".json"), "yolo": _labels}
