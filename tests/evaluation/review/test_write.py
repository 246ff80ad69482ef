"""The folder of the review page: what is in it, and that it is the same from any number of processes."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as rle

from lpg.errors import InputError
from lpg.evaluation.review import write_review
from lpg.evaluation.review.page import Columns
from lpg.evaluation.review.pieces import doubt
from lpg.files.boxes import BoxTable
from lpg.files.pseudo_masks import SoftMaskFile, write_pseudo_masks
from lpg.jobs.provenance import text_digest


def page_of(folder: Path) -> dict:
    return json.loads((folder / "masks.js").read_text(encoding="utf-8").removeprefix("window.REVIEW=").rstrip(";"))


def masks_of(folder: Path, chunk: int = 0) -> list:
    return json.loads(re.fullmatch(r"Review\.arrive\(\d+,(.*)\);", (folder / f"masks/{chunk:04d}.js").read_text())[1])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_box_has_its_masks_and_its_pictures(review, files):
    folder = review()
    page, masks = page_of(folder), masks_of(folder)
    assert page["stages"] == ["1", "2"] and page["classes"] == ["cat", 'a "dog" <b>'] and not page["rated"]
    assert page["columns"]["object"] == [1, 2] * 3 and page["columns"]["image"][0] == "d/été & <i>"
    soft = [SoftMaskFile(files / f"masks{stage}.h5") for stage in (1, 2)]
    for number, name in enumerate(page["columns"]["image"]):
        inside, (top, left, height, width) = page["columns"]["inside"][number], page["columns"]["window"][number]
        for stage, text in enumerate(masks[number]):
            expected = soft[stage].boxes(name)[number % 2] > 127
            assert np.array_equal(rle.decode({"size": inside[2:], "counts": text.encode()}) > 0, expected)
            assert page["columns"]["filling"][number][stage] == pytest.approx(expected.mean(), abs=1e-3)
        crop = Image.open(folder / f"crops/{number:06d}.jpg")
        assert crop.size == (width, height) and Image.open(folder / f"thumbnails/{number:06d}.jpg").size == crop.size
        photograph = Image.open(files / f"{number // 2}.png").crop((left, top, left + width, top + height))
        assert np.abs(np.asarray(photograph, dtype=int) - np.asarray(crop, dtype=int)).mean() < 4


def test_the_key_of_what_is_decided_is_of_photographs_and_objects(review):
    """And not of their masks. Another key would lose what people have decided in their browsers."""
    page = page_of(review())
    assert page["key"] == text_digest("Cats & <dogs>", json.dumps([page["columns"]["image"], [1, 2] * 3]))


def test_a_page_without_boxes_has_a_key(tmp_path):
    with Columns(tmp_path) as columns:
        assert columns.key("t") == text_digest("t", "[[], []]") and list(columns.parts()) == []


def test_nothing_of_the_users_text_is_markup(review):
    folder = review()
    assert "<i>" not in (folder / "masks.js").read_text() and "<b>" not in (folder / "masks.js").read_text()
    assert "<title>Cats &amp; &lt;dogs&gt; – review</title>" in (folder / "index.html").read_text(encoding="utf-8")


def test_several_processes_make_the_same_folder(review):
    assert contents(review("one")) == contents(review("two", processes=2))


def test_what_a_person_saved_there_stays(review):
    folder = review()
    (folder / "decisions.json").write_text("{}")
    assert (review() / "decisions.json").read_text() == "{}"


def test_ratings_are_taken_by_photograph_and_box(review, files):
    rows = [
        "image\tbox\tobject_id\tclass\tscore\trisk\tarea\tfilling\ttightness\tcomponents\tholes\tagreement\tchange\tnote",
        "d/third\t1\t2\tx\t\t0.75\t0\t0\t0\t0\t0\t\t\tempty",
        "d/third\t0\t1\tx\t0.9\t0.125\t0\t0\t0\t0\t0\t\t\t",
    ]
    (files / "quality.tsv").write_text("\n".join(rows) + "\n")
    page = page_of(review(quality={"2": [files / "quality.tsv"]}))
    assert page["rated"]
    assert [risks[1] for risks in page["columns"]["risk"]][4:] == [0.125, 0.75]
    assert page["columns"]["score"][4:] == [[None, 0.9], [None, None]]
    assert page["columns"]["note"][5] == ["", "empty"]
    with pytest.raises(InputError, match=r"^there is a quality of stage 3 and no masks; give both by the same names$"):
        review(quality={"3": [files / "quality.tsv"]})


def write_part(files: Path, name: str, part: slice) -> Path:
    """The masks of stage 2 of some of the photographs."""
    table, soft = BoxTable([files / "boxes.h5"]), SoftMaskFile(files / "masks2.h5")
    images = table.images[part]
    blank = np.zeros((60, 90), np.uint8), np.zeros((2, 60, 90), np.uint8)
    write_pseudo_masks(files / name, table.classes, images, [(*blank, soft.boxes(image.name)) for image in images])
    return files / name


def test_the_masks_of_several_files_are_one_page(files):
    boxes, folders = [files / "boxes.h5"], (files / "whole", files / "parts")
    parts = [write_part(files, "a.h5", slice(0, 2)), write_part(files, "b.h5", slice(2, 3))]
    for folder, paths in zip(folders, ([files / "masks2.h5"], parts), strict=True):
        write_review(folder, boxes=boxes, pseudo_masks={"2": paths})
    assert contents(folders[0]) == contents(folders[1])


def test_a_stage_without_a_photograph_is_refused(files):
    part = write_part(files, "a.h5", slice(0, 2))
    with pytest.raises(InputError, match=r"stage 7 has no masks of d/third; give the files of all photographs"):
        write_review(files / "review", boxes=[files / "boxes.h5"], pseudo_masks={"7": [part]})
    assert not (files / "review/index.html").exists()


@pytest.mark.parametrize(
    ("soft", "value"),
    [
        ([[0, 0], [0, 0]], 1.0),  # empty
        ([[255, 255], [255, 255]], 0.7),  # no more than its box
        ([[255, 0], [0, 255]], 0.0),  # sure, and up to all sides
        ([[255, 0, 0, 0], [255, 0, 0, 0]], 0.75),  # three quarters of a side are not reached
        ([[255, 0], [51, 255]], 0.2),  # 51 of 127.5 in doubt, over two pixels
    ],
)
def test_doubt_is_high_where_a_mask_is_unsure_or_does_not_fit_its_box(soft, value):
    assert doubt(np.array(soft, dtype=np.uint8)) == pytest.approx(value)
