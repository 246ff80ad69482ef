"""Tables of quality, calibrations, lists of images, MATLAB's files."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from hostile import nasty
from hostile.cases import attempt, cases
from hostile.mutations import mutated_bytes, mutated_lines, mutated_tree
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import savemat

from lpg.acquisition.sbd import read_sbd_mask
from lpg.annotations.image_lists import read_names
from lpg.evaluation.calibration import Calibration
from lpg.evaluation.quality_table import read_quality, read_scores
from lpg.generators.baselines.sdi.proposals import best_proposal, read_mcg

QUALITY = 'image\tbox\tobject_id\tclass\tscore\trisk\nt/a\t0\t1\tcat\t0.9\t0.1\nt/b\t0\t"x"\tdog\t\t0.2'
CALIBRATION = json.loads(
    Path(__file__).parents[2].joinpath("lpg/generators/shipped/general.calibration.json").read_text()
)


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("hostile") / "file"


def write(path: Path, content: str | bytes) -> int:
    content = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return path.write_bytes(content)


@cases(3_000)
@given(st.one_of(mutated_lines(QUALITY, "\t"), mutated_bytes(st.just(QUALITY.encode()))))
def test_quality(path, content):
    size = write(path, content)
    attempt(lambda: read_quality(path), [path], size)
    scores = attempt(lambda: read_scores(path), [path], size)
    assert all(0 <= score <= 1 for own in (scores or {}).values() for score in own)


@cases(2_000)
@given(mutated_tree(CALIBRATION).map(json.dumps))
def test_calibrations(path, content):
    size = write(path, content)
    found = attempt(lambda: Calibration.load(path), [path], size)
    assert found is None or np.isfinite(np.interp(0.5, found.heads, found.ious) if len(found.heads) else 0)


@cases(2_000)
@given(st.one_of(mutated_lines("a\nsub/b c 1\n\nd", " "), mutated_bytes(st.just(b"a\r\nsub/b\n"))))
def test_lists_of_images(path, content):
    size = write(path, content)
    names = attempt(lambda: read_names(path), [path], size)
    assert all(name and not name.startswith("/") and ".." not in name.split("/") for name in names or ())


MASK = np.array([[0, 1, 2], [2, 1, 0]], dtype=np.uint8)
SUPERPIXELS = np.array([[1, 1, 2], [3, 3, 2]], dtype=np.uint16)
arrays = st.sampled_from(
    [MASK, MASK.astype(float), -MASK.astype(int), MASK + 253, MASK[0], np.zeros((0, 0)), "text", {}, np.nan]
)
cells = st.lists(
    st.sampled_from([np.array([1]), np.array([2, 3]), np.array([]), np.array([9]), np.array([-1]), "x"]), max_size=3
)

superpixels = st.sampled_from(
    [
        SUPERPIXELS,
        SUPERPIXELS * 1000,
        SUPERPIXELS - 1,
        SUPERPIXELS.astype(float),
        SUPERPIXELS[0],
        "x",
        SUPERPIXELS + 2.0**40,
    ]
)


def mat(content: dict, compressed: bool) -> bytes:
    file = io.BytesIO()
    savemat(file, content, do_compression=compressed)
    return file.getvalue()


def cell(values: list) -> np.ndarray:
    made = np.empty((len(values), 1), dtype=object)
    made[:, 0] = values
    return made


@cases(3_000)
@given(arrays, st.sampled_from(["GTcls", "x"]), st.booleans(), st.data())
def test_masks_of_sbd(path, array, key, compressed, data):
    whole = mat({key: {"Segmentation": array}}, compressed)
    size = write(path, data.draw(st.one_of(st.just(whole), mutated_bytes(st.just(whole)))))
    mask = attempt(lambda: read_sbd_mask(path, "GTcls", 20), [path], size)
    assert mask is None or (mask.dtype == np.uint8 and mask.ndim == 2 and mask.max(initial=0) <= 20)


@cases(3_000)
@given(
    superpixels, cells, st.lists(nasty.numbers.filter(lambda value: abs(value) < 1e300), max_size=3), st.booleans(),
    st.data(),
)  # fmt: skip
def test_proposals_of_mcg(path, superpixels, members, scores, compressed, data):
    content = {"superpixels": superpixels, "labels": cell(members), "scores": np.array(scores, dtype=float)}
    whole = mat(content, compressed)
    size = write(path, data.draw(st.one_of(st.just(whole), mutated_bytes(st.just(whole)))))
    found = attempt(lambda: read_mcg(path), [path], size)
    if found:
        assert best_proposal(found, (slice(0, 2), slice(0, 2))).shape == found.superpixels.shape
