"""Generic generators against plain loops, on photographs one can see."""

import sys
from inspect import Parameter, signature
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import request_of
from scipy.io import savemat

from lpg.errors import InputError
from lpg.generators.baselines.grabcut import grabcut_mask
from lpg.generators.baselines.sdi.boxes_ignore import middle
from lpg.generators.baselines.sdi.grabcut_and_mcg import GrabCutAndMCG, agreement
from lpg.generators.baselines.sdi.grabcut_plus import GrabCutPlus, perturbed, shrunk, small_mask
from lpg.generators.baselines.sdi.proposals import Proposals, best_proposal, read_mcg
from lpg.generators.interface import Request
from lpg.generators.opening import open_method
from lpg.generators.registry import METHODS
from lpg.pixels.fusion import fuse_foreground

SUPERPIXELS = np.array([[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 3, 4]])


def photograph() -> np.ndarray:
    """A bright square, rows 20 to 40 and columns 30 to 50, on dark noise, uint8 (60, 80, 3)."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 60, (60, 80, 3), dtype=np.uint8)
    pixels[20:40, 30:50] = rng.integers(180, 255, (20, 20, 3))
    return pixels


def labels_of(method: str, request: Request, **options) -> np.ndarray:
    generator = open_method(method, options)
    image = request.image
    return fuse_foreground(image.classes, generator([request])[0].foreground, image.box_maps(), generator.band)


def write_mcg(path, members, ranks=None, **changes) -> None:
    """Proposals as MCG's authors publish them, over `SUPERPIXELS`."""
    cells = np.empty((len(members), 1), dtype=object)
    cells[:, 0] = [np.array([numbers], dtype=np.uint16) for numbers in members]
    ranks = np.arange(len(members), 0, -1.0) if ranks is None else ranks
    content = {"superpixels": SUPERPIXELS.astype(np.uint16), "labels": cells, "scores": np.array(ranks)[:, None]}
    savemat(path, {key: value for key, value in (content | changes).items() if value is not None})


@pytest.fixture
def mcg_folder(tmp_path):
    """Proposals of `photograph()`: its four quarters, and rows 20 to 40 and columns 25 to 50, which is one of them."""
    superpixels = np.kron([[1, 2], [3, 4]], np.ones((30, 40), dtype=np.uint16)).astype(np.uint16)
    superpixels[20:40, 25:50] = 5
    write_mcg(tmp_path / "a.mat", [[1], [2], [3], [4], [5]], superpixels=superpixels)
    return tmp_path


def options_of(method: str, folder, hed) -> dict:
    """Options with which a method answers fast."""
    known = {"samples": 3, "proposals": str(folder), "hed": str(hed)}
    return {name: value for name, value in known.items() if name in METHODS[method].options}


@pytest.mark.parametrize("name", METHODS)
def test_the_defaults_that_the_plan_knows_are_those_of_the_class(name):
    parameters = {**signature(GrabCutPlus).parameters, **signature(METHODS[name].open()).parameters}
    known = {option: default for option, default in METHODS[name].options.items() if default is not Path}
    assert known == {option: parameters[option].default for option in known}
    assert all(parameters[option].default is Parameter.empty for option in METHODS[name].required)


@pytest.mark.parametrize("name", [name for name in METHODS if name != "sam"])
def test_every_method_keeps_its_masks_inside_the_boxes_and_knows_those_of_every_box(name, mcg_folder, hed_weights):
    boxes, class_ids = [[25, 15, 55, 45], [0, 0, 20.5, 30], [50, 30, 80, 60]], [4, 2, 4]
    request = request_of(photograph(), boxes, class_ids, scores=85)
    generator = open_method(name, options_of(name, mcg_folder, hed_weights))
    (answer,) = generator([request])
    assert METHODS[name].title
    assert METHODS[name].network == generator.network
    assert answer.foreground.shape == (2, 60, 80)
    assert answer.foreground.dtype == np.uint8
    for mask, inside in zip(answer.foreground, request.image.box_maps(), strict=True):
        assert not mask[~inside].any()
    assert [mask.shape for mask in answer.boxes] == [(30, 30), (30, 21), (30, 30)]
    assert all(mask.dtype == np.uint8 for mask in answer.boxes)
    whole = np.zeros_like(answer.foreground)
    for inside, class_id, mask in zip(request.image.inside, class_ids, answer.boxes, strict=True):
        channel = whole[request.image.classes.index(class_id)]
        channel[inside] = np.maximum(channel[inside], mask)
    assert np.array_equal(answer.foreground >= generator.object_from, whole >= generator.object_from)


@pytest.mark.parametrize("name", ["densecrf", "bcm", "wssl_em_fixed", "wssl_em_adapt"])
def test_a_method_that_sees_whole_classes_gives_every_box_what_its_class_has_inside_it(name):
    rng = np.random.default_rng(0)
    scores = {label: rng.integers(40, 200, (60, 80), dtype=np.uint8) for label in (0, 2, 4)}
    request = request_of(photograph(), [[25, 15, 55, 45], [0, 0, 30, 30], [40, 30, 80, 60]], [4, 2, 4], scores)
    (answer,) = open_method(name, {})([request])
    two, four = answer.foreground if name.startswith("wssl") else 255 * (answer.foreground > 127)  # not after a CRF
    for mask, expected in zip(answer.boxes, (four[15:45, 25:55], two[:30, :30], four[30:60, 40:80]), strict=True):
        assert np.array_equal(mask, expected)
    assert all(channel.any() for channel in answer.foreground)


def test_box_fill_is_the_box_map():
    request = request_of(np.zeros((8, 10, 3), np.uint8), [[1, 1, 4, 4], [5, 2, 9, 6], [0, 0, 2, 8]], [1, 1, 2])
    (answer,) = open_method("boxes", {})([request])
    assert np.array_equal(answer.foreground[0] > 0, request.image.box_map(1))
    assert np.array_equal(answer.foreground[1] > 0, request.image.box_map(2))
    assert [mask.shape for mask in answer.boxes] == [(3, 3), (4, 4), (8, 2)]


def test_grabcut_is_opencvs():
    (answer,) = open_method("grabcut", {})([request_of(photograph(), [[20, 10, 60, 50]], [1])])
    mask = np.zeros((60, 80), dtype=np.uint8)
    cv2.setRNGSeed(0)
    bgr = np.ascontiguousarray(photograph()[..., ::-1])
    cv2.grabCut(bgr, mask, (20, 10, 40, 40), np.zeros((1, 65)), np.zeros((1, 65)), 5, cv2.GC_INIT_WITH_RECT)
    assert np.array_equal(answer.foreground[0] > 0, np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)))
    assert (answer.foreground[0] > 0).sum() == 400


@pytest.mark.parametrize(("pixels", "filled"), [(9, True), (10, False), (100, False)])
def test_grabcut_fills_a_box_that_it_has_all_but_emptied(monkeypatch, pixels, filled):
    left = np.arange(100).reshape(10, 10) < pixels
    monkeypatch.setattr("lpg.generators.baselines.grabcut.grabcut_mask", lambda photograph, inside: left.copy())
    found = open_method("grabcut", {}).mask_of_box(np.zeros((12, 12, 3), np.uint8), (slice(1, 11), slice(1, 11)), None)
    assert (found > 0).sum() == (100 if filled else pixels)


def test_grabcut_fills_a_box_that_covers_the_whole_photograph():
    black = np.zeros((12, 12, 3), np.uint8)
    assert (open_method("grabcut", {})([request_of(black, [[0, 0, 12, 12]], [1])])[0].foreground == 255).all()


def test_the_rest_of_a_box_is_ignored():
    labels = labels_of("boxes_ignore", request_of(np.zeros((5, 9, 3), np.uint8), [[1, 0, 8, 5]], [3]))
    assert labels.tolist() == [
        [0, 255, 255, 255, 255, 255, 255, 255, 0],
        [0, 255, 255, 3, 3, 3, 255, 255, 0],
        [0, 255, 255, 3, 3, 3, 255, 255, 0],
        [0, 255, 255, 255, 255, 255, 255, 255, 0],
        [0, 255, 255, 255, 255, 255, 255, 255, 0],
    ]


@pytest.mark.parametrize(("length", "start", "stop"), [(1, 0, 1), (2, 0, 1), (10, 3, 7), (100, 27, 72)])
def test_the_middle_of_a_side(length, start, stop):
    assert middle(length, 0.2**0.5) == slice(start, stop)


def test_grabcut_looks_at_the_outer_region_alone():
    pixels = photograph()
    expected = grabcut_mask(pixels[10:50, 15:65], (slice(5, 35), slice(10, 40)))
    pixels[:5] = 255
    inside, outer = (slice(15, 45), slice(25, 55)), (slice(10, 50), slice(15, 65))
    found = small_mask(grabcut_mask, [pixels], inside, outer, side=80)  # which makes nothing larger
    assert np.array_equal(found, expected)
    assert (found > 0).sum() == 400


def test_perturbed_boxes():
    still = np.zeros((2, 2))
    inside = slice(10, 30), slice(0, 40)
    assert perturbed(inside, still, 0.1, (50, 100)) == (inside, (slice(8, 32), slice(0, 44)))
    jitter = np.array([[-0.05, 0.05], [0.05, -0.05]])
    moved, outer = perturbed(inside, jitter, 0.6, (35, 100))
    assert moved == (slice(9, 31), slice(2, 38))
    assert outer == (slice(0, 35), slice(0, 60))
    assert perturbed((slice(0, 1), slice(99, 100)), jitter, 0.1, (50, 100))[0] == (slice(0, 1), slice(99, 100))


def test_grabcuts_vote_on_a_thin_box_at_the_edge_of_a_wide_photograph():
    pixels = np.random.default_rng(0).integers(0, 256, (40, 640, 3), dtype=np.uint8)
    (mask,) = open_method("grabcut_plus", {"samples": 2})([request_of(pixels, [[10, 0, 630, 1]], [1])])[0].boxes
    assert mask.shape == (1, 620)


def test_the_vote_of_grabcuts_is_a_plain_loop_over_opencvs():
    pixels = photograph()
    generator = GrabCutPlus(samples=4)
    votes = np.zeros((60, 80))
    for jitter, margin in zip(generator.jitters, generator.margins, strict=True):
        (rows, columns), (around, across) = perturbed((slice(15, 45), slice(25, 55)), jitter, margin, (60, 80))
        bgr = np.ascontiguousarray(pixels[around, across, ::-1])
        rectangle = columns.start - across.start, rows.start - around.start, columns.stop - columns.start
        mask = np.zeros(bgr.shape[:2], dtype=np.uint8)
        cv2.setRNGSeed(0)
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(bgr, mask, (*rectangle, rows.stop - rows.start), *models, 5, cv2.GC_INIT_WITH_RECT)
        votes[around, across] += mask % 2  # GC_FGD is 1, GC_PR_FGD is 3
    (found,) = generator([request_of(pixels, [[25, 15, 55, 45]], [1])])[0].boxes
    assert np.array_equal(found, np.ceil(255 * votes[15:45, 25:55] / 4))
    assert (found[5:25, 5:25] == 255).all()


def test_a_share_on_an_edge_of_the_band_is_above_it(monkeypatch):
    """Of ten voices 10 and 7 are object, 2 void and 1 background."""
    voices = iter(range(10))

    def voice(ensemble, photograph, state, inside, outer):
        return np.array([[10, 7, 2, 1]]) > next(voices)

    monkeypatch.setattr(GrabCutPlus, "cut", voice)
    request = request_of(np.zeros((1, 4, 3), np.uint8), [[0, 0, 4, 1]], [6])
    assert labels_of("grabcut_plus", request, samples=10).tolist() == [[6, 6, 255, 0]]


@pytest.mark.parametrize(("silent", "expected"), [(3, [6, 0]), (4, [6, 6])])
def test_a_box_that_is_all_but_emptied_has_no_voice_and_is_filled_if_none_has(monkeypatch, silent, expected):
    voices = iter(range(4))

    def voice(ensemble, photograph, state, inside, outer):
        left = 2 if next(voices) >= silent else 1  # of twenty pixels
        return np.arange(20).reshape(4, 5) < left

    monkeypatch.setattr(GrabCutPlus, "cut", voice)
    request = request_of(np.zeros((4, 5, 3), np.uint8), [[0, 0, 5, 4]], [6])
    assert labels_of("grabcut_plus", request, samples=4)[[0, 1], 0].tolist() == expected


def test_a_large_region_is_shrunk_and_its_mask_is_as_large_as_the_box():
    pixels = cv2.resize(photograph(), (800, 600), interpolation=cv2.INTER_NEAREST)
    inside, outer = (slice(150, 450), slice(250, 550)), (slice(100, 500), slice(200, 600))
    mask = small_mask(grabcut_mask, [pixels], inside, outer, side=80)
    assert mask.shape == (300, 300)
    truth = np.zeros((300, 300), dtype=bool)
    truth[50:250, 50:250] = True
    assert (mask & truth).sum() / (mask | truth).sum() > 0.94
    assert shrunk(slice(20, 21), 10, 0.1) == slice(0, 1)
    assert shrunk(slice(10, 50), 10, 0.5) == slice(0, 20)


def test_bounding_boxes_of_proposals():
    proposals = Proposals(SUPERPIXELS, [np.array([1]), np.array([2, 4]), np.array([3, 1, 2])])
    assert proposals.boxes.tolist() == [[0, 0, 2, 2], [2, 0, 4, 3], [0, 0, 4, 3]]
    assert proposals.mask(1).astype(int).tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 0, 1]]


@pytest.mark.parametrize(("superpixels", "sizes"), [(10, (1, 2, 1)), (120, [1] * 28)])
def test_the_best_proposal_is_that_of_a_plain_loop(superpixels, sizes):
    rng = np.random.default_rng(0)
    numbers = rng.integers(1, superpixels + 1, (20, 25))
    proposals = Proposals(numbers, [rng.permutation(superpixels)[:size] + 1 for size in sizes])
    for _ in range(20):
        row, column, height, width = rng.integers(1, 10, 4)
        box = np.zeros((20, 25), dtype=bool)
        box[row : row + height, column : column + width] = True
        overlaps = {}
        for mask in (np.isin(numbers, members) for members in proposals.members):
            around = np.zeros_like(box)
            rows, columns = np.nonzero(mask)
            around[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = True
            overlaps.setdefault((box & around).sum() / (box | around).sum(), mask)
        found = best_proposal(proposals, (slice(row, row + height), slice(column, column + width)))
        assert np.array_equal(found, overlaps[max(overlaps)])


def test_mcgs_own_proposals_are_read_the_best_first(tmp_path):
    write_mcg(tmp_path / "p.mat", [[1], [2, 4], [1, 2, 3]], ranks=[0.5, 0.1, 0.9])
    proposals = read_mcg(tmp_path / "p.mat")
    assert np.array_equal(proposals.superpixels, SUPERPIXELS)
    assert [numbers.tolist() for numbers in proposals.members] == [[1, 2, 3], [1], [2, 4]]


def test_mcg_takes_the_file_of_the_photograph_and_cuts_it_to_the_box(tmp_path):
    (tmp_path / "x").mkdir()
    write_mcg(tmp_path / "x" / "2007_000033.mat", [[1], [2, 4], [3, 4]])
    boxes = [[2, 0, 4, 3], [1, 2, 4, 3]]
    request = request_of(np.zeros((3, 4, 3), np.uint8), boxes, [1, 2], name="set/x/2007_000033")
    right, bottom = open_method("mcg", {"proposals": str(tmp_path)})([request])[0].boxes
    assert right.tolist() == [[255, 255], [255, 255], [0, 255]]
    assert bottom.tolist() == [[255, 255, 255]]


def test_holes_of_a_proposal_are_filled(tmp_path):
    ring = np.pad(np.array([[2]]), 1, constant_values=1)
    write_mcg(tmp_path / "a.mat", [[1]], superpixels=np.pad(ring, 1, constant_values=3))
    request = request_of(np.zeros((5, 5, 3), np.uint8), [[1, 1, 4, 4]], [1])
    assert (open_method("mcg", {"proposals": str(tmp_path)})([request])[0].boxes[0] == 255).all()


def test_a_box_that_no_proposal_touches_is_filled(tmp_path):
    write_mcg(tmp_path / "a.mat", [[1]])
    request = request_of(np.zeros((3, 4, 3), np.uint8), [[2, 1, 4, 3]], [1])
    assert open_method("mcg", {"proposals": str(tmp_path)})([request])[0].boxes[0].tolist() == [[255, 255]] * 2


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": None},
        {"scores": None},
        {"superpixels": SUPERPIXELS + 7},
        {"superpixels": SUPERPIXELS - 1},
        {"superpixels": np.where(SUPERPIXELS == 3, 10**9, SUPERPIXELS)},
        {"scores": np.ones((1, 1))},
    ],
)
def test_a_file_that_is_not_mcgs_is_refused(tmp_path, changes):
    write_mcg(tmp_path / "a.mat", [[1], [2, 4]], **changes)
    with pytest.raises(InputError, match=r"is not of MCG's proposals \(.*it needs superpixels, labels and scores"):
        read_mcg(tmp_path / "a.mat")


def test_a_file_that_is_no_mat_is_refused(tmp_path):
    (tmp_path / "a.mat").write_text("no such thing")
    with pytest.raises(InputError, match="is not of MCG's proposals"):
        read_mcg(tmp_path / "a.mat")


def test_mcgs_missing_file_and_another_size_are_refused(tmp_path):
    generator = open_method("mcg", {"proposals": str(tmp_path)})
    request = request_of(np.zeros((5, 4, 3), np.uint8), [[0, 0, 2, 2]], [1])
    with pytest.raises(InputError, match=r"a\.mat does not exist; put MCG's proposals of the photograph there"):
        generator([request])
    write_mcg(tmp_path / "a.mat", [[1], [2, 4]])
    with pytest.raises(InputError, match="of a photograph of 4×3 pixels, not of 4×5; take MCG's proposals"):
        generator([request])


def test_where_just_one_says_object_nothing_is_said():
    one, other = np.array([[1, 1, 0, 0]], dtype=bool), np.array([[1, 0, 1, 0]], dtype=bool)
    soft = agreement(one, other)
    assert soft.tolist() == [[255, 128, 128, 0]]
    labels = fuse_foreground([5], soft[None], np.ones((1, 1, 4), dtype=bool), GrabCutAndMCG.band)
    assert labels.tolist() == [[5, 255, 255, 0]]


def test_agreement_of_the_ensemble_and_the_proposals(mcg_folder):
    request, proposals = request_of(photograph(), [[25, 15, 55, 45]], [1]), str(mcg_folder)
    votes = open_method("grabcut_plus", {"samples": 3})([request])[0].boxes[0] >= 179
    proposal = open_method("mcg", {"proposals": proposals})([request])[0].boxes[0] > 0
    assert (votes & proposal).any() and (votes ^ proposal).any()
    expected = np.where(votes & proposal, 1, np.where(votes | proposal, 255, 0))
    found = labels_of("grabcut_and_mcg", request, proposals=proposals, samples=3)
    assert np.array_equal(found[15:45, 25:55], expected)


def test_sam_says_where_its_checkpoint_belongs(tmp_path):
    with pytest.raises(InputError, match="is no checkpoint of SAM; put the folder of a SamModel there"):
        open_method("sam", {"checkpoint": str(tmp_path)})


def test_sam_says_how_to_install_what_it_needs(tmp_path, monkeypatch):
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(InputError, match=r"needs the package transformers; install it: pip install -e '\.\[sam\]'"):
        open_method("sam", {"checkpoint": str(tmp_path)})


@pytest.fixture
def sam_folder(tmp_path):
    """A tiny SamModel of random weights."""
    transformers = pytest.importorskip("transformers")
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    config = transformers.SamConfig(
        vision_config={
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "image_size": 64,
            "patch_size": 16,
            "output_channels": 16,
            "mlp_dim": 16,
            "window_size": 2,
            "global_attn_indexes": [0],
            "num_pos_feats": 8,
        },
        prompt_encoder_config={"hidden_size": 16, "image_size": 64, "patch_size": 16, "mask_input_channels": 4},
        mask_decoder_config={
            "hidden_size": 16,
            "mlp_dim": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "iou_head_hidden_dim": 16,
        },
    )
    transformers.SamModel(config).save_pretrained(tmp_path)
    side = {"height": 64, "width": 64}
    transformers.SamImageProcessor(
        size={"longest_edge": 64}, pad_size=side, mask_size={"longest_edge": 16}, mask_pad_size=side
    ).save_pretrained(tmp_path)
    return tmp_path


def test_sam_answers_all_boxes_of_a_photograph_as_each_alone(sam_folder):
    generator = open_method("sam", {"checkpoint": str(sam_folder)})
    boxes = [[25, 15, 55, 45], [0, 0, 20.5, 30], [50, 30, 80, 60]]
    request = request_of(photograph(), boxes, [4, 2, 4])
    answer = generator([request])[0]
    assert [mask.shape for mask in answer.boxes] == [(30, 30), (30, 21), (30, 30)]
    assert answer.foreground.shape == (2, 60, 80)
    assert not answer.foreground[0][~request.image.box_map(2)].any()
    assert np.array_equal(answer.foreground[0][:30, :21], answer.boxes[1])
    for box, mask in zip(boxes, answer.boxes, strict=True):
        alone = generator([request_of(photograph(), [box], [1])])[0].boxes[0]
        assert np.abs(alone.astype(int) - mask).max() <= 1
    assert len({mask.tobytes() for mask in answer.boxes}) == 3


def test_sams_soft_mask_is_the_sigmoid_of_its_single_mask(sam_folder):
    import torch
    from transformers import SamModel, SamProcessor

    generator = open_method("sam", {"checkpoint": str(sam_folder)})
    model, processor = SamModel.from_pretrained(sam_folder).eval(), SamProcessor.from_pretrained(sam_folder)
    inputs = processor(photograph(), input_boxes=[[[25.0, 15.0, 55.0, 45.0]]], return_tensors="pt")
    with torch.no_grad():
        logits = model(**inputs, multimask_output=False).pred_masks[0, 0]
    # 60×80 pixels fill the upper 48 rows of the padded 64: enlarge, cut off the padding, and scale back.
    large = torch.nn.functional.interpolate(logits[None].float(), size=(64, 64), mode="bilinear")[..., :48, :]
    expected = torch.nn.functional.interpolate(large, size=(60, 80), mode="bilinear")[0, 0].sigmoid()
    found = generator.soft_masks(photograph(), np.array([[25, 15, 55, 45]], dtype=np.float32))[0]
    assert np.abs(found / 255 - expected.numpy()).max() < 0.003
