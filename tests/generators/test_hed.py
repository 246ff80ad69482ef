"""SDI's GrabCut+ with HED's boundaries: the network against scipy, the cut against every labelling."""

import pickle
from itertools import product

import h5py
import numpy as np
import pytest
from conftest import request_of
from scipy.ndimage import correlate

from lpg.errors import InputError
from lpg.generators.baselines.sdi import boundary_cut as cuts
from lpg.generators.baselines.sdi.boundary_cut import boundary_cut
from lpg.generators.baselines.sdi.hed import read_hed
from lpg.generators.opening import open_method


def test_the_first_side_output_is_what_the_files_numbers_say(hed_weights):
    network = read_hed(hed_weights)
    photograph = np.random.default_rng(1).integers(0, 256, (9, 11, 3), dtype=np.uint8)
    x = photograph[..., ::-1] - np.array([104.00699, 116.66877, 122.67892])
    with h5py.File(hed_weights) as file:
        for layer in ("conv2d", "conv2d_1"):
            kernel, bias = (file[f"block1/layers/{layer}/vars/{key}"][:] for key in "01")
            maps = [
                sum(correlate(x[..., i], kernel[:, :, i, o], mode="constant") for i in range(x.shape[-1]))
                for o in range(kernel.shape[-1])
            ]
            x = np.maximum(np.stack(maps, axis=-1) + bias, 0)
        expected = x @ file["dsn1/vars/0"][0, 0, :, 0] + file["dsn1/vars/1"][0]
    for side in network.sides[1:]:
        side.weight.data.zero_()
        side.bias.data.zero_()
    found = network.boundaries(photograph)
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-0.2 * expected)), atol=1e-4)


def test_coarser_side_outputs_lie_where_the_photograph_does(hed_weights):
    network = read_hed(hed_weights)
    for index, side in enumerate(network.sides):
        side.weight.data.zero_()
        side.bias.data.fill_(float(index))
    photograph = np.zeros((37, 50, 3), dtype=np.uint8)
    assert network.boundaries(photograph) == pytest.approx(1 / (1 + np.exp(-2.0)))
    assert network.boundaries(photograph).shape == (37, 50)


@pytest.mark.parametrize("missing", ["fuse/vars/1", "block3/layers/conv2d_2/vars/0", None])
def test_a_file_without_its_weights_is_refused(hed_weights, missing):
    if missing:
        with h5py.File(hed_weights, "a") as file:
            del file[missing]
    else:
        hed_weights.write_bytes(b"hello")
    with pytest.raises(InputError, match=r"holds no weights of HED \(.*\); give hed_bsds500\.weights\.h5 of"):
        read_hed(hed_weights)


def test_the_cut_is_the_labelling_of_least_cost():
    rng = np.random.default_rng(0)
    for _ in range(5):
        object_cost, background_cost = rng.uniform(0, 60, (2, 3, 3))
        boundaries = rng.uniform(0, 1, (3, 3)).astype(np.float32)
        links = cuts._links(boundaries)
        squares = {}
        for (row, column), (down, right) in product(np.ndindex(3, 3), ((0, 1), (1, 0), (1, 1), (1, -1))):
            if row + down < 3 and 0 <= column + right < 3:
                pair = (row, column), (row + down, column + right)
                squares[pair] = max(boundaries[pair[0]], boundaries[pair[1]]) ** 2
        by_direction = {}
        for (one, other), square in squares.items():
            by_direction.setdefault((other[0] - one[0], other[1] - one[1]), []).append(square)
        scale = 2 * np.mean([np.mean(found) for found in by_direction.values()])

        def energy(labels, costs=(background_cost, object_cost), squares=squares, scale=scale):
            parted = sum(
                50 / np.hypot(other[0] - one[0], other[1] - one[1]) * np.exp(-square / scale)
                for (one, other), square in squares.items()
                if labels[one] != labels[other]
            )
            return np.where(labels, costs[1], costs[0]).sum() + parted

        labellings = (np.array(bits, dtype=bool).reshape(3, 3) for bits in product((False, True), repeat=9))
        best = min(labellings, key=energy)
        assert np.array_equal(cuts._cut(object_cost, background_cost, links), best)


def test_a_strip_of_one_pixel_has_neighbours_along_itself_alone():
    links = cuts._links(np.array([[0.5, 0.5, 1.0]], dtype=np.float32))
    assert all(np.isfinite(weights).all() for weights, _ in links)
    assert [int(np.count_nonzero(weights)) for weights, _ in links] == [2, 0, 0, 0]


def scene(height: int = 40, width: int = 50) -> tuple[np.ndarray, np.ndarray]:
    """A red square, whose left half is as grey as what is around it, and the boundary around all of it."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(90, 110, (height, width, 3)).astype(np.uint8)
    pixels[10:30, 22:40] = rng.integers(180, 200, (20, 18, 3)) * np.array([1, 0.2, 0.2])
    boundaries = np.full((height, width), 0.01, dtype=np.float32)
    boundaries[9:31, 11:13] = boundaries[9:31, 39:41] = boundaries[9:11, 11:41] = boundaries[29:31, 11:41] = 1
    return pixels, boundaries


def test_boundaries_hold_the_object_and_the_box_holds_the_mask():
    pixels, boundaries = scene()
    box = (slice(6, 34), slice(8, 44))
    mask = boundary_cut(pixels, boundaries, box)
    assert mask[11:29, 24:39].all()
    outside = np.ones_like(mask)
    outside[box] = False
    assert not mask[outside].any()
    whole = (slice(0, 40), slice(0, 50))
    assert boundary_cut(pixels, boundaries, whole).all(), "no background to learn from"


def test_the_method_reads_its_network_once_and_goes_to_other_processes_without_it(hed_weights):
    generator = open_method("grabcut_plus_hed", {"hed": str(hed_weights), "samples": 2, "side": 32})
    pixels, _ = scene()
    request = request_of(pixels, [[8, 6, 44, 34]], [1])
    (answer,) = generator([request])
    assert "detector" in generator.__dict__
    sent = pickle.loads(pickle.dumps(generator))
    assert "detector" not in sent.__dict__
    assert np.array_equal(sent([request])[0].boxes[0], answer.boxes[0])
    assert answer.boxes[0][5:22, 16:30].min() == 255
