"""What the tests of readers whose files list the objects of every photograph have in common."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import records, write_photograph

from lpg.annotations.reader import Reader, open_reader

Boxes = dict[str, list[tuple]]


@pytest.fixture
def boxes_of() -> Callable[[Reader], Boxes]:
    """What a reader says of every photograph: class and edges of its boxes, to a hundredth of a pixel."""

    def boxes(reader: Reader) -> Boxes:
        found = {}
        for photograph in records(reader):
            names = [reader.class_names[class_id - 1] for class_id in photograph.class_ids]
            edges = [[round(float(edge), 2) for edge in box] for box in photograph.boxes]
            found[photograph.name] = [(name, *box) for name, box in zip(names, edges, strict=True)]
        return found

    return boxes


@pytest.fixture
def images(tmp_path) -> Path:
    """Two photographs of 8 by 6 pixels, `a.jpg` and, in a folder, `sub/b c.PNG`."""
    for name in ("a.jpg", "sub/b c.PNG"):
        write_photograph(tmp_path / "images" / name, 6, 8)
    return tmp_path / "images"


@pytest.fixture
def read(tmp_path, images) -> Callable[..., Reader]:
    """Write files, by name, and open a format on one of them or on their folder."""

    def open_format(format: str, files: dict[str, str | bytes], annotations: str = ".", **settings) -> Reader:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        places = {"images": str(images), "annotations": str(tmp_path / annotations)}
        return open_reader({"format": format, **places, **settings}, "datasets.tiny")

    return open_format
