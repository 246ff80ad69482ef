"""Work shared among processes or threads: in order, with few arguments in memory, and with its refusals."""

import os
import signal

import pytest

from lpg.errors import InputError
from lpg.jobs.processes import IN_FLIGHT, ahead, in_order
from lpg.pixels.pictures import read_photograph


@pytest.mark.parametrize(("share", "workers"), [(in_order, 1), (in_order, 2), (ahead, 3)])
def test_few_arguments_wait_in_memory_and_answers_keep_their_order(share, workers):
    taken = []
    answers = share(abs, ((-number,) for number in range(20) if not taken.append(number)), workers)
    assert next(answers) == 0
    assert len(taken) <= IN_FLIGHT * workers
    assert list(answers) == list(range(1, 20))


@pytest.mark.parametrize(("share", "workers"), [(in_order, 1), (in_order, 2), (ahead, 3)])
def test_a_refusal_arrives_as_it_was_raised(share, workers, tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"no photograph")
    with pytest.raises(InputError, match=r"a\.jpg cannot be read \(.+\); replace the file$") as refusal:
        list(share(read_photograph, [(tmp_path / "a.jpg",)], workers))
    assert (refusal.value.remedy, refusal.value.permission) == ("replace the file", "skip_unreadable")


def die(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_is_killed_for_memory_is_one_sentence():
    with pytest.raises(InputError, match=r"one of the 2 processes .* was killed, .*; give it more mem"):
        list(in_order(die, [(1,), (2,)], 2))
