"""Generators by name. One that is not learned is a module in this folder and a line in `METHODS`."""

from lpg.generators.boxes import Boxes
from lpg.generators.grabcut import GrabCut
from lpg.generators.interface import Generator, Request, SoftMasks
from lpg.generators.learned import LearnedGenerator

METHODS = {"boxes": Boxes, "grabcut": GrabCut}

__all__ = ["METHODS", "Generator", "LearnedGenerator", "Request", "SoftMasks"]
