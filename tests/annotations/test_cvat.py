"""CVAT's own XML: shapes as boxes and masks, labels, and every refusal."""

import json

import pytest

from lpg.errors import InputError

META = """<version>1.1</version><meta><task><name>t</name><labels>
<label><name>dog</name><type>rectangle</type><attributes><attribute><name>age</name></attribute></attributes></label>
<label><name>cat</name><type>any</type></label>
<label><name>paw</name><type>points</type><parent>dog</parent></label></labels></task></meta>"""
CAT = '<box label="cat" source="manual" occluded="0" xtl="1.00" ytl="2.00" xbr="5.00" ybr="6.00" z_order="0">'
CAT += '<attribute name="age">3</attribute></box>'


def cvat(*shapes: str, name: str = "a.jpg", size: str = 'width="8" height="6"', meta: str = META) -> str:
    image = f'<image id="7" name="{name}" {size}>{"".join(shapes)}</image>'
    return f'<?xml version="1.0" encoding="utf-8"?>\n<annotations>{meta}{image}</annotations>'


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (CAT, (1, 2, 5, 6)),
        ('<box label="cat" xtl="2" ytl="2" xbr="6" ybr="4" rotation="90.0"/>', (3, 1, 5, 5)),
        ('<polygon label="cat" points="1.00,2.00;5.00,2.00;3.00,6.00"/>', (1, 2, 5, 6)),
        ('<ellipse label="cat" cx="4" cy="3" rx="2" ry="1"/>', (2, 2, 6, 4)),
        ('<ellipse label="cat" cx="4" cy="3" rx="2" ry="1" rotation="90"/>', (3, 1, 5, 5)),
        ('<mask label="cat" rle="1, 3, 2" left="2" top="1" width="3" height="2"/>', (2, 1, 5, 3)),
        ('<mask label="cat" rle="4, 1, 1" left="2" top="1" width="3" height="2"/>', (3, 2, 4, 3)),
    ],
)
def test_a_shape_has_a_box_around_it(read, boxes_of, shape, expected):
    reader = read("cvat", {"annotations.xml": cvat(shape)}, "annotations.xml")
    assert reader.class_names == ["dog", "cat"]  # as the task has them
    assert boxes_of(reader) == {"a": [("cat", *expected)]}
    photograph = reader.record("a")
    assert (photograph.id, photograph.object_ids, photograph.source[-7:]) == (7, [1], "image 7")


def test_a_turned_box_is_the_same_in_each_of_its_exports(read, boxes_of, tmp_path):
    """CVAT's COCO and VOC have the edges of before, and the angle among the attributes."""
    sides = {"bbox": [2, 2, 4, 2], "segmentation": [], "iscrowd": 0, "attributes": {"rotation": 90.0}}
    content = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 8, "height": 6}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, **sides}],
    }
    box = "<bndbox><xmin>3</xmin><ymin>3</ymin><xmax>6</xmax><ymax>4</ymax></bndbox>"
    turn = "<attributes><attribute><name>rotation</name><value>90.0</value></attribute></attributes>"
    xml = f"<annotation><filename>a.jpg</filename><object><name>cat</name>{turn}{box}</object></annotation>"
    for name, file, text in (("coco", "c.json", json.dumps(content)), ("voc_xml", "a.xml", xml)):
        assert boxes_of(read(name, {file: text}, file)) == {"a": [("cat", 3, 1, 5, 5)]}


def test_masks_are_runs_of_rows_and_polygons(read):
    mask = '<mask label="cat" rle="1, 3, 2" left="2" top="1" width="3" height="2"/>'
    polygon = '<polygon label="dog" points="0,0;8,0;8,2;0,2"/>'
    reader = read("cvat", {"annotations.xml": cvat(mask, polygon)}, "annotations.xml")
    expected = [[1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 2, 2, 1, 1, 1], [0, 0, 2, 0, 0, 0, 0, 0], *[[0] * 8] * 3]
    photograph = reader.record("a")
    assert reader.label_map(photograph).tolist() == expected
    assert [mask.sum() for mask in reader.instance_masks(photograph)] == [3, 16]


def test_a_mask_that_leaves_the_photograph_is_cut(read):
    mask = '<mask label="cat" rle="0, 16" left="-2" top="4" width="4" height="4"/>'
    reader = read("cvat", {"annotations.xml": cvat(mask)}, "annotations.xml")
    (cut,) = reader.instance_masks(reader.record("a"))
    assert cut.sum() == cut[4:, :2].sum() == 4


def test_a_box_has_no_mask(read):
    reader = read("cvat", {"annotations.xml": cvat(CAT)}, "annotations.xml")
    with pytest.raises(
        InputError, match=r"annotations\.xml, image 7: this dataset has boxes and no mask; a run that learns from"
    ):
        reader.label_map(reader.record("a"))


def test_a_subset_is_a_folder_of_photographs(read):
    size = 'subset="sub" width="8" height="6"'
    text = cvat(CAT, name="b c.PNG", size=size)
    assert read("cvat", {"annotations.xml": text}, "annotations.xml").names() == ["sub/b c"]


def test_what_has_no_box_is_left_out_and_told(read, boxes_of, caplog):
    others = '<points label="cat" points="1,1"/>', '<tag label="cat"/>', '<polyline label="cat" points="1,1;2,2"/>'
    reader = read("cvat", {"annotations.xml": cvat(*others, CAT)}, "annotations.xml")
    assert boxes_of(reader) == {"a": [("cat", 1, 2, 5, 6)]}
    said = [record.getMessage().rsplit(": ", 2)[1] for record in caplog.records]
    assert said == ["1 × points, which has no box", "1 × polyline, which has no box"]


def test_classes_without_a_list_are_the_objects(read):
    text = cvat(CAT, CAT.replace("cat", "ape"), meta="")
    assert read("cvat", {"annotations.xml": text}, "annotations.xml").class_names == ["ape", "cat"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "<annotations>",
            r"annotations\.xml is not valid XML \(.*\); mend or restore the file, or save it as",
        ),
        (
            "<annotation/>",
            r"annotations\.xml is no export of CVAT: its root is <annotation>; export `CVAT for images 1",
        ),
        ("<annotations><track/></annotations>", r"is of a video, with tracks; export `CVAT for images 1\.1` instead"),
        ("<annotations/>", r"datasets\.tiny: its annotations have no object; look at the path of the annotations"),
        (cvat(CAT, name=""), r"annotations\.xml, image 7 has no name; mend the file"),
    ],
)
def test_a_file_that_is_wrong_is_refused(read, text, message):
    with pytest.raises(InputError, match=message):
        read("cvat", {"annotations.xml": text}, "annotations.xml")


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ('<box xtl="1" ytl="2" xbr="5" ybr="6"/>', r"image 7, shape 1 has no label; mend the file"),
        ('<box label="cat" xtl="1" ytl="2" xbr="5"/>', r"image 7, shape 1: the box has no ybr; mend the file"),
        ('<box label="cat" xtl="1" ytl="2" xbr="5" ybr="NaN"/>', r"image 7, shape 1: 'NaN' is no coordinate; mend it"),
        ('<polygon label="cat" points="1,2;3,4"/>', r"image 7, shape 1: a polygon of 2 points; mend or drop it"),
        ('<polygon label="cat" points="1,2;3,4;5"/>', r"image 7, shape 1: a polygon of 3 points"),
        (
            '<mask label="cat" rle="1,9" left="0" top="0" width="3" height="2"/>',
            r"1: its runs do not fill its size of 3×2",
        ),
        ('<mask label="cat" rle="" left="0" top="0" width="3" height="2"/>', r"shape 1: its runs do not fill its size"),
        ('<mask label="cat" rle="9,-3" left="0" top="0" width="3" height="2"/>', r"shape 1: its runs do not fill its"),
        (
            '<mask label="cat" rle="1000000000000" left="0" top="0" width="1000000" height="1000000"/>',
            r"1: its runs do not",
        ),
    ],
)
def test_a_shape_that_is_wrong_is_refused_or_skipped(read, shape, message):
    reader = read("cvat", {"annotations.xml": cvat(shape)}, "annotations.xml")
    with pytest.raises(InputError, match=message) as refusal:
        reader.record("a")
    assert refusal.value.permission == "skip_unreadable"


def test_entities_are_not_fetched_and_do_not_grow(tmp_path, read):
    (tmp_path / "secret.txt").write_text("cat")
    outside = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{tmp_path}/secret.txt">]><annotations>&x;</annotations>'
    levels = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 12))
    bomb = f'<!DOCTYPE a [<!ENTITY e0 "{"x" * 100}">{levels}]><annotations>&e11;</annotations>'
    for text in (outside, bomb):
        with pytest.raises(InputError, match=r"annotations\.xml is not valid XML \("):
            read("cvat", {"annotations.xml": text}, "annotations.xml")
