"""Lists of images, one name a line, as in VOC's ImageSets. No torch here."""

from collections.abc import Callable
from os.path import isfile
from pathlib import Path

from lpg.errors import InputError

XML = (".xml", ".XML")  # endings of VOC's annotations


def voc_list(root: str | Path, split: str) -> Path:
    """The path of a split's list: a name in ImageSets/Segmentation, or the path of a list that ends in .txt."""
    return Path(split) if split.endswith(".txt") else Path(root, "ImageSets", "Segmentation", f"{split}.txt")


def voc_folder(root: str | Path, name: str) -> Path:
    """A folder of VOC's layout; Roboflow's exports have all files in one."""
    return Path(root, name) if Path(root, name).is_dir() else Path(root)


def xml_of(folder: Path, name: str) -> Path:
    """The annotation of a photograph, which need not be there; other people's may end in capitals."""
    places = [folder / f"{name}{ending}" for ending in XML]
    return next(filter(isfile, places), places[0])


def photographs_folder(settings: dict) -> Path:
    """The folder of the photographs of a dataset, whatever its format."""
    return voc_folder(settings["root"], "JPEGImages") if "root" in settings else Path(settings["images"])


def read_names(path: str | Path, is_name: Callable[[str], bool] = lambda line: False) -> list[str]:
    """The image names of a list as in ImageSets: the first word of every line.

    Arguments:
        is_name: whether a line of several words is one name.

    Raises:
        InputError: the file cannot be read, or a name leads out of its folder.
    """
    lines = [(line, line.split()[0]) for line in read_lines(path)]
    names = [line if line != word and is_name(line) else word for line, word in lines]
    for name in names:
        if leaves_folder(name):
            raise InputError(f"{path}: the name '{name}' leads out of the folder of the images", "mend the list")
    return names


def read_lines(path: str | Path) -> list[str]:
    """The lines of a list that are not blank, without the blanks around them."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot read the list of images ({error.strerror})", "mend the split") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: the list of images is not UTF-8 ({error})", "save it as UTF-8") from None
    return [line.strip() for line in text.split("\n") if line.strip()]


def leaves_folder(name: str) -> bool:
    """Whether a name is absolute or goes up: its files would lie outside of the folder that is meant for them."""
    return Path(name).is_absolute() or ".." in Path(name).parts
