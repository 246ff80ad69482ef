"""VOC's XML with the photographs elsewhere: which counts its edges begin from, and every refusal."""

import pytest
from conftest import voc_object, voc_xml

from lpg.errors import InputError

CAT = voc_object("cat", "2 3 5 6")


def test_boxes_count_from_one_as_vocs_do(read, boxes_of):
    reader = read("voc_xml", {"xml/a.xml": voc_xml(6, 8, voc_object("dog", "1 1 8 6"), CAT)}, "xml")
    assert reader.class_names == ["cat", "dog"]
    assert boxes_of(reader) == {"a": [("dog", 0, 0, 8, 6), ("cat", 1, 2, 5, 6)]}
    photograph = reader.record("a")
    assert (photograph.object_ids, photograph.path.is_file(), photograph.source[-5:]) == ([1, 2], True, "a.xml")


@pytest.mark.parametrize("edges", ["0 3 5 6", "1.5 3 5 6"])
def test_boxes_that_do_not_count_from_one_are_edges_in_all_files(read, boxes_of, edges):
    files = {"xml/a.xml": voc_xml(6, 8, voc_object("cat", edges)), "xml/sub/b c.xml": voc_xml(6, 8, CAT)}
    files["xml/sub/b c.xml"] = files["xml/a.xml"] if "." in edges else files["xml/sub/b c.xml"]
    expected = [float(edge) for edge in edges.split()]
    assert boxes_of(read("voc_xml", files, "xml"))["a"] == [("cat", *expected)]
    assert boxes_of(read("voc_xml", files, "xml"))["sub/b c"] == [
        ("cat", *(expected if "." in edges else (2, 3, 5, 6)))
    ]


def test_a_single_edge_between_pixels_is_vocs_own(read, boxes_of):
    text = voc_xml(6, 8, CAT, CAT, voc_object("cat", "2.5 3 5 6"))
    assert boxes_of(read("voc_xml", {"xml/a.xml": text}, "xml"))["a"][0] == ("cat", 1, 2, 5, 6)


@pytest.mark.parametrize("stated", ["<filename>a.png</filename>", "<filename>..\\..\\a.jpg</filename>"])
def test_a_photograph_may_be_named_in_the_file(read, stated):
    text = voc_xml(6, 8, CAT).replace("<size>", f"{stated}<size>")
    assert read("voc_xml", {"xml/0001.xml": text}, "xml").names() == ["a"]


def test_a_file_without_a_size_is_as_large_as_its_photograph(read):
    for size in ("<size/>", "<size><width>0</width><height>0</height></size>"):
        photograph = read("voc_xml", {"xml/a.xml": f"<annotation>{size}{CAT}</annotation>"}, "xml").record("a")
        assert (photograph.height, photograph.width) == (6, 8)


def test_other_encodings_that_xml_declares_are_read(read):
    text = '<?xml version="1.0" encoding="iso-8859-1"?>' + voc_xml(6, 8, voc_object("künstlich", "2 3 5 6"))
    assert read("voc_xml", {"xml/a.xml": text.encode("latin-1")}, "xml").class_names == ["künstlich"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<annotation>", r"b c\.xml is not XML that can be read \(.*\); mend or restore the file, or save it as UTF-8"),
        ('<?xml version="1.0" encoding="gbk"?><annotation/>', r"b c\.xml is not XML that can be read \(.*multi-byte"),
        ("<annotations/>", r"b c\.xml is no annotation of VOC: its root is <annotations>; take it out of the folder"),
        (voc_xml(6, 8, voc_object("", "2 3 5 6")), r"b c\.xml, object 1 has no name; give it one"),
        (
            voc_xml(6, 8, "<object><name>cat</name><robndbox/></object>"),
            r"object 1 \(cat\) has no bndbox: a turned box",
        ),
        (voc_xml(6, 8, voc_object("cat", "2 3 5 x")), r"b c\.xml, object 1, ymax: 'x' is no coordinate; mend it"),
        (voc_xml(6, 8, CAT.replace("<xmin>2</xmin>", "")), r"b c\.xml, object 1, xmin: 'None' is no coordinate"),
    ],
)
def test_a_file_that_is_wrong_is_refused_or_skipped(read, text, message):
    reader = read("voc_xml", {"xml/a.xml": voc_xml(6, 8, CAT), "xml/sub/b c.xml": text}, "xml")
    with pytest.raises(InputError, match=message) as refusal:
        reader.record("sub/b c")
    assert refusal.value.permission == "skip_unreadable"


def test_a_folder_without_files_is_refused(read):
    with pytest.raises(InputError, match=r"images has no file that ends in \.xml; mend the path of the annotations"):
        read("voc_xml", {}, "images")


def test_boxes_have_no_masks(read):
    reader = read("voc_xml", {"xml/a.xml": voc_xml(6, 8, CAT)}, "xml")
    with pytest.raises(InputError, match=r"a\.xml: object 1 \(cat\) is a box and has no mask"):
        reader.label_map(reader.record("a"))
