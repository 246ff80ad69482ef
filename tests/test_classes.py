"""Class tables matched by name, and the rule that auxiliary and target are disjoint."""

import json
import logging

import pytest

from lpg.annotations.class_check import check_classes
from lpg.classes import VOC, canonical, choose_classes, merge, translate
from lpg.errors import InputError
from lpg.files.checkpoint import Checkpoint

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


def test_dataset_without_classes_is_refused():
    with pytest.raises(InputError, match=r"datasets\.x: no class is left; the dataset has cat, sofa"):
        choose_classes(["cat", "sofa"], None, "voc", "datasets.x")


def test_merge_knows_both_spellings():
    tables = [("background", "tv", "kite"), ("background", "cat", "tvmonitor", "Kite")]
    assert merge(tables) == ("background", "tv", "kite", "cat")


def test_translate_goes_by_name_and_keeps_void():
    table = translate(("background", "tv", "cat"), ("background", "cat", "dog", "tvmonitor"), "a.h5")
    assert table[[0, 1, 2, 255]].tolist() == [0, 3, 1, 255]
    assert table.shape == (256,)


def test_translate_refuses_a_class_without_a_place():
    with pytest.raises(InputError, match=r"a\.h5: class 'cat' is not in the class table background, dog"):
        translate(("background", "cat"), ("background", "dog"), "a.h5")


@pytest.fixture
def tables(write_label_maps):
    """Files that hold nothing but a class table."""

    def make(*class_names: str):
        return write_label_maps(f"{'-'.join(class_names)}.h5", ("background", *class_names), {})

    return make


def run_check(target, auxiliary, path, **options):
    options = {"generator": [], "evaluated": [], "allowed": (), **options}
    check_classes(run="voc", boxes=target, auxiliary=auxiliary, path=path, **options)


def test_shared_class_is_refused_in_any_spelling(tables, tmp_path):
    target, auxiliary = [tables("cat", "sofa", "tvmonitor")], [tables("kite"), tables("tv", "couch")]
    with pytest.raises(InputError) as refusal:
        run_check(target, auxiliary, tmp_path / "classes.json")
    assert str(refusal.value) == (
        "runs.voc: auxiliary and target share the classes sofa, tvmonitor; "
        "exclude them from one of the datasets, or name them in allow_shared_classes"
    )
    assert not (tmp_path / "classes.json").exists()


def test_shared_class_is_allowed_by_name_only(tables, tmp_path):
    target, auxiliary = [tables("cat", "sofa", "tvmonitor")], [tables("tv", "couch")]
    with pytest.raises(InputError, match="share the classes sofa;"):
        run_check(target, auxiliary, tmp_path / "classes.json", allowed=["tv"])
    run_check(target, auxiliary, tmp_path / "classes.json", allowed=["tv", "sofa"])
    assert json.loads((tmp_path / "classes.json").read_text()) == ["background", "cat", "sofa", "tvmonitor"]


def test_a_generator_from_a_file_must_not_have_seen_the_classes(tables, tmp_path):
    seen = Checkpoint("generator", {"architecture": "hourglass"}, ("background", "couch", "kite"), {}, [], "none")
    seen.save(tmp_path / "generator.pt")
    path, generator = tmp_path / "classes.json", [tmp_path / "generator.pt"]
    with pytest.raises(InputError, match="auxiliary and target share the classes sofa;"):
        run_check([tables("cat", "sofa")], [], path, generator=generator)
    run_check([tables("cat")], [], path, generator=generator)


def test_a_run_is_scored_on_classes_that_it_learns(tables, tmp_path):
    path, boxes = tmp_path / "classes.json", [tables("cat", "sofa")]
    run_check(boxes, [], path, evaluated=[tables("couch"), tables("sofa", "cat")])
    path.unlink()
    with pytest.raises(InputError) as refusal:
        run_check(boxes, [], path, evaluated=[tables("cat"), tables("dog", "couch")])
    assert str(refusal.value) == (
        "runs.voc.evaluate: the run learns cat, sofa, and the datasets that it is scored on have dog too; "
        "exclude those classes there, or add them to the run's datasets"
    )
    assert not path.exists()


def test_class_table_of_a_run_is_the_union_of_its_datasets(tables, tmp_path):
    run_check([tables("kite", "zebra"), tables("zebra", "apple")], [], tmp_path / "classes.json")
    assert json.loads((tmp_path / "classes.json").read_text()) == ["background", "kite", "zebra", "apple"]


def test_single_class_is_worth_a_warning(tables, tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        run_check([tables("cat")], [], tmp_path / "classes.json")
    assert "only one class, 'cat'" in caplog.text


def test_a_dataset_of_more_classes_than_eight_bits_hold_is_refused():
    names = [f"class {index}" for index in range(300)]
    with pytest.raises(
        InputError, match=r"^datasets\.lvis: it has 300 classes, and 8-bit masks hold 254; exclude some$"
    ):
        choose_classes(names, None, None, "datasets.lvis")
    assert len(choose_classes(names, names[:254], None, "datasets.lvis")) == 254
