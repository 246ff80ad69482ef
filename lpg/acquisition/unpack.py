"""Archives into folders: nothing outside the folder is written, and half an archive never looks like a whole one."""

import contextlib
import errno
import logging
import os
import shutil
import stat
import tarfile
import zipfile
from itertools import accumulate
from pathlib import Path, PurePosixPath

from lpg.errors import InputError
from lpg.jobs.log import track

log = logging.getLogger(__name__)

SMALL = 1 << 26  # bytes: a bomb that is smaller when it is unpacked is none
MOST_OF_A_BYTE = 100  # of an archive; annotations as text give ten
BLOCK = 4096  # bytes of the disk that the smallest file takes
# What names do that are too long, or both a file's and a folder's; None of gzip's and bz2's own complaints.
OF_NAMES = (None, errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.EINVAL)


def unpack(archive: str | Path, folder: str | Path, inside: str = "") -> None:
    """Fill `folder` with what lies in the folder `inside` of a .tar, .tar.gz, .tgz or .zip.

    All is unpacked to `<folder>.unpacking` first, and moved when it is complete. What else is in `folder` stays.

    Raises:
        InputError: the archive is damaged, lacks `inside`, or holds something that would be written elsewhere.
    """
    folder = Path(folder).resolve()  # a link to another disk: unpack there
    temporary = folder.with_name(folder.name + ".unpacking")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    log.info("unpacking %s to %s", archive, folder)
    try:
        _extract(Path(archive), temporary)
        if not (temporary / inside).is_dir():
            raise InputError(f"{archive} has no folder '{inside}'", "mend `inside` in the table of sources")
        _move(temporary / inside, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _extract(archive: Path, folder: Path) -> None:
    try:
        if archive.suffix == ".zip":
            _extract_zip(archive, folder)
        else:
            _extract_tar(archive, folder)
    except FileNotFoundError:
        raise InputError(f"{archive} does not exist", "fetch it") from None
    except InputError:
        raise
    except Exception as error:  # whatever the bytes of a damaged archive lead to; but a full disk is the disk's
        if isinstance(error, OSError) and error.errno not in OF_NAMES:
            raise
        reason = str(error).split("\n")[0].rstrip(":") or type(error).__name__
        raise InputError(f"{archive} cannot be unpacked ({reason})", "delete it and fetch it again") from None


def _extract_tar(archive: Path, folder: Path) -> None:
    if not hasattr(tarfile, "data_filter"):
        raise InputError("this Python unpacks archives unchecked", "take 3.11.4 or newer for the rules that fetch")
    total = 0

    def check(member: tarfile.TarInfo, destination: str) -> tarfile.TarInfo:
        nonlocal total
        total += BLOCK + member.size
        _check_member(archive, member.name, member.isfile() or member.isdir(), total)
        return tarfile.data_filter(member, destination)

    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter=check)


def _extract_zip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        members = file.infolist()
        sizes = accumulate(BLOCK + member.file_size for member in members)
        for member, total in zip(members, sizes, strict=True):
            kind = stat.S_IFMT(member.external_attr >> 16)
            _check_member(archive, member.filename, kind in (0, stat.S_IFREG, stat.S_IFDIR), total)
        for member in track(members, f"files of {archive.name}"):
            file.extract(member, folder)


def _check_member(archive: Path, name: str, is_plain: bool, total: int) -> None:
    """Refuse an entry of an archive that may not be written: one that lies outside, is a link, or belongs to a bomb.

    `total` are its bytes and those of all that came before it. A link may lead elsewhere once the folder is moved.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise _refusal(archive, name, "it would lie outside the folder")
    if not is_plain:
        raise _refusal(archive, name, "neither a file nor a folder")
    if total > SMALL + MOST_OF_A_BYTE * archive.stat().st_size:
        raise _refusal(archive, name, f"with it, {archive.stat().st_size:,} bytes have become {total:,}")


def _refusal(archive: Path, name: str, reason: str) -> InputError:
    return InputError(f"{archive} holds '{name}' ({reason}) and is not unpacked", "get the archive from its own source")


def _move(source: Path, target: Path) -> None:
    """Rename a folder, or, where the target has something in it already, what is in the folder."""
    with contextlib.suppress(OSError):
        os.replace(source, target)
        return
    if not (source.is_dir() and target.is_dir()):
        raise InputError(f"{target} is in the way of what is unpacked", "move it away")
    for child in source.iterdir():
        _move(child, target / child.name)
