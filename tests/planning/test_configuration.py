"""The configuration is refused where it is wrong, with a hint."""

import copy
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

from lpg.errors import InputError
from lpg.planning.blocks import given
from lpg.planning.configuration import Configuration
from lpg.planning.datasets import dataset_settings
from lpg.planning.reading import check_home, read_configuration
from lpg.planning.yaml_files import check_yaml

CONFIG = {
    "datasets": {
        "pets": {"format": "coco", "images": "results/images", "annotations": "results/pets.json"},
        "voc": {"format": "voc", "root": "results/voc", "split": "train"},
    },
    "segmenters": {"small": {"architecture": "resnet18", "iterations": 5}},
    "generators": {
        "small": {"architecture": "hourglass", "view": "box"},
        "whole": {"architecture": "hourglass"},
    },
    "runs": {
        "pets": {"dataset": ["pets"], "segmenter": "small", "generator": {"learn": "small"}},
        "voc": {"dataset": ["voc"], "segmenter": "small", "generator": {"from": "pets", "stage": 2}},
    },
}
WITHOUT = object()


def changed(path: str, value) -> dict:
    """The configuration with one key changed, or `WITHOUT` it; blocks on the way are added."""
    config = copy.deepcopy(CONFIG)
    *parents, key = path.split(".")
    place = config
    for parent in parents:
        place = place.setdefault(parent, {})
    if value is WITHOUT:
        del place[key]
    else:
        place[key] = value
    return config


def refusal(config: dict) -> str:
    with pytest.raises(InputError) as refused:
        read_configuration(config)
    return str(refused.value)


def test_defaults_are_filled_in():
    checked = read_configuration(CONFIG)
    assert (checked.seed, checked.stages) == (0, 3)
    assert checked.gallery.model_dump() == {"images": 8, "worst": 4, "datasets": None}
    assert checked.sources is None  # the pinned table, lpg/acquisition/sources.yaml
    assert checked.tables == {}
    assert all(not dataset.skip_unreadable and not dataset.clip_boxes for dataset in checked.datasets.values())
    assert {name: given(run) for name, run in checked.runs.items()} == CONFIG["runs"]


def test_of_a_dataset_the_listing_is_checked_and_the_rest_is_its_readers():
    permissions = {"skip_unreadable": True, "clip_boxes": True}
    config = changed("datasets.pets", CONFIG["datasets"]["pets"] | permissions | {"classes": {"exclude": "voc"}})
    datasets = read_configuration(config).datasets
    assert datasets["pets"].listing == [Path("results/pets.json")]
    assert datasets["voc"].listing == [Path("results/voc/ImageSets/Segmentation/train.txt")]
    assert dataset_settings(datasets["pets"]) == CONFIG["datasets"]["pets"] | {"classes": {"exclude": ["voc"]}}
    assert dataset_settings(datasets["voc"]) == CONFIG["datasets"]["voc"]


def test_given_values_stay_and_the_argument_is_not_changed():
    config = changed("seed", 7)
    before = copy.deepcopy(config)
    assert read_configuration(config).seed == 7
    assert config == before


def test_demo_configuration_is_valid():
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    assert list(read_configuration(config).runs) == list(config["runs"])


@pytest.mark.parametrize("section", ["segmenters", "generators", "tables", "gallery", "seed", "stages", "sources"])
def test_only_datasets_and_runs_are_required(section):
    read_configuration({key: value for key, value in CONFIG.items() if key != section})


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("sead", 1, "the top level: unknown key 'sead'; did you mean 'seed'?"),
        ("datasets.pets.fractoin", 0.5, "datasets.pets: unknown key 'fractoin'; did you mean 'fraction'?"),
        ("datasets.voc.splitt", "a", "datasets.voc: unknown key 'splitt'; did you mean 'split'?"),
        ("datasets.pets.classes", {"kep": "a"}, "datasets.pets.classes: unknown key 'kep'; did you mean 'keep'?"),
        ("segmenters.small.batsh", 3, "segmenters.small: unknown key 'batsh'; did you mean 'batch'?"),
        ("generators.small.crp", 64, "generators.small: unknown key 'crp'; did you mean 'crop'?"),
        (
            "segmenters.small.stages",
            [{}, {"iteratoins": 3}],
            "segmenters.small.stages[1]: unknown key 'iteratoins'; did you mean 'iterations'?",
        ),
        ("runs.pets.segmentor", "a", "runs.pets: unknown key 'segmentor'; did you mean 'segmenter'?"),
        (
            "gpu",
            1,
            "the top level: unknown key 'gpu'; known are seed, stages, datasets, segmenters, generators, runs, tables, "
            "gallery, sources",
        ),
        (
            "skip_unreadable",
            True,
            "the top level: unknown key 'skip_unreadable'; it is a key of a dataset: datasets.<name>.skip_unreadable",
        ),
        (
            "clip_boxes",
            {},
            "the top level: unknown key 'clip_boxes'; it is a key of a dataset: datasets.<name>.clip_boxes",
        ),
        ("segmenter", "small", "the top level: unknown key 'segmenter'; it is a key of a run: runs.<name>.segmenter"),
        ("evaluate", ["voc"], "the top level: unknown key 'evaluate'; it is a key of a run: runs.<name>.evaluate"),
        ("classes", {}, "the top level: unknown key 'classes'; it is a key of a dataset: datasets.<name>.classes"),
        (
            "datasets.pets.class_names",
            ["cat"],
            "datasets.pets: unknown key 'class_names'; it belongs to other formats, for COCO's file has its own",
        ),
        (
            "datasets.pets.root",
            "data",
            "datasets.pets: unknown key 'root'; it belongs to voc; write images and annotations",
        ),
        (
            "datasets.voc.images",
            "data",
            "datasets.voc: unknown key 'images'; write root, the folder that has both; or format: voc_xml, with XML in "
            "any folder",
        ),
        (
            "runs.voc.generator",
            {"shiped": "general"},
            "runs.voc.generator: unknown key 'shiped'; did you mean 'shipped'?",
        ),
        (
            "allow_shared_classes",
            ["cat"],
            "the top level: unknown key 'allow_shared_classes'; it is a key of a run: runs.<name>.allow_shared_classes",
        ),
        (
            "runs.voc.generator",
            {"form": "pets"},
            "runs.voc.generator: unknown key 'form'; did you mean 'from'?",
        ),
        (
            "runs.voc.generator",
            {"from": "pets", "stag": 1},
            "runs.voc.generator: unknown key 'stag'; did you mean 'stage'?",
        ),
    ],
)
def test_unknown_keys_are_refused(path, value, sentence):
    assert refusal(changed(path, value)) == sentence


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("runs", "the top level: the key 'runs' is missing; add it"),
        ("datasets.voc.root", "datasets.voc: the key 'root' is missing; add it"),
        (
            "datasets.voc.format",
            "datasets.voc: the key 'format' is missing; add it, one of coco, voc, voc_xml, yolo, csv, labelme, cvat",
        ),
        ("runs.voc.dataset", "runs.voc: the key 'dataset' is missing; add it"),
    ],
)
def test_missing_keys_are_refused(path, sentence):
    assert refusal(changed(path, WITHOUT)) == sentence


NAME = "is no name here; take letters, digits, - and _, and begin with a letter or a digit"
FORMS = "is not understood; give {learn: …} or {from: …} or {file: …} or {shipped: …} or {method: …}"
EMPTY = "this is empty or too short; add to it, or take the key out"


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("seed", "one", "'one' is not a whole number; mend the value"),
        ("seed", 1.5, "1.5 is not a whole number; mend the value"),
        ("seed", -1, "-1 is out of range; write 0 or more"),
        ("stages", 0, "0 is out of range; write 1 or more"),
        ("stages", 10**18, "1000000000000000000 is out of range; write 100 or less"),
        ("segmenters.small.learning_rate", "1e-3", "YAML reads 1e-3 as text; write 0.001"),
        ("segmenters.small.weight_decay", "1e-7", "YAML reads 1e-7 as text; write 0.0000001"),
        ("segmenters.small.learning_rate", "inf", "'inf' is not a number; mend the value"),
        ("segmenters.small.learning_rate", float("nan"), "nan is no number to compute with; mend the value"),
        ("segmenters.small.architecture", "resnet", "'resnet' is not known; did you mean 'resnet18'?"),
        ("segmenters.small.scales", [2, 1], "[2, 1] runs backwards; write [1, 2]"),
        ("segmenters.small.scales", [1], EMPTY),
        ("segmenters.small.scales", [1, 2, 3], "[1, 2, 3] is too long; write 2 of them"),
        ("generators.small.context", [3, 1], "[3, 1] runs backwards; write [1, 3]"),
        ("generators.whole.focus", [3, 1], "[3, 1] runs backwards; write [1, 3]"),
        ("generators.small.apply.scale", -1, "-1 is out of range; write more than 0"),
        (
            "generators.small.apply.scale",
            "2",
            "'2' is text here, in quotes or by --config, which reads nested values so (a file does not); write 2",
        ),
        ("generators.small.apply.scale", [], EMPTY),
        ("generators.small.crop", 66, "66 is no multiple of 4; write 64"),
        ("generators.small.batch", 1, "1 is out of range; write 2 or more"),
        ("generators.small.view", "boxes", "'boxes' is not known; did you mean 'box'?"),
        (
            "generators.small.target_stride",
            "4",
            "'4' is text here, in quotes or by --config, which reads nested values so (a file does not); write 4",
        ),
        ("generators.small", "hourglass", "'hourglass' is not keys with values; mend the value"),
        ("datasets.pets.fraction", 1.5, "1.5 is out of range; write 1 or less"),
        ("datasets.pets.fraction", 0, "0 is out of range; write more than 0"),
        ("datasets.pets.format", "cocoo", "'cocoo' is not known; did you mean 'coco'?"),
        ("datasets.pets.clip_boxes", {}, "{} is not true or false; mend the value"),
        ("datasets.pets.classes.keep", [], EMPTY),
        ("datasets.voc.class_names", "cat", "a list is wanted; write [cat]"),
        ("runs", {}, EMPTY),
        ("runs.voc.dataset", 3, "3 is not understood; give text or a list"),
        ("runs.voc.dataset", ["voc", "voc"], "['voc', 'voc'] has something twice; name each once"),
        ("runs.voc.evaluate", "val", "a list is wanted; write [val]"),
        ("runs.voc.evaluate", ["val", "val"], "['val', 'val'] has something twice; name each once"),
        ("runs.voc.evaluate", [], EMPTY),
        ("runs.voc.allow_shared_classes", "cat", "a list is wanted; write [cat]"),
        ("runs.voc.labels", "boxes", "'boxes' is not understood; the only value is masks"),
        ("runs.voc.crf", {}, "'{}' is not known; known are true, false, labels"),
        ("runs.voc.crf", "label", "'label' is not known; did you mean 'labels'?"),
        (
            "runs.voc.generator",
            {"from": "b", "learn": "a"},
            "learn and from stand together; keep one of them (a configuration that is laid over another adds keys and "
            "takes none out: give the run another name there)",
        ),
        ("runs.voc.generator", "pets", "'pets' " + FORMS),
        ("runs.voc.generator", {}, "{} " + FORMS),
        ("runs.voc.generator", "general", "'general' stands alone; write {shipped: general}"),
        ("runs.voc.generator", "grabcut", "'grabcut' stands alone; write {method: grabcut}"),
        ("runs.voc.generator", "unet", "'unet' stands alone; write {learn: unet}"),
        ("datasets.pets.classes", ["ball"], "it is not said whether these are kept; write {keep: [ball]}"),
        ("datasets.pets.classes", "ball", "it is not said whether these are kept; write {keep: [ball]}"),
        (
            "runs.voc.segmenter",
            {"architecture": "fpn"},
            "a name is wanted; write the recipe in segmenters.<name>, and its name here",
        ),
    ],
)
def test_wrong_values_are_refused(path, value, sentence):
    assert refusal(changed(path, value)) == f"{path}: {sentence}"


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (
            "segmenters.small.scales",
            [1, float("inf")],
            "segmenters.small.scales[1]: inf is no number to compute with; mend the value",
        ),
        (
            "generators.whole.stages",
            [{}, {"focus": [3, 1]}],
            "generators.whole.stages[1].focus: [3, 1] runs backwards; write [1, 3]",
        ),
        (
            "runs.voc.generator",
            {"from": "a", "stage": 0},
            "runs.voc.generator.stage: 0 is out of range; write 1 or more",
        ),
        (
            "runs.voc.generator",
            {"learn": {"architecture": "unet"}},
            "runs.voc.generator.learn: a name is wanted; write the recipe in generators.<name>, and its name here",
        ),
        (
            "runs.voc.generator",
            {"method": False},
            "runs.voc.generator.method: YAML reads yes, no, on and off as true and false; put the word for False in "
            "quotes",
        ),
        ("runs.voc.generator", {"method": 3}, "runs.voc.generator.method: 3 is not text; mend the value"),
        (
            "runs.generator",
            {"dataset": "voc", "stages": -1},
            "runs.generator.stages: -1 is out of range; write 0 or more",
        ),
        (
            "tables.table_2",
            {"split": "voc", "what": ["segmentor"], "runs": {"a": "voc"}},
            "tables.table_2.what[0]: 'segmentor' is not known; did you mean 'segmenter'?",
        ),
    ],
)
def test_the_place_of_a_wrong_value_within_the_key_is_named(path, value, sentence):
    assert refusal(changed(path, value)) == sentence


def test_of_several_faults_a_wrong_choice_is_named_before_others_may_follow_from_it():
    recipe = {"architecture": "resnet", "iterations": 0}
    assert refusal(changed("segmenters.small", recipe)).startswith(
        "segmenters.small.architecture: 'resnet' is not known"
    )
    recipe = {"architecture": "resnet18", "iterations": 0, "batch": 0}
    assert refusal(changed("segmenters.small", recipe)).startswith("segmenters.small.iterations: 0 is out of range")


def test_names_are_text_of_few_kinds():
    voc = CONFIG["datasets"]["voc"]
    assert refusal(changed("datasets.a/b", voc)) == f"datasets: 'a/b' {NAME}"
    config = copy.deepcopy(CONFIG)
    config["runs"][2024] = config["runs"]["voc"]
    assert refusal(config) == "runs: YAML reads the name 2024 as no text; write '2024' in quotes"


@pytest.mark.parametrize(
    "path",
    [
        *("datasets", "datasets.pets", "datasets.pets.classes", "segmenters", "segmenters.small", "generators.small"),
        *("segmenters.small.trunk", "generators.small.trunk"),
        *("segmenters.small.stages", "generators.small.stages", "generators.small.apply", "generators.small.crop"),
        *("runs.voc", "runs.voc.generator", "runs.voc.segmenter", "runs.voc.stages", "gallery", "sources"),
    ],
)
def test_a_key_with_nothing_behind_it_is_refused(path):
    assert refusal(changed(path, None)) == f"{path}: nothing stands here; give it a value or take the key out"


def test_null_is_a_value_where_a_recipe_says_so():
    for path in ("segmenters.small.long_side", "generators.whole.long_side", "generators.whole.focus"):
        read_configuration(changed(path, None))


# What belongs to one view, and how masks are made


@pytest.mark.parametrize(
    ("recipe", "key", "value", "view"),
    [
        ("small", "long_side", 300, "image"),
        ("small", "scales", [1, 2], "image"),
        ("small", "focus", [1, 2], "image"),
        ("whole", "context", [1, 2], "box"),
        ("whole", "magnify", 3, "box"),
    ],
)
def test_keys_of_the_other_view_are_refused(recipe, key, value, view):
    place = f"generators.{recipe}"
    sentence = f"unknown key '{key}'; it belongs to view: {view}"
    assert refusal(changed(f"{place}.{key}", value)) == f"{place}: {sentence}"
    assert refusal(changed(f"{place}.stages", [{}, {key: value}])) == f"{place}.stages[1]: {sentence}"


@pytest.mark.parametrize(
    ("key", "value", "instead"),
    [
        ("scale", 1.5, "write apply: {scale: …}"),
        ("flip_test", True, "write apply: {flip: …}"),
        ("guided_radius", 0.1, "write apply: {guided_radius: …}"),
        ("score_weight", 0.5, "write apply: {score_weight: …}"),
    ],
)
def test_how_masks_are_made_stands_in_a_block_of_its_own(key, value, instead):
    sentence = f"unknown key '{key}'; {instead}"
    for recipe in ("small", "whole"):
        assert refusal(changed(f"generators.{recipe}.{key}", value)) == f"generators.{recipe}: {sentence}"
    assert refusal(changed("generators.small.stages", [{key: value}])) == f"generators.small.stages[0]: {sentence}"
    for form in ({"from": "pets"}, {"file": "results/teacher/stage3/generator.pt"}):
        assert refusal(changed("runs.voc.generator", {**form, key: value})) == f"runs.voc.generator: {sentence}"


def test_apply_stands_in_recipes_in_their_stages_and_beside_from_and_file():
    apply = {"scale": 1.5, "flip": True, "guided_radius": 0.1, "context": 1.4}
    for path, value in (
        ("generators.small.apply", apply),
        ("generators.small.stages", [{"apply": apply}]),
        ("runs.voc.generator", {"from": "pets", "apply": apply}),
        ("runs.voc.generator", {"file": "results/teacher/stage3/generator.pt", "apply": apply}),
    ):
        read_configuration(changed(path, value))


@pytest.mark.parametrize(
    ("apply", "sentence"),
    [
        ({"guided_radius": 0.5}, ".guided_radius: 0.5 is out of range; write less than 0.5"),
        ({"scale": 0}, ".scale: 0 is out of range; write more than 0"),
        ({"context": 0.9}, ".context: 0.9 is out of range; write 1 or more"),
        ({"flip": 1}, ".flip: 1 is not true or false; mend the value"),
        ({"scal": 1}, ": unknown key 'scal'; did you mean 'scale'?"),
    ],
)
def test_a_wrong_apply_is_refused_wherever_it_stands(apply, sentence):
    assert refusal(changed("generators.small.apply", apply)) == f"generators.small.apply{sentence}"
    stages = changed("generators.small.stages", [{}, {"apply": apply}])
    assert refusal(stages) == f"generators.small.stages[1].apply{sentence}"
    borrowed = changed("runs.voc.generator", {"from": "pets", "apply": apply})
    assert refusal(borrowed) == f"runs.voc.generator.apply{sentence}"


@pytest.mark.parametrize(
    "form", [{"learn": "small"}, {"from": "pets"}, {"file": "g.pt"}, {"shipped": "general"}, {"method": "bcm"}], ids=str
)
def test_an_ignore_band_stands_beside_whatever_makes_the_masks(form):
    read = read_configuration(changed("runs.voc.generator", {**form, "ignore_band": [0.4, 0.6]}))
    assert read.runs["voc"].generator.ignore_band == (0.4, 0.6)
    widest = read_configuration(changed("runs.voc.generator", {**form, "ignore_band": [0, 1]}))
    assert widest.runs["voc"].generator.ignore_band == (0, 1)
    for band, sentence in (
        ([0.6, 0.4], "[0.6, 0.4] runs backwards; write [0.4, 0.6]"),
        ([0.4, 1.5], "[1]: 1.5 is out of range; write 1 or less"),
        ([0, 0], "[1]: 0 is out of range; write more than 0"),
        ([0.4], EMPTY),
    ):
        refused = refusal(changed("runs.voc.generator", {**form, "ignore_band": band}))
        assert refused.startswith("runs.voc.generator.ignore_band")
        assert refused.endswith(sentence.partition(": ")[2] or sentence)


def test_a_generator_of_view_image_has_no_context_to_apply():
    assert refusal(changed("generators.whole.apply", {"context": 1.4})).startswith(
        "generators.whole.apply: unknown key 'context'; "
    )


# Files


def test_a_repeated_key_is_refused_with_its_line(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("runs:\n  a: &a {dataset: x}\n  b:\n    <<: *a\n    crf: true\n  c: [*a, *a]\n")
    check_yaml([path])
    path.write_text("runs:\n  a: {dataset: x}\n  b: 1\n  a: {dataset: y}\n")
    with pytest.raises(InputError, match=r"mine\.yaml, line 4: 'a' stands in line 2 already; rename or remove one$"):
        check_yaml([path])
    path.write_text("runs:\n  b: [{crf: 1, seed: 2, crf: 3}]\n")
    with pytest.raises(InputError, match=r"line 2: 'crf' stands in line 2 already"):
        check_yaml([path])


def test_every_configuration_has_every_key_once():
    check_yaml(sorted((ROOT / "config").rglob("*.yaml")))


@pytest.mark.parametrize(("dataset", "key"), [("pets", "images"), ("voc", "root")])
def test_a_missing_folder_of_photographs_is_refused(coco, voc, dataset, key):
    files = coco if dataset == "pets" else voc
    read_configuration(changed(f"datasets.{dataset}", files.settings))
    folder = coco.images if dataset == "pets" else voc.root / "JPEGImages"
    folder.rename(folder.with_name("elsewhere"))
    sentence = f"datasets.{dataset}: the folder {folder} does not exist; mend {key}"
    assert refusal(changed(f"datasets.{dataset}", files.settings)) == sentence


@pytest.mark.parametrize(("dataset", "key"), [("pets", "images"), ("pets", "annotations"), ("voc", "root")])
def test_a_path_that_is_too_long_for_a_disk_does_not_exist(coco, voc, dataset, key):
    settings = (coco if dataset == "pets" else voc).settings | {key: "9" * 5000}
    assert refusal(changed(f"datasets.{dataset}", settings)).startswith(f"datasets.{dataset}")


def test_missing_annotation_file_is_refused(tmp_path):
    config = changed("datasets.pets.annotations", str(tmp_path / "pets.json"))
    config["datasets"]["pets"]["images"] = str(tmp_path)
    sentence = f"datasets.pets.annotations: {tmp_path}/pets.json does not exist; mend the path or put the file there"
    assert refusal(config) == sentence
    (tmp_path / "pets.json").touch()
    assert read_configuration(config).datasets["pets"].listing == [tmp_path / "pets.json"]


@pytest.mark.parametrize(
    ("format", "wanted"), [("coco", "COCO's JSON"), ("csv", "a table (CSV)"), ("cvat", "CVAT's XML")]
)
def test_a_folder_in_place_of_the_one_file_of_a_format_is_called_a_folder(tmp_path, format, wanted):
    keys = {"format": format, "images": str(tmp_path), "annotations": str(tmp_path)}
    sentence = f"datasets.pets.annotations: {tmp_path} is a folder; name the file in it that is {wanted}"
    assert refusal(changed("datasets.pets", keys)) == sentence


def test_a_file_in_place_of_the_folder_of_photographs_is_called_a_file(coco):
    config = changed("datasets.pets", coco.settings | {"images": str(coco.annotations)})
    assert refusal(config) == f"datasets.pets: the folder {coco.annotations} is a file; mend images"


def test_missing_list_of_a_split_is_refused(coco, tmp_path):
    config = changed("datasets.voc.root", str(tmp_path))
    missing = tmp_path / "ImageSets" / "Segmentation" / "train.txt"
    assert refusal(config) == f"datasets.voc.split: {missing} does not exist; mend the split or put the file there"
    config = changed("datasets.pets", coco.settings | {"split": "nowhere.txt"})
    assert refusal(config) == "datasets.pets.split: nowhere.txt does not exist; give the path of a list of images"


def test_what_the_workflow_fetches_may_be_missing():
    coco = {"images": "data/coco/train2017", "annotations": "data/coco/annotations/instances_train2017.json"}
    config = changed("datasets.pets", {"format": "coco", **coco})
    config["datasets"]["voc"]["root"] = "data/voc2012"
    read_configuration(config)


def test_split_is_a_name_or_a_path():
    def listing(split: str) -> list[Path]:
        return Configuration.model_validate(changed("datasets.voc.split", split)).datasets["voc"].listing

    assert listing("lists/mine.txt") == [Path("lists/mine.txt")]
    assert listing("val") == [Path("results/voc/ImageSets/Segmentation/val.txt")]


def test_a_checkout_with_a_blank_in_its_path_is_refused():
    check_home(Path("/home/me/lpg"))
    with pytest.raises(
        InputError, match=r"^lpg lies in '/home/me/my code/lpg', and .* with a blank in its path; move it"
    ):
        check_home(Path("/home/me/my code/lpg"))


@pytest.fixture
def labels(tmp_path) -> Path:
    """Photographs and labels as ultralytics has them, and a list."""
    for name in ("images/train/a.jpg", "labels/train/a.txt", "labels/a.json", "xml/sub/a.XML", "data.yaml", "some.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("format", "keys", "listing", "scattered"),
    [
        ("csv", {"annotations": "data.yaml"}, ["data.yaml"], []),
        ("cvat", {"annotations": "data.yaml", "split": "some.txt"}, ["data.yaml", "some.txt"], []),
        ("labelme", {"annotations": "labels"}, [], ["labels/a.json"]),
        ("labelme", {"annotations": "labels/a.json"}, ["labels/a.json"], []),
        ("voc_xml", {"annotations": "xml", "split": "some.txt"}, ["some.txt"], ["xml/sub/a.XML"]),
        ("yolo", {"annotations": "labels"}, ["data.yaml"], ["labels/train/a.txt"]),
        ("yolo", {"annotations": "data.yaml"}, ["data.yaml"], ["labels/train/a.txt"]),
        ("yolo", {"annotations": "data.yaml", "split": "some.txt"}, ["data.yaml", "some.txt"], ["labels/train/a.txt"]),
    ],
)
def test_files_of_annotations_are_listed_or_scattered(labels, format, keys, listing, scattered):
    settings = {"format": format, "images": str(labels / "images"), **{k: str(labels / v) for k, v in keys.items()}}
    dataset = read_configuration(changed("datasets.pets", settings)).datasets["pets"]
    assert dataset.listing == [labels / name for name in listing]
    assert dataset.scattered == [labels / name for name in scattered]
    assert dataset_settings(dataset) == settings


def test_labels_of_a_split_of_yolo_lie_in_labels_beside_images(labels):
    keys = {"format": "yolo", "images": str(labels / "images" / "train"), "annotations": str(labels / "data.yaml")}
    dataset = read_configuration(changed("datasets.pets", {**keys, "split": "val"})).datasets["pets"]
    assert dataset.listing == [labels / "data.yaml"]  # val is a key in it
    assert dataset.scattered == [labels / "labels/train/a.txt"]


def test_a_folder_of_annotations_that_is_missing_is_refused(labels):
    keys = {"format": "labelme", "images": str(labels / "images"), "annotations": str(labels / "marks")}
    sentence = f"datasets.pets.annotations: {labels}/marks does not exist; mend the path or put the file there"
    assert refusal(changed("datasets.pets", keys)) == sentence
    keys = {"format": "labelme", "images": str(labels / "no"), "annotations": str(labels / "labels")}
    assert (
        refusal(changed("datasets.pets", keys)) == f"datasets.pets: the folder {labels}/no does not exist; mend images"
    )
