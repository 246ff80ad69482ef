"""From what and by which random numbers a training starts: what the steps hand to the one loop."""

import numpy as np
import pytest
import torch
from training.test_kept import SETTINGS, boxes  # noqa: F401

from lpg.errors import InputError
from lpg.files.boxes import BoxTable
from lpg.files.checkpoint import load_checkpoint
from lpg.files.ground_truth import write_ground_truth
from lpg.files.predictions import Scores, write_predictions
from lpg.generators.learned import train as of_generators
from lpg.generators.learned.recipe import generator_recipe
from lpg.generators.learned.train import train_generator
from lpg.jobs.job import Job
from lpg.jobs.machine import Machine
from lpg.pixels.windows import Window
from lpg.segmenter import train as of_segmenters
from lpg.segmenter.recipe import segmenter_recipe
from lpg.segmenter.train import train_segmenter

KINDS = ("segmenter", "generator")


@pytest.fixture
def train(tmp_path, boxes):  # noqa: F811
    """Train a network of a kind for a step that moves nothing; the path of its checkpoint."""
    image = BoxTable([boxes]).images[0]
    masks = [image.box_map(class_id).astype(np.uint8) for class_id in image.class_ids]
    write_ground_truth(tmp_path / "m.h5", ("background", "cat", "dog"), [("d/a", np.max(masks, axis=0), masks)])
    quarters = Scores([0, 1, 2], np.full((3, 5, 6), 85, np.uint8), np.ones(3, np.float32), Window(0, 0, 40, 48))
    write_predictions(tmp_path / "p.h5", ("background", "cat", "dog"), ["d/a"], [quarters])

    def run(kind: str, name: str = "n.pt", start=None, seed: int = 3, predictions: bool = True, **settings):
        own = SETTINGS | {"learning_rate": 1e-12} | settings
        job = Job(tmp_path / name, seed=seed, machine=settings.pop("machine", Machine()))
        own.pop("machine", None)
        if kind == "segmenter":
            train_segmenter(own, boxes=[boxes], labels=[boxes], start=start, job=job)
        else:
            scores = [tmp_path / "p.h5"] if predictions else []
            train_generator(own, boxes=[boxes], masks=[tmp_path / "m.h5"], predictions=scores, start=start, job=job)
        return job.path

    return run


def weights(path, kind: str) -> torch.Tensor:
    """All that is learned, but what follows the batches: running statistics."""
    found = load_checkpoint(path, kind=kind).weights
    return torch.cat([value.flatten() for name, value in found.items() if value.dim() and "running" not in name])


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_starts_by_the_seed_or_from_that_of_the_stage_before(train, kind):
    torch.manual_seed(99)
    first = weights(train(kind, "1.pt", seed=3), kind)
    torch.manual_seed(5)
    assert torch.equal(weights(train(kind, "2.pt", seed=3), kind), first)
    other = weights(train(kind, "3.pt", seed=4), kind)
    assert not torch.allclose(other, first, atol=1e-2)
    next_stage = weights(train(kind, "4.pt", seed=3, start=train(kind, "5.pt", seed=4)), kind)
    assert torch.allclose(next_stage, other, atol=1e-6)


@pytest.fixture
def handed(monkeypatch) -> list:
    """What a training hands to the loop: task, optimizer, batches, job and what a checkpoint says of itself."""
    seen = []
    for module in (of_segmenters, of_generators):
        monkeypatch.setattr(module, "train_checkpoint", lambda *given: seen.append(given))
    return seen


@pytest.mark.parametrize("kind", KINDS)
def test_batches_are_drawn_by_the_seed_and_are_those_of_the_process(train, handed, kind):
    for seed in (3, 4):
        train(kind, seed=seed)
    one, other = (given[3] for given in handed)
    assert (one.seed, other.seed) == (3, 4)
    assert (one.rows.start, one.rows.stop, one.rows.of) == (0, 2, 2)
    assert not torch.equal(one[0][0], other[0][0])


def test_a_generator_learns_from_the_scores_in_the_form_of_its_recipe(train, handed):
    train("generator")
    train("generator", named_score=True)
    train("generator", predictions=False, score_dropout=0.5)
    plain, named, none = (given[3] for given in handed)
    (image, *_) = (pair.image for pair in plain.pairs)
    assert plain.scores(image, 1).max() == 85 and named.scores(image, 1).max() == 85  # 170 that is not background, of 2
    assert (plain.scores._named, named.scores._named, none.scores) == (False, True, None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_trunk_starts_as_the_recipe_says(train, monkeypatch, handed, kind):
    asked = []
    module = of_segmenters if kind == "segmenter" else of_generators
    monkeypatch.setattr(module, "start_trunk", lambda *given: asked.append(given[2:]))
    train(kind, initialisation="weights.pt")
    train(kind, architecture="unet", output_stride=4, trunk="tf_efficientnet_lite0", crop=64)
    assert asked == [("resnet18", "weights.pt", None), ("unet", "none", "tf_efficientnet_lite0")]
    assert handed[1][1].network.stride == 4
    train(kind, start=None)
    assert len(asked) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_checkpoint_says_how_images_are_normalised_and_what_the_losses_were(train, kind):
    unet = {"architecture": "unet", "trunk": "tf_efficientnet_lite0", "crop": 64}
    made = load_checkpoint(train(kind, iterations=2, **unet), kind=kind)
    assert made.normalisation.mean == made.normalisation.std == (0.5, 0.5, 0.5), "of its trunk's weights"
    assert len(made.losses) == 2 and made.classes == ("background", "cat", "dog")
    assert (made.kind, made.recipe["architecture"], made.initialisation) == (kind, "unet", "none")


@pytest.mark.parametrize("recipe", [segmenter_recipe, generator_recipe])
def test_an_architecture_that_is_not_there_is_one_sentence(recipe):
    for said in ({"architecture": "resnet"}, {}, {"architecture": ["resnet18"]}):
        with pytest.raises(InputError, match=r"^unknown architecture .*; write one of .*resnet18"):
            recipe({"iterations": 3, **said})
