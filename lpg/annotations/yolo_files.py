"""Where the files of YOLO lie: the labels of a photograph, and what says which classes their numbers are. No torch."""

from os.path import commonpath, relpath
from pathlib import Path

from lpg.photograph import spellings

YAMLS = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
ENDINGS = (".txt", ".TXT")
LISTS = ("classes.txt", "obj.names", "_darknet.labels", "predefined_classes.txt", "classes.names")


def label_file(images: Path, path: str, annotations: Path) -> Path | None:
    """The label file of a photograph, None where there is none.

    Arguments:
        images: the folder of the photographs; `path` is relative to it.
        annotations: data.yaml, with labels/… beside images/…, or the folder of the label files: then no others count,
            for some may have been taken out of it.
    """
    photograph = images / path
    text = photograph.absolute().as_posix()
    beside = Path("/labels/".join(text.rsplit("/images/", 1))) if "/images/" in text else photograph
    home = annotations.parent if annotations.is_file() else annotations
    places = [home / path, home / "labels" / path]
    if annotations.is_file() or beside.is_relative_to(home.absolute()):
        places.insert(1, _as_given(beside, images))
    names = [name for ending in ENDINGS for name in spellings(f"{photograph.stem}{ending}")]
    files = (place.with_name(name) for place in places for name in names)
    return next((file for file in files if file.is_file()), None)


def table_files(annotations: Path, images: Path) -> list[Path]:
    """The files that may say what the class numbers mean, the first before the others.

    The data.yaml that `annotations` is; or tables in that folder, above it in the same dataset, beside the photographs.
    """
    if annotations.is_file():
        return [annotations]
    dataset = commonpath([annotations.absolute(), images.absolute()])
    parent, *above = annotations.absolute().parents[:2]
    above = [_as_given(folder, annotations) for folder in (parent, *above)
             if folder == parent or folder.is_relative_to(dataset)]  # fmt: skip
    folders = [annotations, *above, images, _as_given(images.absolute().parent, images)]
    paths = dict.fromkeys(folder / name for folder in folders for name in (*YAMLS, *LISTS))
    return [path for path in paths if path.is_file()]


def is_key(split: str | None) -> bool:
    """Whether a split is a key of data.yaml, such as `val`, and not the path of a list."""
    return split is not None and not split.endswith(".txt")


def is_yaml(path: Path) -> bool:
    """Whether a table is a data.yaml, and no list of names."""
    return path.suffix.lower() in (".yaml", ".yml")


def _as_given(path: Path, given: Path) -> Path:
    """A path that is relative where the given one is: a plan says nothing of where its folder lies."""
    return path.absolute() if given.is_absolute() else Path(relpath(path))
