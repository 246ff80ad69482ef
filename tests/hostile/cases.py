"""How a reader is tried. A case is one input: it is read or refused in one sentence of ours; soon, in little memory.

The short suite tries the same few cases every time. `make test-hostile` tries all of them, by a seed that it prints.
"""

import faulthandler
import logging
import os
import re
import resource
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from lpg.errors import InputError

LONG = "HOSTILE" in os.environ
MINUTES = float(os.environ.get("HOSTILE_MINUTES", "15"))  # of every test at the most
SHORT = 130  # times fewer cases
SECONDS = 20  # of a case: nothing here is large, but the machine may be busy
MEMORY = 400 << 20  # bytes that reading a small file may take beyond what was there
PER_BYTE = 100  # bytes of memory for each of the file's
ADDRESSES = 4 << 30  # bytes of addresses beyond what was there, so that a bomb is an error and no dead machine
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
LONGEST = 2 * 1003 + 2  # characters of a sentence: fault, remedy and what is between them

COUNTS: Counter[str] = Counter()
_started: dict[str, float] = {}


class HungError(BaseException):
    """No reader catches it."""


def cases(number: int) -> settings:
    """How many inputs a test tries: in the long suite this many."""
    return settings(
        max_examples=number if LONG else max(10, number // SHORT),
        deadline=None,
        database=None,
        derandomize=not LONG,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


def attempt(read: Callable[[], Any], names: Sequence[str | Path], size: int = 0) -> Any:
    """What a reader makes of an input, None if it refuses it; in every other case the test fails.

    Arguments:
        names: a refusal names one of them: the file, its folder, the dataset.
        size: bytes of the input.
    """
    test = os.environ["PYTEST_CURRENT_TEST"].split(" ")[0]  # its file and its name
    began = _started.setdefault(test, time.monotonic())
    if LONG and time.monotonic() - began > 60 * MINUTES:
        pytest.skip(f"{MINUTES:g} minutes are over: what was tried until then is counted")
    try:
        with _bounded(size):
            found = read()
    except InputError as error:
        COUNTS[test, "refused"] += 1
        _check_sentence(error, names)
        return None
    COUNTS[test, "read"] += 1
    return found


def _check_sentence(error: InputError, names: Sequence[str | Path]) -> None:
    text = str(error)
    assert not UNPRINTABLE.search(text), f"no line of text: {text!r}"
    assert len(text) <= LONGEST, f"no sentence: {len(text)} characters, {text[:200]}"
    assert any(str(name) in text or Path(name).name in text for name in names), f"names no file: {text}"


@contextmanager
def _bounded(size: int) -> Iterator[None]:
    """Fail if the block takes too long, or too much memory; its log is not wanted."""
    logging.disable()
    faulthandler.dump_traceback_later(3 * SECONDS, exit=True)  # in C, or in a thread that is waited for
    signal.signal(signal.SIGALRM, _hang)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    before = _memory()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (before["VmSize"] + ADDRESSES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        logging.disable(logging.NOTSET)
    taken = _memory(reset=False)["VmHWM"] - before["VmRSS"]
    assert taken <= MEMORY + PER_BYTE * size, f"{taken >> 20} MB for an input of {size} bytes"


def _hang(*_: Any) -> None:
    raise HungError(f"more than {SECONDS} s")


def _memory(reset: bool = True) -> dict[str, int]:
    """Bytes of this process, and the most there were since the last reset."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return {key: int(kilobytes) << 10 for key, kilobytes in re.findall(r"(VmSize|VmRSS|VmHWM):\s+(\d+)", status)}
