"""Readers of annotation layouts. A reader is one module with one class; `FORMATS` names it for the configuration."""

from lpg.annotations.coco import CocoAnnotations
from lpg.annotations.record import Record
from lpg.annotations.voc import VocAnnotations

FORMATS = {"coco": CocoAnnotations, "voc": VocAnnotations}

__all__ = ["FORMATS", "CocoAnnotations", "Record", "VocAnnotations"]
