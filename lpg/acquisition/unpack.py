"""Archives into folders: nothing outside the folder is written, and half an archive never looks like a whole one."""

import contextlib
import gzip
import logging
import os
import shutil
import stat
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from lpg.errors import InputError
from lpg.jobs.log import track

log = logging.getLogger(__name__)


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
    except tarfile.FilterError as error:
        raise _refusal(archive, error.tarinfo.name, str(error)) from None
    except (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error) as error:
        reason = str(error).split("\n")[0].rstrip(":")
        raise InputError(f"{archive} cannot be unpacked ({reason})", "delete it and fetch it again") from None


def _extract_tar(archive: Path, folder: Path) -> None:
    if not hasattr(tarfile, "data_filter"):
        raise InputError("this Python unpacks archives unchecked", "take 3.11.4 or newer for the rules that fetch")

    def check(member: tarfile.TarInfo, destination: str) -> tarfile.TarInfo:
        _check_name(archive, member.name)
        return tarfile.data_filter(member, destination)  # refuses devices, and links that lead outside

    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter=check)


def _extract_zip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        members = file.infolist()
        for member in members:
            _check_name(archive, member.filename)
            kind = stat.S_IFMT(member.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise _refusal(archive, member.filename, "neither a file nor a folder")
        for member in track(members, f"files of {archive.name}"):
            file.extract(member, folder)


def _check_name(archive: Path, name: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise _refusal(archive, name, "it would lie outside the folder")


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
