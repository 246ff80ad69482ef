"""Loss curves, from what checkpoints say."""

import pytest
import torch

from lpg.errors import InputError
from lpg.evaluation.loss_plots import plot_losses


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "run" / "stage1" / "segmenter.pt"
    path.parent.mkdir(parents=True)
    torch.save({"kind": "segmenter", "losses": [2.0, 1.0, 0.5], "weights": {"a": torch.full((999,), 7.0)}}, path)
    return path


def test_losses_are_drawn(checkpoint, tmp_path):
    plot_losses([checkpoint], tmp_path / "losses.png")
    assert (tmp_path / "losses.png").read_bytes().startswith(b"\x89PNG")


def test_a_checkpoint_of_damaged_weights_is_refused(checkpoint, tmp_path):
    content = checkpoint.read_bytes()
    number = torch.tensor(7.0).numpy().tobytes()
    checkpoint.write_bytes(content.replace(number, b"\0\0\0\0", 1))
    with pytest.raises(InputError, match=r"segmenter\.pt cannot be loaded as weights \(the checksum of .* is wrong\)"):
        plot_losses([checkpoint], tmp_path / "losses.png")
