"""Photographs with all that is made of them: the paper's Figs. 3 and 6 for any run."""

from lpg.evaluation.gallery.draw import draw_gallery
from lpg.evaluation.gallery.overlays import overlay

__all__ = ["draw_gallery", "overlay"]
