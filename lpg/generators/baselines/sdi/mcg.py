"""The region proposal that fits a box best: BoxSup's and SDI's use of MCG."""

from pathlib import Path

import numpy as np
from scipy.ndimage import binary_fill_holes

from lpg.errors import InputError
from lpg.generators.baselines.sdi.proposals import Proposals, best_proposal, read_mcg
from lpg.generators.interface import BoxGenerator, Request
from lpg.photograph import own_name


class MCG(BoxGenerator):
    """Per box the proposal whose bounding box has the highest IoU with it, its holes filled, cut to the box.

    So do Khoreva et al., CVPR 2017, section 3.2 (SDI). Dai et al., ICCV 2015 (BoxSup), begin so; then they choose anew
    in every round, also by what their network says of a proposal, which is not here.

    Arguments:
        proposals: a folder of MCG's own proposals, `<name of the photograph>.mat`; a name may have folders in it.
    """

    def __init__(self, proposals: str) -> None:
        self.folder = Path(proposals)

    def prepare(self, request: Request) -> Proposals:
        path = self.folder / f"{own_name(request.image.name)}.mat"
        read = read_mcg(path)
        if read.superpixels.shape != request.photograph.shape[:2]:
            raise InputError(
                f"{path} is of a photograph of {_size(read.superpixels)} pixels, not of {_size(request.photograph)}",
                "take MCG's proposals of this very photograph, at its size",
            )
        return read

    def mask_of_box(self, photograph, inside, state) -> np.ndarray:
        chosen = binary_fill_holes(best_proposal(state, inside))[inside]
        if not chosen.any():
            chosen[:] = True  # no proposal lies in the box
        return chosen.astype(np.uint8) * 255


def _size(array: np.ndarray) -> str:
    return f"{array.shape[1]}×{array.shape[0]}"
