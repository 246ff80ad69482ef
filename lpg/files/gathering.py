"""Files of some photographs each, in order, as the one file that a single job would have written."""

import json
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

from lpg.errors import InputError
from lpg.files.hdf5 import BLOCK, class_table, create_file, open_file
from lpg.files.ragged import RaggedWriter
from lpg.jobs.provenance import CONTENT

OFFSET, INDEX = "/offset", "boxes/index"  # datasets that count through the whole file
SAME = "settings_digest", "code_digest", "input_digests"  # attributes in which all parts must agree


def gather_shards(shards: Sequence[str | Path], path: str | Path) -> None:
    """As `gather_files`; what a run of another number of shards has left there is removed."""
    gather_files(shards, path)
    for other in set(Path(path).parent.glob(f"{Path(path).stem}.*-of-*.h5")) - set(map(Path, shards)):
        other.unlink()


def gather_files(parts: Sequence[str | Path], path: str | Path) -> None:
    """Write one HDF5 file of ours from its parts, some chunks of one part at a time.

    It is described as its first part is, and its content is that of a file which was made in one go.

    Raises:
        InputError: the parts were made of different things.
    """
    files = [open_file(part) for part in parts]
    with create_file(path, class_table(files[0]), _attributes(files)) as whole:
        for name in _names(files, h5py.Group):
            if CONTENT in files[0][name].attrs:
                _gather_ragged(whole, name, files)
        for name in _names(files, h5py.Dataset):
            if name not in whole:
                _gather_array(whole, name, files)
    for file in files:
        file.close()


def _attributes(files: Sequence[h5py.File]) -> dict:
    """What made the parts; where they differ, as two machines do, a list of what they say."""
    found = [{key: value for key, value in file.attrs.items() if key not in ("classes", CONTENT)} for file in files]
    for file, attributes in zip(files, found, strict=True):
        if any(attributes.get(key) != found[0].get(key) for key in SAME):
            raise InputError(
                f"{file.filename} was made of other things than {files[0].filename}",
                f"remove {file.filename} and {files[0].filename}, and start again",
            )
    said = {key: list(dict.fromkeys(str(each.get(key, "")) for each in found)) for key in found[0]}
    return {key: value if len(said[key]) == 1 else json.dumps(said[key]) for key, value in found[0].items()}


def _names(files: Sequence[h5py.File], kind: type) -> list[str]:
    """The groups or the datasets of the parts; some may have one that others lack."""
    names: dict[str, None] = {}
    for file in files:
        file.visititems(lambda name, node: names.setdefault(name) if isinstance(node, kind) else None)
    return list(names)


def _gather_ragged(whole: h5py.File, name: str, files: Sequence[h5py.File]) -> None:
    first = files[0][name]
    writer = RaggedWriter(whole, name, first["values"].dtype.name, first["shapes"].shape[1])
    for file in files:
        writer.append_all(file[name])
    writer.close()


def _gather_array(whole: h5py.File, name: str, files: Sequence[h5py.File]) -> None:
    if name.endswith(OFFSET):
        counts = [np.diff(file[name][:]) for file in files]
        whole[name] = np.cumsum(np.concatenate([[0], *counts]), dtype=np.int64)
    elif name == INDEX:
        whole[name] = np.arange(sum(len(file[name]) for file in files), dtype=np.int64)
    else:
        like = next(file[name] for file in files if name in file)
        counts = [len(file[name] if name in file else file[INDEX]) for file in files]
        values = whole.create_dataset(name, shape=(sum(counts), *like.shape[1:]), dtype=like.dtype)
        for file, count, end in zip(files, counts, np.cumsum(counts).tolist(), strict=True):
            for start in range(0, count if name in file else 0, BLOCK):  # zeros, where nobody has decided
                part = file[name][start : start + BLOCK]
                first = end - count + start
                values[first : first + len(part)] = part
