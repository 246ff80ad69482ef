"""Region proposals: what might be an object, before anything is said of classes.

A proposal is a union of superpixels of a label map, the way MCG (Arbelaez et al., CVPR 2014) stores its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.ndimage import find_objects

from lpg.errors import InputError
from lpg.pixels.box_maps import box_ious, slice_edges
from lpg.pixels.matlab import read_mat


@dataclass(frozen=True)
class Proposals:
    """Proposals over one label map.

    Attributes:
        superpixels: int (H, W), from 1.
        members: per proposal the numbers of its superpixels, best proposal first.
    """

    superpixels: np.ndarray
    members: Sequence[np.ndarray]

    @cached_property
    def boxes(self) -> np.ndarray:
        """The bounding boxes, int (proposals, 4): x0 y0 x1 y1."""
        edges = np.zeros((self.superpixels.max() + 1, 4), dtype=np.int64)
        for number, where in enumerate(find_objects(self.superpixels), start=1):
            if where is not None:
                edges[number] = slice_edges(where)
        tops = [(*edges[numbers, :2].min(axis=0), *edges[numbers, 2:].max(axis=0)) for numbers in self.members]
        return np.array(tops, dtype=np.int64).reshape(-1, 4)

    def mask(self, index: int) -> np.ndarray:
        """One proposal, bool (H, W)."""
        return np.isin(self.superpixels, self.members[index])


def best_proposal(proposals: Proposals, inside: tuple[slice, slice]) -> np.ndarray:
    """The proposal whose bounding box has the highest IoU with a box, bool (H, W); of equal ones the first."""
    return proposals.mask(int(box_ious(proposals.boxes, np.array([slice_edges(inside)])).argmax()))


def read_mcg(path: str | Path) -> Proposals:
    """The proposals that MCG's authors computed for a photograph, as they publish them for VOC.

    The file holds `superpixels`, a label map (H, W) from 1; `labels`, a cell array (proposals, 1) of lists of
    superpixels; `scores` (proposals, 1).

    Raises:
        InputError: the file is missing, or not of this layout.
    """
    if not Path(path).is_file():
        raise InputError(f"{path} does not exist", "put MCG's proposals of the photograph there")
    try:
        content = read_mat(path)
        superpixels = content["superpixels"].astype(np.int64)
        members = [cell.ravel().astype(np.int64) for cell in content["labels"]]
        order = np.argsort(-content["scores"].ravel(), kind="stable")
        numbers = np.concatenate(members)
        if superpixels.ndim != 2 or len(order) != len(members) or not all(map(len, members)):
            raise ValueError("superpixels, labels and scores do not fit each other")
        if superpixels.min() < 1 or superpixels.max() > superpixels.size or not np.isin(numbers, superpixels).all():
            raise ValueError("superpixels are not numbered from 1, or labels name some that are not there")
        return Proposals(superpixels, [members[index] for index in order])
    except (OSError, KeyError, ValueError, IndexError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path} is not of MCG's proposals ({error})",
            "it needs superpixels, labels and scores, in a .mat before 7.3",
        ) from None
