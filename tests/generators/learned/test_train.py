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


@pytest.mark.parametrize("architecture", GENERATORS)
def test_the_paper_numbers_of_table_1(architecture):
    recipe = generator_recipe({"architecture": architecture})
    assert (recipe.iterations, recipe.batch) == (100_000, 32)
    assert recipe.crop == 512
    assert recipe.view == "image"
    assert generator_recipe(recipe.plain()) == recipe
