"""A checkpoint is read without torch and without running it, in no more memory than it takes itself."""

import pickle
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
import torch

from lpg.jobs.provenance import check_sums, checkpoint_without_weights, kept_digest

FACTS = {"kind": "segmenter", "losses": [1.5, 0.25], "recipe": {"crop": 64, "trunk": None}, "classes": ["a", "ö"]}


def test_all_of_a_checkpoint_but_its_weights_is_read_without_torch(tmp_path):
    weights = OrderedDict(a=torch.ones(2, 3), b=torch.arange(4))
    torch.save(FACTS | {"weights": weights}, tmp_path / "a.pt")
    assert checkpoint_without_weights(tmp_path / "a.pt") == FACTS | {"weights": {"a": None, "b": None}}
    read = "from lpg.jobs.provenance import checkpoint_without_weights as read"
    program = f"import sys; {read}; read(sys.argv[1]); print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "a.pt"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


class Code:
    def __reduce__(self) -> tuple:
        return Path.touch, (Path("was_run"),)


def test_what_a_checkpoint_names_is_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"weights": Code()}, "a.pt")
    with pytest.raises(pickle.UnpicklingError, match="is no plain value"):
        checkpoint_without_weights("a.pt")
    assert not Path("was_run").exists()


def test_a_checkpoint_that_is_packed_is_not_unpacked(tmp_path):
    torch.save(FACTS, tmp_path / "a.pt")
    with zipfile.ZipFile(tmp_path / "a.pt") as whole, zipfile.ZipFile(tmp_path / "b.pt", "w") as packed:
        for entry in whole.infolist():
            packed.writestr(entry.filename, whole.read(entry), zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match="its content is compressed"):
        checkpoint_without_weights(tmp_path / "b.pt")


@pytest.mark.parametrize(
    "said",
    [
        b"\x80\x02}r" + struct.pack("<I", 1 << 24) + b".",  # an object that is number 16,777,216
        b"\x80\x05\x96" + struct.pack("<Q", 1 << 27) + b".",  # as many bytes as follow, which do not
        b"\x80\x02\x82\x01.",  # an object that somebody has registered
    ],
)
def test_a_few_bytes_take_little_memory(said, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.pt", "w") as file:
        file.writestr("a/data.pkl", said)
    tracemalloc.start()
    assert kept_digest(tmp_path / "a.pt") == ""
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 22


def test_a_digest_is_text(tmp_path):
    nested = ["x"]
    for _ in range(24):  # of 2^24 texts, in 25 lists
        nested = [nested, nested]
    torch.save({"provenance": {"content_digest": nested}}, tmp_path / "a.pt")
    assert kept_digest(tmp_path / "a.pt") == ""
    torch.save({"provenance": {"content_digest": "ab"}}, tmp_path / "b.pt")
    assert kept_digest(tmp_path / "b.pt") == "ab"


def test_an_archive_whose_table_is_damaged_has_no_sums(tmp_path):
    torch.save(FACTS, tmp_path / "a.pt")
    content = bytearray((tmp_path / "a.pt").read_bytes())
    content[content.index(b"PK\x01\x02")] ^= 1
    (tmp_path / "a.pt").write_bytes(content)
    with pytest.raises(ValueError, match="it cannot be unpacked"):
        check_sums(tmp_path / "a.pt")
