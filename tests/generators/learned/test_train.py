"""The generator's optimizer and numbers against Table I."""

import pytest
import torch

from lpg.generators.learned.recipe import generator_recipe
from lpg.generators.learned.train import generator_optimizer
from lpg.networks.build import build_generator
from lpg.networks.registry import GENERATORS


def test_generator_has_adam_of_table_1():
    recipe = generator_recipe({"architecture": "hourglass"})
    optimizer = generator_optimizer(build_generator("hourglass"), recipe)
    (group,) = optimizer.param_groups
    assert type(optimizer) is torch.optim.Adam
    assert (group["lr"], group["betas"], group["weight_decay"]) == (1e-4, (0.9, 0.999), 5e-4)


@pytest.mark.parametrize("kind", ["adam", "adamw"])
@pytest.mark.parametrize("architecture", GENERATORS)
def test_every_parameter_is_in_exactly_one_group(architecture, kind):
    recipe = generator_recipe({"architecture": architecture, "optimizer": kind})
    network = build_generator(architecture, trunk=recipe.trunk)
    groups = generator_optimizer(network, recipe).param_groups
    grouped = [id(parameter) for group in groups for parameter in group["params"]]
    assert len(groups) == (2 if architecture == "unet" else 1)
    assert len(grouped) == len(set(grouped))
    assert set(grouped) == {id(parameter) for parameter in network.parameters()}


def test_a_trunk_of_timm_learns_at_a_rate_of_its_own():
    recipe = generator_recipe({"architecture": "unet", "learning_rate": 2e-3, "trunk_factor": 0.1})
    network = build_generator("unet", trunk=recipe.trunk)
    optimizer = generator_optimizer(network, recipe)
    trunk = {id(parameter) for parameter in network.model.encoder.parameters()}
    assert type(optimizer) is torch.optim.AdamW
    for group in optimizer.param_groups:
        assert group["weight_decay"] == 0.01
        for parameter in group["params"]:
            rate = pytest.approx(2e-4 if id(parameter) in trunk else 2e-3)
            assert group["lr"] == group["initial_lr"] == rate


def test_the_unet_starts_from_imagenet_and_is_trained_on_whole_masks():
    recipe = generator_recipe({"architecture": "unet"})
    assert (recipe.trunk, recipe.initialisation) == ("tf_efficientnet_lite0", "imagenet")
    assert (recipe.optimizer, recipe.learning_rate, recipe.trunk_factor) == ("adamw", 1e-3, 0.3)
    assert recipe.target_stride == 1
    assert generator_recipe({"architecture": "hourglass"}).trunk is None


@pytest.mark.parametrize("architecture", GENERATORS)
def test_the_paper_numbers_of_table_1(architecture):
    recipe = generator_recipe({"architecture": architecture})
    assert (recipe.iterations, recipe.batch) == (100_000, 32)
    assert recipe.crop == 512
    assert recipe.view == "image"
    assert generator_recipe(recipe.plain()) == recipe
