"""Archives: nothing outside of the folder is written, and what they hold is theirs."""

import io
import stat
import tarfile
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from hostile import nasty
from hostile.cases import attempt, cases
from hostile.mutations import mutated_bytes
from hypothesis import given
from hypothesis import strategies as st

from lpg.acquisition.unpack import unpack

KINDS = (
    tarfile.REGTYPE,
    tarfile.REGTYPE,
    tarfile.DIRTYPE,
    tarfile.SYMTYPE,
    tarfile.LNKTYPE,
    tarfile.FIFOTYPE,
    tarfile.CHRTYPE,
)
Members = list[tuple[str, bytes, str, int]]
members = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(["top", "top/a", "top/sub/b", "top/a/b"]), nasty.names),
        st.sampled_from(KINDS),
        st.one_of(st.sampled_from(["a", "top/a", "..", "../..", "/etc"]), nasty.names),
        st.sampled_from([0, 3, 10**6, -1, 10**12]),
    ),
    max_size=4,
)


def encodable(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def tar(entries: Members, compression: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=f"w:{compression}", format=tarfile.GNU_FORMAT) as archive:
        for name, kind, target, size in [("top/kept", tarfile.REGTYPE, "", 3), *entries]:
            member = tarfile.TarInfo(encodable(name))
            member.type, member.linkname, member.mtime = kind, encodable(target), size
            member.size = min(max(size, 0), 3) if kind == tarfile.REGTYPE else 0
            archive.addfile(member, io.BytesIO(b"abc"))
    return file.getvalue()


def zipped(entries: Members) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, kind, target, _ in [("top/kept", tarfile.REGTYPE, "", 3), *entries]:
            member = zipfile.ZipInfo(encodable(name) or "x")
            if kind == tarfile.SYMTYPE:
                member.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(member, encodable(target))
    return file.getvalue()


def attempt_archive(name: str, content: bytes) -> None:
    with TemporaryDirectory() as folder:
        root, out = Path(folder), Path(folder, "data", "out")
        (root / name).write_bytes(content)
        attempt(lambda: unpack(root / name, out, "top"), [name, out], len(content))
        assert {path.name for path in root.iterdir()} <= {name, "data"}
        assert {path.name for path in out.parent.iterdir()} <= {"out"} if out.parent.exists() else True
        assert not any(path.is_symlink() or not (path.is_file() or path.is_dir()) for path in out.rglob("*"))


@cases(3_000)
@given(members, st.sampled_from(["", "gz", "bz2", "xz"]))
def test_tars(entries, compression):
    attempt_archive("a.tar.gz" if compression == "gz" else "a.tar", tar(entries, compression))


@cases(2_500)
@given(members)
def test_zips(entries):
    attempt_archive("a.zip", zipped(entries))


PLAIN = [("top/a", tarfile.REGTYPE, "", 3), ("top/sub/b", tarfile.REGTYPE, "", 3)]


@cases(2_500)
@given(st.data(), st.sampled_from(["a.zip", "a.tar", "a.tgz"]))
def test_broken_archives(data, name):
    whole = zipped(PLAIN) if name == "a.zip" else tar(PLAIN, "gz" if name == "a.tgz" else "")
    attempt_archive(name, data.draw(mutated_bytes(st.just(whole))))
