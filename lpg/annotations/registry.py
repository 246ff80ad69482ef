"""Annotation formats by name. A new one is a module here and a line; its module is imported when it is opened."""

from lpg.jobs.lines import Line

# Each is a `lpg.annotations.reader.Reader`.
FORMATS = {
    "coco": Line("lpg.annotations.coco", "CocoAnnotations"),
    "voc": Line("lpg.annotations.voc", "VocAnnotations"),
}
