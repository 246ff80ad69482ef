"""Box fill, the trivial generator: every pixel of a box is its object."""

import numpy as np

from lpg.boxes import box_slices
from lpg.generators.interface import Request, SoftMasks


class Boxes:
    """Gives the box map of every class as its mask."""

    needs_scores = relative_score = False

    def __call__(self, requests: list[Request]) -> list[SoftMasks]:
        return [self._fill(request) for request in requests]

    @staticmethod
    def _fill(request: Request) -> SoftMasks:
        image = request.image
        maps = np.stack([image.box_map(class_id) for class_id in image.classes])
        shapes = [np.empty((image.height, image.width))[box_slices(box, image.height, image.width)].shape
                  for box in image.boxes]  # fmt: skip
        return SoftMasks(maps.astype(np.uint8) * 255, [np.full(shape, 255, dtype=np.uint8) for shape in shapes])
