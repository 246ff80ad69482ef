"""What a command refuses is said of the file that it was given, in words that have no configuration behind them."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import voc_object, voc_xml, write_photograph
from PIL import Image

from lpg.cli import main
from lpg.commands.reading import DATASET
from lpg.commands.wording import WORDS
from lpg.jobs.code import PACKAGE

CONFIGURED = ("datasets.", "class_names", "exclude", "split", "a run", "evaluate")


@pytest.fixture
def refused(coco, tmp_path, capsys):
    """The one sentence with which a command refuses, and that no word of the workflow is in it."""

    def sentence(
        *options: str, command: str = "masks", of: object = coco.annotations, images: object = coco.images
    ) -> str:
        named = "--boxes" if command == "masks" else "--annotations"
        what = ("--method", "boxes", "--device", "cpu") if command == "masks" else ("--to", "csv")
        given = ("--images", images, named, of, "--out", tmp_path / "out", *what, *options)
        assert main([command, *map(str, given)]) == 1
        (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("lpg: ")]
        assert not [word for word in CONFIGURED if word in line], line
        return line.removeprefix("lpg: ")

    return sentence


def changed(coco, **sections) -> None:
    coco.annotations.write_text(json.dumps(json.loads(coco.annotations.read_text()) | sections))


def test_no_box_is_left(refused, coco):
    changed(coco, annotations=[])
    assert refused() == f"{coco.annotations}: no photograph has a box of a kept class; look at the annotations"


def test_every_photograph_is_skipped(refused, coco):
    for path in coco.images.rglob("*.jpg"):
        path.write_bytes(b"no picture")
    assert "and 3 of 3 cannot be read; look at those that are skipped above" in refused("--skip-unreadable")


def test_more_classes_than_masks_hold(refused, coco):
    categories = [{"id": number, "name": f"kind {number}"} for number in range(1, 301)]
    annotations = [
        {"id": number, "image_id": 11, "category_id": number, "bbox": [1, 1, 2, 2]} for number in range(1, 301)
    ]
    changed(coco, categories=categories, annotations=annotations)
    sentence = f"{coco.annotations}: it has 300 classes, and 8-bit masks hold 254; take some out of the annotations"
    assert refused() == sentence


@pytest.mark.parametrize(
    ("names", "remedy"),
    [
        (("zebra", "kite", "Zebra"), "rename one of them in the annotation, or take its objects out"),
        (("zebra", "kite", "background"), "rename it in the annotation, or take its objects out"),
    ],
)
def test_classes_that_cannot_be_told_apart(refused, coco, names, remedy):
    changed(coco, categories=[{"id": key, "name": name} for key, name in zip((24, 38, 63), names, strict=True)])
    assert refused().endswith(f"; {remedy}")


def test_numbers_that_nothing_names(refused, coco, tmp_path):
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "one.txt").write_text("0 0.5 0.5 0.5 0.5\n")
    assert refused(of=tmp_path / "labels").endswith("says what the class numbers mean; put one there")


def test_masks_of_what_has_none(refused, coco):
    content = json.loads(coco.annotations.read_text())
    changed(coco, annotations=[item | {"segmentation": []} for item in content["annotations"]])
    fault = f"{coco.annotations} has boxes and no mask: the segmentation of every annotation is empty"
    assert refused("--masks", command="convert") == f"{fault}; leave --masks out"


def test_a_photograph_that_may_be_turned(refused, coco, tmp_path):
    path = coco.images / "turned.jpg"
    write_photograph(path, 6, 6)
    with Image.open(path) as image:
        exif = image.getexif()
        exif[0x0112] = 6
        image.save(path, exif=exif)
    table = tmp_path / "boxes.csv"
    table.write_text("image,xmin,ymin,xmax,ymax,class\nturned.jpg,1,1,4,4,cat\n")
    assert "; look at one, and say --orientation upright if they fit what a viewer shows" in refused(of=table)


def test_vocs_folder_names_its_classes_in_a_file(refused, coco, tmp_path):
    root = tmp_path / "voc"
    for folder in ("Annotations", "JPEGImages", "SegmentationClass"):
        (root / folder).mkdir(parents=True)
    write_photograph(root / "JPEGImages" / "p.jpg", 6, 8)
    (root / "Annotations" / "p.xml").write_text(voc_xml(6, 8, voc_object("yak", "1 1 4 4")))
    sentence = refused("--masks", command="convert", of=root, images=root)
    assert "class 'yak' is not among the classes (aeroplane" in sentence
    (root / "classes.txt").write_text("yak\nyak\n")
    sentence = refused("--masks", command="convert", of=root, images=root)
    assert sentence.startswith(f"{root}: classes.txt has 'background' in it, which is 0 by itself, or a class twice")


def texts_of(module: Path) -> Iterator[str]:
    """The texts in a module; `{}` stands for what is put into one."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)


def test_what_is_worded_anew_is_still_said():
    """Else a sentence that was edited would come with words of the workflow in it."""
    modules = [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "commands" / "wording.py"]
    said = "\n".join(text for module in modules for text in texts_of(module))
    assert [words for words in WORDS if words.replace(f"datasets.{DATASET}", "{}") not in said] == []
