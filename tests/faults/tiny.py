"""The smallest run that has every rule of the method, and what of it must be the same whatever happened on the way."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import yaml
from conftest import DEMO

# What `all` and `tables` leave out: on demand.
ON_DEMAND = (
    "results/auxiliary/generator.safetensors",
    "results/auxiliary/generator.onnx",
    "results/target/segmenter.onnx",
    "results/target/stage1/calibration.json",
    "results/target/stage1/risk.tsv",
    "results/cut/stage1/objects.tsv",
    "results/target/stage1/shapes/review/index.html",
)
TARGETS = ("all", "tables", *ON_DEMAND)


def tiny_run() -> dict:
    """The demo's configuration with a handful of photographs, one stage and two iterations."""
    config = yaml.safe_load(DEMO.read_text())
    for name, fraction in (("shapes-auxiliary", 0.03), ("shapes", 0.03), ("shapes-val", 0.08)):
        config["datasets"][name]["fraction"] = fraction
    config["datasets"]["shapes"]["shards"] = 2
    config["segmenters"]["small"] |= {"batch": 2, "stages": [{"iterations": 3}]}
    config["generators"]["small"] |= {"stages": [{"iterations": 3, "batch": 2, "crop": 32}]}
    config["stages"] = 1
    config["datasets"]["photographs"]["fraction"] = 0.25
    del config["runs"]["full"]  # it has no rule of its own
    config["runs"]["target"]["crf"] = "labels"
    config["runs"]["cut"] = {"dataset": "shapes", "generator": {"method": "densecrf"}, "evaluate": ["shapes-val"]}
    config["tables"] = {"table_3": {"split": "shapes-val", "what": ["pseudo masks"], "runs": {"CRF": "cut"}}}
    config["gallery"] = {"images": 1, "worst": 1}
    return config


def digests(folder: Path) -> dict[str, str]:
    """Of every final file under `results/`, by its path; benchmarks are measurements and no results.

    Shards of a file that was to be made again lie beside it until that is done, if it ever is.
    """
    results = folder / "results"
    return {
        str(path.relative_to(results)): hashlib.blake2b(path.read_bytes(), digest_size=12).hexdigest()
        for path in sorted(results.rglob("*"))
        if path.is_file()
        and path.parts[len(results.parts)] != "benchmarks"
        and path.name != ".snakemake_timestamp"
        and "-of-" not in path.name
    }


@dataclass(frozen=True)
class Undisturbed:
    """A folder in which the run has ended well, its configuration, its final files, and the seconds that it took."""

    folder: Path
    config: Path
    digests: dict[str, str]
    seconds: float


def differences(found: dict[str, str], expected: dict[str, str]) -> list[str]:
    """The files that are missing, too many, or not the same."""
    return sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
