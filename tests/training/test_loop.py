"""The training loop: exact resumption, honest losses, a clear stop."""

import os
import signal
import subprocess
import sys
import time
from multiprocessing import get_context
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import Dataset

from lpg.errors import InputError
from lpg.jobs.job import Job
from lpg.jobs.machine import Machine
from lpg.jobs.processes import lost_worker
from lpg.training.loop import Saving, train
from lpg.training.schedule import check_groups
from lpg.training.stops import held_stops
from lpg.training.task import Task, Term

ITERATIONS = 9
PROVENANCE = {"settings_digest": "s", "code_digest": "c", "input_digests": {"boxes.h5": "b"}}


class Batches(Dataset):
    """Random images of which the loop asks once per iteration; `at` does something at one of them."""

    def __init__(self, at: int | None = None, action=None) -> None:
        self.at, self.action = at, action

    def __getitem__(self, iteration: int) -> tuple[torch.Tensor, torch.Tensor]:
        if iteration == self.at:
            self.action()
        generator = torch.Generator().manual_seed(iteration)
        images = torch.randn(4, 3, 8, 8, generator=generator)
        return images, (images.sum(dim=1) > 0).to(torch.uint8)


class Signs(Task):
    """Two classes; a batch is prepared before its loss is taken."""

    def prepare(self, images: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return images, labels.long()

    def terms(self, images: torch.Tensor, labels: torch.Tensor) -> list[Term]:
        loss = functional.cross_entropy(self.network(images), labels, reduction="sum")
        return [Term(loss, torch.tensor(labels.numel()))]


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout2d(0.5), nn.Conv2d(8, 2, 1)
    )


AFTER_EVERY = Saving(every=0, share=float("inf"))


def run(
    path: Path,
    batches: Dataset,
    provenance: dict = PROVENANCE,
    task: type[Task] = Signs,
    saving: Saving = AFTER_EVERY,
    **machine,
) -> tuple[nn.Module, list[float]]:
    """Train for `path` and save the state after every iteration."""
    model = network()
    optimizer = check_groups(model, torch.optim.AdamW(model.parameters(), lr=1e-2))
    job = Job(path, provenance, Machine(**machine), seed=1)
    losses = train(task(model), optimizer, batches, iterations=ITERATIONS, job=job, saving=saving)
    return model, losses


@pytest.mark.parametrize(("took", "seconds"), [(0, 5), (0.1, 5), (1, 50), (30, 300), (3600, 300)])
def test_states_follow_each_other_more_slowly_where_saving_is_slow_and_never_hours_apart(took, seconds):
    assert Saving().pause(took) == pytest.approx(seconds)


def same(first: nn.Module, second: nn.Module) -> bool:
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.equal(one, other) for one, other in pairs)


def stop() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("at", [1, 4, ITERATIONS - 1])
def test_stopped_and_resumed_is_bitwise_the_same(tmp_path, at):
    whole, losses = run(tmp_path / "whole.pt", Batches())
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "part.pt", Batches(at, stop))
    seen = []
    resumed, again = run(tmp_path / "part.pt", Batches(0, lambda: seen.append("started anew")))
    assert not seen, "the resumed run asked for the first batch"
    assert same(whole, resumed)
    assert losses == again
    assert len(losses) == ITERATIONS


class Told(KeyboardInterrupt):
    pass


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM])
def number(request):
    """A signal whose handler raises `Told`."""

    def end(*_) -> None:
        raise Told

    before = signal.signal(request.param, end)
    yield request.param
    assert signal.getsignal(request.param) is end, "as it was before the training"
    signal.signal(request.param, before)


@pytest.mark.parametrize("at", [0, 4, ITERATIONS - 1])
def test_a_signal_waits_for_the_end_of_the_step_and_no_iteration_is_lost(tmp_path, number, at):
    whole, losses = run(tmp_path / "whole.pt", Batches())
    seldom = Saving(every=3600)
    with pytest.raises(Told):
        run(tmp_path / "part.pt", Batches(at, lambda: signal.raise_signal(number)), saving=seldom)
    seen = []
    resumed, again = run(tmp_path / "part.pt", Batches(at, lambda: seen.append("asked again")), saving=seldom)
    assert not seen
    assert same(whole, resumed) and losses == again


def test_a_signal_to_all_of_a_job_leaves_the_processes_that_prepare_batches(tmp_path, number):
    def end() -> None:
        os.kill(os.getpid(), number)  # a scheduler tells every process; this one is a worker
        os.kill(os.getppid(), number)

    whole, losses = run(tmp_path / "whole.pt", Batches())
    with pytest.raises(Told):
        run(tmp_path / "part.pt", Batches(4, end), saving=Saving(every=3600), workers=2)
    assert (tmp_path / "part.state").exists()
    resumed, again = run(tmp_path / "part.pt", Batches())
    assert same(whole, resumed) and losses == again


def test_a_process_that_is_stuck_ends_when_the_training_ends_it():
    with held_stops():
        child = get_context("fork").Process(target=time.sleep, args=(60,))
        child.start()
        subprocess.run(["kill", str(child.pid)], check=True)
        child.join(0.5)
        assert child.is_alive()
        child.terminate()
        child.join(10)
        assert child.exitcode == 0


def test_a_later_signal_does_not_wait_and_one_that_comes_twice_at_once_is_one(number, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("lpg.training.stops.time.monotonic", lambda: now[0])
    with pytest.raises(Told), held_stops() as came:
        signal.raise_signal(number)
        signal.raise_signal(number)  # as when a scheduler tells the whole group, and the parent its first process
        assert came == [number]
        now[0] += 2.5
        signal.raise_signal(number)
        raise AssertionError("it is still there")


def test_a_signal_that_is_ignored_stays_ignored(number):
    handler = signal.signal(number, signal.SIG_IGN)
    with held_stops() as came:
        signal.raise_signal(number)
    assert came == [] and signal.signal(number, handler) == signal.SIG_IGN


def test_killed_with_sigkill_and_resumed_is_bitwise_the_same(tmp_path):
    whole, _ = run(tmp_path / "whole.pt", Batches())
    code = (
        "import os, signal, sys; from pathlib import Path; sys.path[:0] = sys.argv[2:];"
        f"import {Path(__file__).stem} as t;"
        "t.run(Path(sys.argv[1]), t.Batches(5, lambda: os.kill(os.getpid(), signal.SIGKILL)))"
    )
    paths = [str(Path(__file__).parent), str(Path(__file__).parents[2])]  # of this module, and of the package
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path / "part.pt"), *paths], env=os.environ)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "part.state").exists()
    seen = []
    resumed, _ = run(tmp_path / "part.pt", Batches(0, lambda: seen.append("started anew")))
    assert not seen, "the resumed run asked for the first batch"
    assert same(whole, resumed)


@pytest.mark.parametrize(
    "changes", [{"settings_digest": "t"}, {"code_digest": "d"}, {"input_digests": {"boxes.h5": "other"}}]
)
def test_state_of_other_ingredients_is_not_used(tmp_path, changes):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "n.pt", Batches(6, stop), PROVENANCE | changes)
    seen = []
    other, losses = run(tmp_path / "n.pt", Batches(0, lambda: seen.append("started anew")))
    whole, _ = run(tmp_path / "whole.pt", Batches())
    assert seen
    assert same(whole, other)
    assert len(losses) == ITERATIONS


def test_a_state_is_of_the_contents_of_its_inputs_wherever_they_lie(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "n.pt", Batches(6, stop))
    seen = []
    moved = PROVENANCE | {"input_digests": {"elsewhere/boxes.h5": "b"}}
    run(tmp_path / "n.pt", Batches(0, lambda: seen.append("started anew")), moved)
    assert not seen


def test_a_state_of_unknown_origin_is_not_used(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "n.pt", Batches(6, stop), {})
    seen = []
    run(tmp_path / "n.pt", Batches(0, lambda: seen.append("started anew")), {})
    assert seen


def test_loss_that_is_not_finite_stops_with_the_iteration_and_keeps_the_last_good_state(tmp_path):
    class Poisoned(Batches):
        def __getitem__(self, iteration):
            images, labels = super().__getitem__(iteration)
            return images * float("nan") if iteration == 3 else images, labels

    with pytest.raises(InputError, match="nan at iteration 3; lower learning_rate"):
        run(tmp_path / "n.pt", Poisoned())
    assert len(torch.load(tmp_path / "n.state", weights_only=True)["losses"]) == 3


def test_batches_of_worker_processes_are_the_same_batches(tmp_path):
    alone, losses = run(tmp_path / "alone.pt", Batches())
    helped, again = run(tmp_path / "helped.pt", Batches(), workers=2)
    assert losses == again
    assert same(alone, helped)


def test_bad_input_in_a_worker_process_is_one_sentence(tmp_path):
    def refuse() -> None:
        raise InputError("a.jpg does not exist", "put it there")

    with pytest.raises(InputError) as refused:
        run(tmp_path / "n.pt", Batches(2, refuse), workers=1)
    assert str(refused.value) == "a.jpg does not exist; put it there"


def test_a_worker_that_raises_is_not_taken_for_one_that_is_gone(tmp_path):
    def damaged() -> None:
        raise OSError("filter returned failure")

    with pytest.raises(OSError, match="filter returned failure") as raised:
        run(tmp_path / "n.pt", Batches(2, damaged), workers=1)
    assert not lost_worker(raised.value)
    for words in ("(pid 7) is killed by signal: Bus error. It is", "(pid(s) 7, 8) exited unexpectedly"):
        assert lost_worker(RuntimeError(f"DataLoader worker {words}"))


def test_a_full_gpu_is_one_sentence(tmp_path):
    class Full(Signs):
        def terms(self, images, labels):
            raise torch.OutOfMemoryError

    with pytest.raises(InputError, match="memory is too small for 2 samples of this training; lower crop"):
        run(tmp_path / "n.pt", Batches(), task=Full)


def test_an_optimizer_that_a_gpu_has_no_memory_for_is_one_sentence(tmp_path, monkeypatch):
    def full(*_, **__):
        raise torch.OutOfMemoryError

    monkeypatch.setattr(torch.optim.AdamW, "step", full)
    with pytest.raises(InputError, match="memory is too small for the optimizer of this training; take a smaller"):
        run(tmp_path / "n.pt", Batches())


def test_bfloat16_is_not_scaled_and_goes_on_from_a_state_in_float32_and_the_reverse(tmp_path):
    _, losses = run(tmp_path / "whole.pt", Batches())
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "n.pt", Batches(3, stop))
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "n.pt", Batches(6, stop), precision="bfloat16")
    state = torch.load(tmp_path / "n.state", weights_only=True)
    assert state["scaler"] == {}
    assert {tensor.dtype for tensor in state["network"].values()} == {torch.float32, torch.int64}
    _, mixed = run(tmp_path / "n.pt", Batches())
    assert mixed[:3] == losses[:3] and mixed[3:] != losses[3:]
    assert mixed == pytest.approx(losses, rel=0.02)


def test_a_state_of_the_cpu_goes_on_where_losses_are_scaled(tmp_path, monkeypatch):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "n.pt", Batches(4, stop))
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0)  # as on a GPU; halves and doubles are exact
    monkeypatch.setattr(torch.amp, "GradScaler", lambda enabled: scaler)
    _, losses = run(tmp_path / "n.pt", Batches())
    assert len(losses) == ITERATIONS
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "scaled.pt", Batches(4, stop))
    monkeypatch.undo()
    assert run(tmp_path / "scaled.pt", Batches())[1] == losses


def test_the_rate_falls_by_the_poly_schedule(tmp_path):
    model = network()
    optimizer = check_groups(model, torch.optim.SGD(model.parameters(), lr=0.5))
    rates = []
    optimizer.register_step_pre_hook(lambda *_: rates.append(optimizer.param_groups[0]["lr"]))
    train(Signs(model), optimizer, Batches(), iterations=4, job=Job(tmp_path / "n.pt"))
    assert rates == pytest.approx([0.5 * left**0.9 for left in (1, 0.75, 0.5, 0.25)])


def test_loss_falls(tmp_path):
    _, losses = run(tmp_path / "n.pt", Batches())
    assert sum(losses[-3:]) < sum(losses[:3])


KILLED = """
import logging, os, signal, sys
from types import SimpleNamespace
sys.path[:0] = sys.argv[2:]
import test_loop as t
from lpg.jobs.job import job
from pathlib import Path

path = Path(sys.argv[1])
kill = lambda: os.kill(os.getpid(), signal.SIGKILL)
given = dict(rule="r", output=[path], log=[path.with_suffix(".log")], params={}, input={},
             resources={}, threads=1, wildcards={})
with job(SimpleNamespace(**given)):
    t.run(path, t.Batches(4, kill), workers=1)
"""


def test_a_worker_that_is_killed_for_memory_is_one_sentence_and_costs_little(tmp_path):
    paths = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "part.pt"), *paths], capture_output=True, text=True
    )
    assert killed.returncode == 1 and "Traceback" not in killed.stderr, killed.stderr
    assert "a process that prepares batches was killed, as a machine does that is out of memory" in killed.stderr
    assert same(run(tmp_path / "part.pt", Batches())[0], run(tmp_path / "whole.pt", Batches())[0])


def flipped(content: bytes) -> bytes:
    return content[:3000] + bytes([content[3000] ^ 1]) + content[3001:]


@pytest.mark.parametrize("damage", [lambda content: content[:1000], lambda _: b"", flipped])
def test_a_damaged_state_is_none_and_the_training_starts_anew(tmp_path, damage, caplog):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "stopped.pt", Batches(at=4, action=stop))
    state = tmp_path / "stopped.state"
    state.write_bytes(damage(state.read_bytes()))
    whole, losses = run(tmp_path / "whole.pt", Batches())
    again, again_losses = run(tmp_path / "stopped.pt", Batches())
    assert "stopped.state cannot be loaded as weights" in caplog.text and "starting anew" in caplog.text
    assert same(whole, again) and losses == again_losses
