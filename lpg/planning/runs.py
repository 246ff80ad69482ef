"""Runs as the plan sees them: a configuration's runs, their kinds of generator, and the starts they share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lpg.generators.registry import METHODS
from lpg.generators.shipped import DEFAULT, SHIPPED
from lpg.planning.blocks import given
from lpg.planning.configuration import (
    Configuration,
    FileChoice,
    FromChoice,
    LearnChoice,
    MethodChoice,
    RunSettings,
    ShippedChoice,
)


@dataclass(frozen=True)
class Learned:
    """The run learns g^1..g^K on the masks of its own datasets, by a recipe."""

    recipe: str


@dataclass(frozen=True)
class Borrowed:
    """The run takes the generators that another run learns, of the same stage or always of one.

    `apply` changes how they make this run's masks.
    """

    teacher: str
    stage: int | None = None
    apply: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finished:
    """The run brings a trained generator along; `apply` changes how it makes this run's masks.

    Attributes:
        shipped: its name, if it comes with the package.
    """

    path: str
    apply: Mapping[str, Any] = field(default_factory=dict)
    shipped: str | None = None


@dataclass(frozen=True)
class Generic:
    """A method that is not learned, with its options."""

    method: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """One EM sequence over one dataset, or over a list of them.

    Attributes:
        segmenter: its recipe; None for a run that only makes masks.
        generator: what makes its pseudo masks; None where it is `supervised`, or a start.
        supervised: trained on the datasets' own masks: the upper bound `full`.
        ignore_band: between which values of a soft mask its labels are void; None for the generator's own.
        own_masks: the list of images whose own masks are used (semi-supervision).
        decisions: the files and folders of what people have decided about its masks.
        rejected: what becomes of a mask that they rejected.
        stages: K of the EM; one for a run that makes masks without a segmenter, where nothing changes.
        evaluated: the datasets on which it is scored.
        refines: whether masks and segmenter are scored after a dense CRF too.
        refines_labels: whether the masks after the CRF are the segmenter's labels, and are exported and drawn.
        allowed: classes that it may share with what its generator learned from.
    """

    name: str
    datasets: tuple[str, ...]
    segmenter: str | None = None
    generator: Learned | Borrowed | Finished | Generic | None = None
    ignore_band: tuple[float, float] | None = None
    supervised: bool = False
    own_masks: str | None = None
    decisions: tuple[str, ...] = ()
    rejected: str = "void"
    stages: int = 0
    evaluated: tuple[str, ...] = ()
    refines: bool = False
    refines_labels: bool = False
    allowed: tuple[str, ...] = ()

    @property
    def reads_scores(self) -> bool:
        """Whether its pseudo masks depend on p^(k-1), and so on the stage."""
        if isinstance(self.generator, Generic):
            return METHODS[self.generator.method].reads_scores
        return self.segmenter is not None

    @property
    def only_learns(self) -> bool:
        """Whether generators are all that it makes: they learn from masks alone, without a segmenter's scores."""
        return isinstance(self.generator, Learned) and self.segmenter is None

    @property
    def runs_network(self) -> bool:
        """Whether a network makes its pseudo masks."""
        return not isinstance(self.generator, Generic) or METHODS[self.generator.method].network

    @property
    def ingredients(self) -> tuple:
        """What its networks and masks are made of; two runs that agree in it would compute everything twice."""
        return (
            self.datasets, self.segmenter, repr(self.generator), self.supervised, self.own_masks, self.refines_labels,
            self.ignore_band,
            self.decisions, self.rejected,
        )  # fmt: skip

    @property
    def shared(self) -> bool:
        """Whether it is the stage 0 that runs share; no run of a configuration has a point in its name."""
        return "." in self.name

    @property
    def start(self) -> str | None:
        """The run in whose folder stage 0 lies, where its segmenter learns the boxes and nothing else.

        All runs over the same datasets with the same segmenter share it. Its name says what it is and cannot be
        another run's, so it depends neither on the order of the runs nor on which others there are.
        """
        if self.segmenter is None or self.supervised or self.own_masks:
            return None
        return f"{'+'.join(self.datasets)}.{self.segmenter}"


def runs_of(config: Configuration) -> dict[str, Run]:
    """The runs of a configuration by name, in its order."""
    return {name: _run(name, settings, config.stages) for name, settings in config.runs.items()}


def starts_of(runs: Mapping[str, Run]) -> dict[str, Run]:
    """The stages 0 that runs share, as runs of their own."""
    shared = {run.start: run for run in runs.values() if run.start}
    return {name: Run(name, run.datasets, run.segmenter) for name, run in shared.items()}


def _run(name: str, settings: RunSettings, stages: int) -> Run:
    own = stages if settings.stages is None else settings.stages
    return Run(
        name=name,
        datasets=tuple(settings.dataset),
        segmenter=settings.segmenter,
        generator=_generator(settings),
        ignore_band=settings.generator.ignore_band if settings.generator else None,
        supervised=settings.labels == "masks",
        own_masks=settings.masks,
        decisions=tuple(settings.decisions or ()),
        rejected=settings.rejected,
        stages=own if settings.segmenter or isinstance(settings.generator, LearnChoice) else 1,
        evaluated=tuple(settings.evaluate or ()),
        refines=bool(settings.crf),
        refines_labels=settings.crf == "labels",
        allowed=tuple(settings.allow_shared_classes or ()),
    )


def _generator(settings: RunSettings) -> Learned | Borrowed | Finished | Generic | None:
    choice = settings.generator
    match choice:
        case LearnChoice():
            return Learned(choice.learn)
        case FromChoice():
            return Borrowed(choice.teacher, choice.stage, given(choice.apply))
        case FileChoice():
            return Finished(choice.file, given(choice.apply))
        case ShippedChoice():
            return _shipped(choice.shipped, given(choice.apply))
        case MethodChoice():
            return Generic(choice.method, dict(sorted(choice.model_extra.items())))
    return None if settings.labels == "masks" else _shipped(DEFAULT, {})


def _shipped(name: str, apply: Mapping[str, Any]) -> Finished:
    return Finished(str(SHIPPED[name].path), apply, name)
