"""A trained generator as a file to be handed on, which says how it makes masks now."""

from dataclasses import replace
from pathlib import Path

from lpg.files.checkpoint import load_checkpoint


def hand_on(generator: str | Path, path: str | Path, *, apply: dict, by: dict | None = None) -> None:
    """Write the `.safetensors` of a trained generator.

    Training does not look at `apply`, so a checkpoint keeps that of its training, whatever the configuration has since.

    Arguments:
        generator: a checkpoint.
        apply: how it makes masks, laid key by key over what the checkpoint says.
        by: what hands it on, see `Checkpoint.ship`.
    """
    checkpoint = load_checkpoint(generator, kind="generator")
    recipe = checkpoint.recipe | {"apply": checkpoint.recipe.get("apply", {}) | apply}
    replace(checkpoint, recipe=recipe).ship(path, by=by)
