"""Label maps as pictures, and what their colours mean."""

import json
from collections.abc import Sequence
from pathlib import Path

from lpg.classes import VOID
from lpg.files.atomic import replace_folder
from lpg.files.hdf5 import class_table, open_file
from lpg.files.label_maps import LabelMaps
from lpg.jobs.log import track
from lpg.jobs.provenance import said_briefly
from lpg.pixels.pictures import voc_palette, write_palette_mask


def export_pseudo_masks(pseudo_masks: Sequence[str | Path], folder: str | Path, provenance: dict | None = None) -> None:
    """Write every label map as a PNG in VOC's colours, `<folder>/<name>.png`, the dataset's own name of it.

    Beside them `classes.json` lists `id`, `name` and `colour` (`#800000`) of every class, and of void.

    Arguments:
        provenance: what makes them, of which every picture says the version and what it was made from.
    """
    labels, texts = LabelMaps(pseudo_masks), said_briefly(provenance or {})
    with open_file(pseudo_masks[0]) as file:
        named = [*enumerate(class_table(file)), (VOID, "void")]
    colours = [bytes(colour).hex() for colour in voc_palette().tolist()]
    listed = [{"id": index, "name": name, "colour": f"#{colours[index]}"} for index, name in named]
    with replace_folder(folder) as partial:
        for name in track(labels.names, "masks"):
            write_palette_mask(partial / f"{name.split('/', 1)[1]}.png", labels[name], texts)
        text = json.dumps(listed, indent=1, ensure_ascii=False) + "\n"
        (partial / "classes.json").write_text(text, encoding="utf-8")
