"""Label maps as pictures, and what their colours mean."""

from collections.abc import Sequence
from pathlib import Path

from lpg.files.atomic import replace_folder
from lpg.files.class_colours import write_class_colours
from lpg.files.hdf5 import class_table, open_file
from lpg.files.label_maps import LabelMaps
from lpg.jobs.log import track
from lpg.jobs.provenance import said_briefly
from lpg.photograph import own_name
from lpg.pixels.pictures import write_palette_mask


def export_pseudo_masks(pseudo_masks: Sequence[str | Path], folder: str | Path, provenance: dict | None = None) -> None:
    """Write every label map as a PNG in VOC's colours, `<folder>/<name>.png`, the dataset's own name of it.

    Beside them `classes.json` lists `id`, `name` and `colour` (`#800000`) of every class, and of void.

    Arguments:
        provenance: what makes them, of which every picture says the version and what it was made from.
    """
    labels, texts = LabelMaps(pseudo_masks), said_briefly(provenance or {})
    with open_file(pseudo_masks[0]) as file:
        classes = class_table(file)
    with replace_folder(folder) as partial:
        for name in track(labels.names, "masks"):
            write_palette_mask(partial / f"{own_name(name)}.png", labels[name], texts)
        write_class_colours(partial / "classes.json", classes)
