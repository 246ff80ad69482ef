"""Work shared among processes or threads: in order, with few arguments in memory, and with its refusals."""

import os
import signal

import pytest

from lpg.errors import InputError
from lpg.jobs.processes import IN_FLIGHT, TOGETHER, ahead, in_order, share
from lpg.pixels.pictures import read_photograph


@pytest.mark.parametrize(("spread", "workers"), [(in_order, 1), (in_order, 2), (ahead, 3)])
def test_few_arguments_wait_in_memory_and_answers_keep_their_order(spread, workers):
    taken = []
    answers = spread(abs, ((-number,) for number in range(20) if not taken.append(number)), workers)
    assert next(answers) == 0
    assert len(taken) <= IN_FLIGHT * workers
    assert list(answers) == list(range(1, 20))


@pytest.mark.parametrize(("spread", "workers"), [(in_order, 1), (in_order, 2), (ahead, 3)])
def test_a_refusal_arrives_as_it_was_raised(spread, workers, tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"no photograph")
    with pytest.raises(InputError, match=r"a\.jpg cannot be read \(.+\); replace the file$") as refusal:
        list(spread(read_photograph, [(tmp_path / "a.jpg",)], workers))
    assert (refusal.value.remedy, refusal.value.permission) == ("replace the file", "skip_unreadable")


def die(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_is_killed_for_memory_is_one_sentence():
    with pytest.raises(InputError, match=r"one of the 2 processes .* was killed, .*; give it more mem"):
        list(in_order(die, [(1,), (2,)], 2))


@pytest.mark.parametrize("photographs", [1, 15, 16, 17, 1000])
@pytest.mark.parametrize("shards", [1, 2, 7, 100])
def test_shares_are_all_photographs_once_and_cut_through_no_group(photographs, shards):
    spans = [share(photographs, shard, shards) for shard in range(shards)]
    positions = list(range(photographs))
    assert [position for span in spans for position in positions[span]] == positions
    assert all(span.start % TOGETHER == 0 for span in spans if positions[span])
    sizes = [len(positions[span]) for span in spans]
    assert max(sizes) - min(sizes) <= 2 * TOGETHER
