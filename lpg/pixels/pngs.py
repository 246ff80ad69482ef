"""Which files of a folder are called PNGs: a plan watches those that are read, and opens none."""

from pathlib import Path


def pngs_below(folder: str | Path) -> list[Path]:
    """The PNGs of a folder and its folders, sorted; cameras and Windows write `.PNG`."""
    return sorted(path for path in Path(folder).rglob("*") if is_png(path))


def is_png(path: Path) -> bool:
    """Whether a file is called a PNG, in small letters or capitals."""
    return path.suffix.lower() == ".png"
