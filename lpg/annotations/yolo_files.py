"""Where the files of YOLO lie: the labels of a photograph, and what says which classes their numbers are. No torch."""

from os.path import relpath
from pathlib import Path

YAMLS = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
LISTS = ("classes.txt", "obj.names", "_darknet.labels", "predefined_classes.txt", "classes.names")


def label_file(images: Path, path: str, annotations: Path) -> Path | None:
    """The labels of a photograph, None where there are none.

    Arguments:
        images: the folder of the photographs; `path` is relative to it.
        annotations: data.yaml, with labels/… beside images/…, or the folder of the label files.
    """
    photograph = images / path
    text = photograph.absolute().as_posix()
    beside = Path("/labels/".join(text.rsplit("/images/", 1))) if "/images/" in text else photograph
    home = annotations.parent if annotations.is_file() else annotations
    places = [home / path, _as_given(beside, images), home / "labels" / path]
    files = (place.with_suffix(".txt") for place in places)
    return next((file for file in files if file.is_file()), None)


def table_file(annotations: Path, images: Path) -> Path | None:
    """The data.yaml that `annotations` is, or the table in that folder, above it or beside the photographs."""
    if annotations.is_file():
        return annotations
    above = [_as_given(folder, annotations) for folder in annotations.absolute().parents[:2]]
    folders = [annotations, *above, images, _as_given(images.absolute().parent, images)]
    paths = (folder / name for folder in folders for name in (*YAMLS, *LISTS))
    return next((path for path in paths if path.is_file()), None)


def is_yaml(path: Path) -> bool:
    """Whether a table is a data.yaml, and no list of names."""
    return path.suffix.lower() in (".yaml", ".yml")


def _as_given(path: Path, given: Path) -> Path:
    """Relative where the configuration is: a plan says nothing of where its folder lies."""
    return path.absolute() if given.is_absolute() else Path(relpath(path))
