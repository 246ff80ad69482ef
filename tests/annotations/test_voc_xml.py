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


def test_the_edge_of_a_photograph_may_be_0(read, boxes_of):
    assert boxes_of(read("voc_xml", {"xml/a.xml": voc_xml(6, 8, voc_object("cat", "0 0 5 6"))}, "xml")) == {
        "a": [("cat", 0, 0, 5, 6)]
    }


def test_elements_may_go_over_several_lines(read, boxes_of):
    text = voc_xml(6, 8, CAT.replace(">", ">\n\t").replace("</", "\n</"))
    assert boxes_of(read("voc_xml", {"xml/a.xml": text}, "xml")) == {"a": [("cat", 1, 2, 5, 6)]}


@pytest.mark.parametrize("stated", ["<filename>a.png</filename>", "<filename>..\\..\\a.jpg</filename>"])
def test_a_photograph_may_be_named_in_the_file(read, stated):
    text = voc_xml(6, 8, CAT).replace("<size>", f"{stated}<size>")
    assert read("voc_xml", {"xml/0001.xml": text}, "xml").names() == ["a"]


def test_where_a_photograph_may_be_several_the_file_says_which(read):
    photographs = {"images/x/b.jpg": b"", "images/y/b.JPG": b""}
    named = voc_xml(6, 8, CAT).replace("<size>", "<filename>y/b.JPG</filename><size>")
    assert read("voc_xml", {**photographs, "xml/b.xml": named}, "xml").names() == ["y/b"]
    with pytest.raises(InputError, match=r"b\.xml: 'b' may be x/b\.jpg or y/b\.JPG of .*; write its folder and its e"):
        read("voc_xml", {"xml/b.xml": voc_xml(6, 8, CAT)}, "xml")


def test_a_file_that_names_another_photograph_is_told(read, caplog):
    named = voc_xml(6, 8, CAT).replace("<size>", "<filename>b.png</filename><size>")
    assert read("voc_xml", {"images/b.png": b"", "xml/a.xml": named, "xml/b.xml": named}, "xml").names() == ["a", "b"]
    (said,) = [one for one in caplog.messages if "name other photographs" in one]
    assert said.startswith("1 files name other photographs than they are called as, which counts: ")
    assert said.endswith("a.xml has b.png")


def test_blanks_around_the_name_of_a_class_are_none_of_it(read):
    assert read("voc_xml", {"xml/a.xml": voc_xml(6, 8, CAT.replace("cat", " cat "))}, "xml").class_names == ["cat"]


def test_a_size_may_be_left_out(read):
    for size in ("<size/>", "<size><width>0</width><height>0</height></size>"):
        photograph = read("voc_xml", {"xml/a.xml": f"<annotation>{size}{CAT}</annotation>"}, "xml").record("a")
        assert (photograph.height, photograph.width) == (0, 0)


def test_other_encodings_that_xml_declares_are_read(read):
    for name, encoding in (("künstlich", "iso-8859-1"), ("狗", "gbk")):
        text = f'<?xml version="1.0" encoding="{encoding}"?>' + voc_xml(6, 8, voc_object(name, "2 3 5 6"))
        assert read("voc_xml", {"xml/a.xml": text.encode(encoding)}, "xml").class_names == [name]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<annotation>", r"b c\.xml is not valid XML \(.*\); mend or restore the file, or save it as UTF-8"),
        ("<annotations/>", r"b c\.xml is no annotation of VOC: its root is <annotations>; take it out of the folder"),
        (voc_xml(6, 8, voc_object("", "2 3 5 6")), r"b c\.xml: object 1 has no name; mend the file"),
        (voc_xml(6, 8, "<object><name>cat</name><robndbox/></object>"), r"object 1 \(cat\) has no bndbox but a robndb"),
        (voc_xml(6, 8, voc_object("cat", "2 3 5 x")), r"b c\.xml: object 1 \(cat\) has the ymax 'x' in its bndbox"),
        (voc_xml(6, 8, voc_object("cat", "2 3 5 nan")), r"b c\.xml: object 1 \(cat\) has an edge out of the world"),
        (voc_xml(6, 8, voc_object("cat", "2 3 5 1e99")), r"b c\.xml: object 1 \(cat\) has an edge out of the world"),
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
    with pytest.raises(InputError, match=r"a\.xml: this dataset has boxes and no mask"):
        reader.label_map(reader.record("a"))
