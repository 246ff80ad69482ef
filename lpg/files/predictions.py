"""`predictions.h5`: the scores p^k of a segmenter, 8 bit, at the network's own resolution."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lpg.classes import translate
from lpg.errors import InputError
from lpg.files.hdf5 import class_table, create_file, open_file, read_offsets, several, write_offsets, write_strings
from lpg.files.ragged import Entries, Ragged, RaggedWriter, read_names
from lpg.photograph import Photograph
from lpg.pixels.windows import Window, paste, pixel_centres, sample


@dataclass(frozen=True)
class Scores:
    """The scores of one photograph, as a segmenter gives them.

    Attributes:
        class_ids: of the K classes that are kept, ascending, 0 (background) first.
        values: uint8 (K, h, w), 255 for the class's highest score in the photograph.
        peaks: float32 (K,), that highest score.
        window: the pixels that (h, w) covers, from the top left; padding included.
    """

    class_ids: list[int]
    values: np.ndarray
    peaks: np.ndarray
    window: Window


NOTHING = Scores([], np.empty((0, 0, 0), dtype=np.uint8), np.empty(0, dtype=np.float32), Window(0, 0, 0, 0))


def write_predictions(
    path: str | Path,
    class_names: Sequence[str],
    names: Sequence[str],
    scores: Iterable[Scores],
    provenance: dict | None = None,
) -> None:
    """Write `predictions.h5`; the scores are taken one photograph at a time."""
    with create_file(path, class_names, provenance) as file:
        writer = RaggedWriter(file, "scores", dimensions=3)
        windows, counts, class_ids, peaks = array("i"), array("q"), bytearray(), array("f")
        for one in scores:
            writer.append(one.values)
            windows.extend((one.window.height, one.window.width))
            counts.append(len(one.class_ids))
            class_ids.extend(one.class_ids)
            peaks.extend(one.peaks.tolist())
        writer.close()
        write_strings(file, "images/name", names)
        file["images/window"] = np.array(windows, dtype=np.int32).reshape(-1, 2)
        write_offsets(file, "scored", counts)
        file["scored/class_id"] = np.frombuffer(class_ids, dtype=np.uint8)
        file["scored/peak"] = np.array(peaks, dtype=np.float32)


class ScoreMaps:
    """The scores of one or more `predictions.h5`, by photograph.

    `maps(image, class_id)` is the score at the size of the photograph, uint8 (H, W), 255 for 1.

    Arguments:
        paths: of one or more datasets.
        class_names: the table to translate to.
        named: what the segmenter gives to classes that the photograph's boxes do not name is shared out among those
            that they do. It is p_c else, the paper's.
    """

    def __init__(
        self, paths: str | Path | Iterable[str | Path], class_names: Sequence[str], named: bool = False
    ) -> None:
        self._paths, self._named = several(paths), named
        self._files = [_Scored(path, class_names) for path in self._paths]
        self._entries = Entries([read_names(path) for path in self._paths])

    def scores(self, name: str) -> Scores:
        """All that is kept of a photograph, as it was given to `write_predictions` but for the class table."""
        file, entry = self._entries[name]
        return self._files[file].scores(entry)

    def of(self, image: Photograph) -> "ImageScores":
        """The scores of one photograph, by class id."""
        return ImageScores(self, image)

    def __call__(self, image: Photograph, class_id: int) -> np.ndarray:
        """The score of a class at the size of the photograph, uint8 (H, W), 255 for 1.

        Raises:
            InputError: the predictions hold no score of the class on the photograph.
        """
        score, covered = self._score(image, class_id)
        return paste(score, covered, image.height, image.width).round().to(torch.uint8).numpy()

    def inside(self, image: Photograph, class_id: int, window: Window, side: int) -> Tensor:
        """The score inside a window of the photograph, uint8 (side, side), 0 outside the photograph.

        Sampled where it is wanted, rather than brought to the size of the photograph and cut down again.
        """
        score, covered = self._score(image, class_id)
        within = sample(score[None], covered, window, side, side)
        rows, columns = pixel_centres(window, side, side)
        known = ((rows >= 0) & (rows < image.height))[:, None] & ((columns >= 0) & (columns < image.width))
        return (within[0] * known).round().to(torch.uint8)

    def _score(self, image: Photograph, class_id: int) -> tuple[Tensor, Window]:
        """A score at the network's resolution, float32 (h, w), 255 for 1, and the pixels that it covers."""
        known = self.scores(image.name) if image.name in self._entries else NOTHING
        class_ids = known.class_ids
        named = sorted(set(image.classes) & set(class_ids)) if self._named and class_id else []
        wanted = [class_id, 0, *named] if named else [class_id]
        for missing in set(wanted) - set(class_ids):
            where = ", ".join(map(str, self._paths))
            raise InputError(
                f"{where}: the predictions hold no score of class {missing} on {image.name}", "make them again"
            )
        channels = [class_ids.index(one) for one in wanted]
        scores = torch.from_numpy(known.values[channels]) * torch.from_numpy(known.peaks[channels])[:, None, None]
        if not named:
            return scores[0], known.window
        share = scores[0] / scores[2:].sum(dim=0).clamp(min=torch.finfo(scores.dtype).tiny)
        return (255 - scores[1]) * share, known.window


class _Scored:
    """One file: its scores by entry, class ids translated."""

    def __init__(self, path: str | Path, class_names: Sequence[str]) -> None:
        self._values = Ragged(path, "scores")
        with open_file(path, "images/name", "scored/class_id", "scored/peak") as file:
            self._class_ids = translate(class_table(file), class_names, str(path))[file["scored/class_id"][:]]
            self._peaks, self._offset = file["scored/peak"][:], read_offsets(file, "scored")
            self._windows = file["images/window"][:].astype(int, casting="safe")
            if not len(self._class_ids) == len(self._peaks) == self._offset[-1]:
                raise ValueError("the numbers of classes and of their peaks differ")
            if not len(file["images/name"]) == len(self._windows) == len(self._values) == len(self._offset) - 1:
                raise ValueError("the numbers of photographs, windows and scores differ")
            if (self._values.shapes[:, 0] != np.diff(self._offset)).any():
                raise ValueError("the numbers of scores and of their classes differ")
            if self._windows.shape[1:] != (2,) or (self._windows < 1).any():
                raise ValueError("a window has no height and width")

    def scores(self, entry: int) -> Scores:
        own = slice(*self._offset[entry : entry + 2].tolist())
        window = Window(0, 0, *self._windows[entry].tolist())
        return Scores(self._class_ids[own].tolist(), self._values[entry], self._peaks[own], window)


class ImageScores(Mapping):
    """The scores of one photograph, read when asked for: `scores[class_id]` is uint8 (H, W); 0 is the background."""

    def __init__(self, maps: ScoreMaps, image: Photograph) -> None:
        self._maps, self._image = maps, image

    def __getitem__(self, class_id: int) -> np.ndarray:
        return self._maps(self._image, class_id)

    def __iter__(self) -> Iterator[int]:
        return iter([0, *self._image.classes])

    def __len__(self) -> int:
        return 1 + len(self._image.classes)
