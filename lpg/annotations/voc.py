"""The layout of PASCAL VOC: Annotations/*.xml, ImageSets/Segmentation/*.txt, SegmentationClass/*.png.

The masks of single objects, SegmentationObject/*.png, may be there too.
"""

from collections.abc import Iterator, Sequence
from os.path import isfile
from pathlib import Path, PureWindowsPath

import numpy as np

from lpg.annotations.class_choice import choose_classes
from lpg.annotations.image_folder import ENDINGS, files_below
from lpg.annotations.image_lists import XML, read_names, voc_folder, voc_list, xml_of
from lpg.annotations.reader import NO_MASKS
from lpg.annotations.texts import read_xml, unreadable
from lpg.annotations.voc_file import read_annotation
from lpg.annotations.voc_objects import class_in_boxes, objects_in_boxes
from lpg.classes import BACKGROUND, VOC, VOID
from lpg.errors import InputError
from lpg.photograph import Photograph
from lpg.pixels.pictures import read_palette_mask

JPEG = b"\xff\xd8\xff"  # what such a file begins with, whatever it is called


class VocAnnotations:
    """Boxes and class masks of one split.

    Arguments:
        root: the folder VOC2012; or one in which photographs and XML lie side by side.
        split: a name in ImageSets/Segmentation, or the path of a list of image names; every XML without one.
        class_names: the table behind the ids of the PNG masks; VOC's twenty by default.
        keep, exclude: classes, or the name of a group of classes.
    """

    form = "corners"

    def __init__(
        self,
        *,
        root: str,
        split: str | None = None,
        class_names: Sequence[str] = VOC,
        keep: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        where: str = "dataset",
    ) -> None:
        if len({BACKGROUND, *class_names}) <= len(class_names):
            raise InputError(
                f"{where}: class_names has '{BACKGROUND}' in it, which is 0 by itself, or a class twice",
                "name each class once, in the order of the ids from 1 on",
            )
        self.root = Path(root)
        self.list = None if split is None else voc_list(root, split)
        self.photographs, self.annotations = (voc_folder(self.root, name) for name in ("JPEGImages", "Annotations"))
        self.table = (BACKGROUND, *class_names)
        self.class_names = choose_classes(class_names, keep, exclude, where)

    def names(self) -> list[str]:
        """The images of the split, in the order of the list; without one those that have an XML, by name.

        In `Annotations` they may lie in folders, which are folders of photographs and masks too.
        """
        if self.list is not None:
            return read_names(self.list, is_name=lambda line: isfile(self._xml(line)))
        own = self.annotations != self.root  # else there may be anything in folders beside the photographs
        paths = files_below(self.annotations, [".xml"]) if own else self.annotations.glob("[!.]*")
        found = (path.relative_to(self.annotations) for path in paths if path.suffix in XML)
        names = {path.with_suffix("").as_posix() for path in found}
        if not names:
            raise InputError(f"there is no XML in {self.annotations}", "mend root, or give a split")
        return sorted(names)

    def record(self, name: str) -> Photograph:
        """The boxes of the kept classes on one image."""
        source = self._xml(name)
        if not isfile(source):  # nor can it, if its name is too long
            raise InputError(
                f"{source} does not exist, though {self.list} names it",
                "restore it, or mend the list (a line is a name without ending, or begins with one and a blank)",
                permission="skip_unreadable",
            )
        height, width, objects = read_annotation(source)
        for class_name, _ in objects:
            if class_name not in self.table:
                known = ", ".join(self.table[1:])
                raise InputError(f"{source}: class '{class_name}' is not in class_names ({known})", "mend one of them")
        ids = {class_name: index for index, class_name in enumerate(self.class_names, start=1)}
        kept = [
            (number, ids[class_name], box) for number, (class_name, box) in enumerate(objects, 1) if class_name in ids
        ]
        return Photograph(
            name=name,
            path=self._photograph(name),
            source=str(source),
            height=height,
            width=width,
            boxes=np.array([box for *_, box in kept], dtype=np.float32).reshape(-1, 4),
            class_ids=np.array([class_id for _, class_id, _ in kept], dtype=np.uint8),
            id=name,
            object_ids=[number for number, *_ in kept],
            excluded=np.array([box for class_name, box in objects if class_name not in ids], np.float32).reshape(-1, 4),
        )

    def _xml(self, name: str) -> Path:
        return xml_of(self.annotations, name)

    def _photograph(self, name: str) -> Path:
        """The photograph of a name; VOC's end in .jpg, other people's in something else, or in capitals."""
        endings = [ending for small in ENDINGS for ending in (small, small.upper())]
        found = [path for ending in endings if isfile(path := self.photographs / f"{name}{ending}")]
        if len(found) > 1:
            said = read_xml(self._xml(name)).findtext("filename", "").strip()
            found = [path for path in found if path.name == PureWindowsPath(said).name] or found
        if len(found) > 1 and not found[0].samefile(found[1]):  # as they are where capitals do not count
            raise unreadable(
                f"{self._xml(name)}: its photograph may be {found[0]} or {found[1].name}",
                "write which one as its <filename>, or take the other away",
            )
        if not found:
            raise InputError(
                f"{self.photographs / name} does not exist with any ending of a photograph ({', '.join(ENDINGS)})",
                "put the file there or take it off the list",
                permission="skip_unreadable",
            )
        return found[0]

    def label_map(self, photograph: Photograph) -> np.ndarray:
        """The class mask, uint8 (H, W), ids of (background, *class_names); other classes are background."""
        folder = self.root / "SegmentationClass"
        path = folder / f"{photograph.name}.png"
        if not folder.is_dir():
            raise InputError(f"{folder} does not exist, so this dataset has boxes and no mask", NO_MASKS)
        mask = self._palette_mask(path, photograph)
        unknown = np.setdiff1d(np.unique(mask), [*range(len(self.table)), VOID])
        if unknown.size:
            raise InputError(f"{path} holds the id {unknown[0]}, which class_names does not name", "mend one of them")
        ids = np.zeros(256, dtype=np.uint8)
        ids[VOID] = VOID
        for index, name in enumerate(self.class_names, start=1):
            ids[self.table.index(name)] = index
        return ids[mask]

    def instance_masks(self, photograph: Photograph) -> Iterator[np.ndarray]:
        """One mask per box, uint8 (H, W), 1 on the object; empty where the box has none.

        They are those of SegmentationObject, or, for a photograph without a file there, the class mask inside each box.
        """
        labels = self.label_map(photograph)
        path = self.root / "SegmentationObject" / f"{photograph.name}.png"
        if not path.is_file():
            return class_in_boxes(labels, photograph.boxes, photograph.class_ids)
        objects = self._palette_mask(path, photograph)
        return objects_in_boxes(objects, labels, photograph.boxes, photograph.class_ids)

    @staticmethod
    def _palette_mask(path: Path, photograph: Photograph) -> np.ndarray:
        mask = read_palette_mask(path)
        with open(path, "rb") as file:
            if file.read(len(JPEG)) == JPEG:
                raise InputError(
                    f"{path} is JPEG, which changes the numbers of classes where they meet",
                    "write it as PNG, from what it was made of",
                    permission="skip_unreadable",
                )
        if mask.shape != (photograph.height, photograph.width):
            raise InputError(
                f"{path} is {mask.shape[1]}×{mask.shape[0]} pixels but its photograph is "
                f"{photograph.width}×{photograph.height}",
                "replace the mask",
                permission="skip_unreadable",
            )
        return mask
