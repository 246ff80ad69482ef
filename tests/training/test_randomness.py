"""What a step leaves behind, and what it is random by."""

import pytest
import torch
from training.test_loop import Batches, Signs, network, run, stop

from lpg.jobs.job import Job
from lpg.jobs.machine import Machine
from lpg.training.loop import train
from lpg.training.schedule import check_groups
from lpg.training.step import Step


def test_a_batch_in_parts_moves_the_running_statistics_once_a_part():
    """The counts of all parts are taken first, by a pass that leaves no trace."""
    model = network()
    step = Step(Signs(model), torch.optim.SGD(model.parameters(), lr=0.0), Machine(parts=2))
    images, labels = Batches()[0]
    expected = torch.zeros(8)
    with torch.no_grad():
        for part in images.split(2):
            expected = 0.9 * expected + 0.1 * model[0](part).mean(dim=(0, 2, 3))
    step((images, labels), seed=0)
    assert model[1].num_batches_tracked == 2
    assert torch.allclose(model[1].running_mean, expected, atol=1e-6)


def test_dropout_is_drawn_anew_in_every_iteration_and_by_the_seed(tmp_path):
    drawn = {1: [], 2: []}
    for seed, own in drawn.items():

        class Seen(Signs):
            def terms(self, images, labels, own=own):
                own.append(tuple(self.network[3](torch.ones(1, 64, 1, 1)).flatten().tolist()))  # its dropout
                return super().terms(images, labels)

        model = network()
        optimizer = check_groups(model, torch.optim.SGD(model.parameters(), lr=0.1))
        train(Seen(model), optimizer, Batches(), iterations=4, job=Job(tmp_path / f"{seed}.pt", seed=seed))
    assert len({*drawn[1], *drawn[2]}) == 8


def test_the_scale_of_the_losses_goes_on_from_the_state(tmp_path, monkeypatch):
    """As on a GPU in float16; halves and doubles are exact."""
    real, made = torch.amp.GradScaler, []
    monkeypatch.setattr("torch.amp.GradScaler", lambda **_: made.append(real("cpu", init_scale=2.0)) or made[-1])
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "n.pt", Batches(4, stop))
    content = torch.load(tmp_path / "n.state", weights_only=True)
    content["scaler"]["scale"] = 8.0
    torch.save(content, tmp_path / "n.state")
    run(tmp_path / "n.pt", Batches())
    assert made[1].get_scale() == 8.0
