"""Optimizers against Table I."""

from dataclasses import replace

import pytest

from lpg.networks.build import SEGMENTERS, build_generator, build_segmenter
from lpg.segmenter.optimizer import generator_optimizer, poly_rate, segmenter_optimizer, set_poly_rate
from lpg.segmenter.recipe import GENERATORS
from lpg.segmenter.recipe import SEGMENTERS as RECIPES

TABLE_1 = {  # body, body bias, last, last bias
    "largefov": (1e-3, 2e-3, 1e-2, 2e-2),
    "resnet101": (2.5e-4, 5e-4, 2.5e-3, 5e-3),
}


@pytest.mark.parametrize("architecture", SEGMENTERS)
def test_every_trainable_parameter_is_in_exactly_one_group(architecture):
    network = build_segmenter(architecture, 5)
    groups = segmenter_optimizer(network, RECIPES[architecture]).param_groups
    grouped = [id(parameter) for group in groups for parameter in group["params"]]
    trainable = {id(parameter) for parameter in network.parameters() if parameter.requires_grad}
    assert len(grouped) == len(set(grouped))
    assert set(grouped) == trainable


@pytest.mark.parametrize("architecture", TABLE_1)
def test_rates_are_those_of_table_1(architecture):
    network = build_segmenter(architecture, 5)
    last = {id(parameter) for layer in network.last_layers() for parameter in layer.parameters()}
    body, body_bias, last_weight, last_bias = TABLE_1[architecture]
    for group in segmenter_optimizer(network, RECIPES[architecture]).param_groups:
        for parameter in group["params"]:
            is_last, is_bias = id(parameter) in last, parameter.ndim == 1
            expected = {(0, 0): body, (0, 1): body_bias, (1, 0): last_weight, (1, 1): last_bias}[is_last, is_bias]
            assert group["lr"] == pytest.approx(expected)
            assert group["weight_decay"] == (0 if is_bias else 5e-4)
            assert group["momentum"] == 0.9


def test_all_four_branches_of_the_pyramid_learn_at_the_last_layers_rate():
    network = build_segmenter("resnet101", 5)
    groups = segmenter_optimizer(network, RECIPES["resnet101"]).param_groups
    rates = {id(parameter): group["lr"] for group in groups for parameter in group["params"]}
    assert [rates[id(branch.weight)] for branch in network.aspp] == pytest.approx([2.5e-3] * 4)


def test_generator_has_adam_of_table_1():
    group = generator_optimizer(build_generator("hourglass"), GENERATORS["hourglass"]).param_groups[0]
    assert (group["lr"], group["betas"], group["weight_decay"]) == (1e-4, (0.9, 0.999), 5e-4)


def test_a_parameter_in_no_group_is_refused():
    network = build_segmenter("largefov", 3)
    network.last_layers = lambda: [network.classifier]
    optimizer = segmenter_optimizer(network, RECIPES["largefov"])
    network.extra = build_generator("hourglass")
    from lpg.segmenter.optimizer import check_groups

    with pytest.raises(AssertionError, match="exactly once"):
        check_groups(network, optimizer)


def test_poly_schedule():
    assert poly_rate(0, 100) == 1
    assert poly_rate(50, 100) == pytest.approx(0.5**0.9)
    network = build_generator("hourglass")
    optimizer = generator_optimizer(network, replace(GENERATORS["hourglass"], learning_rate=1.0))
    set_poly_rate(optimizer, 75, 100)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.25**0.9)


def test_the_paper_numbers_of_table_1():
    assert (RECIPES["largefov"].iterations, RECIPES["largefov"].batch) == (20_000, 30)
    assert (RECIPES["resnet101"].iterations, RECIPES["resnet101"].batch) == (40_000, 10)
    assert (GENERATORS["hourglass"].iterations, GENERATORS["hourglass"].batch) == (100_000, 32)
    assert RECIPES["largefov"].crop == RECIPES["resnet101"].crop == 321
    assert GENERATORS["hourglass"].crop == 512
    assert GENERATORS["hourglass"].view == "image"
