"""Weights that some of the methods want."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from lpg.generators.baselines.sdi.hed import BLOCKS


@pytest.fixture
def hed_weights(tmp_path) -> Path:
    """A file as Keras writes it, of random weights."""
    rng, path = np.random.default_rng(0), tmp_path / "hed.weights.h5"
    before = 3
    with h5py.File(path, "w") as file:
        for number, (channels, depth) in enumerate(BLOCKS, start=1):
            for index in range(depth):
                group = f"block{number}/layers/conv2d{f'_{index}' if index else ''}/vars"
                file[f"{group}/0"] = rng.normal(0, (2 / (9 * before)) ** 0.5, (3, 3, before, channels)).astype("f4")
                file[f"{group}/1"] = rng.normal(0, 0.1, channels).astype("f4")
                before = channels
            file[f"dsn{number}/vars/0"] = rng.normal(0, 0.002, (1, 1, channels, 1)).astype("f4")
            file[f"dsn{number}/vars/1"] = rng.normal(0, 0.1, 1).astype("f4")
        file["fuse/vars/0"] = np.full((1, 1, 5, 1), 0.2, dtype="f4")
        file["fuse/vars/1"] = np.zeros(1, dtype="f4")
    return path
