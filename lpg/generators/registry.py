"""Generators by name. A new generic one is a module under `baselines` and a line here, imported when it is opened.

No torch here: the workflow reads this table while it plans.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lpg.jobs.lines import Line

# The network g of the paper, from a checkpoint.
LEARNED = Line("lpg.generators.learned.apply", "LearnedGenerator")


@dataclass(frozen=True)
class Method(Line):
    """One generic generator.

    Attributes:
        title: what it really is, for a row of a table.
        reads_scores: whether its masks depend on p^(k-1), and so on the stage.
        network: whether it runs one, in one process and on the GPU; the others share the photographs among processes.
        options: keyword arguments of the class that a configuration may give, as keys beside `method`: the default of
            each, or `Path` for one that it must give, and that must exist.
        parts: the options that are parts of an area, 0 to 1.
    """

    title: str
    reads_scores: bool = False
    network: bool = False
    options: Mapping[str, int | float | type[Path]] = field(default_factory=dict)
    parts: tuple[str, ...] = ()

    @property
    def required(self) -> list[str]:
        return [option for option, default in self.options.items() if default is Path]


BASELINES = "lpg.generators.baselines"
ENSEMBLE = {"samples": 20, "side": 224}
METHODS = {
    "boxes": Method(f"{BASELINES}.boxes", "Boxes", "box fill"),
    "boxes_ignore": Method(
        f"{BASELINES}.sdi.boxes_ignore", "BoxesIgnore", "box, inner 20 %, the rest ignored (Box^i of SDI)"
    ),
    "grabcut": Method(
        f"{BASELINES}.grabcut", "GrabCut", "GrabCut", options={"minimum_area": 0.1}, parts=("minimum_area",)
    ),
    "grabcut_plus": Method(
        f"{BASELINES}.sdi.grabcut_plus",
        "GrabCutPlus",
        "GrabCut ensemble (GrabCut+^i of SDI, without HED)",
        options=ENSEMBLE,
    ),
    "grabcut_plus_hed": Method(
        f"{BASELINES}.sdi.grabcut_plus_hed",
        "GrabCutPlusHed",
        "GrabCut ensemble, HED boundaries (GrabCut+^i of SDI)",
        options={"hed": Path, **ENSEMBLE},
    ),
    "mcg": Method(f"{BASELINES}.sdi.mcg", "MCG", "MCG", options={"proposals": Path}),
    "grabcut_and_mcg": Method(
        f"{BASELINES}.sdi.grabcut_and_mcg",
        "GrabCutAndMCG",
        "GrabCut ensemble ∩ MCG (M∩G+ of SDI, without HED)",
        options={"proposals": Path, **ENSEMBLE},
    ),
    "sam": Method(
        f"{BASELINES}.sam",
        "SegmentAnything",
        "Segment Anything, prompted by boxes",
        network=True,
        options={"checkpoint": Path},
    ),
    "densecrf": Method(f"{BASELINES}.wssl.densecrf", "DenseCRF", "dense CRF, Bbox-Seg of WSSL"),
    "wssl_em_fixed": Method(
        f"{BASELINES}.wssl.em",
        "EmFixed",
        "Bbox-EM-Fixed of WSSL",
        reads_scores=True,
        options={"foreground_bias": 5.0, "background_bias": 3.0},
    ),
    "wssl_em_adapt": Method(
        f"{BASELINES}.wssl.em",
        "EmAdapt",
        "EM-Adapt of WSSL, in boxes",
        reads_scores=True,
        options={"foreground_portion": 0.2, "background_portion": 0.4},
        parts=("foreground_portion", "background_portion"),
    ),
    "bcm": Method(f"{BASELINES}.bcm.masks", "Bcm", "masked scores and dense CRF, after BCM", reads_scores=True),
}
