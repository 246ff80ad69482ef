"""Archives that explode, that change their mind about a name, or meet a full disk."""

import errno
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from lpg.acquisition import unpack as unpacking
from lpg.acquisition.unpack import unpack
from lpg.errors import InputError


def write_tar(path: Path, sizes: dict[str, int], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as tar:
        for name, size in sizes.items():
            member = tarfile.TarInfo(name)
            member.size = size
            tar.addfile(member, io.BytesIO(bytes(size)))
    return path


def write_zip(path: Path, sizes: dict[str, int]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, size in sizes.items():
            file.writestr(name, bytes(size))
    return path


@pytest.mark.parametrize("name, write", [("a.tgz", write_tar), ("a.zip", write_zip)])
def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path, monkeypatch, name, write):
    monkeypatch.setattr(unpacking, "SMALL", 1 << 20)
    archive = write(tmp_path / name, {"top/one": 100, "top/two": 4 << 20})
    with pytest.raises(
        InputError, match=rf"{name} holds 'top/two' \(with it, .* bytes have become 4,\d+,\d+\) and is not"
    ):
        unpack(archive, tmp_path / "folder", "top")
    assert [path.name for path in tmp_path.iterdir()] == [name]
    unpack(write(archive, {"top/one": 100, "top/two": 1 << 19}), tmp_path / "folder", "top")


def test_so_many_files_are_a_bomb_too(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "SMALL", 0)
    archive = write_tar(tmp_path / "a.tgz", {f"top/{number}": 0 for number in range(5000)})
    with pytest.raises(InputError, match=r"a\.tgz holds 'top/\d+' \(with it, "):
        unpack(archive, tmp_path / "folder", "top")


def test_a_link_is_refused_even_within_the_archive(tmp_path):
    """`top` is moved, and then the link would lead out of it."""
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        link = tarfile.TarInfo("top/masks")
        link.type, link.linkname = tarfile.SYMTYPE, "../beside"
        tar.addfile(link)
    with pytest.raises(InputError, match=r"a\.tar holds 'top/masks' \(neither a file nor a folder\)"):
        unpack(tmp_path / "a.tar", tmp_path / "folder", "top")


@pytest.mark.parametrize("sizes", [{"top/a": 1, "top/a/b": 1}, {"top/" + "x" * 300: 1}])
@pytest.mark.parametrize("name, write", [("a.tgz", write_tar), ("a.zip", write_zip)])
def test_names_that_no_disk_can_hold_are_the_archives_fault(tmp_path, name, write, sizes):
    with pytest.raises(InputError, match=rf"{name} cannot be unpacked \(.+\); delete it and fetch it again"):
        unpack(write(tmp_path / name, sizes), tmp_path / "folder", "top")


def test_a_full_disk_is_not(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    with pytest.raises(OSError, match="No space left"):
        unpack(write_zip(tmp_path / "a.zip", {"top/a": 1}), tmp_path / "folder", "top")


def test_an_archive_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"a\.zip does not exist; fetch it"):
        unpack(tmp_path / "a.zip", tmp_path / "folder")
