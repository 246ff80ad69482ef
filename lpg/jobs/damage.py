"""Files that are damaged: looked for when a job has failed and nobody knows why. No torch here."""

import json
from collections.abc import Iterable
from pathlib import Path

from lpg.jobs.provenance import check_sums

BLOCK = 1 << 24  # bytes that are read at a time


def first_damage(paths: Iterable[str | Path]) -> str | None:
    """What is wrong with the first of the files that cannot be read through, in words; none if all can be.

    Of an HDF5 file every dataset is read, with the checksums of its parts; of a checkpoint the checksum of every
    tensor; JSON is parsed. Other files need only be there, and not be empty.
    """
    for path in map(Path, paths):
        try:
            _read(path)
        except (OSError, ValueError, KeyError, RuntimeError) as error:  # h5py raises any of them
            return f"{path} is damaged ({str(error).strip() or type(error).__name__})"
    return None


def _read(path: Path) -> None:
    if path.is_dir():
        return
    if not path.stat().st_size:
        raise ValueError("it is empty")
    if path.suffix == ".h5":
        _read_hdf5(path)
    elif path.suffix == ".json":
        json.loads(path.read_bytes())
    elif path.suffix == ".pt":
        check_sums(path)


def _read_hdf5(path: Path) -> None:
    import h5py  # not for planning
    import hdf5plugin  # noqa: F401  (registers the filter)

    def read(_: str, node: h5py.Group | h5py.Dataset) -> None:
        dict(node.attrs)
        if isinstance(node, h5py.Dataset) and node.shape:
            rows = max(1, BLOCK // max(1, node.nbytes // max(1, len(node))))
            for start in range(0, len(node), rows):
                node[start : start + rows]

    with h5py.File(path, "r", locking=False) as file:
        dict(file.attrs)
        file.visititems(read)
