"""From a score back to what was given: by what files say, without a look inside."""

import json
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import photograph_of

from lpg.cli import main
from lpg.evaluation.stage_scores import score_stage
from lpg.files.boxes import write_boxes
from lpg.files.checkpoint import Checkpoint
from lpg.files.crate import write_crate
from lpg.files.label_maps import write_label_maps
from lpg.files.lineage import origins, trace
from lpg.files.made_by import made_by
from lpg.jobs.facts import facts_of
from lpg.jobs.machine import Machine
from lpg.jobs.provenance import RELEASED, content_digest, describe, file_digest
from lpg.jobs.stamps import stamp
from lpg.pixels.colours import Normalisation

BOXES, MASKS = "results/datasets/shapes/boxes.h5", "results/datasets/shapes/masks.h5"
NETWORK, LABELS = "results/target/stage1/generator.pt", "results/target/stage1/shapes/pseudo masks.h5"
SCORES, GIVEN = "results/target/stage1/scores.json", "given/boxes.json"
CLASSES = ("background", "cat")


def described(rule: str, *inputs: str, seed: int | None = None, **about: str) -> dict:
    settings = {"b": [1, 2], "a": "x"} | ({} if seed is None else {"seed": seed})
    known = describe(rule=rule, settings=settings, code="c" * 24, inputs=inputs)
    return known | about | ({} if seed is None else {"seed": seed}) | facts_of(Machine(), 2)


@pytest.fixture
def run(tmp_path, monkeypatch) -> Path:
    """A folder with a given file, boxes and ground truth made of it, a network, masks and their scores."""
    monkeypatch.chdir(tmp_path)
    Path("given").mkdir()
    Path(GIVEN).write_text("{}")
    image = photograph_of(4, 4, [[0, 0, 2, 2]], [1])
    made = described("extract_boxes", GIVEN, dataset="shapes")
    write_boxes([image], ["cat"], path=BOXES, dataset="shapes", digests=["d"], provenance=made)
    labels = np.eye(4, dtype=np.uint8)
    write_label_maps(MASKS, CLASSES, ["a"], [labels], described("extract_masks", GIVEN, BOXES, dataset="shapes"))
    Checkpoint(
        kind="generator",
        recipe={"architecture": "unet"},
        classes=CLASSES,
        weights={"w": torch.ones(2, 2)},
        losses=[1.0],
        initialisation="none",
        normalisation=Normalisation((0.4, 0.5, 0.6), (0.1, 0.2, 0.3)),
        provenance=described("train_generator", BOXES, MASKS, run="target", stage="1", seed=7),
    ).save(NETWORK)
    made = described("generate_pseudo_masks", NETWORK, BOXES, run="target", stage="1", dataset="shapes")
    write_label_maps(LABELS, CLASSES, ["a"], [labels], made)
    row = {"what": "pseudo masks", "split": "shapes", "crf": "without"}
    facts = ("run", "stage", "seed", "supervision", "segmenter", "initialisation", "generator")
    about = dict.fromkeys(facts, "x") | {"trained_on": ["shapes"], "truth_of": ["shapes"], "scored": [row]}
    score_stage(about, truth=[MASKS], labels=[LABELS], path=SCORES)
    stamp([SCORES], described("score_stage", MASKS, LABELS, run="target", stage="1"))
    return tmp_path


def test_a_row_of_scores_names_what_it_was_made_from(run):
    (row,) = json.loads(Path(SCORES).read_text())
    assert row["made_from"] == {LABELS: content_digest(LABELS), MASKS: content_digest(MASKS)}


def test_every_file_says_what_made_it(run):
    for path, rule in ((BOXES, "extract_boxes"), (NETWORK, "train_generator"), (SCORES, "score_stage")):
        known = made_by(path)
        assert known["rule"] == rule and known["settings"]["b"] == [1, 2]
        assert known["device"]["threads"] == 2 and known["libraries"]["torch"] == metadata.version("torch")
    assert made_by(NETWORK)["seed"] == 7
    assert made_by(GIVEN) == {}


def test_the_content_of_a_network_does_not_depend_on_what_made_it(run):
    content = torch.load(NETWORK, weights_only=True)
    before, known = content_digest(NETWORK), {key: content[key] for key in content if key != "normalisation"}
    normalisation = Normalisation(**{key: tuple(value) for key, value in content["normalisation"].items()})
    again = Checkpoint(**known | {"classes": CLASSES, "normalisation": normalisation, "provenance": {"commit": "x"}})
    again.save(NETWORK)
    assert content_digest(NETWORK) == before != file_digest(NETWORK)
    again.weights["w"][0, 0] = 2
    again.save(NETWORK)
    assert content_digest(NETWORK) != before


def test_weights_of_another_are_known_by_their_bytes(tmp_path):
    torch.save({"w": torch.ones(2)}, tmp_path / "a.pt")
    (tmp_path / "b.pt").write_bytes(b"damaged")
    for path in (tmp_path / "a.pt", tmp_path / "b.pt"):
        assert content_digest(path) == file_digest(path)


def test_a_folder_is_known_by_the_names_and_sizes_in_it(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_text("1")
    before = content_digest(tmp_path)
    (tmp_path / "a" / "c").write_text("")
    assert content_digest(tmp_path) != before


def test_everything_behind_a_file_is_found_once(run):
    assert sorted(origins([SCORES], Path("results"))) == sorted([SCORES, LABELS, BOXES, GIVEN, NETWORK, MASKS])


def test_a_score_is_traced_to_what_was_given(run, monkeypatch):
    found = trace(SCORES)
    assert [(one.path, one.depth) for one in found] == [
        (SCORES, 0), (MASKS, 1), (GIVEN, 2), (BOXES, 2), (LABELS, 1), (NETWORK, 2),
    ]  # fmt: skip
    assert {one.path: one.state for one in found if one.state} == {GIVEN: "given"}
    assert found[1].digest == content_digest(MASKS)
    assert str(found[5]).startswith(f"    {NETWORK}  {content_digest(NETWORK)}  train_generator run target stage 1")
    monkeypatch.chdir("/")
    assert [one.path for one in trace(run / SCORES)][1:] == [one.path for one in found][1:], "from anywhere"


def test_a_trace_tells_what_is_gone_and_what_has_changed(run):
    write_label_maps(LABELS, CLASSES, ["a"], [np.zeros((4, 4), np.uint8)], made_by(LABELS))
    Path(GIVEN).unlink()
    states = {one.path: one.state for one in trace(SCORES)}
    assert (states[LABELS], states[GIVEN], states[MASKS]) == ("changed", "gone", "")
    assert NETWORK not in states, "nobody knows what the other masks were made from"


def test_a_given_file_that_is_another_now_has_changed(run):
    Path(GIVEN).write_text("[]")
    assert {one.path: one.state for one in trace(SCORES) if one.state} == {GIVEN: "changed"}


def test_what_was_given_by_its_whole_path_does_not_say_where_the_rest_lies(run, monkeypatch):
    whole = str(run / GIVEN)
    write_label_maps(LABELS, CLASSES, ["a"], [np.eye(4, dtype=np.uint8)], described("choose_masks", whole, BOXES))
    monkeypatch.chdir("/")
    states = {one.path: one.state for one in trace(run / LABELS)}
    assert (states[whole], states[BOXES]) == ("given", "")


@pytest.fixture
def crate(run) -> dict:
    path = Path("results/ro-crate-metadata.json")
    write_crate([SCORES, NETWORK], {"seed": 7}, path=path, made_by=described("record_provenance", SCORES))
    return json.loads(path.read_text())


def entities(crate: dict) -> dict[str, dict]:
    return {entity["@id"]: entity for entity in crate["@graph"]}


def test_a_crate_has_what_the_specification_demands(crate):
    known = entities(crate)
    assert len(known) == len(crate["@graph"]), "every @id once"
    assert crate["@context"] == "https://w3id.org/ro/crate/1.1/context"
    about, root = known["ro-crate-metadata.json"], known["./"]
    assert about["about"] == {"@id": "./"} and about["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert root["@type"] == "Dataset" and root["datePublished"] == RELEASED and root["name"] and root["license"]
    assert known[root["conformsTo"]["@id"]]["@type"] == "CreativeWork"
    for part in root["hasPart"]:
        assert Path("results", part["@id"].replace("%20", " ")).is_file() and known[part["@id"]]["@type"] == "File"


def test_whatever_a_crate_refers_to_stands_in_it(crate):
    known = entities(crate)

    def references(value):
        if isinstance(value, dict) and set(value) == {"@id"}:
            yield value["@id"]
        elif isinstance(value, dict | list):
            for each in value.values() if isinstance(value, dict) else value:
                yield from references(each)

    outside = {"https://w3id.org/ro/crate/1.1"}
    assert {name for entity in crate["@graph"] for name in references(entity)} <= set(known) | outside


def test_the_jobs_of_a_crate_lead_from_the_scores_to_what_was_given(crate):
    known = entities(crate)
    actions = [entity for entity in crate["@graph"] if entity["@type"] == "CreateAction"]
    assert sorted(action["name"] for action in actions) == [
        "extract_boxes dataset shapes", "extract_masks dataset shapes",
        "generate_pseudo_masks run target stage 1 dataset shapes", "score_stage run target stage 1",
        "train_generator run target stage 1",
    ]  # fmt: skip
    makers = {result["@id"]: action for action in actions for result in action["result"]}
    waiting, seen = ["target/stage1/scores.json"], set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        waiting += [each["@id"] for each in makers.get(name, {"object": []})["object"] if each["@id"] not in seen]
    assert {"#given/boxes.json", "#photographs/shapes", "target/stage1/shapes/pseudo%20masks.h5"} <= seen
    assert known["#given/boxes.json"]["identifier"] == f"blake2b-96:{file_digest(GIVEN)}"
    values = [known[name] for name in seen if known[name]["@type"] == "PropertyValue"]
    assert {"settings", "device", "seed"} == {value["name"] for value in values}
    software = known[makers["target/stage1/generator.pt"]["instrument"]["@id"]]
    torch_of_it = {"@id": f"#torch/{metadata.version('torch')}"}
    assert software["name"] == "lpg" and torch_of_it in software["softwareRequirements"]


def test_a_network_that_is_brought_along_is_no_part_and_is_not_looked_into(run):
    """It names files of the place where it was trained, and here others have those names."""
    brought = Path("given/generator.pt")
    Path(NETWORK).rename(brought)
    path = Path("results/ro-crate-metadata.json")
    made = described("generate_pseudo_masks", str(brought), BOXES, run="target", stage="1", dataset="shapes")
    write_label_maps(LABELS, CLASSES, ["a"], [np.eye(4, dtype=np.uint8)], made)
    write_crate([SCORES], {}, path=path, made_by=made)
    known = entities(json.loads(path.read_text()))
    assert known["#given/generator.pt"]["@type"] == "CreativeWork"
    assert "train_generator run target stage 1" not in [entity.get("name") for entity in known.values()]


def test_the_same_run_has_the_same_crate(crate, run):
    first = Path("results/ro-crate-metadata.json").read_bytes()
    write_crate(
        [NETWORK, SCORES], {"seed": 7}, path="results/ro-crate-metadata.json",
        made_by=described("record_provenance", SCORES),
    )  # fmt: skip
    assert Path("results/ro-crate-metadata.json").read_bytes() == first
    assert str(run).encode() not in first, "no path that nobody gave"


@pytest.mark.parametrize("name", [BOXES, NETWORK, LABELS, SCORES])
def test_inspect_tells_of_every_file(run, capsys, name):
    assert main(["inspect", name, "--json"]) == 0
    known = json.loads(capsys.readouterr().out)["made by"]
    assert {"lpg_version", "rule", "settings", "input_digests", "libraries", "device"} <= set(known)


def test_inspect_says_of_every_row_where_it_comes_from(run, capsys):
    assert main(["inspect", SCORES, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert "mIoU 100.00" in row and f"{LABELS} {content_digest(LABELS)}" in row
    assert main(["inspect", SCORES, "--trace"]) == 0
    assert GIVEN in capsys.readouterr().out.splitlines()[2]


def test_a_file_that_nobody_has_told_of_is_refused(run, capsys):
    assert main(["inspect", GIVEN]) == 1
    assert "neither it nor anything beside it says that lpg made it; give a file of lpg's" in capsys.readouterr().err
