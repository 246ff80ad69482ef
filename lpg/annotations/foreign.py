"""Formats that are not read, and which export of their tools is: so that a refusal says what to do."""

from pathlib import Path
from typing import Any

from lpg.annotations.texts import is_number
from lpg.errors import InputError

# By ending: what it is, and what to do.
UNREADABLE = {
    ".zip": ("an archive", "unpack it first, and give the folder"),
    ".tfrecord": ("a TFRecord", "export COCO, or a CSV with filename, xmin, ymin, xmax, ymax, class"),
    ".record": ("a TFRecord", "export COCO, or a CSV with filename, xmin, ymin, xmax, ymax, class"),
    ".parquet": ("a Parquet table", "write it as CSV"),
    ".pkl": ("a pickle, which may run code and is not opened", "export COCO"),
    ".npz": ("an archive of NumPy", "export COCO"),
    ".ndjson": ("JSON line by line, as Labelbox and ultralytics write", "export COCO"),
    ".jsonl": ("JSON line by line, as Labelbox and Hugging Face write", "export COCO"),
    ".manifest": ("SageMaker's manifest", "export COCO"),
}

VIA, AS_COCO = "the VGG Image Annotator's own", "export its annotations as COCO"
# By keys of a JSON object, of the first object in it, or of the first of a JSON list: the tool, and its export.
OBJECTS = (
    ({"objects", "size"}, "Supervisely's own JSON", "export COCO in Supervisely"),
    ({"_via_img_metadata"}, "a project of the VGG Image Annotator", AS_COCO),
    ({"project", "attribute", "file", "view"}, "a project of the VGG Image Annotator 3", AS_COCO),
    ({"filename", "regions"}, VIA, AS_COCO),
    ({"asset", "regions"}, "VoTT's own JSON", "export Pascal VOC or CSV in VoTT"),
    ({"images", "annotations"}, "COCO's JSON without categories", "give the instances file"),
    ({"data_row"}, "Labelbox's own JSON", "export COCO"),
    ({"info", "objects"}, "ISAT's own JSON", "export COCO or VOC in ISAT"),
    ({"classes", "labels"}, "FiftyOne's own JSON", "export COCODetectionDataset in FiftyOne"),
    ({"item", "annotations"}, "Darwin's own JSON", "export COCO in V7"),
    ({"dataset", "media"}, "Datumaro's own JSON", "export COCO"),
    ({"categories", "items"}, "Datumaro's own JSON", "export COCO"),
)
LISTS = (
    ({"data", "annotations"}, "Label Studio's own JSON", "export COCO or YOLO in Label Studio"),
    ({"data", "completions"}, "Label Studio's own JSON", "export COCO or YOLO in Label Studio"),
    ({"image", "annotator"}, "Label Studio's JSON-MIN", "export COCO or YOLO in Label Studio"),
    ({"image", "annotations"}, "CreateML's JSON", "export COCO"),
    ({"image_id", "category_id"}, "a list of COCO's results", "put them into an instances file, as annotations"),
    ({"file_name", "annotations"}, "a list of Detectron2's dictionaries",
     "write it with detectron2.data.datasets.coco.convert_to_coco_json"),
    ({"name", "labels"}, "BDD100K's JSON", "convert it to COCO with bdd100k.label.to_coco"),
    ({"task_id", "response"}, "Scale's own JSON", "write it as COCO"),
    ({"image", "objects"}, "a list of Hugging Face's rows", "write it as COCO"),
    ({"Label", "External ID"}, "Labelbox's own JSON", "export COCO"),
    ({"data_row"}, "Labelbox's own JSON", "export COCO"),
)  # fmt: skip


def foreign_json(path: Path, content: Any) -> InputError | None:
    """The refusal of a JSON whose tool is known."""
    table = LISTS if isinstance(content, list) else OBJECTS
    seen = content[:1] if isinstance(content, list) else [content]
    if isinstance(content, dict):
        seen += list(content.values())[:1]
    keys = [set(one) for one in seen if isinstance(one, dict)]
    found = next((line for own in keys for line in table if line[0] <= own), None)
    return InputError(f"{path} is {found[1]}", found[2]) if found else None


def foreign_table(path: Path, header: list[str]) -> InputError | None:
    """The refusal of a table whose tool is known."""
    return InputError(f"{path} is {VIA}", AS_COCO) if "region_shape_attributes" in header else None


def foreign_text(path: Path, words: list[str]) -> InputError | None:
    """The refusal of text files whose kind is known, by the words of their first line, or of DOTA's first of all."""
    remedy = "convert it to YOLO's, VOC's or COCO's"
    if len(words) in (15, 16) and not is_number(words[0]) and all(map(is_number, words[1:])):
        return InputError(f"{path} is KITTI's text", remedy)
    turned = len(words) in (9, 10) and all(map(is_number, words[:8])) and not is_number(words[8])
    if turned or (words and words[0].startswith("imagesource:")):
        return InputError(f"{path} is DOTA's text of turned boxes", remedy)
    return None
