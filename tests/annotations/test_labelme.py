"""Labelme's JSON: shapes as boxes and masks, where the photograph is, and every refusal."""

import base64
import io
import json

import numpy as np
import pytest
from conftest import records, write_photograph
from PIL import Image

from lpg.errors import InputError


def shape(label: str, points: list, kind: str | None = "rectangle", **keys) -> dict:
    return {"label": label, "points": points, "shape_type": kind, **keys}


def labelme(*shapes: dict, **keys) -> str:
    """As labelme writes it."""
    size = {"imageHeight": 6, "imageWidth": 8}
    return json.dumps({"version": "5.4.1", "flags": {}, "shapes": shapes, "imagePath": "a.jpg", **size, **keys})


CAT = shape("cat", [[1, 2], [5, 6]])
EDGES = {"a": [("cat", 1, 2, 5, 6)]}


def test_a_path_leads_from_its_own_file_before_it_is_looked_for(images, read, boxes_of):
    """Below the folder there is a photograph that the path ends with, too."""
    write_photograph(images / "images" / "a.jpg", 6, 8)
    reader = read("labelme", {"marks/x.json": labelme(CAT, imagePath="../images/a.jpg")}, "marks")
    assert boxes_of(reader) == EDGES
    reader = read("labelme", {"marks/x.json": labelme(CAT, imagePath="/elsewhere/images/a.jpg")}, "marks")
    assert [*boxes_of(reader)] == ["images/a"]


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("a.json", {}),
        ("json/a.json", {"imagePath": "..\\images\\a.jpg"}),
        ("a.json", {"imagePath": "/home/me/a.jpg"}),
        ("a.json", {"imagePath": "../../../etc/a.jpg"}),
        ("a.JSON", {"imagePath": None, "imageHeight": None, "imageWidth": None}),
        ("a.json", {"imageData": base64.b64encode(b"whatever").decode()}),
    ],
)
def test_a_photograph_is_found_in_its_folder_whatever_path_it_has(read, boxes_of, name, keys):
    reader = read("labelme", {f"marks/{name}": labelme(CAT, **keys)}, "marks")
    assert boxes_of(reader) == EDGES
    assert boxes_of(read("labelme", {}, f"marks/{name}")) == EDGES  # one file alone


def test_a_folder_of_files_is_as_the_folder_of_photographs(read):
    reader = read("labelme", {"marks/sub/b c.json": labelme(CAT, imagePath="b c.PNG")}, "marks")
    assert reader.names() == ["sub/b c"]
    assert reader.record("sub/b c").path.is_file()


@pytest.mark.parametrize(
    ("points", "kind", "expected"),
    [
        ([[5, 6], [1, 2]], "rectangle", (1, 2, 5, 6)),  # drawn from below
        ([[1, 2], [5, 2], [5, 6], [1, 6]], "rectangle", (1, 2, 5, 6)),  # X-AnyLabeling's
        ([[1, 2], [5, 2], [3, 5.5]], "polygon", (1, 2, 6, 6)),  # the pixels of its points are the object's
        ([[1, 2], [5, 2], [3, 5]], None, (1, 2, 6, 6)),  # of before shape_type
        ([[3, 0], [6, 3], [3, 6], [0, 3]], "oriented_rectangle", (0, 0, 6, 6)),
        ([[3, 3], [5, 3]], "circle", (1, 1, 6, 6)),
        ([[1, 2], [9, 2], [3, 6]], "polygon", (1, 2, 9, 6)),  # of 8 by 6 pixels
    ],
)
def test_a_shape_has_a_box_around_it(read, boxes_of, points, kind, expected):
    assert boxes_of(read("labelme", {"a.json": labelme(shape("cat", points, kind))})) == {"a": [("cat", *expected)]}


def test_shapes_without_a_box_are_left_out_and_told(read, boxes_of, caplog):
    line = shape("cat", [[0, 0], [5, 5]], "linestrip")
    assert boxes_of(read("labelme", {"a.json": labelme(line, CAT)})) == EDGES
    assert "a.json, shape 1 is a linestrip, which has no box: left out" in caplog.text


def test_the_folder_of_a_path_tells_which_of_two_is_meant(read, boxes_of, images):
    for name in ("cam1/1.jpg", "cam2/1.jpg", "1.jpg"):
        write_photograph(images / name, 6, 8)
    paths = {"cam1_1": "../images/cam1/1.jpg", "cam2_1": "C:\\me\\cam2\\1.jpg", "sub/1": "/home/me/1.jpg"}
    files = {f"marks/{name}.json": labelme(CAT, imagePath=path) for name, path in paths.items()}
    assert sorted(boxes_of(read("labelme", files, "marks"))) == ["1", "cam1/1", "cam2/1"]


def test_rectangles_that_are_joined_are_told(read, boxes_of, caplog):
    others = shape("cat", [[5, 0], [8, 2]], group_id=1), shape("dog", [[0, 0], [1, 1]], group_id=1)
    text = labelme(CAT | {"group_id": 1}, *others)
    assert boxes_of(read("labelme", {"a.json": text}))["a"] == [("cat", 1, 0, 8, 6), ("dog", 0, 0, 1, 1)]
    assert "a.json: the rectangles 1, 2 have one label and one group_id: taken for one object" in caplog.text


def test_shapes_of_one_label_and_group_are_one_object(read, boxes_of):
    left, right = [[0, 0], [1.9, 0], [1, 1], [0, 1]], [[4, 0], [5, 0], [5, 1], [4, 1]]
    parts = [shape("cat", points, "polygon", group_id=1) for points in (left, right)]
    other = shape("dog", left, "polygon", group_id=1)
    reader = read("labelme", {"a.json": labelme(parts[0], other, parts[1])})
    assert boxes_of(reader) == {"a": [("cat", 0, 0, 6, 2), ("dog", 0, 0, 2, 2)]}
    photograph = reader.record("a")
    assert photograph.object_ids == [1, 2]
    row = [2, 2, 0, 0, 1, 1, 0, 0]
    assert reader.label_map(photograph).tolist() == [row, row, *[[0] * 8] * 4]
    assert [mask.sum() for mask in reader.instance_masks(photograph)] == [8, 4]


def png(pixels: list[list[int]]) -> str:
    buffer = io.BytesIO()
    Image.fromarray(np.array(pixels, dtype=np.uint8) * 255).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def test_a_mask_is_a_crop_and_its_box_is_tight(read, boxes_of):
    pixels = [[0, 0, 0], [0, 1, 1], [0, 1, 0]]
    reader = read("labelme", {"a.json": labelme(shape("cat", [[2, 1], [4, 3]], "mask", mask=png(pixels)))})
    assert boxes_of(reader) == {"a": [("cat", 3, 2, 5, 4)]}
    (mask,) = reader.instance_masks(reader.record("a"))
    expected = np.zeros((6, 8))
    expected[1:4, 2:5] = pixels
    assert np.array_equal(mask, expected)


def test_a_rectangle_has_no_mask(read):
    reader = read("labelme", {"a.json": labelme(CAT)})
    with pytest.raises(InputError, match=r"a\.json: this dataset has boxes and no mask; a run that learns from"):
        reader.label_map(reader.record("a"))
    reader = read("labelme", {"a.json": labelme(CAT, shape("cat", [[0, 0], [2, 0], [2, 2]], "polygon"))})
    with pytest.raises(InputError, match=r"a\.json: object 1 \(cat\) is a box and no mask; a run that learns from"):
        reader.instance_masks(reader.record("a"))


def test_a_file_without_shapes_is_a_photograph_without_objects(read, boxes_of):
    reader = read("labelme", {"a.json": labelme(CAT), "b.json": labelme(imagePath="sub/b c.PNG")})
    assert boxes_of(reader) == {**EDGES, "sub/b c": []}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"b c\.json is not valid JSON \(.*\); mend or restore the file"),
        ("[" * 100_000, r"b c\.json is not valid JSON \(.*recursion.*\)"),
        ("[]", r"b c\.json has no list of shapes: it is not labelme's; take it out of the folder or mend it"),
        (b"\xff{}", r"b c\.json is not UTF-8 \(.*\); save it as UTF-8"),
        (labelme(shape("", [[1, 2], [5, 6]])), r"b c\.json, shape 1 has no label; give it one"),
        (labelme(CAT, {"label": 1}), r"b c\.json, shape 2 has no label"),
        (labelme(shape("cat", [])), r"b c\.json, shape 1 has no points; mend or drop it"),
        (labelme(shape("cat", [[1, 2, 3]])), r"b c\.json, shape 1 has no points"),
        (labelme(shape("cat", [[1, 2]])), r"b c\.json, shape 1: a rectangle of 1 points; mend or drop it"),
        (labelme(shape("cat", [[1, 2], [3, 4]], "polygon")), r"b c\.json, shape 1: a polygon of 2 points"),
        (labelme(shape("cat", [[1, 2], [3, float("nan")]])), r"b c\.json, shape 1: 'nan' is no coordinate; mend it"),
        (labelme(shape("cat", [[1, 2], [3, "x"]])), r"b c\.json, shape 1: 'x' is no coordinate"),
        (labelme(shape("cat", [[1, 2], [3, 10**400]])), r"b c\.json, shape 1: '10+' is no coordinate"),
        (
            labelme(shape("cat", [[1, 2], [3, 4]], "star")),
            r"b c\.json, shape 1: the shape 'star' is not known; make it a",
        ),
        (labelme(shape("cat", [[1, 2], [3, 4]], ["x"])), r"b c\.json, shape 1: the shape '\['x'\]' is not known"),
        (
            labelme(shape("cat", [[1, 2], [3, 4]], "mask", mask="?")),
            r"b c\.json, shape 1: its mask is no image; mend or",
        ),
    ],
)
def test_a_file_that_is_wrong_is_refused_or_skipped(read, text, message):
    text = text.replace("a.jpg", "b c.PNG") if isinstance(text, str) else text
    reader = read("labelme", {"a.json": labelme(CAT), "sub/b c.json": text})
    assert reader.names() == ["a", "sub/b c"]
    with pytest.raises(InputError, match=message) as refusal:
        reader.record("sub/b c")
    assert refusal.value.permission == "skip_unreadable"


def test_two_files_of_one_photograph_are_refused(read):
    message = r"datasets\.tiny: a\.jpg \(.*/a\.json\) and a\.jpg \(.*/b\.json\) have one name, 'a'; rename one, or mend"
    with pytest.raises(InputError, match=message):
        read("labelme", {"a.json": labelme(CAT), "b.json": labelme(CAT)})


def test_a_folder_without_files_or_with_nothing_but_broken_ones_is_refused(read):
    with pytest.raises(InputError, match=r"images has no file that ends in \.json; mend the path of the annotations"):
        read("labelme", {}, "images")
    with pytest.raises(InputError, match=r"a\.json is not valid JSON"):
        read("labelme", {"a.json": "{"})


def test_a_photograph_that_is_missing_is_expected_in_its_folder(read, images):
    reader = read("labelme", {"b.json": labelme(CAT, imagePath="../b.jpg")})
    assert [photograph.path for photograph in records(reader)] == [images / "b.jpg"]
