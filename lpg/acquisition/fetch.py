"""One file over HTTP: continued where it was cut off, and verified before it counts as there."""

import hashlib
import http.client
import logging
import os
import shutil
import time
import urllib.error
import urllib.request
from pathlib import Path

from lpg.errors import InputError
from lpg.jobs.log import track

log = logging.getLogger(__name__)

ATTEMPTS = 5  # in a row that bring nothing
PAUSE = 2.0  # seconds before the second attempt, doubled with every other
TIMEOUT = 60.0  # seconds of silence
BLOCK = 1 << 20  # bytes
TEMPORARY = (408, 416, 425, 429)  # client errors of HTTP that are worth another attempt


class Interrupted(OSError):
    """The transfer ended before the file did."""


def fetch(url: str, path: str | Path, checksum: str, *, attempts: int = ATTEMPTS, pause: float = PAUSE) -> None:
    """Download `url` to `path`, unless the right file is there already.

    The bytes go to `<path>.partial`. A transfer that is cut off leaves it behind, and the next one continues it if the
    server can send a part of a file, or starts over. It is renamed when its checksum is right.

    Arguments:
        checksum: `md5:` or `sha256:` and hexadecimal digits; the first digits of a digest are enough.
        attempts: failures in a row, none of which brought a byte, after which to give up.
        pause: seconds before the second of them.

    Raises:
        InputError: the server refuses or stays silent, the disk is full, or the checksum is another.
    """
    path = Path(path)
    if path.is_file():
        if _digest(path, checksum) != checksum:
            raise InputError(f"{path} is not the file of {url} ({checksum} is expected)", "delete it and start again")
        log.info("%s is there", path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    _transfer_patiently(url, partial, attempts, pause)
    found = _digest(partial, checksum)
    if found != checksum:
        partial.unlink()
        raise InputError(
            f"{path}: the checksum of {url} should be {checksum} but is {found}",
            "what was downloaded has been removed, "
            "so start again, and if that does not help, mend the checksum or the URL in the table of sources",
        )
    os.replace(partial, path)


def _digest(path: Path, checksum: str) -> str:
    """The digest of a file as a checksum of the same kind and length."""
    kind, _, digits = checksum.partition(":")
    with open(path, "rb") as file:
        return f"{kind}:{hashlib.file_digest(file, kind).hexdigest()[: len(digits)]}"


def _transfer_patiently(url: str, partial: Path, attempts: int, pause: float) -> None:
    failures = 0
    while True:
        before = _size(partial)
        try:
            return _transfer(url, partial)
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, urllib.error.HTTPError) and error.code < 500 and error.code not in TEMPORARY:
                raise InputError(f"{url} cannot be fetched ({error})", "mend the URL in the table of sources") from None
            failures = 1 if _size(partial) > before else failures + 1
            if failures >= attempts:
                raise InputError(
                    f"{url} cannot be fetched ({error})", f"start again later: what has come is kept in {partial}"
                ) from None
            log.warning("%s: %s; another attempt follows", url, error)
            time.sleep(pause * 2 ** (failures - 1))


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _transfer(url: str, partial: Path) -> None:
    """Continue `partial` up to the end of the file, or start it over if the server sends the whole."""
    start = _size(partial)
    rest = {"Range": f"bytes={start}-"} if start else {}
    request = urllib.request.Request(url, headers={"User-Agent": "lpg", **rest})
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == 416:
            size = error.headers.get("Content-Range", "").rpartition("/")[2]
            if start and size in ("", str(start)):
                return  # nothing is missing, as far as the server says; the checksum knows
            partial.unlink(missing_ok=True)
        raise
    with response:
        if response.status != 206:
            start = 0
        elif not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            partial.unlink()
            raise Interrupted("the server sent another part than was asked for")
        _write(response, partial, start)


def _write(response: http.client.HTTPResponse, partial: Path, start: int) -> None:
    """Append the body at byte `start`, and check that it was all."""
    length = response.headers.get("Content-Length")
    if length is not None:
        _check_space(partial, int(length))
    with open(partial, "ab") as file:
        file.truncate(start)
        if length is None:
            shutil.copyfileobj(response, file, BLOCK)
            return
        for _ in track(range(-(-int(length) // BLOCK)), f"MiB of {partial.stem}"):
            file.write(response.read(BLOCK))
    if _size(partial) < start + int(length):
        raise Interrupted(f"ended after {_size(partial):,} of {start + int(length):,} bytes")


def _check_space(path: Path, needed: int) -> None:
    free = shutil.disk_usage(path.parent).free
    if needed > free:
        raise InputError(f"{path}: {needed / 1e9:.1f} GB are to come but {free / 1e9:.1f} GB are free", "make room")
