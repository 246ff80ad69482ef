"""The training loop: exact resumption, honest losses, a clear stop."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import Dataset

from lpg.errors import InputError
from lpg.jobs.machine import choose_machine
from lpg.training.loop import Machine, train

ITERATIONS = 9


class Batches(Dataset):
    """Random images of which the loop asks once per iteration; `at` does something at one of them."""

    def __init__(self, at: int | None = None, action=None) -> None:
        self.at, self.action = at, action

    def __getitem__(self, iteration: int) -> tuple[torch.Tensor, torch.Tensor]:
        if iteration == self.at:
            self.action()
        generator = torch.Generator().manual_seed(iteration)
        images = torch.randn(4, 3, 8, 8, generator=generator)
        return images, (images.sum(dim=1) > 0).long()


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout2d(0.5), nn.Conv2d(8, 2, 1)
    )


def loss_of(model: nn.Module, batch: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    return functional.cross_entropy(model(batch[0]), batch[1])


def run(
    state: Path, batches: Dataset, digest: str = "d", workers: int = 0, loss_of=loss_of
) -> tuple[nn.Module, list[float]]:
    model = network()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for group in optimizer.param_groups:
        group["initial_lr"] = group["lr"]
    losses = train(
        model, optimizer, batches, loss_of,
        iterations=ITERATIONS, seed=1, state=state, digest=digest, machine=Machine(workers=workers),
        save_every=0, save_share=float("inf"),
    )  # fmt: skip
    return model, losses


def same(first: nn.Module, second: nn.Module) -> bool:
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.equal(one, other) for one, other in pairs)


def stop() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("at", [1, 4, ITERATIONS - 1])
def test_stopped_and_resumed_is_bitwise_the_same(tmp_path, at):
    whole, losses = run(tmp_path / "whole.state", Batches())
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "part.state", Batches(at, stop))
    seen = []
    resumed, again = run(tmp_path / "part.state", Batches(0, lambda: seen.append("started anew")))
    assert not seen, "the resumed run asked for the first batch"
    assert same(whole, resumed)
    assert losses == again
    assert len(losses) == ITERATIONS


def test_killed_with_sigkill_and_resumed_is_bitwise_the_same(tmp_path):
    whole, _ = run(tmp_path / "whole.state", Batches())
    code = (
        "import os, signal, sys; from pathlib import Path; sys.path[:0] = sys.argv[2:];"
        "import test_training as t;"
        "t.run(Path(sys.argv[1]), t.Batches(5, lambda: os.kill(os.getpid(), signal.SIGKILL)))"
    )
    paths = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path / "part.state"), *paths], env=os.environ)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "part.state").exists()
    resumed, _ = run(tmp_path / "part.state", Batches())
    assert same(whole, resumed)


def test_state_of_other_settings_is_not_used(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "s.state", Batches(6, stop), digest="one")
    whole, _ = run(tmp_path / "whole.state", Batches())
    other, losses = run(tmp_path / "s.state", Batches(), digest="another")
    assert same(whole, other)
    assert len(losses) == ITERATIONS


def test_loss_that_is_not_finite_stops_with_the_iteration_and_keeps_the_last_good_state(tmp_path):
    class Poisoned(Batches):
        def __getitem__(self, iteration):
            images, labels = super().__getitem__(iteration)
            return images * float("nan") if iteration == 3 else images, labels

    with pytest.raises(InputError, match="nan at iteration 3; lower learning_rate"):
        run(tmp_path / "s.state", Poisoned())
    assert len(torch.load(tmp_path / "s.state", weights_only=True)["losses"]) == 3


def test_batches_of_worker_processes_are_the_same_batches(tmp_path):
    alone, losses = run(tmp_path / "alone.state", Batches())
    helped, again = run(tmp_path / "helped.state", Batches(), workers=2)
    assert losses == again
    assert same(alone, helped)


def test_bad_input_in_a_worker_process_is_one_sentence(tmp_path):
    def refuse() -> None:
        raise InputError("a.jpg does not exist; put it there")

    with pytest.raises(InputError) as refused:
        run(tmp_path / "s.state", Batches(2, refuse), workers=1)
    assert str(refused.value) == "a.jpg does not exist; put it there"


def test_a_full_gpu_is_one_sentence(tmp_path):
    def full(model, batch):
        raise torch.OutOfMemoryError

    with pytest.raises(InputError, match="memory is too small for this training; lower batch or crop"):
        run(tmp_path / "s.state", Batches(), loss_of=full)


def test_a_state_of_the_cpu_goes_on_where_losses_are_scaled(tmp_path, monkeypatch):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "s.state", Batches(4, stop))
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0)  # as on a GPU; halves and doubles are exact
    monkeypatch.setattr(torch.amp, "GradScaler", lambda enabled: scaler)
    _, losses = run(tmp_path / "s.state", Batches())
    assert len(losses) == ITERATIONS
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "scaled.state", Batches(4, stop))
    monkeypatch.undo()
    assert run(tmp_path / "scaled.state", Batches())[1] == losses


@pytest.mark.skipif(torch.cuda.is_available(), reason="torch can use the GPU here")
def test_a_gpu_that_torch_cannot_use_is_refused():
    with pytest.raises(InputError, match=r"has a GPU, but torch .* cannot use it; .* add --resources gpu=0"):
        choose_machine(1, 2)
    assert choose_machine(0, 2) == Machine("cpu")


def test_loss_falls(tmp_path):
    _, losses = run(tmp_path / "s.state", Batches())
    assert sum(losses[-3:]) < sum(losses[:3])
