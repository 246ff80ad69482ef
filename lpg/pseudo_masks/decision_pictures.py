"""The pictures of a folder of decisions: a plan watches what is read. No torch, and no picture is opened."""

from pathlib import Path


def pictures_below(folder: str | Path) -> list[Path]:
    """The PNGs of a folder and its folders, sorted; cameras and Windows write `.PNG`."""
    return sorted(path for path in Path(folder).rglob("*") if is_picture(path))


def is_picture(path: Path) -> bool:
    """Whether a file is called a PNG, in small letters or capitals."""
    return path.suffix.lower() == ".png"
