"""`pytest tests/faults --kills 200 --minutes 30 --seed 7`: without `--kills` none of this runs, for it takes long."""

import random
import time
from pathlib import Path

import pytest
import yaml
from conftest import snakemake
from faults.tiny import TARGETS, Undisturbed, digests, tiny_run


def pytest_addoption(parser):
    parser.addoption("--kills", type=int, default=0, help="how many; 0 leaves out whatever is in tests/faults")
    parser.addoption("--minutes", type=float, default=30, help="after which nothing is killed any more")
    parser.addoption("--seed", type=int, default=None, help="of what is killed and when; a new one by default")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("kills", 0):
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="make test-faults, or --kills"))


@pytest.fixture(scope="session")
def deadline(request) -> float:
    return time.monotonic() + 60 * request.config.getoption("minutes")


@pytest.fixture(scope="session")
def chance(request) -> random.Random:
    seed = request.config.getoption("seed")
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    print(f"\n--seed {seed}")
    return random.Random(seed)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory, deadline) -> Undisturbed:
    """The tiny run as it comes out if nothing happens."""
    folder = tmp_path_factory.mktemp("undisturbed")
    config = folder / "config.yaml"
    config.write_text(yaml.safe_dump(tiny_run(), sort_keys=False))
    started = time.monotonic()
    done = snakemake(folder, *TARGETS, config=config)
    assert done.returncode == 0, done.stderr[-2000:]
    return Undisturbed(folder, config, digests(folder), time.monotonic() - started)
