"""A generator that is handed on says how it makes masks now, not how it did when it was trained."""

import pytest

from lpg.files.checkpoint import Checkpoint, load_checkpoint
from lpg.files.handed_on import hand_on
from lpg.generators.learned.apply import LearnedGenerator
from lpg.generators.learned.recipe import generator_recipe
from lpg.networks.build import build_generator


@pytest.fixture
def trained(tmp_path):
    """A generator that was trained when the configuration said `flip: true`."""
    recipe = generator_recipe({"architecture": "resnet18", "apply": {"flip": True, "guided_radius": 0.1}}).plain()
    network = build_generator("resnet18")
    path = tmp_path / "generator.pt"
    Checkpoint(
        "generator", recipe, ("background", "cat"), network.state_dict(), [1.0], "none", network.normalisation
    ).save(path)
    return path


def test_a_handed_on_generator_has_the_apply_that_it_is_given(trained, tmp_path):
    path = tmp_path / "generator.safetensors"
    before = load_checkpoint(trained, kind="generator").recipe
    hand_on(trained, path, apply={"flip": False, "fusion": "odds"}, by={"rule": "ship_generator"})
    after = load_checkpoint(path, kind="generator")
    assert after.recipe["apply"] == before["apply"] | {"flip": False, "fusion": "odds"}
    assert after.recipe | {"apply": before["apply"]} == before, "how it was trained stays"
    assert after.provenance["handed_on"] == {"rule": "ship_generator"}
    applied = LearnedGenerator.load(path).recipe.apply
    assert (applied.flip, applied.fusion, applied.guided_radius) == (False, "odds", 0.1)


def test_without_changes_it_keeps_its_own(trained, tmp_path):
    hand_on(trained, tmp_path / "generator.safetensors", apply={})
    handed_on = load_checkpoint(tmp_path / "generator.safetensors", kind="generator")
    assert handed_on.recipe == load_checkpoint(trained, kind="generator").recipe
