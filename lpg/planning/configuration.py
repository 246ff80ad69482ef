"""The configuration, defined once: what may stand in it, what it means, and what is refused.

The JSON schema and the tables of docs/configuration.md are made from these classes (`lpg.planning.reference`).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Strict,
    StringConstraints,
    Tag,
    create_model,
    field_validator,
)
from pydantic_core import PydanticCustomError

from lpg.annotations.opened import listed_files, scattered_files
from lpg.annotations.registry import FORMATS
from lpg.evaluation.published import TABLES
from lpg.generators.learned.recipe import MOVED, Apply, BoxApply, BoxRecipe, ImageRecipe
from lpg.generators.shipped import SHIPPED
from lpg.segmenter.recipe import SegmenterRecipe
from lpg.training.recipe import Count, Flag, Part, Settings, Text, ascending

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]


def _once(names: list[str]) -> list[str]:
    if isinstance(names, list) and len(set(map(str, names))) < len(names):
        raise PydanticCustomError("twice", "{names} has something twice; name each once", {"names": names})
    return names


def _as_list(value: Any) -> Any:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) or value is None:
        return value
    raise PydanticCustomError("text_or_list", "{value} is not understood; give text or a list", {"value": repr(value)})


TextList = Annotated[list[Text], Field(min_length=1)]
Names = Annotated[list[Text], BeforeValidator(_once), Field(min_length=1)]
OneOrMore = Annotated[
    list[Text],
    BeforeValidator(lambda value: _once(_as_list(value))),
    Field(min_length=1, json_schema_extra={"type": ["string", "array"]}),
]


def _not_empty(value: Any) -> Any:
    """A key may be left out; one that nothing stands behind is a slip."""
    if value is None:
        raise PydanticCustomError("nothing", "nothing stands here")
    return value


class Block(Settings):
    """A block of the configuration. Recipes are none: null stands for something in some of their keys."""

    _not_empty = field_validator("*", mode="before")(_not_empty)


class Classes(Block):
    """Which classes of a dataset count."""

    keep: OneOrMore | None = None
    """these alone; `voc` stands for VOC's twenty classes, in COCO's or VOC's spelling"""
    exclude: OneOrMore | None = None
    """all but these"""


class Dataset(Block):
    """Photographs with boxes, and with masks if it has them."""

    classes: Classes = Classes()
    """`{keep: […]}`, `{exclude: […]}` or both; `voc` stands for VOC's twenty classes, in COCO's or VOC's spelling"""
    fraction: Annotated[float, Strict(), Field(gt=0, le=1)] = 1.0
    """a random part of the images, by `seed`; a smaller one lies within a larger one"""
    skip_unreadable: Flag = False
    """go on without photographs and masks that cannot be read, and list them"""
    clip_boxes: Flag = False
    """cut boxes that leave their photograph, with a warning, instead of refusing them"""
    orientation: Literal["stored", "upright"] | None = None
    """of photographs that have an EXIF orientation, where the sizes in the annotation do not tell: whether boxes and
    masks are of the upright photograph or of the pixels as they are stored ([data.md](data.md#exif))"""

    @property
    def listing(self) -> list[Path]:
        """The files that say which photographs there are and which classes."""
        return listed_files(dict(self))

    @property
    def scattered(self) -> list[Path]:
        """The annotation files of which there is one for every photograph."""
        return scattered_files(dict(self))


class CocoDataset(Dataset):
    """The layout of COCO."""

    format: Literal["coco"]
    """`coco`"""
    images: Text
    """folder of the photographs"""
    annotations: Text
    """the instances file"""
    split: Text | None = None
    """the path of a list of some of its images, one a line, with or without ending; all of them without it"""

    @property
    def folder(self) -> tuple[str, Path]:
        """The key that says where the photographs lie, and the folder."""
        return "images", Path(self.images)


class VocDataset(Dataset):
    """The layout of PASCAL VOC."""

    format: Literal["voc"]
    """`voc`"""
    root: Text
    """folder with JPEGImages, Annotations, ImageSets and SegmentationClass, and SegmentationObject if objects are to be
    told apart; or one in which photographs and XML lie side by side. Photographs end in .jpg, .jpeg, .png, .bmp, .webp,
    .tif or .tiff, in small letters or capitals"""
    split: Text | None = None
    """a name in ImageSets/Segmentation, or the path of a list that ends in `.txt`, of names without ending; what comes
    after a blank does not count, unless there is an XML of the whole line. Every XML without it"""
    class_names: TextList | None = None
    """the classes behind ids 1, 2, … of the masks, without the background; VOC's twenty by default"""

    @property
    def scattered(self) -> list[Path]:
        """None where a list names the photographs: VOC's own stay as they are, and may be fetched yet."""
        return super().scattered if self.split is None else []

    @property
    def folder(self) -> tuple[str, Path]:
        """The key that says where the photographs lie, and the folder."""
        has_lists = self.split is not None and not self.split.endswith(".txt")  # others may have all in one folder
        return "root", Path(self.root, "JPEGImages") if has_lists else Path(self.root)


class ListedDataset(Dataset):
    """Photographs in a folder, and in a file or in many what is on them."""

    format: Text
    images: Text
    """folder of the photographs"""
    annotations: Text
    split: Text | None = None
    """the path of a list of some of its images, one a line, with or without ending; all of them without it"""
    class_names: TextList | None = None
    """the classes of ids 1, 2, …, without the background; by default those that the file lists, in its order, or else
    those of the objects, in the alphabet's"""

    @property
    def folder(self) -> tuple[str, Path]:
        """The key that says where the photographs lie, and the folder."""
        return "images", Path(self.images)


class VocXmlDataset(ListedDataset):
    """VOC's XML files in any folder, with boxes alone."""

    format: Literal["voc_xml"]
    """`voc_xml`"""
    annotations: Text
    """the folder of the XML files, one a photograph, or one of them"""


class YoloDataset(ListedDataset):
    """YOLO's text files."""

    format: Literal["yolo"]
    """`yolo`"""
    annotations: Text
    """`data.yaml`, with the labels in labels/… beside images/… or beside the photographs, or the folder of labels"""
    split: Text | None = None
    """a key of data.yaml, such as `val`, or the path of a list of images that ends in `.txt`; all images without it"""
    class_names: TextList | None = None
    """the classes of the numbers 0, 1, … in the labels; by default those of data.yaml or classes.txt"""


class CsvDataset(ListedDataset):
    """A table of boxes, one a line."""

    format: Literal["csv"]
    """`csv`"""
    annotations: Text
    """the table, with a header, or `path,x1,y1,x2,y2,class` without one"""


class LabelmeDataset(ListedDataset):
    """Labelme's JSON files."""

    format: Literal["labelme"]
    """`labelme`"""
    annotations: Text
    """the folder of the JSON files, one a photograph, or one of them"""


class CvatDataset(ListedDataset):
    """`CVAT for images 1.1`."""

    format: Literal["cvat"]
    """`cvat`"""
    annotations: Text
    """annotations.xml, exported as `CVAT for images 1.1`"""


def _format(value: Any) -> Any:
    return value.get("format") if isinstance(value, dict) else getattr(value, "format", None)


AnyDataset = Annotated[
    Annotated[CocoDataset, Tag("coco")]
    | Annotated[VocDataset, Tag("voc")]
    | Annotated[VocXmlDataset, Tag("voc_xml")]
    | Annotated[YoloDataset, Tag("yolo")]
    | Annotated[CsvDataset, Tag("csv")]
    | Annotated[LabelmeDataset, Tag("labelme")]
    | Annotated[CvatDataset, Tag("cvat")],
    Discriminator(_format, custom_error_type="tag", custom_error_context={"key": "format", "known": ", ".join(FORMATS)},
                  custom_error_message="a format is wanted"),
]  # fmt: skip


def _stage(of: type[Settings], name: str, doc: str, fields: Iterable[str]) -> type[Settings]:
    """What may change from stage to stage: some fields of a recipe, none of them required."""
    chosen = {field: (of.model_fields[field].rebuild_annotation(), of.model_fields[field]) for field in fields}
    made = create_model(name, __base__=Settings, __doc__=doc, **chosen)
    made.elsewhere = of.elsewhere
    return made


SHARED = ("iterations", "batch", "learning_rate", "weight_decay", "crop", "jitter")
LEARNED = (*SHARED, "optimizer", "outside_weight", "iou_weight", "score_dropout", "target_stride", "minimum_side",
           "class_balance", "named_score", "apply")  # fmt: skip
SegmenterStage = _stage(
    SegmenterRecipe, "SegmenterStage", "Of one stage.", (*SHARED, "long_side", "scales", "flip_test")
)
ImageStage = _stage(ImageRecipe, "ImageStage", "Of one stage.", (*LEARNED, "long_side", "scales", "focus"))
BoxStage = _stage(BoxRecipe, "BoxStage", "Of one stage.", (*LEARNED, "context"))


class SegmenterEntry(SegmenterRecipe):
    """A recipe for a segmenter: `architecture` picks the paper's numbers, every other key overrides one of them."""

    stages: Annotated[list[SegmenterStage], Field(min_length=1)] | None = None
    """a list of what changes from stage to stage, stage 0 first; its last entry stays"""
    _not_empty = field_validator("stages", "trunk", mode="before")(_not_empty)


class ImageEntry(ImageRecipe):
    """A recipe for a generator that sees the whole photograph, as the paper's."""

    stages: Annotated[list[ImageStage], Field(min_length=1)] | None = None
    """a list of what changes from stage to stage, stage 1 first; its last entry stays"""
    _not_empty = field_validator("stages", "trunk", mode="before")(_not_empty)


class BoxEntry(BoxRecipe):
    """A recipe for a generator that sees one box at a time."""

    stages: Annotated[list[BoxStage], Field(min_length=1)] | None = None
    """a list of what changes from stage to stage, stage 1 first; its last entry stays"""
    _not_empty = field_validator("stages", "trunk", mode="before")(_not_empty)


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


class Choice(Block):
    """What makes a run's masks."""

    ignore_band: Annotated[tuple[Part, Part], AfterValidator(ascending)] | None = None
    """where a soft mask lies between the two, labels are void and teach the segmenter nothing; from the upper one on a
    pixel is object, below the lower one background"""


class LearnChoice(Choice):
    """The run learns its own generators, on the masks of its datasets."""

    learn: Text
    """a recipe or an architecture"""


class FromChoice(Choice):
    """The run borrows the generators of another run."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    elsewhere: ClassVar[dict[str, str]] = MOVED
    teacher: Text = Field(alias="from")
    """the run that learns them"""
    stage: Count | None = None
    """the generator of this stage in every stage"""
    apply: ApplyChanges = ApplyChanges()
    """changes how this run's masks are made, and trains no generator"""


class FileChoice(Choice):
    """The run takes a finished generator along."""

    elsewhere: ClassVar[dict[str, str]] = MOVED
    file: Text
    """a `generator.pt`"""
    apply: ApplyChanges = ApplyChanges()
    """changes how this run's masks are made"""


class ShippedChoice(Choice):
    """The run takes a trained generator that comes with the package."""

    elsewhere: ClassVar[dict[str, str]] = MOVED
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
    `ignore_band: [0.4, 0.6]` makes labels void where the soft mask lies between the two, so that they teach the
    segmenter nothing; from the upper one on a pixel is object"""
    labels: Literal["masks"] | None = None
    """`masks`: train on the dataset's own masks, the upper bound"""
    masks: Text | None = None
    """a list of images whose own masks are used beside the boxes: semi-supervision; the others need no masks"""
    decisions: OneOrMore | None = None
    """what people have decided about single masks of the run's own datasets ([review.md](review.md)): files of the
    review page, COCO files, folders of PNGs; where two are about the same box, the later one counts"""
    rejected: Literal["void", "boxes"] = "void"
    """what becomes of a mask that was rejected: `void`, nothing is learned in its box; `boxes`, all of its box"""
    stages: Annotated[int, Strict(), Field(ge=0)] | None = None
    """in place of the top level's"""
    evaluate: Names | None = None
    """datasets with masks on which every stage is scored"""
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
    """those to show, of what a run learns and is scored on; the first that it is scored on by default, else its own"""


class Configuration(Block):
    """All of it."""

    elsewhere: ClassVar[dict[str, str]] = {
        "skip_unreadable": "it is a key of a dataset: datasets.<name>.skip_unreadable",
        "clip_boxes": "it is a key of a dataset: datasets.<name>.clip_boxes",
        "allow_shared_classes": "it is a key of a run: runs.<name>.allow_shared_classes",
    }
    seed: Annotated[int, Strict(), Field(ge=0)] = 0
    """of every random choice: fraction, weights, batches"""
    stages: Count = 3
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


def given(block: Settings, *without: str) -> dict[str, Any]:
    """The keys of a block that the configuration writes, as plain values."""
    return block.model_dump(mode="json", exclude_unset=True, by_alias=True, exclude=set(without))


def dataset_settings(dataset: AnyDataset) -> dict[str, Any]:
    """What a reader of the dataset is built from; its permissions left out."""
    return given(dataset, "skip_unreadable", "clip_boxes")
