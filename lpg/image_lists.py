"""Lists of images, one name a line, as in VOC's ImageSets. No torch here."""

from pathlib import Path

from lpg.errors import InputError


def voc_list(root: str | Path, split: str) -> Path:
    """`split` is a name in ImageSets/Segmentation, or the path of a list that ends in .txt."""
    return Path(split) if split.endswith(".txt") else Path(root, "ImageSets", "Segmentation", f"{split}.txt")


def read_names(path: str | Path) -> list[str]:
    """The image names of a list as in ImageSets: the first word of every line.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        lines = Path(path).read_text().split("\n")
    except OSError as error:
        raise InputError(f"{path}: cannot read the list of images ({error.strerror}); mend the split") from None
    return [line.split()[0] for line in lines if line.strip()]
