"""The datasets of the configuration: their keys, and the files by which a plan sees that one has changed."""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Strict, Tag

from lpg.annotations.opened import listed_files, scattered_files
from lpg.annotations.registry import FORMATS
from lpg.planning.blocks import Block, OneOrMore, TextList
from lpg.planning.paths import made_here
from lpg.training.recipe import Count, Flag, Text


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
    follow_links: Flag = False
    """read photographs that links inside of the folder lead to; the folder itself may be a link in any case"""
    shards: Count = 1
    """how many jobs make the predictions, masks and segmentations of the dataset together; they may run on as many
    machines, and the files are the same ([scale.md](scale.md#shards))"""
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

    elsewhere: ClassVar[dict[str, str]] = {
        "class_names": "it belongs to other formats, for COCO's file has its own",
        "root": "it belongs to voc; write images and annotations",
    }
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

    elsewhere: ClassVar[dict[str, str]] = dict.fromkeys(
        ("images", "annotations"), "write root, the folder that has both; or format: voc_xml, with XML in any folder"
    )
    format: Literal["voc"]
    """`voc`"""
    root: Text
    """folder with JPEGImages, Annotations, ImageSets and SegmentationClass, and SegmentationObject if objects are to be
    told apart; or one in which photographs and XML lie side by side. Photographs end in .jpg, .jpeg, .png, .bmp, .webp,
    .tif or .tiff, also .jfif and .jpe, in small letters or capitals"""
    split: Text | None = None
    """a name in ImageSets/Segmentation, or the path of a list that ends in `.txt`, of names without ending; what comes
    after a blank does not count, unless there is an XML of the whole line. Every XML without it"""
    class_names: TextList | None = None
    """the classes behind ids 1, 2, … of the masks, without the background; VOC's twenty by default"""

    @property
    def scattered(self) -> list[Path]:
        """The files of `Dataset.scattered`; none where this workflow makes them: they stay, and may be missing yet."""
        return [] if any(map(made_here, self.listing)) else super().scattered

    @property
    def folder(self) -> tuple[str, Path]:
        """The key that says where the photographs lie, and the folder."""
        has_lists = self.split is not None and not self.split.endswith(".txt")  # others may have all in one folder
        return "root", Path(self.root, "JPEGImages") if has_lists else Path(self.root)


class ListedDataset(Dataset):
    """Photographs in a folder, and in a file or in many what is on them."""

    elsewhere: ClassVar[dict[str, str]] = {"root": "it belongs to voc; write images and annotations"}
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


def dataset_settings(dataset: AnyDataset) -> dict[str, Any]:
    """What a reader of the dataset is built from, without its permissions, how many jobs share it, and defaults."""
    return dataset.model_dump(
        mode="json", exclude_defaults=True, exclude={"skip_unreadable", "clip_boxes", "follow_links", "shards"}
    )
