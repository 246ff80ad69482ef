"""What may be wrong with an HDF5 file whose bytes are whole."""

from pathlib import Path

import h5py
import numpy as np
from hostile import nasty
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn


@st.composite
def arrays(draw: DrawFn) -> np.ndarray:
    shape = draw(st.sampled_from([(), (0,), (1,), (2,), (3,), (4,), (2, 2), (3, 4), (1, 2, 3)]))
    values = draw(st.lists(st.sampled_from([value for value in nasty.NUMBERS if abs(value) < 2**63 or value != value]),
                           min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))  # fmt: skip
    with np.errstate(all="ignore"):
        return np.array(values, dtype=np.float64).reshape(shape).astype(draw(st.sampled_from(["f8", "f4", "i8", "u1"])))


def edit(path: Path, data: st.DataObject) -> None:
    """Replace an array or an attribute, take it out, put another there, or leave a huge one of nothing."""
    with h5py.File(path, "r+") as file:
        names: list[str] = []
        file.visit(names.append)
        name, other = (data.draw(st.sampled_from(sorted(names))) for _ in range(2))
        action = data.draw(st.sampled_from(["array", "texts", "out", "other", "huge", "classes", "external", "loop"]))
        if action == "classes":
            file.attrs["classes"] = data.draw(
                st.one_of(
                    nasty.names.filter(lambda text: "\0" not in text and text.isprintable()),
                    st.sampled_from(["[]", "{}", "[1]", '["background"]', "[" * 5000]),
                )
            )
            return
        copied = file[other][()] if isinstance(file[other], h5py.Dataset) else 0
        del file[name]
        if action == "array":
            file[name] = data.draw(arrays())
        elif action == "texts":
            file[name] = np.array([b"1", b"\xff", b'"a"'][: data.draw(st.integers(0, 3))], dtype=object).astype("S3")
        elif action == "other":
            file[name] = copied
        elif action == "huge":
            file.create_dataset(name, shape=(10**13,), chunks=(1 << 20,), dtype="u1")
        elif action == "external":
            file[name] = h5py.ExternalLink("/etc/passwd", "/x")
        elif action == "loop":
            file[name] = h5py.SoftLink("/")
