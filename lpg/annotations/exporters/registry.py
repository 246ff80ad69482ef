"""Formats to write by name. A new one is a module here and a line; its module is imported when it is opened."""

from lpg.jobs.lines import Line

# Each takes the photographs (`Annotated`), the class table, a folder, and the COCO file that they came from or None.
EXPORTERS = {
    name: Line(f"lpg.annotations.exporters.{name}", f"export_{name}")
    for name in ("coco", "yolo", "voc", "png", "labelme", "csv")
}
