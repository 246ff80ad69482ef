"""Generic generators by name. A new one is a module in this folder and a line in `METHODS`.

Nothing heavy is imported before a method is opened: the workflow reads this table while it plans.
"""

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lpg.errors import InputError

if TYPE_CHECKING:
    from lpg.generators.interface import Generator


@dataclass(frozen=True)
class Method:
    """One generic generator.

    Attributes:
        title: what it really is, for a row of a table.
        module: of this folder; `name` is the class in it.
        reads_scores: whether its masks depend on p^(k-1), and so on the stage.
        network: whether it runs one, in one process and on the GPU; the others share the photographs among processes.
        options: keyword arguments of the class that a configuration may give, as keys beside `method`, with their
            types; a `Path` must exist.
        required: those of them that it must give.
        titles: another title, where an option of this name is given.
    """

    title: str
    module: str
    name: str
    reads_scores: bool = False
    network: bool = False
    options: Mapping[str, type] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)

    def title_with(self, options: Iterable[str]) -> str:
        """What it really is, given these options."""
        return next((self.titles[option] for option in options if option in self.titles), self.title)

    @property
    def path(self) -> Path:
        return Path(__file__).with_name(f"{self.module}.py")


METHODS = {
    "boxes": Method("box fill", "boxes", "Boxes"),
    "boxes_ignore": Method("box, inner 20 %, the rest ignored (Box^i of SDI)", "boxes_ignore", "BoxesIgnore"),
    "grabcut": Method("GrabCut", "grabcut", "GrabCut", options={"minimum_area": float}),
    "grabcut_plus": Method(
        "GrabCut ensemble (GrabCut+^i of SDI, without HED)",
        "grabcut_plus",
        "GrabCutPlus",
        options={"samples": int, "side": int},
    ),
    "mcg": Method(
        "region proposals (scikit-image) for MCG",
        "mcg",
        "MCG",
        options={"proposals": Path},
        titles={"proposals": "MCG"},
    ),
    "grabcut_and_mcg": Method(
        "GrabCut ensemble ∩ region proposals (scikit-image), for M∩G+ of SDI",
        "grabcut_and_mcg",
        "GrabCutAndMCG",
        options={"samples": int, "side": int, "proposals": Path},
        titles={"proposals": "GrabCut ensemble ∩ MCG (M∩G+ of SDI, without HED)"},
    ),
    "sam": Method(
        "Segment Anything, prompted by boxes",
        "sam",
        "SegmentAnything",
        network=True,
        options={"checkpoint": Path},
        required=("checkpoint",),
    ),
    "densecrf": Method("dense CRF, Bbox-Seg of WSSL", "densecrf", "DenseCRF"),
    "wssl_em_fixed": Method(
        "Bbox-EM-Fixed of WSSL",
        "wssl",
        "EmFixed",
        reads_scores=True,
        options={"foreground_bias": float, "background_bias": float},
    ),
    "wssl_em_adapt": Method(
        "EM-Adapt of WSSL, in boxes",
        "wssl",
        "EmAdapt",
        reads_scores=True,
        options={"foreground_portion": float, "background_portion": float},
    ),
    "bcm": Method("masked scores and dense CRF, after BCM", "bcm", "Bcm", reads_scores=True),
}


def options_of(spec: dict) -> dict:
    """What stands beside `method` in a configuration."""
    return {key: value for key, value in spec.items() if key != "method"}


def open_method(name: str, options: dict) -> "Generator":
    """The generator called `name`; its module is imported now."""
    method = METHODS[name]
    module = importlib.import_module(f"lpg.generators.{method.module}")
    return getattr(module, method.name)(**options)


def check_method(where: str, name: str, options: dict) -> None:
    """Refuse a method or an option that is not there.

    Raises:
        InputError: names what is known.
    """
    if name not in METHODS:
        raise InputError(f"{where}.method: '{name}' is no generator; known are {', '.join(METHODS)}")
    method = METHODS[name]
    for option, value in options.items():
        if option not in method.options:
            known = ", ".join(method.options) or "none"
            raise InputError(f"{where}: '{name}' takes no option '{option}'; it takes {known}")
        _check_value(f"{where}.{option}", value, method.options[option])
    for option in method.required:
        if option not in options:
            raise InputError(f"{where}: '{name}' needs {option}; add it beside method")


def _check_value(where: str, value, wanted: type) -> None:
    if wanted is Path:
        if not Path(str(value)).exists():
            raise InputError(f"{where}: {value} does not exist; mend the path")
        return
    number = isinstance(value, int if wanted is int else int | float) and not isinstance(value, bool)
    if not number or value < 0 or (wanted is int and value == 0):
        kind = "a whole number above 0" if wanted is int else "a number, 0 or above"
        raise InputError(f"{where}: {value!r} is not {kind}; mend the value")
