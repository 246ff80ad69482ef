"""The SBD augmentation of VOC 2012: masks of Hariharan et al., Semantic contours from inverse detectors (ICCV 2011).

The list `train_aug` has the training images of VOC and all images of SBD, without the validation images of VOC.
VOC's own masks stay; SBD's of the other images, of classes and of objects, are written beside them, so that the folder
is like any other of VOC.
"""

import logging
from pathlib import Path

import numpy as np

from lpg.annotations.image_lists import read_names, voc_list
from lpg.classes import VOC, VOID
from lpg.errors import InputError
from lpg.files.atomic import replace_atomically
from lpg.jobs.log import track
from lpg.pixels.matlab import read_mat
from lpg.pixels.pictures import write_palette_mask

log = logging.getLogger(__name__)

# Where VOC has its masks of classes and of objects, where SBD has them, under which name, and up to which id.
MASKS = (
    ("SegmentationClass", "cls", "GTcls", len(VOC)),
    ("SegmentationObject", "inst", "GTinst", VOID - 1),
)


def augment_voc(root: str | Path, sbd: str | Path, *, train_aug: int, val: int) -> None:
    """Add SBD's masks and the list `train_aug` to a folder VOC2012.

    Arguments:
        root: the folder VOC2012.
        sbd: SBD's folder `dataset`, with `cls`, `inst`, `train.txt` and `val.txt`.
        train_aug, val: how many images the two lists must have.

    Raises:
        InputError: a list has another length, or a mask, a photograph or its boxes are missing.
    """
    root, sbd = Path(root), Path(sbd)
    own, held_out = (set(read_names(voc_list(root, split))) for split in ("train", "val"))
    theirs = {*read_names(sbd / "train.txt"), *read_names(sbd / "val.txt")}
    names = sorted((own | theirs) - held_out)
    for split, found, expected in (("train_aug", len(names), train_aug), ("val", len(held_out), val)):
        if found != expected:
            raise InputError(
                f"{root}: {split} has {found:,} images, not {expected:,}",
                f"delete {root} and {sbd}, and fetch them again",
            )
    for name in track(sorted(set(names) - own), "masks of SBD"):
        for folder, source, key, highest in MASKS:
            mask = read_sbd_mask(sbd / source / f"{name}.mat", key, highest)
            with replace_atomically(root / folder / f"{name}.png") as partial:
                write_palette_mask(partial, mask)
    _check_files(root, [*names, *held_out])
    with replace_atomically(root / "ImageSets" / "Segmentation" / "train_aug.txt") as partial:
        partial.write_text("\n".join(names) + "\n")
    log.info("%d images in train_aug, %d in val", len(names), len(held_out))


def read_sbd_mask(path: str | Path, key: str, highest: int) -> np.ndarray:
    """The mask `<key>.Segmentation` of a .mat of SBD, uint8 (H, W), ids from 0 to `highest`; SBD has no void.

    Raises:
        InputError: the file is missing, or holds something else.
    """
    try:
        mask = np.asarray(read_mat(path)[key]["Segmentation"])
        if mask.dtype.kind not in "iu":
            raise ValueError(f"of {mask.dtype}")
    except FileNotFoundError:
        raise InputError(
            f"{path} does not exist, though SBD lists it", "delete SBD's folder and fetch it again"
        ) from None
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise InputError(f"{path} has no {key}.Segmentation ({error})", "fetch SBD again") from None
    if mask.ndim != 2 or mask.min(initial=0) < 0 or mask.max(initial=0) > highest:
        raise InputError(f"{path}: {key}.Segmentation is no mask of ids up to {highest}", "fetch SBD again")
    return mask.astype(np.uint8)


def _check_files(root: Path, names: list[str]) -> None:
    """Refuse a folder in which an image lacks its photograph, its boxes or its masks."""
    masks = [(folder, ".png") for folder, *_ in MASKS]
    for folder, ending in (("JPEGImages", ".jpg"), ("Annotations", ".xml"), *masks):
        there = {path.stem for path in (root / folder).glob(f"*{ending}")}
        missing = [name for name in names if name not in there]
        if missing:
            raise InputError(
                f"{root / folder} lacks {len(missing):,} files, among them {missing[0]}{ending}",
                f"delete {root} and fetch it again",
            )
