"""The configuration, defined once: what may stand in it, what it means, and what is refused.

The JSON schema and the tables of docs/configuration.md are made from these classes (`lpg.planning.reference`).
"""

from collections.abc import Iterable
from copy import copy
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Discriminator,
    Field,
    Strict,
    StringConstraints,
    Tag,
    create_model,
    field_validator,
)

from lpg.evaluation.published import TABLES
from lpg.generators.learned.recipe import INSIDE, Apply, BoxApply, BoxRecipe, ImageRecipe
from lpg.generators.shipped import SHIPPED
from lpg.planning.blocks import Block, Names, OneOrMore, TextList, not_empty
from lpg.planning.datasets import AnyDataset, CocoDataset, VocDataset
from lpg.segmenter.recipe import SegmenterRecipe
from lpg.training.recipe import Count, Flag, Part, Settings, Text, ascending

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
SomePart = Annotated[float, Strict(), Field(gt=0, le=1)]


def _stage(of: type[Settings], name: str, doc: str, fields: Iterable[str]) -> type[Settings]:
    """What may change from stage to stage: some fields of a recipe; what is left out is as the recipe says."""
    chosen = {field: (of.model_fields[field].rebuild_annotation(), copy(of.model_fields[field])) for field in fields}
    for _, info in chosen.values():
        info.default = None
    made = create_model(name, __base__=Settings, __doc__=doc, **chosen)
    made.elsewhere, made.part_of = of.elsewhere, of
    return made


MOST_STAGES = 100  # the method has three
SHARED = ("iterations", "batch", "learning_rate", "weight_decay", "crop", "jitter")
LEARNED = (*SHARED, "optimizer", "outside_weight", "iou_weight", "score_dropout", "target_stride", "minimum_side",
           "class_balance", "loosen", "named_score", "apply")  # fmt: skip
SegmenterStage = _stage(
    SegmenterRecipe, "SegmenterStage", "Of one stage.", (*SHARED, "long_side", "scales", "flip_test")
)
ImageStage = _stage(ImageRecipe, "ImageStage", "Of one stage.", (*LEARNED, "long_side", "scales", "focus"))
BoxStage = _stage(BoxRecipe, "BoxStage", "Of one stage.", (*LEARNED, "context"))


class SegmenterEntry(SegmenterRecipe):
    """A recipe for a segmenter: `architecture` picks the paper's numbers, every other key overrides one of them."""

    stages: Annotated[list[SegmenterStage], Field(min_length=1)] | None = None
    """a list of what changes from stage to stage, stage 0 first; its last entry stays. Each is laid over the recipe,
    not over the entry before it"""
    _not_empty = field_validator("stages", "trunk", mode="before")(not_empty)


class ImageEntry(ImageRecipe):
    """A recipe for a generator that sees the whole photograph, as the paper's."""

    stages: Annotated[list[ImageStage], Field(min_length=1)] | None = None
    """a list of what changes from stage to stage, stage 1 first; its last entry stays. Each is laid over the recipe,
    not over the entry before it"""
    _not_empty = field_validator("stages", "trunk", mode="before")(not_empty)


class BoxEntry(BoxRecipe):
    """A recipe for a generator that sees one box at a time."""

    stages: Annotated[list[BoxStage], Field(min_length=1)] | None = None
    """a list of what changes from stage to stage, stage 1 first; its last entry stays. Each is laid over the recipe,
    not over the entry before it"""
    _not_empty = field_validator("stages", "trunk", mode="before")(not_empty)


def _view(value: Any) -> Any:
    return value.get("view", "image") if isinstance(value, dict) else getattr(value, "view", None)


GeneratorEntry = Annotated[
    Annotated[ImageEntry, Tag("image")] | Annotated[BoxEntry, Tag("box")],
    Discriminator(_view, custom_error_type="tag", custom_error_context={"key": "view", "known": "image, box"},
                  custom_error_message="a view is wanted"),
]  # fmt: skip


class ApplyChanges(Block):
    """How a run makes masks with a finished generator, where that is another way than the generator's own."""

    scale: Apply.model_fields["scale"].rebuild_annotation() | None = None
    """see `generators.<name>.apply`"""
    flip: Flag | None = None
    """see there"""
    guided_radius: Apply.model_fields["guided_radius"].rebuild_annotation() | None = None
    """see there"""
    score_weight: Apply.model_fields["score_weight"].rebuild_annotation() | None = None
    """see `generators.<name>.apply`"""
    fusion: Apply.model_fields["fusion"].rebuild_annotation() | None = None
    """see there"""
    context: BoxApply.model_fields["context"].rebuild_annotation() | None = None
    """see there; of `view: box`"""
    magnify: BoxApply.model_fields["magnify"].rebuild_annotation() | None = None
    """see there; a large number, such as 1000, shows all crops at the same size; of `view: box`"""


class Choice(Block):
    """What makes a run's masks."""

    ignore_band: Annotated[tuple[Part, SomePart], AfterValidator(ascending)] | None = None
    """where a soft mask lies between the two, labels are void and teach the segmenter nothing; from the upper one on a
    pixel is object, below the lower one background"""


class LearnChoice(Choice):
    """The run learns its own generators, on the masks of its datasets."""

    learn: Text
    """a recipe or an architecture"""


class FromChoice(Choice):
    """The run borrows the generators of another run."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    elsewhere: ClassVar[dict[str, str]] = INSIDE
    teacher: Text = Field(alias="from")
    """the run that learns them"""
    stage: Count | None = None
    """the generator of this stage in every stage"""
    apply: ApplyChanges = ApplyChanges()
    """changes how this run's masks are made, and trains no generator"""


class FileChoice(Choice):
    """The run takes a finished generator along."""

    elsewhere: ClassVar[dict[str, str]] = INSIDE
    file: Text
    """a `generator.pt`"""
    apply: ApplyChanges = ApplyChanges()
    """changes how this run's masks are made"""


class ShippedChoice(Choice):
    """The run takes a trained generator that comes with the package."""

    elsewhere: ClassVar[dict[str, str]] = INSIDE
    shipped: Literal[tuple(SHIPPED)]
    """`general`, which has learned masks of as many classes as could be had, or `disjoint`, of none of VOC's"""
    apply: ApplyChanges = ApplyChanges()
    """changes how this run's masks are made"""


class MethodChoice(Choice):
    """The run's masks are made by a method that is not learned; its options stand beside `method`."""

    model_config = ConfigDict(extra="allow")

    method: Text
    """its name"""


FORMS = {
    "learn": LearnChoice, "from": FromChoice, "file": FileChoice, "shipped": ShippedChoice, "method": MethodChoice,
}  # fmt: skip


def _form(value: Any) -> str | None:
    if isinstance(value, Settings):
        return next(key for key, form in FORMS.items() if isinstance(value, form))
    chosen = [key for key in FORMS if isinstance(value, dict) and key in value]
    return chosen[0] if len(chosen) == 1 else None


GeneratorChoice = Annotated[
    Annotated[LearnChoice, Tag("learn")]
    | Annotated[FromChoice, Tag("from")]
    | Annotated[FileChoice, Tag("file")]
    | Annotated[ShippedChoice, Tag("shipped")]
    | Annotated[MethodChoice, Tag("method")],
    Discriminator(_form, custom_error_type="form", custom_error_message="a form is wanted"),
]


class RunSettings(Block):
    """One EM sequence over one dataset, or over a list of them."""

    dataset: OneOrMore
    """one, or a list of them"""
    segmenter: Text | None = None
    """a recipe or an architecture; without one, masks are made once, by a method that reads no scores or by a finished
    generator that learned with `score_dropout`; or, with `learn`, generators are learned from masks alone"""
    generator: GeneratorChoice | None = None
    """`{learn: recipe}`, `{from: run}`, `{from: run, stage: 3}`, `{file: generator.pt}`, `{shipped: general}` (also of
    a run without this key), `{shipped: disjoint}` or `{method: name, …}`. Beside `from`, `file` and `shipped`,
    `apply: {…}` changes how a finished generator makes this run's masks, and trains none anew. Beside any of them
    `ignore_band: [0.4, 0.6]` makes labels void where a soft mask lies between the two and none is above, so that
    they teach the segmenter nothing; from the upper one on a pixel has its class. Objects stay as the generator
    means them (quality.md)"""
    labels: Literal["masks"] | None = None
    """`masks`: train on the dataset's own masks, the upper bound"""
    masks: Text | None = None
    """a list of images, with or without ending, whose own masks are used beside the boxes: semi-supervision; the
    others need no masks. `<dataset>/<name>` where several datasets have one of a name"""
    decisions: OneOrMore | None = None
    """what people have decided about single masks of the run's own datasets ([review.md](review.md)): files of the
    review page, COCO files, folders of PNGs; where two are about the same box, the later one counts"""
    rejected: Literal["void", "boxes"] = "void"
    """what becomes of a mask that was rejected: `void`, nothing is learned in its box; `boxes`, all of its box"""
    stages: Annotated[int, Strict(), Field(ge=0, le=MOST_STAGES)] | None = None
    """in place of the top level's"""
    evaluate: Names | None = None
    """datasets with masks on which every stage is scored; a segmenter is not on a dataset that it learns"""
    crf: Literal[True, False, "labels"] = False
    """true: score masks and segmenter a second time, after a dense CRF; `labels`: that, and the refined masks are the
    next labels, the exported PNG and the gallery"""
    allow_shared_classes: TextList | None = None
    """classes that the run may share with what its generator learned from; `[all]` for any"""


class TableSettings(Block):
    """A table of the paper, and which run is which of its rows."""

    title: Text | None = None
    """in place of the paper's"""
    split: Text
    """the dataset whose scores are printed"""
    what: Annotated[list[Literal["segmenter", "pseudo masks"]], Field(min_length=1)]
    """a list of `segmenter` and `pseudo masks`"""
    runs: Annotated[dict[Text, Text], Field(min_length=1)]
    """label of a row: run"""


class GallerySettings(Block):
    """Pictures of masks."""

    images: Count = 8
    """photographs of a dataset, drawn at random by `seed`"""
    worst: Annotated[int, Strict(), Field(ge=0)] = 4
    """more photographs, those with the worst masks: by IoU where there is ground truth, else by risk"""
    datasets: Names | None = None
    """those to show, of what a run learns and is scored on; by default, and where it has none of them, the first that
    it is scored on, else its own"""


class Configuration(Block):
    """All of it."""

    elsewhere: ClassVar[dict[str, str]] = {
        key: f"it is a key of a {kind}: {kind}s.<name>.{key}"
        for kind, blocks in (("dataset", (CocoDataset, VocDataset)), ("run", (RunSettings,)))
        for block in blocks
        for key in block.model_fields
    }
    seed: Annotated[int, Strict(), Field(ge=0, lt=2**31)] = 0
    """of every random choice: which photographs `fraction` keeps, initial weights, batches"""
    stages: Annotated[Count, Field(le=MOST_STAGES)] = 3
    """K of the EM"""
    datasets: Annotated[dict[Name, AnyDataset], Field(min_length=1)]
    """by name, below"""
    segmenters: dict[Name, SegmenterEntry] = Field(default={})
    """recipes by name, below"""
    generators: dict[Name, GeneratorEntry] = Field(default={})
    """recipes by name, below"""
    runs: Annotated[dict[Name, RunSettings], Field(min_length=1)]
    """by name, below"""
    tables: dict[Literal[tuple(TABLES)], TableSettings] = Field(default={})
    """tables of the paper, below"""
    gallery: GallerySettings = GallerySettings()
    """which photographs the galleries show, below"""
    sources: Text | None = None
    """a table in place of `lpg/acquisition/sources.yaml`: what is fetched from where ([data.md](data.md))"""
