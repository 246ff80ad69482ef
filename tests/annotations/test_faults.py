"""All faults in one refusal."""

import pytest

from lpg.annotations.faults import refuse
from lpg.errors import InputError


def faults(count: int) -> list[InputError]:
    return [InputError(f"box {index} is bad", "mend it", permission="clip_boxes") for index in range(count)]


def test_no_fault_is_no_refusal_and_one_is_refused_as_it_is(caplog):
    refuse([], "a.json")
    (fault,) = faults(1)
    with pytest.raises(InputError) as refusal:
        refuse([fault], "a.json")
    assert refusal.value is fault and not caplog.records


@pytest.mark.parametrize(("count", "shown", "words"), [(3, 3, "they stand"), (12, 10, "the first 10 stand")])
def test_several_stand_in_the_log_and_are_counted(caplog, count, shown, words):
    with pytest.raises(InputError) as refusal:
        refuse(faults(count), "a.json")
    assert str(refusal.value) == f"a.json has {count} faults, {words} above; the first: box 0 is bad; mend it"
    assert refusal.value.permission == "clip_boxes"
    assert [entry.message for entry in caplog.records] == [f"box {index} is bad" for index in range(shown)]
