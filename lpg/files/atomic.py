"""Files and folders that are whole or not there, and what is said where they cannot be written."""

import errno
import fcntl
import os
import shutil
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from lpg.errors import InputError

LARGE = 1 << 20  # bytes; so much took a while to compute, and must outlive a power cut. Smaller files are made again
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
DENIED = {errno.EROFS, errno.EACCES, errno.EPERM}
# A lock of the opened file, on Linux: HDF5's own locks do not meet it, and it outlives that others close the file.
SET_LOCK = getattr(fcntl, "F_OFD_SETLK", None)
SET_OWN_LOCK = SET_LOCK and fcntl.F_SETLK  # of the process: workers that it forked, and that outlive it, do not hold it
WHOLE = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
TRIES = 10  # to lock a file before another moves it away
TAKEN = {errno.EAGAIN, errno.EACCES}


@contextmanager
def replace_atomically(path: str | Path) -> Iterator[Path]:
    """Give the `.partial` path to write to; rename it over `path` if the block ends well, remove it if not.

    Raises:
        InputError: the disk is full or cannot be written, or another process writes the same file.
    """
    path = Path(path)
    partial = _partial(path)
    with worded(path):
        partial.parent.mkdir(parents=True, exist_ok=True)
        with _held(partial):
            try:
                yield partial
                _to_disk(partial)
                os.replace(partial, path)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise


@contextmanager
def claimed(path: str | Path) -> Iterator[None]:
    """Keep other processes from claiming `path` while the block runs: it takes hours, and writes `path` at its end.

    Raises:
        InputError: another process has claimed it, or its folder cannot be written.
    """
    path = Path(path)
    claim = path.with_name(path.name + ".claim")
    with ExitStack() as stack:
        with worded(path):
            claim.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(_held(claim, SET_OWN_LOCK))
        try:
            yield
        finally:
            claim.unlink(missing_ok=True)


@contextmanager
def replace_folder(path: str | Path) -> Iterator[Path]:
    """Replace a folder: give an empty one to fill; what stood at `path` goes when its successor is whole.

    Raises:
        InputError: the disk is full or cannot be written.
    """
    path = Path(path)
    partial, replaced = _partial(path), path.with_name(path.name + ".replaced")
    with worded(path):
        for left in (partial, replaced):  # by a kill
            shutil.rmtree(left, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            yield partial
            with suppress(FileNotFoundError):
                os.replace(path, replaced)
            os.replace(partial, path)
        finally:
            for left in (partial, replaced):
                shutil.rmtree(left, ignore_errors=True)


def _partial(path: Path) -> Path:
    return path.with_name(path.name + ".partial")


@contextmanager
def _held(path: Path, set_lock: int | None = SET_LOCK) -> Iterator[None]:
    """Make the file, if it is not there, and keep other writers of ours away while the block runs.

    The lock goes with the process, however it ends. Where a file system has none, nobody is kept away.
    """
    file = _locked(path, set_lock)
    try:
        yield
    finally:
        os.close(file)


def _locked(path: Path, set_lock: int | None) -> int:
    """The file, opened and locked; anew where the one who had it has moved it away in between.

    A few times at most: of some file systems an opened file is never the same as the one at its path.
    """
    for left in reversed(range(TRIES)):
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if set_lock is not None:
                _lock(file, path, set_lock)
            if not left or _is_at(file, path):
                return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)


def _is_at(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except FileNotFoundError:
        return False


def _lock(file: int, path: Path, set_lock: int) -> None:
    try:
        fcntl.fcntl(file, set_lock, WHOLE)
    except OSError as error:
        if error.errno in TAKEN:
            raise InputError(
                f"another process is writing {path.with_suffix('')}",
                "let it finish, or end it; one Snakemake at a time may work in a folder",
            ) from None


def _to_disk(path: Path) -> None:
    if path.stat().st_size >= LARGE:
        with open(path, "rb") as file:
            os.fsync(file.fileno())


@contextmanager
def worded(path: Path) -> Iterator[None]:
    """Say in one sentence that a disk does not take a file, whichever library found out.

    Raises:
        InputError: the block could not write, for the disk is full or writing is denied.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        if _is_full(error, path):
            free = shutil.disk_usage(_existing(path)).free
            raise InputError(
                f"{path} cannot be written: its disk is full ({free / 1e9:.1f} GB free), or a limit is reached",
                "make room and give the same command again; what is finished stays",
            ) from None
        if getattr(error, "errno", None) in DENIED and _is_about(error, path):
            raise InputError(
                f"{path} cannot be written ({error.strerror or error})",
                "give this user the right to write there, or mount it for writing; what is finished stays",
            ) from None
        raise


def _is_full(error: Exception, path: Path) -> bool:
    """Whether a disk is full, by the error's number; errors without one are believed if nothing more can be written."""
    number = getattr(error, "errno", None)
    return number in FULL or (number is None and shutil.disk_usage(_existing(path)).free < LARGE)


def _is_about(error: OSError, path: Path) -> bool:
    """Whether an error is about a path: reading may be denied, too; HDF5 gives no file but in words."""
    about = [str(error.filename)] if error.filename else str(error).split("'")
    return any(str(path) in one or one in map(str, path.parents) for one in about)


def _existing(path: Path) -> Path:
    return next(one for one in path.absolute().parents if one.is_dir())
