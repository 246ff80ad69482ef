"""Classes that a configuration names are the dataset's, unless a group stands for them."""

import pytest

from lpg.annotations.class_choice import choose_classes
from lpg.classes import VOC, canonical, merge
from lpg.errors import InputError

COCO = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
    "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow",
    "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee",
    "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard",
    "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
    "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch",
    "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone",
    "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors", "teddy bear",
    "hair drier", "toothbrush",
)  # fmt: skip


@pytest.mark.parametrize(("keep", "exclude"), [(None, ["cat"]), (["cat", "wolf"], None), ("cat", None)])
def test_a_class_of_vocs_that_the_dataset_spells_otherwise_is_refused(keep, exclude):
    """The group `voc` has a cat; who writes it out means one that is here, which is called cats."""
    with pytest.raises(InputError, match=r"^datasets\.x: the dataset has no class 'cat'; did you mean 'cats'\?$"):
        choose_classes(["cats", "wolf"], keep, exclude, "datasets.x")


def test_the_members_of_a_group_may_be_absent():
    assert choose_classes(["cat", "wolf"], None, "voc", "datasets.x") == ["wolf"]
    assert choose_classes(["cat", "wolf", "TV"], ["voc"], None, "datasets.x") == ["cat", "TV"]
    assert choose_classes(["cat", "wolf"], None, ["person", "cat"], "datasets.x") == ["wolf"], "a small set may lack it"
    assert choose_classes(["cat", "TV", "wolf"], None, ["tvmonitor"], "datasets.x") == ["cat", "wolf"]


def test_coco_without_voc_leaves_sixty():
    assert len(set(COCO)) == 80
    left = choose_classes(COCO, None, "voc", "datasets.coco60")
    spelt_as_coco = {"airplane", "couch", "dining table", "motorcycle", "potted plant", "tv"}
    assert len(left) == 60
    assert not set(left) & (set(VOC) | spelt_as_coco)
    assert left == [name for name in COCO if name in left]


def test_coco_holds_all_of_voc():
    kept = choose_classes(COCO, "voc", None, "d")
    assert len(kept) == 20
    assert {canonical(name) for name in kept} == set(VOC)


def test_kept_classes_have_the_order_and_spelling_of_the_dataset():
    assert choose_classes(COCO, ["tvmonitor", "zebra", "cat"], None, "d") == ["cat", "zebra", "tv"]
    assert choose_classes(["cat", "tv", "zebra"], ["voc", "zebra"], ["cat"], "d") == ["tv", "zebra"]
    assert choose_classes(["b", "a"], None, None, "d") == ["b", "a"]


@pytest.mark.parametrize("keep, exclude", [(["zebr"], None), (None, ["zebr"])])
def test_misspelt_class_is_refused(keep, exclude):
    with pytest.raises(InputError, match=r"datasets\.x: the dataset has no class 'zebr'; did you mean 'zebra'\?"):
        choose_classes(COCO, keep, exclude, "datasets.x")


def test_class_unlike_any_is_refused_with_the_list():
    with pytest.raises(InputError, match=r"datasets\.x: the dataset has no class 'quark'; it has cat, dog"):
        choose_classes(["cat", "dog"], ["quark"], None, "datasets.x")


def test_classes_that_differ_in_capitals_alone_are_kept_apart_or_refused():
    with pytest.raises(
        InputError,
        match=r"^d: the classes 'Car' and 'car' differ in capitals, blanks or the form of accents alone, and would",
    ):
        choose_classes(["Car", "car", "dog"], None, None, "d")
    assert choose_classes(["Car", "car", "dog"], None, ["Car"], "d") == ["car", "dog"]
    assert choose_classes(["Car", "car", "dog"], ["car"], None, "d") == ["car"]
    assert choose_classes(["Car", "dog"], ["car"], None, "d") == ["Car"]
    assert choose_classes(["tv", "tvmonitor"], ["TV"], None, "d") == ["tv", "tvmonitor"]


def test_a_class_that_would_be_taken_for_the_background_is_refused_unless_it_is_excluded():
    with pytest.raises(InputError, match=r"^d: a class is called 'Background', as is what lies outside of all objects"):
        choose_classes(["thing", "Background"], None, None, "d")
    assert choose_classes(["thing", "Background"], None, ["background"], "d") == ["thing"]


def test_only_classes_with_objects_count_where_there_are_too_many():
    names = [f"class {index}" for index in range(300)]
    assert choose_classes(names, None, ["class 5"], "d", used={"class 7", "class 5", "class 3"}) == [
        "class 3",
        "class 7",
    ]
    assert choose_classes(names[:20], None, None, "d", used={"class 7"}) == names[:20]


def test_dataset_without_classes_is_refused():
    with pytest.raises(InputError, match=r"datasets\.x: no class is left; the dataset has cat, sofa"):
        choose_classes(["cat", "sofa"], None, "voc", "datasets.x")


def test_a_dataset_of_more_classes_than_eight_bits_hold_is_refused():
    names = [f"class {index}" for index in range(300)]
    with pytest.raises(
        InputError, match=r"^datasets\.lvis: it has 300 classes, and 8-bit masks hold 254; exclude some$"
    ):
        choose_classes(names, None, None, "datasets.lvis")
    assert len(choose_classes(names, names[:254], None, "datasets.lvis")) == 254


def test_an_accent_may_stand_by_itself():
    composed, apart = "zébu", "ze\u0301bu"
    assert canonical(composed) == canonical(apart)
    with pytest.raises(InputError, match=r"differ in capitals, blanks or the form of accents alone"):
        choose_classes([composed, apart], None, None, "d")


@pytest.mark.parametrize(("name", "written"), [("a\nb", r"a\\nb"), ("\ud800", r"\\ud800"), ("", ""), (" ", " ")])
def test_the_name_of_a_class_is_a_line_of_text(name, written):
    with pytest.raises(InputError, match=f"^d: a class is called '{written}', which is no line of text; rename it"):
        choose_classes(["cat", name], None, None, "d")


def test_two_names_of_one_class_are_told(caplog):
    assert choose_classes(["tv", "horse", "tvmonitor"], None, None, "datasets.mine") == ["tv", "horse", "tvmonitor"]
    assert caplog.messages == [
        "datasets.mine: 'tvmonitor' and 'tv' are VOC's and COCO's names of one class: one where classes are merged"
    ]
    caplog.clear()
    assert choose_classes(["couch", "tv", "horse"], None, None, "datasets.mine") == ["couch", "tv", "horse"]
    assert not caplog.messages


def test_a_table_has_254_classes_beside_the_background_at_most():
    names = [f"class {number}" for number in range(1, 256)]
    assert len(merge([["background"], names[:254]])) == 255
    with pytest.raises(InputError, match="have 256 classes"):
        merge([["background", *names[:100]], names[100:]])
    assert choose_classes(names[:254], None, None, "d") == names[:254]
    with pytest.raises(InputError, match="it has 255 classes, and 8-bit masks hold 254"):
        choose_classes(names, None, None, "d")
