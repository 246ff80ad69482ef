"""The dense CRF: pydensecrf's own answer, WSSL's masks from boxes, and segmentations refined in other processes."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Picture
from pydensecrf.densecrf import DenseCRF as ReferenceCRF
from pydensecrf.utils import unary_from_softmax

from lpg.annotations import Record
from lpg.files.boxes import BoxTable, Image
from lpg.evaluation.confusion import confusion_matrix, mean_iou
from lpg.pixels.crf import dense_crf, refine, refine_masks
from lpg.errors import InputError
from lpg.annotations.extraction import write_boxes
from lpg.pixels.fusion import fuse_foreground
from lpg.generators.baselines.wssl.densecrf import box_prior
from lpg.generators.interface import Request
from lpg.generators.baselines.joint import disjoint_soft_masks
from lpg.generators.registry import open_method
from lpg.files.label_maps import LabelMaps
from lpg.networks.build import build_segmenter
from lpg.files.checkpoint import Checkpoint
from lpg.jobs.processes import IN_FLIGHT, ahead, in_order
from lpg.pixels.pictures import read_photograph
from lpg.planning.recursion import Plan
from lpg.planning.checks import check_plan
from lpg.pseudo_masks.generate import generate_pseudo_masks
from lpg.segmenter.recipe import CRF, SEGMENTERS, CrfSettings, as_settings
from lpg.pseudo_masks.refine import refine_pseudo_masks, refine_segmentations, refined_label_maps
from lpg.evaluation.scores import score_stage, tabulate_scores
from lpg.segmenter.apply import Segmenter

SETTINGS = CrfSettings(4, 20, 5, 3, 2, iterations=5)


def random_probabilities(labels: int, height: int, width: int, seed: int = 0) -> np.ndarray:
    weights = np.random.default_rng(seed).random((labels, height, width), dtype=np.float32)
    return weights / weights.sum(axis=0)


def random_photograph(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_marginals_are_those_of_pydensecrf_called_by_hand():
    probabilities, photograph = random_probabilities(3, 9, 14), random_photograph(9, 14) // 8
    reference = ReferenceCRF(9 * 14, 3)
    reference.setUnaryEnergy(unary_from_softmax(probabilities))
    y, x = np.mgrid[:9, :14].reshape(2, -1).astype(np.float32)
    reference.addPairwiseEnergy(np.stack([x, y]) / 2, compat=3)
    reference.addPairwiseEnergy(
        np.stack([x / 20, y / 20, *(photograph.reshape(-1, 3).T / 5)]).astype(np.float32), compat=4
    )
    expected = np.array(reference.inference(5)).reshape(3, 9, 14)
    marginals = dense_crf(probabilities, photograph, SETTINGS)
    assert marginals.dtype == np.float32
    assert np.allclose(marginals, expected, atol=1e-4)
    assert not np.allclose(marginals, probabilities, atol=0.1)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (37, 22)])
@pytest.mark.parametrize("labels", [1, 2, 5])
def test_any_shape_and_certain_probabilities(shape, labels):
    certain = np.eye(labels, dtype=np.float32)[np.arange(shape[0] * shape[1]) % labels].T.reshape(labels, *shape)
    marginals = dense_crf(certain, random_photograph(*shape), SETTINGS)
    assert marginals.shape == certain.shape
    assert np.allclose(marginals.sum(axis=0), 1, atol=1e-5)


def test_views_and_read_only_photographs_are_read_as_they_look():
    probabilities, photograph = random_probabilities(2, 20, 30), random_photograph(20, 30)
    expected = dense_crf(probabilities, photograph, SETTINGS)
    wide = np.zeros((20, 60, 3), dtype=np.uint8)
    wide[:, ::2] = photograph
    view = wide[:, ::2]
    view.flags.writeable = False
    flipped = np.ascontiguousarray(probabilities[..., ::-1])[..., ::-1]
    assert np.array_equal(dense_crf(flipped, view, SETTINGS), expected)
    with pytest.raises(ValueError, match="20×30 pixels do not fit"):
        dense_crf(probabilities, photograph[:, :-1], SETTINGS)


def test_every_architecture_has_published_settings():
    assert set(CRF) == set(SEGMENTERS)
    assert CRF["largefov"] == CrfSettings(4, 121, 5, 3, 3, iterations=10)
    assert CRF["resnet101"] == CrfSettings(4, 67, 3, 3, 1, iterations=10)


def test_disjoint_soft_masks_set_a_class_against_its_strongest_rival():
    weights = np.array([[[0.6, 0.2, 0.5, 0.4, 0.0]], [[0.3, 0.6, 0.5, 0.3, 0.0]], [[0.1, 0.2, 0.0, 0.3, 0.0]]])
    masks = disjoint_soft_masks(weights)
    third, quarter, tenth = 255 / 3, 255 / 4, 255 / 7
    expected = [[third, 255 - quarter, 127, 255 * 3 / 7, 0], [tenth, quarter, 0, 255 * 3 / 7, 0]]
    assert masks.dtype == np.uint8
    assert np.array_equal(masks[:, 0], np.round(expected))
    many = random_probabilities(6, 40, 40)
    assert np.array_equal(
        np.stack([many.argmax(axis=0) == label for label in range(1, 6)]), disjoint_soft_masks(many) > 127
    )


def image_of(height: int, width: int, boxes, class_ids) -> Image:
    return Image("a", "a.jpg", height, width, np.array(boxes, dtype=np.float32), np.array(class_ids))


def test_boxes_say_background_outside_and_the_class_at_their_centre():
    prior = box_prior(image_of(5, 9, [[1, 0, 9, 4]], [7]))  # 8 by 4 pixels: the centre has 20 % of 32, rounded
    h = 0.5
    background = [
        [1, h, h, h, h, h, h, h, h],
        [1, h, h, 0, 0, 0, 0, h, h],
        [1, h, h, 0, 0, 0, 0, h, h],
        [1, h, h, h, h, h, h, h, h],
        [1, 1, 1, 1, 1, 1, 1, 1, 1],
    ]
    assert np.array_equal(prior[0], np.array(background, dtype=np.float32))
    assert np.array_equal(prior[1], 1 - prior[0])


def test_where_boxes_meet_all_their_classes_are_possible_and_the_smaller_centre_counts():
    prior = box_prior(image_of(20, 20, [[0, 0, 20, 20], [6, 6, 14, 14], [16, 0, 20, 4]], [4, 2, 2]))
    assert np.allclose(prior[:, 6, 6], [0, 0, 1]), "the centre of the large box, class 4"
    assert np.allclose(prior[:, 10, 10], [0, 1, 0]), "both centres: the smaller box, class 2"
    assert np.allclose(prior[:, 0, 16], 1 / 3), "no centre, boxes of both classes"
    assert np.allclose(prior[:, 0, 0], [1 / 2, 0, 1 / 2]), "in the large box alone"
    assert np.allclose(prior.sum(axis=0), 1)


@pytest.mark.parametrize("box", [[2.4, 2.4, 2.8, 2.8], [2, 2, 3, 3], [2, 2, 4, 4], [4.5, 0, 5, 5], [0, 0, 5, 5]])
def test_the_smallest_box_has_a_centre_inside_it(box):
    image = image_of(5, 5, [box], [1])
    certain = box_prior(image)[1] == 1
    assert certain.any() and not certain[~image.box_map(1)].any()


def test_densecrf_finds_a_bright_square_in_its_box():
    photograph = np.full((60, 80, 3), 60, dtype=np.uint8)
    photograph[18:42, 28:52] = (240, 220, 30)
    image = image_of(60, 80, [[16, 8, 64, 52]], [3])
    (masks,) = open_method("densecrf", {})([Request(image, photograph, {})])
    square = np.zeros((60, 80), dtype=bool)
    square[18:42, 28:52] = True
    wrong = (masks.foreground[0] > 127) != square
    assert masks.foreground.shape == (1, 60, 80)
    assert wrong.sum() <= 4


def test_no_class_leaves_its_boxes_and_none_gives_up_its_centre():
    image = image_of(48, 64, [[4, 4, 40, 30], [20, 10, 62, 46], [2, 34, 14, 46]], [5, 2, 5])
    (masks,) = open_method("densecrf", {})([Request(image, random_photograph(48, 64), {})])
    assert image.classes == [2, 5]
    for class_id, mask, certain in zip(image.classes, masks.foreground, box_prior(image)[1:] == 1, strict=True):
        assert not mask[~image.box_map(class_id)].any()
        assert (mask[certain] > 127).all()
    assert not (masks.foreground > 127).all(axis=0).any()


class Noisy:
    """A segmenter that sees colours through noise: red is class 1, blue class 2, grey background."""

    recipe = SEGMENTERS["resnet101"]

    def probabilities(self, photograph: np.ndarray) -> torch.Tensor:
        right = np.stack([photograph[..., 1], photograph[..., 0], photograph[..., 2]]) == photograph.max(axis=2)
        noise = np.random.default_rng(photograph.size).random(right.shape)
        return torch.from_numpy(right * 0.5 + noise).float().softmax(dim=0)


def scene(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """A photograph and its labels: green background, a red left third, a blue lower right quarter."""
    labels = np.zeros((height, width), dtype=np.uint8)
    labels[:, : width // 3] = 1
    labels[height // 2 :, width // 2 :] = 2
    return np.array([(40, 160, 40), (200, 30, 30), (30, 30, 230)], dtype=np.uint8)[labels], labels


def test_a_noisy_score_map_is_cleaned_in_order_and_alike_in_one_and_two_processes():
    photographs, truth = zip(*(scene(40, width) for width in (60, 45, 72, 50, 64)), strict=True)
    one, two = (list(refined_label_maps(Noisy(), photographs, processes=number)) for number in (1, 2))
    for photograph, labels, first, second in zip(photographs, truth, one, two, strict=True):
        assert first.dtype == np.uint8
        assert np.array_equal(first, second)
        plain = Noisy().probabilities(photograph).argmax(dim=0).numpy()
        assert (plain != labels).mean() > 0.1
        assert (first != labels).mean() < 0.01


@pytest.mark.parametrize(("share", "workers"), [(in_order, 1), (in_order, 2), (ahead, 3)])
def test_few_photographs_wait_in_memory(share, workers):
    taken = []
    answers = share(abs, ((-number,) for number in range(20) if not taken.append(number)), workers)
    assert next(answers) == 0
    assert len(taken) <= IN_FLIGHT * workers
    assert list(answers) == list(range(1, 20))


@pytest.fixture
def trained(tmp_path) -> Path:
    """Two photographs and the checkpoint of a segmenter without training, in a folder."""
    records = []
    for name, (height, width) in {"a": (40, 64), "b": (33, 50)}.items():
        Picture.fromarray(scene(height, width)[0]).save(tmp_path / f"{name}.png")
        box = np.array([[0, 0, width // 3, height]], np.float32)
        records.append(Record(name, tmp_path / f"{name}.png", "s", height, width, box, ["red"]))
    write_boxes(records, ["red", "blue"], path=tmp_path / "boxes.h5", dataset="d")
    torch.manual_seed(0)
    weights = build_segmenter("resnet18", 3).state_dict()
    Checkpoint(
        "segmenter", as_settings(SEGMENTERS["resnet18"]), ("background", "red", "blue"), weights, [], "none"
    ).save(tmp_path / "segmenter.pt")
    return tmp_path


def test_the_file_holds_the_refined_segmentation_of_every_photograph(trained):
    boxes, path = [trained / "boxes.h5"], trained / "segmentations_crf.h5"
    refine_segmentations(segmenter=trained / "segmenter.pt", boxes=boxes, path=path, device="cpu", processes=2)
    segmenter, labels = Segmenter(trained / "segmenter.pt"), LabelMaps([path], ("background", "red", "blue"))
    assert labels.names == ["d/a", "d/b"]
    for name in "ab":
        photograph = read_photograph(trained / f"{name}.png")
        expected = refine(segmenter.probabilities(photograph).numpy(), photograph, CRF["resnet18"])
        assert np.array_equal(labels[f"d/{name}"], expected)


def test_pseudo_masks_are_refined_by_name_out_of_a_file_of_several_datasets(trained):
    (trained / "other").mkdir()
    photograph = scene(40, 64)[0]
    Picture.fromarray(photograph).save(trained / "other" / "a.png")
    box = np.array([[0, 0, 20, 20]], np.float32)
    record = Record("a", trained / "other" / "a.png", "s", 40, 64, box, ["red"])
    write_boxes([record], ["red", "blue"], path=trained / "other" / "boxes.h5", dataset="other")
    both = [trained / "boxes.h5", trained / "other" / "boxes.h5"]
    masks, path = trained / "pseudo_masks.h5", trained / "pseudo_masks_crf.h5"
    generate_pseudo_masks(open_method("boxes", {}), boxes=both, predictions=[], path=masks)
    refine_pseudo_masks(pseudo_masks=masks, boxes=both[1:], path=path, processes=1)
    image = BoxTable(both[1:]).images[0]
    foreground = image.box_map(1)[None].astype(np.uint8) * 255
    expected = refine_masks(foreground, [1], image.box_map(1)[None], photograph, CRF["resnet101"])
    assert np.array_equal(LabelMaps([path], ("background", "red", "blue"))["other/a"], expected)


def plan(**changes) -> Plan:
    target = {
        "dataset": "voc",
        "segmenter": "resnet18",
        "generator": {"method": "densecrf"},
        "evaluate": ["voc", "val"],
    }
    full = {"dataset": "voc", "segmenter": "resnet18", "labels": "masks", "evaluate": ["val"]}
    runs = {"full": full, "plain": target, "target": target | {"crf": True} | changes}
    made = Plan({"stages": 1, "datasets": {"voc": {}, "val": {}}, "runs": runs})
    check_plan(made)
    return made


def test_a_run_with_crf_asks_for_refined_segmentations_and_shares_them():
    made = plan()
    assert made.refined_segmentations("plain", 1) == {}
    assert made.refined_segmentations("target", 1) == {"val": "results/plain/stage1/val/segmentations_crf.h5"}
    assert made.scored_segmentations("target", 1) == made.scored_segmentations("plain", 1)
    assert made.generator_name("target") == "dense CRF, Bbox-Seg of WSSL"
    with pytest.raises(InputError, match="crf: true refines what is scored; add evaluate, or write crf: labels"):
        plan(evaluate=[])


def test_the_masks_after_the_crf_may_be_the_labels_and_the_product():
    made = plan(crf="labels", stages=2)
    refined = "results/plain/stage1/voc/pseudo_masks_crf.h5"
    assert made.labels("target", 0) == made.labels("plain", 0) == ["results/datasets/voc/boxes.h5"]
    assert made.labels("target", 1) == made.final_masks("target", 1) == [refined]
    assert made.path("segmenter", "target", 0) == "results/plain/stage0/segmenter.pt"
    assert made.path("segmenter", "target", 1) == "results/target/stage1/segmenter.pt"
    assert made.final_masks_on("target", 1, "val") == "results/plain/stage1/val/pseudo_masks_crf.h5"
    assert made.refined_masks("target", 1)["voc"] == refined
    assert made.supervision("target") == "weak, labels after a CRF"
    with pytest.raises(InputError, match=r"crf: labels refines pseudo masks, and labels: masks has none"):
        plan(crf="labels", labels="masks", generator={})
    both = plan(crf="labels", dataset=["voc", "val"], evaluate=[])
    assert both.labels("target", 1) == [f"results/target/stage1/{name}/pseudo_masks_crf.h5" for name in ("voc", "val")]


def test_rows_with_and_without_crf_compare_with_their_like(tmp_path, write_label_maps):
    names = ("background", "a")
    truth = write_label_maps("truth.h5", names, {"val/x": [[0, 0, 1, 1]]})
    files = {}
    for run, plain, refined in [("voc", [0, 1, 0, 1], [0, 0, 1, 0]), ("full", [0, 0, 1, 0], [0, 0, 1, 1])]:
        description = {
            "run": run, "stage": 1, "supervision": "weak", "segmenter": "s", "initialisation": "none", "generator": "g",
            "trained_on": ["train"], "truth_of": ["val"],
            "scored": [{"what": "segmenter", "split": "val", "crf": crf} for crf in ("without", "with")],
        }  # fmt: skip
        files[run] = tmp_path / f"{run}.json"
        maps = [write_label_maps(f"{run}{index}.h5", names, {"val/x": [labels]})
                for index, labels in enumerate((plain, refined))]  # fmt: skip
        score_stage(description, truth=[truth], labels=maps, path=files[run])
    paths = {key: tmp_path / f"table.{key}" for key in ("tsv", "json_path", "html")}
    tabulate_scores(list(files.values()), upper_bounds={"voc": "full", "full": "full"}, **paths)
    rows = json.loads(paths["json_path"].read_text())
    assert [(row["run"], row["what"], row["crf"]) for row in rows] == [
        ("voc", "segmenter", "without"), ("voc", "segmenter", "with"),
        ("full", "segmenter", "without"), ("full", "segmenter", "with"),
    ]  # fmt: skip
    third, better = 100 / 3, 100 * (2 / 3 + 1 / 2) / 2
    assert [row["miou"] for row in rows] == pytest.approx([third, better, better, 100])
    assert [row["per_cent_of_full"] for row in rows] == pytest.approx([100 * third / better, better, 100, 100])


def test_soft_masks_after_the_crf_stay_in_their_boxes_and_follow_the_edges():
    """A bright square; the soft mask is a blurred guess of it, the box is larger."""
    photograph = np.full((40, 40, 3), 30, dtype=np.uint8)
    photograph[10:30, 10:30] = 220
    foreground = np.zeros((1, 40, 40), dtype=np.uint8)
    foreground[0, 7:33, 7:33] = 140
    foreground[0, 12:28, 12:28] = 230
    box_maps = np.zeros((1, 40, 40), dtype=bool)
    box_maps[0, 5:35, 5:35] = True
    labels = refine_masks(foreground, [4], box_maps, photograph, CRF["resnet101"])
    expected = np.zeros((40, 40), dtype=np.uint8)
    expected[10:30, 10:30] = 4
    assert np.array_equal(labels, expected)
    box_maps[0, :, 20:] = False
    labels = refine_masks(foreground, [4], box_maps, photograph, CRF["resnet101"])
    assert labels[14:26, 12:18].all() and not labels[:, 20:].any()


def test_stage_rows_are_there_with_and_without_crf():
    made = plan(crf=True)
    rows = [row for row in made.scored("target", 1) if row["split"] == "val"]
    assert [(row["what"], row["crf"]) for row in rows] == [
        ("pseudo masks", "without"), ("pseudo masks", "with"), ("segmenter", "without"), ("segmenter", "with"),
    ]  # fmt: skip
    assert rows[1]["path"] == "results/plain/stage1/val/pseudo_masks_crf.h5"
    first = [row["what"] for row in made.scored("target", 0) if row["split"] == "val"]
    assert first == ["box fill", "segmenter", "segmenter"]


def test_benchmark_densecrf_beats_box_fill(benchmark, make_boxes, make_masks):
    kept = ["aeroplane", "bicycle", "boat", "car", "cat", "cow", "dog", "horse", "motorbike", "person", "sheep"]
    settings = {"format": "voc", "root": str(benchmark / "voc"), "split": "val", "classes": {"keep": kept}}
    boxes = make_boxes(settings | {"fraction": 0.016}, clip_boxes=True)
    table, truth = BoxTable([boxes]), LabelMaps([make_masks(settings, boxes)], ("background", *kept))
    matrices = {name: np.zeros((12, 12), dtype=int) for name in ("boxes", "densecrf")}
    for image in table.images:
        request = Request(image, read_photograph(image.path), {})
        box_maps = np.stack([image.box_map(class_id) for class_id in image.classes])
        for name, matrix in matrices.items():
            (masks,) = open_method(name, {})([request])
            labels = fuse_foreground(image.classes, masks.foreground, box_maps)
            matrix += confusion_matrix(truth[image.name], labels, 12)
    assert 3 <= len(table) <= 5
    assert mean_iou(matrices["densecrf"]) > mean_iou(matrices["boxes"]) + 0.02
