"""What watched processes do. No torch here: they import this file."""

import logging
import os
import signal
import time
from pathlib import Path

from lpg.errors import InputError
from lpg.training.stops import held_stops
from lpg.training.watch import PartsTooLarge


def say(rank: int) -> None:
    logging.getLogger("lpg.training").info("process %d of two, %s", rank, Path("a"))


def refuse(rank: int) -> None:
    if rank:
        raise InputError("a.jpg cannot be read", "replace it", permission="skip_unreadable")
    time.sleep(1)
    raise ConnectionError("the other is gone")


def fail(rank: int) -> None:
    if rank:
        raise KeyError("nothing")
    time.sleep(600)


def lack(rank: int) -> None:
    if rank:
        raise PartsTooLarge
    time.sleep(600)


def be_killed(rank: int) -> None:
    if rank:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.5)
    raise ConnectionError("the other is gone")


def wait_for_ever(rank: int, folder: Path) -> None:
    (folder / f"{os.getpid()}.pid").touch()
    time.sleep(600)


def save_when_told(rank: int, folder: Path) -> None:
    with held_stops() as stopped:
        (folder / f"at_work_{rank}").touch()
        while not stopped:
            time.sleep(0.01)
        time.sleep(0.5)
        (folder / f"saved_{rank}").touch()
