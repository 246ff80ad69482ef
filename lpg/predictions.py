"""The scores p^k that a segmenter left in `predictions.h5`."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch

from lpg import classes
from lpg.errors import InputError
from lpg.storage import Ragged, class_table, open_file, read_strings
from lpg.windows import Window, paste


class ScoreMaps:
    """p_c at the size of the photograph: `maps(name, class_id, height, width)` is uint8 (H, W), 255 for 1."""

    def __init__(self, paths: Iterable[str | Path], class_names: Sequence[str]) -> None:
        self._where: dict[tuple[str, int], tuple[Ragged, int, int, Window]] = {}
        for path in paths:
            scores = Ragged(path, "scores")
            with open_file(path, "images/name", "named/class_id") as file:
                ids = classes.translate(class_table(file), class_names, str(path))[file["named/class_id"][:]]
                offsets, windows = file["named/offset"][:], file["images/window"][:]
                for index, name in enumerate(read_strings(file, "images/name")):
                    window = Window(0, 0, *(int(side) for side in windows[index]))
                    for channel, class_id in enumerate(ids[offsets[index] : offsets[index + 1]]):
                        self._where[name, int(class_id)] = (scores, index, channel, window)

    def __call__(self, name: str, class_id: int, height: int, width: int) -> np.ndarray:
        if (name, class_id) not in self._where:
            raise InputError(f"the predictions hold no score of class {class_id} on {name}; make them again")
        scores, index, channel, window = self._where[name, class_id]
        return paste(torch.from_numpy(scores[index][channel]), window, height, width).numpy()
