"""Generators by name. A new generic one is a module under `baselines` and a line here, imported when it is opened.

No torch here: the workflow reads this table while it plans.
"""

from collections.abc import Iterable, Mapping
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
        options: keyword arguments of the class that a configuration may give, as keys beside `method`, with their
            types; a `Path` must exist.
        required: those of them that it must give.
    """

    title: str
    reads_scores: bool = False
    network: bool = False
    options: Mapping[str, type] = field(default_factory=dict)
    required: Iterable[str] = ()


BASELINES = "lpg.generators.baselines"
METHODS = {
    "boxes": Method(f"{BASELINES}.boxes", "Boxes", "box fill"),
    "boxes_ignore": Method(
        f"{BASELINES}.sdi.boxes_ignore", "BoxesIgnore", "box, inner 20 %, the rest ignored (Box^i of SDI)"
    ),
    "grabcut": Method(f"{BASELINES}.grabcut", "GrabCut", "GrabCut", options={"minimum_area": float}),
    "grabcut_plus": Method(
        f"{BASELINES}.sdi.grabcut_plus",
        "GrabCutPlus",
        "GrabCut ensemble (GrabCut+^i of SDI, without HED)",
        options={"samples": int, "side": int},
    ),
    "grabcut_plus_hed": Method(
        f"{BASELINES}.sdi.grabcut_plus_hed",
        "GrabCutPlusHed",
        "GrabCut ensemble, HED boundaries (GrabCut+^i of SDI)",
        options={"hed": Path, "samples": int, "side": int},
        required=("hed",),
    ),
    "mcg": Method(f"{BASELINES}.sdi.mcg", "MCG", "MCG", options={"proposals": Path}, required=("proposals",)),
    "grabcut_and_mcg": Method(
        f"{BASELINES}.sdi.grabcut_and_mcg",
        "GrabCutAndMCG",
        "GrabCut ensemble ∩ MCG (M∩G+ of SDI, without HED)",
        options={"proposals": Path, "samples": int, "side": int},
        required=("proposals",),
    ),
    "sam": Method(
        f"{BASELINES}.sam",
        "SegmentAnything",
        "Segment Anything, prompted by boxes",
        network=True,
        options={"checkpoint": Path},
        required=("checkpoint",),
    ),
    "densecrf": Method(f"{BASELINES}.wssl.densecrf", "DenseCRF", "dense CRF, Bbox-Seg of WSSL"),
    "wssl_em_fixed": Method(
        f"{BASELINES}.wssl.em",
        "EmFixed",
        "Bbox-EM-Fixed of WSSL",
        reads_scores=True,
        options={"foreground_bias": float, "background_bias": float},
    ),
    "wssl_em_adapt": Method(
        f"{BASELINES}.wssl.em",
        "EmAdapt",
        "EM-Adapt of WSSL, in boxes",
        reads_scores=True,
        options={"foreground_portion": float, "background_portion": float},
    ),
    "bcm": Method(f"{BASELINES}.bcm.masks", "Bcm", "masked scores and dense CRF, after BCM", reads_scores=True),
}
