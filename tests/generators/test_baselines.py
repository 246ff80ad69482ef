"""Generic generators against plain loops, on photographs one can see."""

import sys

import cv2
import numpy as np
import pytest
from PIL import Image as Picture
from scipy.io import savemat

from lpg.annotations import Record
from lpg.files.boxes import Image
from lpg.errors import InputError
from lpg.annotations.extraction import write_boxes
from lpg.pixels.fusion import fuse_foreground
from lpg.generators.baselines.sdi.boxes_ignore import middle
from lpg.generators.baselines.grabcut import grabcut_mask
from lpg.generators.baselines.sdi.grabcut_and_mcg import GrabCutAndMCG, agreement
from lpg.generators.baselines.sdi.grabcut_plus import GrabCutPlus, perturbed, shrunk, small_grabcut_mask
from lpg.generators.interface import Request
from lpg.generators.registry import METHODS, Method, open_method
from lpg.files.label_maps import LabelMaps
from lpg.generators.baselines.sdi.proposals import Proposals, best_proposal, box_overlaps, grouped_proposals, read_mcg
from lpg.pseudo_masks.generate import generate_pseudo_masks

SUPERPIXELS = np.array([[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 3, 4]])


def photograph() -> np.ndarray:
    """A bright square, rows 20 to 40 and columns 30 to 50, on dark noise, uint8 (60, 80, 3)."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 60, (60, 80, 3), dtype=np.uint8)
    pixels[20:40, 30:50] = rng.integers(180, 255, (20, 20, 3))
    return pixels


def request_of(pixels: np.ndarray, boxes, class_ids, path: str = "a.jpg") -> Request:
    height, width = pixels.shape[:2]
    name = f"set/{path.removesuffix('.jpg')}"
    image = Image(name, path, height, width, np.array(boxes, dtype=np.float32), np.array(class_ids))
    scores = {class_id: np.full((height, width), 85, np.uint8) for class_id in (0, *image.classes)}
    return Request(image, pixels, scores)


def test_photographs_are_shared_among_processes_and_come_back_in_order(tmp_path):
    records = []
    for shift, name in enumerate("abcde"):
        Picture.fromarray(np.roll(photograph(), shift, axis=1)).save(tmp_path / f"{name}.png")
        box = np.array([[10, 10, 60, 50]], np.float32)
        records.append(Record(name, tmp_path / f"{name}.png", "s", 60, 80, box, ["dog"]))
    boxes = tmp_path / "boxes.h5"
    write_boxes(records, ["dog"], path=boxes, dataset="d")
    for number in (1, 2):
        path = tmp_path / f"{number}.h5"
        generate_pseudo_masks(open_method("grabcut", {}), boxes=[boxes], predictions=[], path=path, processes=number)
    one, two = (LabelMaps([tmp_path / f"{number}.h5"], ("background", "dog")) for number in (1, 2))
    assert all(np.array_equal(one[name], two[name]) for name in one.names)
    assert len({one[name].tobytes() for name in one.names}) == len(one.names) == 5


def labels_of(method: str, request: Request, **options) -> np.ndarray:
    generator = open_method(method, options)
    maps = np.stack([request.image.box_map(class_id) for class_id in request.image.classes])
    return fuse_foreground(request.image.classes, generator([request])[0].foreground, maps, generator.band)


@pytest.mark.parametrize("name", [name for name, method in METHODS.items() if not method.required])
def test_every_method_keeps_its_masks_inside_the_boxes(name):
    request = request_of(photograph(), [[25, 15, 55, 45], [0, 0, 20.5, 30], [50, 30, 80, 60]], [4, 2, 4])
    options = {"samples": 3} if "samples" in METHODS[name].options else {}
    answer = open_method(name, options)([request])[0]
    assert METHODS[name].title
    assert answer.foreground.shape == (2, 60, 80)
    assert answer.foreground.dtype == np.uint8
    for mask, class_id in zip(answer.foreground, [2, 4], strict=True):
        assert not mask[~request.image.box_map(class_id)].any()
    if answer.boxes:
        assert [mask.shape for mask in answer.boxes] == [(30, 30), (30, 21), (30, 30)]
        assert all(mask.dtype == np.uint8 for mask in answer.boxes)


def test_a_title_follows_the_options():
    method = Method("a stand-in", "m", "M", options=("folder", "side"), titles={"folder": "the real one"})
    assert method.title_with({"method": "m", "side": 3}) == "a stand-in"
    assert method.title_with({"method": "m", "folder": "x"}) == "the real one"


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
    found = grabcut_mask(pixels, (slice(15, 45), slice(25, 55)), (slice(10, 50), slice(15, 65)))
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

    def voice(photograph, inside, outer, side):
        return np.array([[10, 7, 2, 1]]) > next(voices)

    monkeypatch.setattr("lpg.generators.baselines.sdi.grabcut_plus.small_grabcut_mask", voice)
    request = request_of(np.zeros((1, 4, 3), np.uint8), [[0, 0, 4, 1]], [6])
    assert labels_of("grabcut_plus", request, samples=10).tolist() == [[6, 6, 255, 0]]


@pytest.mark.parametrize(("silent", "expected"), [(3, [6, 0]), (4, [6, 6])])
def test_a_box_that_is_all_but_emptied_has_no_voice_and_is_filled_if_none_has(monkeypatch, silent, expected):
    voices = iter(range(4))

    def voice(photograph, inside, outer, side):
        left = 2 if next(voices) >= silent else 1  # of twenty pixels
        return np.arange(20).reshape(4, 5) < left

    monkeypatch.setattr("lpg.generators.baselines.sdi.grabcut_plus.small_grabcut_mask", voice)
    request = request_of(np.zeros((4, 5, 3), np.uint8), [[0, 0, 5, 4]], [6])
    assert labels_of("grabcut_plus", request, samples=4)[[0, 1], 0].tolist() == expected


def test_a_large_region_is_shrunk_and_its_mask_is_as_large_as_the_box():
    pixels = cv2.resize(photograph(), (800, 600), interpolation=cv2.INTER_NEAREST)
    inside, outer = (slice(150, 450), slice(250, 550)), (slice(100, 500), slice(200, 600))
    mask = small_grabcut_mask(pixels, inside, outer, side=80)
    assert mask.shape == (300, 300)
    truth = np.zeros((300, 300), dtype=bool)
    truth[50:250, 50:250] = True
    assert (mask & truth).sum() / (mask | truth).sum() > 0.94
    assert shrunk(slice(20, 21), 10, 0.1) == slice(0, 1)
    assert shrunk(slice(10, 50), 10, 0.5) == slice(0, 20)


def test_bounding_boxes_of_proposals():
    proposals = Proposals(SUPERPIXELS, [np.array([1]), np.array([2, 4]), np.array([3, 1, 2])])
    assert proposals.boxes.tolist() == [[0, 0, 2, 2], [0, 2, 3, 4], [0, 0, 3, 4]]
    assert proposals.mask(1).astype(int).tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 0, 1]]
    overlaps = box_overlaps(proposals.boxes, (slice(0, 2), slice(1, 3)))
    assert overlaps.tolist() == pytest.approx([2 / 6, 2 / 8, 4 / 12])


def test_the_best_proposal_is_that_of_a_plain_loop():
    rng = np.random.default_rng(0)
    sets = [
        Proposals(rng.integers(1, 30, (20, 25)) // 3 + 1, [rng.permutation(10)[:count] + 1 for count in (1, 2, 1)]),
        Proposals(rng.integers(1, 120, (20, 25)), [np.array([number]) for number in range(2, 30)]),
    ]
    for _ in range(20):
        row, column, height, width = rng.integers(1, 10, 4)
        box = np.zeros((20, 25), dtype=bool)
        box[row : row + height, column : column + width] = True
        overlaps = {}
        for mask in (np.isin(one.superpixels, numbers) for one in sets for numbers in one.members):
            around = np.zeros_like(box)
            rows, columns = np.nonzero(mask)
            around[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = True
            overlaps.setdefault((box & around).sum() / (box | around).sum(), mask)
        found = best_proposal(sets, (slice(row, row + height), slice(column, column + width)))
        assert np.array_equal(found, overlaps[max(overlaps)])


def test_the_square_is_found_though_its_blurred_rim_is_a_superpixel_of_its_own():
    (mask,) = open_method("mcg", {})([request_of(photograph(), [[30, 20, 50, 40]], [1])])[0].boxes
    assert (mask > 0).mean() > 0.9


def test_grouping_goes_up_to_the_whole_photograph():
    sets = grouped_proposals(photograph())
    for proposals in sets:
        count = proposals.superpixels.max()
        assert len(proposals.members) == count + 2 * (count - 1)
        assert max(len(numbers) for numbers in proposals.members) == count


def test_a_photograph_of_one_superpixel_has_one_proposal():
    answer = open_method("mcg", {})([request_of(np.zeros((12, 9, 3), np.uint8), [[2, 2, 6, 6]], [1])])[0]
    assert (answer.boxes[0] == 255).all()


def write_mcg(path, members, ranks=None, **changes) -> None:
    cells = np.empty((len(members), 1), dtype=object)
    cells[:, 0] = [np.array([numbers], dtype=np.uint16) for numbers in members]
    ranks = np.arange(len(members), 0, -1.0) if ranks is None else ranks
    content = {"superpixels": SUPERPIXELS.astype(np.uint16), "labels": cells, "scores": np.array(ranks)[:, None]}
    savemat(path, {key: value for key, value in (content | changes).items() if value is not None})


def test_mcgs_own_proposals_are_read_the_best_first(tmp_path):
    write_mcg(tmp_path / "p.mat", [[1], [2, 4], [1, 2, 3]], ranks=[0.5, 0.1, 0.9])
    proposals = read_mcg(tmp_path / "p.mat")
    assert np.array_equal(proposals.superpixels, SUPERPIXELS)
    assert [numbers.tolist() for numbers in proposals.members] == [[1, 2, 3], [1], [2, 4]]


def test_mcg_takes_the_file_of_the_photograph_and_cuts_it_to_the_box(tmp_path):
    (tmp_path / "x").mkdir()
    write_mcg(tmp_path / "x" / "2007_000033.mat", [[1], [2, 4], [3, 4]])
    request = request_of(np.zeros((3, 4, 3), np.uint8), [[2, 0, 4, 3], [1, 2, 4, 3]], [1, 2], "x/2007_000033.jpg")
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


@pytest.mark.parametrize("changes", [{"labels": None}, {"scores": None}, {"superpixels": SUPERPIXELS + 7}])
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


def test_agreement_of_the_ensemble_and_the_proposals():
    request = request_of(photograph(), [[25, 15, 55, 45]], [1])
    votes = open_method("grabcut_plus", {"samples": 3})([request])[0].boxes[0] >= 179
    proposal = open_method("mcg", {})([request])[0].boxes[0] > 0
    expected = np.where(votes & proposal, 1, np.where(votes | proposal, 255, 0))
    assert np.array_equal(labels_of("grabcut_and_mcg", request, samples=3)[15:45, 25:55], expected)


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
