"""A table of boxes, one a line: x0, y0, x1, y1, edges in pixels."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from lpg.annotations.exporters.annotated import Annotated
from lpg.files.atomic import replace_atomically


def export_csv(
    photographs: Iterable[Annotated], classes: Sequence[str], folder: str | Path, source: Path | None = None
) -> None:
    """Write `<folder>/boxes.csv`."""
    path = Path(folder, "boxes.csv")
    with replace_atomically(path) as partial, open(partial, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "x0", "y0", "x1", "y1", "class", "id"])
        for annotated in photographs:
            image = annotated.image
            for box, class_id, key in zip(image.boxes, image.class_ids, image.object_ids, strict=True):
                edges = (f"{edge:.10g}" for edge in box.astype(float).round(3))
                writer.writerow([annotated.file_name, *edges, classes[class_id], key])
