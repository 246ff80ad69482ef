"""One writer a file: of two processes that write the same one, the second is refused instead of spoiling it."""

import errno
import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lpg.errors import InputError

# A lock of the opened file, on Linux: HDF5's own locks do not meet it, and it outlives that others close the file.
SET_LOCK = getattr(fcntl, "F_OFD_SETLK", None)
WHOLE = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
TAKEN = {errno.EAGAIN, errno.EACCES}


@contextmanager
def claimed(path: Path) -> Iterator[None]:
    """Make the file, if it is not there, and keep other writers of ours away while the block runs.

    The claim goes with the process, however it ends. Where a file system has no locks, nothing is claimed.

    Raises:
        InputError: another process has it.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if SET_LOCK is not None:
            _lock(file, path)
        yield
    finally:
        os.close(file)


def _lock(file: int, path: Path) -> None:
    try:
        fcntl.fcntl(file, SET_LOCK, WHOLE)
    except OSError as error:
        if error.errno in TAKEN:
            raise InputError(
                f"another process is writing {path.with_suffix('')}",
                "let it finish, or end it; one Snakemake at a time may work in a folder",
            ) from None
