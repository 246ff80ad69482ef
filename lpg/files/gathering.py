"""Files of some photographs each, in order, as the one file that a single job would have written."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import h5py
import numpy as np

from lpg.errors import InputError
from lpg.files.hdf5 import BLOCK, class_table, create_file, open_file
from lpg.files.ragged import CHUNK, RaggedWriter
from lpg.jobs.provenance import CONTENT

OFFSET, INDEX = "/offset", "boxes/index"  # datasets that count through the whole file
ELEMENTS = 16 * CHUNK  # of a flat array, copied at once
SAME = "settings_digest", "code_digest", "input_digests"  # attributes in which all parts must agree


def gather_shards(shards: Sequence[str | Path], path: str | Path) -> None:
    """Gather shards as `gather_files` does, and remove what a run of another number of shards has left there."""
    gather_files(shards, path)
    for other in set(Path(path).parent.glob(f"{Path(path).stem}.*-of-*.h5")) - set(map(Path, shards)):
        other.unlink()


def gather_files(parts: Sequence[str | Path], path: str | Path) -> None:
    """Write one HDF5 file of ours from its parts, some chunks of one part at a time.

    It is described as its first part is, and its content is that of a file which was made in one go.

    Raises:
        InputError: the parts were made of different things.
    """
    with open_file(parts[0]) as first:
        classes = class_table(first)
    with create_file(path, classes, _attributes(parts)) as whole:
        for name in _names(parts, h5py.Group):
            if _is_ragged(parts[0], name):
                _gather_ragged(whole, name, parts)
        for name in _names(parts, h5py.Dataset):
            if name not in whole:
                _gather_array(whole, name, parts)


def _opened(parts: Sequence[str | Path]) -> Iterator[h5py.File]:
    """The parts, opened one at a time: HDF5 keeps a megabyte or two of each in memory, of where things lie in it."""
    for part in parts:
        with open_file(part) as file:
            yield file


def _attributes(parts: Sequence[str | Path]) -> dict:
    """What made the parts; where they differ, as two machines do, a list of what they say."""
    found = [
        {key: value for key, value in file.attrs.items() if key not in ("classes", CONTENT)} for file in _opened(parts)
    ]
    for part, attributes in zip(parts, found, strict=True):
        if any(attributes.get(key) != found[0].get(key) for key in SAME):
            raise InputError(
                f"{part} was made of other things than {parts[0]}", f"remove {part} and {parts[0]}, and start again"
            )
    said = {key: list(dict.fromkeys(str(each.get(key, "")) for each in found)) for key in found[0]}
    return {key: _plain(value) if len(said[key]) == 1 else json.dumps(said[key]) for key, value in found[0].items()}


def _plain(value: object) -> object:
    """A number of an attribute, which h5py gives as numpy's, as Python's."""
    return value.item() if isinstance(value, np.generic) else value


def _names(parts: Sequence[str | Path], kind: type) -> list[str]:
    """The groups or the datasets of the parts; some may have one that others lack."""
    names: dict[str, None] = {}
    for file in _opened(parts):
        file.visititems(lambda name, node: names.setdefault(name) if isinstance(node, kind) else None)
    return list(names)


def _is_ragged(part: str | Path, name: str) -> bool:
    with open_file(part) as file:
        return CONTENT in file[name].attrs


def _gather_ragged(whole: h5py.File, name: str, parts: Sequence[str | Path]) -> None:
    shapes, values = f"{name}/shapes", f"{name}/values"
    with open_file(parts[0]) as file:
        writer = RaggedWriter(whole, name, file[values].dtype.name, file[shapes].shape[1])
    count = sum(len(file[shapes]) for file in _opened(parts))
    for file in _opened(parts):
        for block in _blocks(file[values], ELEMENTS):
            writer.append_flat(block)
    writer.close_with((block for file in _opened(parts) for block in _blocks(file[shapes], BLOCK)), count)


def _gather_array(whole: h5py.File, name: str, parts: Sequence[str | Path]) -> None:
    counts = [len(file[name] if name in file else file[INDEX]) for file in _opened(parts)]
    dtype, rest = next((file[name].dtype, file[name].shape[1:]) for file in _opened(parts) if name in file)
    offsets = name.endswith(OFFSET)
    values = whole.create_dataset(name, shape=(sum(counts) - (len(parts) - 1) * offsets, *rest), dtype=dtype)
    start = 0
    for block in _offsets(name, parts) if offsets else _values(name, parts, dtype):
        values[start : start + len(block)] = block if name != INDEX else np.arange(start, start + len(block))
        start += len(block)


def _offsets(name: str, parts: Sequence[str | Path]) -> Iterator[np.ndarray]:
    """The offsets of all parts, in blocks; those of a part go on where the part before it ends."""
    end = np.zeros(1, dtype=np.int64)
    yield end
    for file in _opened(parts):
        begin = end
        for block in _blocks(file[name], BLOCK, first=1):
            end = begin + block[-1:]
            yield begin + block


def _values(name: str, parts: Sequence[str | Path], dtype: np.dtype) -> Iterator[np.ndarray]:
    """The values of all parts, in blocks; zeros for a part that lacks them, where nobody has decided."""
    for file in _opened(parts):
        if name in file:
            yield from _blocks(file[name], BLOCK)
        else:
            yield np.zeros(len(file[INDEX]), dtype)


def _blocks(values: h5py.Dataset, step: int, first: int = 0) -> Iterator[np.ndarray]:
    for start in range(first, len(values), step):
        yield values[start : start + step]
