"""The demo, scaled down to seconds and run once for all tests of the workflow."""

import shutil
from pathlib import Path

import pytest
import yaml
from conftest import DEMO, snakemake


def small_demo() -> dict:
    """The demo's configuration with next to nothing to compute, labels after a CRF and a run of masks alone."""
    config = yaml.safe_load(DEMO.read_text())
    for name in ("shapes-auxiliary", "shapes", "shapes-val"):
        config["datasets"][name]["fraction"] = 0.1
    config["segmenters"]["small"] |= {"batch": 2, "stages": [{"iterations": 2}]}
    config["generators"]["small"] |= {"stages": [{"iterations": 2, "batch": 2, "crop": 64}]}
    config["stages"] = 1
    config["runs"]["target"]["crf"] = "labels"
    config["runs"]["cut"] = {"dataset": "shapes", "generator": {"method": "densecrf"}, "evaluate": ["shapes-val"]}
    config["gallery"] = {"datasets": ["shapes-val", "shapes"]}  # one that is scored, and one that is not
    config["tables"] = {"table_3": {"split": "shapes-val", "what": ["pseudo masks"], "runs": {"CRF": "cut"}}}
    return config


@pytest.fixture
def write_config(tmp_path):
    """Write a configuration to a file of its own."""

    def write(config: dict, name: str = "changed.yaml") -> Path:
        path = tmp_path / name
        path.write_text(yaml.safe_dump(config, sort_keys=False))
        return path

    return write


@pytest.fixture
def demo() -> dict:
    """The small demo, to be changed."""
    return small_demo()


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> tuple[Path, Path]:
    """A folder in which the small demo has run, and its configuration; it is called as a user may call one."""
    folder = tmp_path_factory.mktemp("möin 'run' of mine")
    config = folder / "config.yaml"
    config.write_text(yaml.safe_dump(small_demo(), sort_keys=False))
    result = snakemake(folder, "all", "tables", config=config)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder, config


@pytest.fixture
def copied(finished, tmp_path) -> tuple[Path, Path]:
    """A copy of the finished folder, to be changed, and the configuration in it."""
    folder = tmp_path / "copied"
    shutil.copytree(finished[0], folder)
    return folder, folder / "config.yaml"
