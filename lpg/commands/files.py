"""What is said of a place where masks are: a folder of `lpg masks`, or a `pseudo_masks.h5` of the workflow."""

from pathlib import Path

from lpg.errors import InputError
from lpg.pseudo_masks.shards import finished_shards


def find_masks(given: str, boxes: str | None) -> tuple[Path, list[Path], Path]:
    """`boxes.h5`, the files of masks of its photographs, and where their `quality.tsv` is if there is one.

    Arguments:
        given: the folder, or the file.
        boxes: where `boxes.h5` is, if it is not where the workflow and `lpg masks` have it.

    Raises:
        InputError: there are no masks, or no boxes.
    """
    path = Path(given)
    if not path.exists():
        raise InputError(f"{path} does not exist", "give the folder that lpg masks wrote, or a pseudo_masks.h5")
    found = Path(boxes) if boxes else (path if path.is_dir() else _datasets(path)) / "boxes.h5"
    if not found.is_file():
        raise InputError(f"{found} is not there", "say with --boxes where the boxes.h5 of these masks is")
    masks = finished_shards(found, path / "masks") if path.is_dir() else [path]
    return found, masks, (path if path.is_dir() else path.parent) / "quality.tsv"


def _datasets(path: Path) -> Path:
    """`results/<run>/stage<k>/<dataset>/pseudo_masks.h5` has its boxes in `results/datasets/<dataset>`."""
    parents = path.resolve().parents
    return parents[3] / "datasets" / path.resolve().parent.name if len(parents) > 3 else path.parent
