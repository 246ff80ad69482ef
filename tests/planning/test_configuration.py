"""The configuration is refused where it is wrong, with a hint."""

import copy
import json
import re
from pathlib import Path

import pytest
import yaml

from lpg import configuration
from lpg.planning.configuration import DEFAULTS, annotation_files, check_configuration
from lpg.errors import InputError
from lpg.generators.registry import METHODS
from lpg.segmenter.recipe import GeneratorRecipe, SegmenterRecipe, as_settings
from lpg.planning.repeated_keys import refuse_repeated_keys

ROOT = Path(configuration.__file__).parents[1]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.json"
CONFIG = {
    "datasets": {
        "pets": {"format": "coco", "images": "results/images", "annotations": "results/pets.json"},
        "voc": {"format": "voc", "root": "results/voc", "split": "train"},
    },
    "segmenters": {"small": {"architecture": "resnet18", "iterations": 5}},
    "generators": {"small": {"architecture": "hourglass", "view": "box"}},
    "runs": {
        "pets": {"dataset": "pets", "segmenter": "small", "generator": {"learn": "small"}},
        "voc": {"dataset": "voc", "segmenter": "small", "generator": {"from": "pets", "stage": 2}},
    },
}


def changed(path: str, value) -> dict:
    config = copy.deepcopy(CONFIG)
    *parents, key = path.split(".")
    place = config
    for parent in parents:
        place = place[parent]
    if value is None:
        del place[key]
    else:
        place[key] = value
    return config


def test_defaults_are_filled_in_and_datasets_split():
    checked = check_configuration(CONFIG, SCHEMA)
    assert {key: checked[key] for key in DEFAULTS} == DEFAULTS
    assert checked["datasets"]["pets"] == {
        "annotation_files": ["results/pets.json"],
        "settings": CONFIG["datasets"]["pets"],
    }
    assert checked["datasets"]["voc"]["annotation_files"] == ["results/voc/ImageSets/Segmentation/train.txt"]
    assert checked["runs"] == CONFIG["runs"]


def test_given_values_stay_and_the_argument_is_not_changed():
    config = changed("seed", 7)
    before = copy.deepcopy(config)
    assert check_configuration(config, SCHEMA)["seed"] == 7
    assert config == before


def test_demo_configuration_is_valid():
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    assert check_configuration(config, SCHEMA)["runs"] == config["runs"]


def test_every_optional_key_of_the_schema_has_a_default_or_is_a_recipe():
    schema = json.loads(SCHEMA.read_text())
    optional = set(schema["properties"]) - set(schema["required"])
    assert optional == {*DEFAULTS, "segmenters", "generators"}


@pytest.mark.parametrize(
    "path, value, message",
    [
        ("sead", 1, r"^the top level: unknown key 'sead'; did you mean 'seed'\?$"),
        ("datasets.pets.fractoin", 0.5, r"^datasets\.pets: unknown key 'fractoin'; did you mean 'fraction'\?$"),
        ("datasets.voc.splitt", "a", r"^datasets\.voc: unknown key 'splitt'; did you mean 'split'\?$"),
        ("datasets.pets.classes", {"kep": "a"}, r"^datasets\.pets\.classes: unknown key 'kep'; did you mean 'keep'\?$"),
        ("segmenters.small.batsh", 3, r"^segmenters\.small: unknown key 'batsh'; did you mean 'batch'\?$"),
        ("runs.pets.segmentor", "a", r"^runs\.pets: unknown key 'segmentor'; did you mean 'segmenter'\?$"),
        ("gpu", 1, r"^the top level: unknown key 'gpu'; known are .*seed.*runs"),
        ("datasets.voc.root", None, r"^datasets\.voc: the key 'root' is missing; add it$"),
        ("runs.voc.dataset", None, r"^runs\.voc: the key 'dataset' is missing; add it$"),
        ("runs", None, r"^the top level: the key 'runs' is missing; add it$"),
        ("seed", "one", r"^seed: 'one' is not a whole number; mend the value$"),
        ("segmenters.small.learning_rate", "1e-3", r"^segmenters\.small\.learning_rate: YAML reads .* write 0\.001$"),
        ("segmenters.small.weight_decay", "1e-7", r"^segmenters\.small\.weight_decay: YAML .* write 0\.0000001$"),
        ("runs.voc.evaluate", "val", r"^runs\.voc\.evaluate: a list is wanted; write \[val\]$"),
        ("runs.voc.evaluate", ["val", "val"], r"^runs\.voc\.evaluate: .* has something twice; name each once$"),
        ("runs.voc.evaluate", [], r"^runs\.voc\.evaluate: this is empty"),
        ("runs.voc.labels", "boxes", r"^runs\.voc\.labels: 'boxes' is not understood; the only value is masks$"),
        ("runs.voc.crf", {}, r"^runs\.voc\.crf: '\{\}' is not known; known are true, false, labels$"),
        ("clip_boxes", {}, r"^clip_boxes: \{\} is not true or false; mend the value$"),
        (
            "segmenters.small.learning_rate",
            float("nan"),
            r"^segmenters\.small\.learning_rate: nan is no number to",
        ),
        ("segmenters.small.scales", [1, float("inf")], r"^segmenters\.small\.scales\[1\]: inf is no number to"),
        ("generators.small.crop", 66, r"^generators\.small\.crop: 66 is no multiple of 4; write 64$"),
        ("generators.small.view", "boxes", r"^generators\.small\.view: 'boxes' is not known; did you mean 'box'\?$"),
        ("stages", 0, r"^stages: 0 is out of range; write 1 or more$"),
        ("generators.small.batch", 1, r"^generators\.small\.batch: 1 is out of range; write 2 or more$"),
        ("datasets.pets.fraction", 1.5, r"^datasets\.pets\.fraction: 1\.5 is out of range; write 1 or less$"),
        ("datasets.pets.format", "cocoo", r"^datasets\.pets\.format: 'cocoo' is not known; did you mean 'coco'\?$"),
        (
            "datasets.a/b",
            {"format": "voc", "root": "results", "split": "val"},
            r"^datasets: 'a/b' is no name here; take letters, digits",
        ),
        ("runs.voc.generator", {"form": "pets"}, r"^runs\.voc\.generator: unknown key 'form'; did you mean 'from'\?$"),
        (
            "runs.voc.generator",
            {"learn": "a", "from": "b"},
            r"^runs\.voc\.generator: .* give \{learn\} or \{from, …\}",
        ),
        (
            "runs.voc.generator",
            {"from": "pets", "guided_radius": 1},
            r"^runs\.voc\.generator\.guided_radius: 1 .* 0\.5",
        ),
        ("runs.voc.generator", "pets", r"^runs\.voc\.generator: 'pets' is not understood; give \{learn\} or "),
        ("runs.voc.dataset", 3, r"^runs\.voc\.dataset: 3 is not understood; give text or a list$"),
    ],
)
def test_wrong_configuration_is_refused(path, value, message):
    with pytest.raises(InputError, match=message):
        check_configuration(changed(path, value), SCHEMA)


def test_an_empty_section_is_refused():
    config = copy.deepcopy(CONFIG)
    config["runs"]["voc"]["generator"] = None
    with pytest.raises(
        InputError, match=r"^runs\.voc\.generator: nothing stands here; give it a value or take the key"
    ):
        check_configuration(config, SCHEMA)
    with pytest.raises(InputError, match=r"^runs: this is empty"):
        check_configuration(changed("runs", {}), SCHEMA)


def test_a_number_is_no_name():
    config = copy.deepcopy(CONFIG)
    config["runs"][2024] = config["runs"]["voc"]
    with pytest.raises(InputError, match=r"^runs: YAML reads the name 2024 as no text; write '2024' in quotes$"):
        check_configuration(config, SCHEMA)


def test_a_repeated_key_is_refused_with_its_line(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("runs:\n  a: &a {dataset: x}\n  b:\n    <<: *a\n    crf: true\n  c: [*a, *a]\n")
    refuse_repeated_keys([path])
    path.write_text("runs:\n  a: {dataset: x}\n  b: 1\n  a: {dataset: y}\n")
    with pytest.raises(InputError, match=r"mine\.yaml, line 4: 'a' stands in line 2 already; rename or remove one$"):
        refuse_repeated_keys([path])
    path.write_text("runs:\n  b: [{crf: 1, seed: 2, crf: 3}]\n")
    with pytest.raises(InputError, match=r"line 2: 'crf' stands in line 2 already"):
        refuse_repeated_keys([path])


def test_every_configuration_has_every_key_once():
    refuse_repeated_keys(sorted((ROOT / "config").rglob("*.yaml")))


@pytest.mark.parametrize(("dataset", "key"), [("pets", "images"), ("voc", "root")])
def test_a_missing_folder_of_photographs_is_refused(coco, voc, dataset, key):
    settings = (coco if dataset == "pets" else voc).settings
    check_configuration(changed(f"datasets.{dataset}", settings), SCHEMA)
    folder = coco.images if dataset == "pets" else voc.root / "JPEGImages"
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(InputError, match=rf"^datasets\.{dataset}: the folder .* does not exist; mend {key}$"):
        check_configuration(changed(f"datasets.{dataset}", settings), SCHEMA)


def test_missing_annotation_file_is_refused(tmp_path):
    config = changed("datasets.pets.annotations", str(tmp_path / "pets.json"))
    config["datasets"]["pets"]["images"] = str(tmp_path)
    with pytest.raises(InputError, match=r"datasets\.pets: .*pets\.json does not exist; mend the path or put the file"):
        check_configuration(config, SCHEMA)
    (tmp_path / "pets.json").touch()
    assert check_configuration(config, SCHEMA)["datasets"]["pets"]["annotation_files"] == [str(tmp_path / "pets.json")]


def test_missing_list_of_a_split_is_refused(tmp_path):
    config = changed("datasets.voc.root", str(tmp_path))
    with pytest.raises(InputError, match=r"datasets\.voc: .*ImageSets/Segmentation/train\.txt does not exist"):
        check_configuration(config, SCHEMA)


def test_split_is_a_name_or_a_path():
    settings = {"format": "voc", "root": "voc", "split": "lists/mine.txt"}
    assert annotation_files(settings) == [Path("lists/mine.txt")]
    assert annotation_files({**settings, "split": "val"}) == [Path("voc/ImageSets/Segmentation/val.txt")]


def test_every_key_and_every_option_is_documented():
    page = (ROOT / "docs" / "configuration.md").read_text()
    properties = json.loads(SCHEMA.read_text())["properties"]
    groups = [properties, *(properties[name]["additionalProperties"]["properties"] for name in ("runs", "tables"))]
    groups += [properties[name]["additionalProperties"]["properties"] for name in ("segmenters", "generators")]
    groups += [method.options for method in METHODS.values()]
    assert [key for group in groups for key in group if f"`{key}`" not in page] == []


@pytest.mark.parametrize(("section", "recipe"), [("segmenters", SegmenterRecipe()), ("generators", GeneratorRecipe())])
def test_documented_defaults_are_the_recipes(section, recipe):
    page = (ROOT / "docs" / "configuration.md").read_text()
    rows = re.findall(r"^\| (.+?) \| (.+?) \|", page.split(f"`{section}.<name>`")[1].split("\n## ")[0], re.MULTILINE)
    documented = {}
    for keys, values in rows[2:]:
        names = re.findall(r"`(\w+)`", keys)
        parsed = yaml.safe_load(f"[{values}]") if len(names) > 1 else [yaml.safe_load(values)]
        documented |= dict(zip(names, parsed, strict=True))
    expected = {key: value for key, value in as_settings(recipe).items() if key != "architecture"}
    assert {key: documented[key] for key in expected} == expected
