"""Two runs of one seed are one: the same bytes in every file, and each says what made it."""

import json
from pathlib import Path

import pytest
from conftest import snakemake

from lpg.files.made_by import made_by

TIMED = "benchmarks"
# A generator and segmenters, scores and masks, figures; make test-faults has every rule.
FILES = "results/target/stage1/scores.json", "results/target/losses.png", "results/target/stage1/gallery.png"
FOLDER = "results/target/stage1/shapes/pseudo_masks"
FACTS = {"lpg_version", "rule", "settings", "input_digests", "code_digest", "libraries", "device"}


def written(folder: Path) -> dict[str, bytes]:
    paths = (path for path in sorted((folder / "results").rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths if TIMED not in path.parts}


@pytest.mark.slow
def test_two_runs_of_one_seed_in_two_folders_are_equal(finished, tmp_path):
    result = snakemake(tmp_path, *FILES, FOLDER, config=finished[1])
    assert result.returncode == 0, result.stdout + result.stderr
    first, second = written(finished[0]), written(tmp_path)
    assert set(FILES) < set(second) <= set(first) and any(name.startswith(FOLDER) for name in second)
    assert [name for name, content in second.items() if content != first[name]] == []


@pytest.mark.slow
def test_every_file_says_what_made_it_and_no_private_path(finished):
    folder, _ = finished
    files = [path for path in (folder / "results").rglob("*") if path.is_file() and TIMED not in path.parts]
    silent = {
        str(path.relative_to(folder))
        for path in files
        if not path.name.endswith("provenance.json") and not set(made_by(path)) >= FACTS
    }
    assert silent == set()
    private = str(folder).encode(), str(Path(__file__).parents[2]).encode()
    assert [path for path in files if any(name in path.read_bytes() for name in private)] == []


@pytest.mark.slow
def test_the_crate_has_every_file_behind_all(finished):
    results = finished[0] / "results"
    crate = json.loads((results / "ro-crate-metadata.json").read_text())
    named = {entity["@id"].rstrip("/") for entity in crate["@graph"] if entity["@type"] in ("File", "Dataset")}
    made = {str(path.relative_to(results)) for path in results.rglob("*.*") if path.suffix in (".h5", ".pt")}
    assert made <= named
    assert {"scores.html", "scores.png", "target/stage1/gallery.png", "target/stage1/shapes/pseudo_masks"} <= named
    names = [entity["name"] for entity in crate["@graph"] if entity["@type"] == "CreateAction"]
    assert len(names) == len(set(names)) and "train_generator run auxiliary stage 1" in names
