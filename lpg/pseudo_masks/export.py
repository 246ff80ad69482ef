"""Label maps as pictures."""

from collections.abc import Sequence
from pathlib import Path

from lpg.files.label_maps import LabelMaps
from lpg.jobs.log import track
from lpg.pixels.pictures import write_palette_mask


def export_pseudo_masks(pseudo_masks: Sequence[str | Path], folder: str | Path) -> None:
    """Write every label map as a PNG in VOC's colours, `<folder>/<name>.png`, the dataset's own name of it."""
    labels = LabelMaps(pseudo_masks)
    for name in track(labels.names, "masks"):
        write_palette_mask(Path(folder, f"{name.split('/', 1)[1]}.png"), labels[name])
