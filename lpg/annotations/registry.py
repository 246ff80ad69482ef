"""Annotation formats by name. A new one is a module here and a line; its module is imported when it is opened."""

from lpg.jobs.lines import Line

# Each gives a `lpg.annotations.reader.Reader`.
FORMATS = {
    "coco": Line("lpg.annotations.coco", "CocoAnnotations"),
    "voc": Line("lpg.annotations.voc", "VocAnnotations"),
    "voc_xml": Line("lpg.annotations.voc_xml", "voc_xml_annotations"),
    "yolo": Line("lpg.annotations.yolo", "yolo_annotations"),
    "csv": Line("lpg.annotations.comma_separated", "csv_annotations"),
    "labelme": Line("lpg.annotations.labelme", "labelme_annotations"),
    "cvat": Line("lpg.annotations.cvat", "cvat_annotations"),
}
