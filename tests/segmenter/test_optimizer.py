"""The segmenter's optimizer and numbers against Table I."""

import pytest
import torch

from lpg.networks.build import build_segmenter
from lpg.networks.registry import SEGMENTERS
from lpg.segmenter.network import build_network
from lpg.segmenter.optimizer import segmenter_groups, segmenter_optimizer
from lpg.segmenter.recipe import segmenter_recipe

TABLE_1 = {  # body, body bias, last, last bias
    "largefov": (1e-3, 2e-3, 1e-2, 2e-2),
    "resnet101": (2.5e-4, 5e-4, 2.5e-3, 5e-3),
}
WITH_TRUNK = [name for name, line in SEGMENTERS.items() if line.takes_trunk]


def recipe_of(architecture: str, **settings):
    return segmenter_recipe({"architecture": architecture} | settings)


@pytest.mark.parametrize("kind", ["sgd", "adamw"])
@pytest.mark.parametrize("architecture", SEGMENTERS)
def test_every_trainable_parameter_is_in_exactly_one_group(architecture, kind):
    recipe = recipe_of(architecture, optimizer=kind)
    network = build_segmenter(architecture, 5, trunk=recipe.trunk)
    groups = segmenter_optimizer(network, recipe).param_groups
    grouped = [id(parameter) for group in groups for parameter in group["params"]]
    trainable = {id(parameter) for parameter in network.parameters() if parameter.requires_grad}
    assert len(grouped) == len(set(grouped))
    assert set(grouped) == trainable


@pytest.mark.parametrize("architecture", TABLE_1)
def test_rates_are_those_of_table_1(architecture):
    network = build_segmenter(architecture, 5)
    last = {id(parameter) for layer in network.last_layers() for parameter in layer.parameters()}
    body, body_bias, last_weight, last_bias = TABLE_1[architecture]
    for group in segmenter_optimizer(network, recipe_of(architecture)).param_groups:
        for parameter in group["params"]:
            is_last, is_bias = id(parameter) in last, parameter.ndim == 1
            expected = {(0, 0): body, (0, 1): body_bias, (1, 0): last_weight, (1, 1): last_bias}[is_last, is_bias]
            assert group["lr"] == pytest.approx(expected)
            assert group["weight_decay"] == (0 if is_bias else 5e-4)
            assert group["momentum"] == 0.9


def test_groups_are_named_by_their_factor():
    groups = segmenter_groups(build_segmenter("largefov", 3), recipe_of("largefov", last_factor=5))
    assert {group["name"] for group in groups} == {"1x body weight", "2x body bias", "5x last weight", "10x last bias"}


@pytest.mark.parametrize("architecture", [name for name, line in SEGMENTERS.items() if not line.takes_trunk])
def test_the_papers_networks_have_the_four_groups_and_no_trunk(architecture):
    groups = segmenter_groups(build_segmenter(architecture, 3), recipe_of(architecture, trunk_factor=7.0))
    body_bias = set() if architecture == "resnet101" else {"2x body bias"}  # its normalisations are frozen
    assert {group["name"] for group in groups} == {"1x body weight", "10x last weight", "20x last bias"} | body_bias


@pytest.mark.parametrize("masking", [False, True])
@pytest.mark.parametrize("architecture", WITH_TRUNK)
def test_a_trunk_of_timm_learns_at_a_rate_of_its_own(architecture, masking):
    recipe = recipe_of(architecture, learning_rate=2e-3, trunk_factor=0.1, last_factor=5.0, masking=masking)
    network = build_network(recipe, 5)
    plain = network.network if masking else network
    trunk = {id(parameter) for parameter in plain.model.encoder.parameters()}
    last = {id(parameter) for layer in network.last_layers() for parameter in layer.parameters()}
    assert trunk and last and not trunk & last
    optimizer = segmenter_optimizer(network, recipe)
    seen = 0
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            rate = 2e-4 if id(parameter) in trunk else 1e-2 if id(parameter) in last else 2e-3
            assert group["lr"] == pytest.approx(rate)
            assert group["weight_decay"] == (0 if parameter.ndim == 1 else 0.01)
            seen += 1
    assert type(optimizer) is torch.optim.AdamW
    assert seen == len(list(network.parameters()))


def test_groups_of_a_network_on_a_trunk_are_named_by_their_factor():
    recipe = recipe_of("fpn")
    groups = segmenter_groups(build_segmenter("fpn", 3, trunk=recipe.trunk), recipe)
    factors = {"0.3x trunk", "1x body", "1x last"}
    assert {group["name"] for group in groups} == {f"{name} {kind}" for name in factors for kind in ("weight", "bias")}


def test_all_four_branches_of_the_pyramid_learn_at_the_last_layers_rate():
    network = build_segmenter("resnet101", 5)
    groups = segmenter_optimizer(network, recipe_of("resnet101")).param_groups
    rates = {id(parameter): group["lr"] for group in groups for parameter in group["params"]}
    assert [rates[id(branch.weight)] for branch in network.aspp] == pytest.approx([2.5e-3] * 4)


def test_the_paper_numbers_of_table_1():
    largefov, resnet101 = recipe_of("largefov"), recipe_of("resnet101")
    assert (largefov.iterations, largefov.batch) == (20_000, 30)
    assert (resnet101.iterations, resnet101.batch) == (40_000, 10)
    assert largefov.crop == resnet101.crop == 321


def test_settings_are_laid_over_the_numbers_of_the_architecture():
    recipe = recipe_of("resnet101", iterations=7)
    assert (recipe.iterations, recipe.batch) == (7, 10)
    assert segmenter_recipe(recipe.plain()) == recipe
