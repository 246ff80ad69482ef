"""Work shared among processes or threads: in order, with few arguments in memory, and with its refusals."""

import os
import signal

import pytest

from lpg.errors import InputError
from lpg.jobs.processes import IN_FLIGHT, PIXELS, PIXELS_AHEAD, TOGETHER, ahead, grouped, in_order, share
from lpg.pixels.pictures import read_photograph


@pytest.mark.parametrize(("spread", "workers"), [(in_order, 1), (in_order, 2), (ahead, 3)])
def test_few_arguments_wait_in_memory_and_answers_keep_their_order(spread, workers):
    taken = []
    answers = spread(abs, ((-number,) for number in range(20) if not taken.append(number)), workers)
    assert next(answers) == 0
    assert len(taken) <= IN_FLIGHT * workers
    assert list(answers) == list(range(1, 20))


@pytest.mark.parametrize(
    ("megapixels", "at_most"), [(0.3, IN_FLIGHT * 3), (16, 2), (100, 0)], ids=["small", "large", "larger than all"]
)
def test_fewer_large_photographs_are_read_ahead(megapixels, at_most):
    pixels = [int(megapixels * 1e6)] * 20
    assert min(pixels[0] * at_most, PIXELS_AHEAD) == pixels[0] * at_most
    read = []
    answers = ahead(read.append, ((number,) for number in range(20)), 3, pixels=pixels.__getitem__)
    next(answers)
    assert len(read) <= max(1, at_most + 1)
    assert len(list(answers)) == 19
    assert sorted(read) == list(range(20))


def test_groups_are_of_one_size_and_smaller_where_photographs_are_large():
    small, large = PIXELS // TOGETHER, PIXELS // 2 + 1
    assert [len(group) for group in grouped([small] * 40, int)] == [TOGETHER, TOGETHER, 40 - 2 * TOGETHER]
    assert list(grouped([small, large, large, 3 * PIXELS, small, small], int)) == [
        [small, large],
        [large],
        [3 * PIXELS],
        [small, small],
    ]
    assert list(grouped([], int)) == []


def test_groups_are_those_of_the_shares():
    sizes = [PIXELS // 5 * (position % 4) for position in range(100)]
    shares = [sizes[share(len(sizes), shard, 3)] for shard in range(3)]
    assert [group for part in shares for group in grouped(part, int)] == list(grouped(sizes, int))


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
