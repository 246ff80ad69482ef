"""The embedded demo: a synthetic pair of class-disjoint datasets, written in the layouts of COCO and VOC.

Every class is a shape. Textures are cut from the photographs inside scikit-image: a target class has one of its own, an
auxiliary object any, recoloured, so that a generator learns what an object is and not what it is made of. Photographs
hold one to four objects of several classes that hide parts of each other.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from PIL import Image
from pycocotools import mask as rle
from skimage import data, draw

from lpg.files.atomic import replace_atomically
from lpg.pixels.pictures import write_palette_mask

SIDES = (112, 144)
SMALLEST_VISIBLE = 60  # pixels; less of an object is not annotated, and not drawn


def _regular(corners: int, inner: float = 1.0) -> np.ndarray:
    """A regular polygon, or a star whose every second corner is at `inner`; (N, 2) on the unit circle."""
    count = corners if inner == 1.0 else 2 * corners
    angles = 2 * np.pi * np.arange(count) / count
    radii = np.where(np.arange(count) % 2, inner, 1.0)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii[:, None]


SHAPES: dict[str, np.ndarray] = {
    "disc": _regular(24),
    "triangle": _regular(3),
    "star": _regular(5, 0.45),
    "bar": np.array([(-1, -0.3), (1, -0.3), (1, 0.3), (-1, 0.3)]),
    "square": _regular(4),
    "hexagon": _regular(6),
    "cross": np.array([(-1, -0.35), (-0.35, -0.35), (-0.35, -1), (0.35, -1), (0.35, -0.35), (1, -0.35),
                       (1, 0.35), (0.35, 0.35), (0.35, 1), (-0.35, 1), (-0.35, 0.35), (-1, 0.35)]),
    "drop": np.array([(1.0, 0.0), (0.2, 0.5), (-0.4, 0.6), (-0.8, 0.3), (-0.9, 0.0), (-0.8, -0.3), (-0.4, -0.6),
                      (0.2, -0.5)]),
}  # fmt: skip

ANYTHING = (data.coffee, data.chelsea, data.hubble_deep_field, data.rocket, data.moon, data.text, data.astronaut)
AUXILIARY = {"disc": ANYTHING, "triangle": ANYTHING, "star": ANYTHING, "bar": ANYTHING}
TARGET = {"square": (data.immunohistochemistry,), "hexagon": (data.retina,), "cross": (data.coins,),
          "drop": (data.page,)}  # fmt: skip
BACKGROUNDS = (data.brick, data.grass, data.gravel, data.astronaut, data.camera)


@dataclass(frozen=True)
class Scene:
    """One drawn photograph: uint8 (H, W, 3), its objects' class names and visible masks, bool (H, W) each."""

    photograph: np.ndarray
    class_names: list[str]
    masks: list[np.ndarray]


def draw_demo(root: str | Path, *, seed: int, auxiliary: int = 120, train: int = 120, val: int = 40) -> None:
    """Write `<root>/auxiliary` (COCO layout) and `<root>/target` (VOC layout, splits train and val)."""
    rng = np.random.default_rng(seed)
    _write_coco(Path(root, "auxiliary"), [_draw_scene(AUXILIARY, rng) for _ in range(auxiliary)])
    for split, count in (("train", train), ("val", val)):
        _write_voc(Path(root, "target"), split, [_draw_scene(TARGET, rng) for _ in range(count)])


def _texture(sources: Sequence[Callable], height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """A random patch of one of the photographs, uint8 (height, width, 3), a little brighter or darker.

    Where there are several photographs to choose from, the colours are exchanged at random, too.
    """
    photograph = _load(sources[rng.integers(len(sources))])
    if len(sources) > 1:
        photograph = photograph[..., rng.permutation(3)]
    top, left = (
        rng.integers(0, size - side + 1) for size, side in zip(photograph.shape[:2], (height, width), strict=True)
    )
    patch = photograph[top : top + height, left : left + width, :3]
    return np.clip(patch * rng.uniform(0.8, 1.2), 0, 255).astype(np.uint8)


@cache
def _load(source: Callable[[], np.ndarray]) -> np.ndarray:
    photograph = source()
    return photograph if photograph.ndim == 3 else photograph[..., None].repeat(3, axis=2)


def _draw_scene(classes: dict[str, Sequence[Callable]], rng: np.random.Generator) -> Scene:
    height, width = rng.integers(*SIDES, size=2, endpoint=True)
    photograph = background = _texture(BACKGROUNDS, height, width, rng)
    owner = np.zeros((height, width), dtype=int)
    names = [str(name) for name in rng.choice(list(classes), size=rng.integers(1, 5))]
    for index, name in enumerate(names, start=1):
        mask = _place(SHAPES[name], height, width, rng)
        photograph = np.where(mask[..., None], _texture(classes[name], height, width, rng), photograph)
        owner[mask] = index
    visible = [owner == index for index in range(1, len(names) + 1)]
    seen = [index for index, mask in enumerate(visible) if mask.sum() >= SMALLEST_VISIBLE]
    drawn = np.isin(owner, [index + 1 for index in seen])
    photograph = np.where(drawn[..., None], photograph, background)
    return Scene(photograph, [names[index] for index in seen], [visible[index] for index in seen])


def _place(shape: np.ndarray, height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """The shape, turned, scaled and moved: bool (height, width)."""
    angle, radius = rng.uniform(0, 2 * np.pi), rng.uniform(0.15, 0.35) * min(height, width)
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    centre = rng.uniform(0.2, 0.8, 2) * (height, width)
    corners = shape @ turn.T * radius + centre
    return draw.polygon2mask((height, width), corners)


def _edges(mask: np.ndarray) -> tuple[int, int, int, int]:
    """The tight box of a mask: x0 y0 x1 y1, edges in pixels."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _write_coco(folder: Path, scenes: list[Scene]) -> None:
    categories = {name: 10 * index for index, name in enumerate(AUXILIARY, start=1)}
    images, annotations = [], []
    for image_id, scene in enumerate(scenes, start=1):
        file_name = f"{image_id:06d}.jpg"
        _write_photograph(folder / "images" / file_name, scene)
        height, width = scene.photograph.shape[:2]
        images.append({"id": image_id, "file_name": file_name, "height": height, "width": width})
        for name, mask in zip(scene.class_names, scene.masks, strict=True):
            x0, y0, x1, y1 = _edges(mask)
            encoded = rle.encode(np.asfortranarray(mask.astype(np.uint8)))
            annotations.append({
                "id": len(annotations) + 1,
                "image_id": image_id,
                "category_id": categories[name],
                "bbox": [x0, y0, x1 - x0, y1 - y0],
                "area": int(mask.sum()),
                "iscrowd": 0,
                "segmentation": {"size": encoded["size"], "counts": encoded["counts"].decode()},
            })  # fmt: skip
    content = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": key, "name": name} for name, key in categories.items()],
    }
    with replace_atomically(folder / "annotations" / "instances.json") as partial:
        partial.write_text(json.dumps(content, default=int))


def _write_voc(folder: Path, split: str, scenes: list[Scene]) -> None:
    ids = {name: index for index, name in enumerate(TARGET, start=1)}
    names = [f"{split}_{index:06d}" for index in range(1, len(scenes) + 1)]
    for name, scene in zip(names, scenes, strict=True):
        _write_photograph(folder / "JPEGImages" / f"{name}.jpg", scene)
        labels = np.zeros(scene.photograph.shape[:2], dtype=np.uint8)
        for class_name, mask in zip(scene.class_names, scene.masks, strict=True):
            labels[mask] = ids[class_name]
        with replace_atomically(folder / "SegmentationClass" / f"{name}.png") as partial:
            write_palette_mask(partial, labels)
        _write_xml(folder / "Annotations" / f"{name}.xml", scene)
    with replace_atomically(folder / "ImageSets" / "Segmentation" / f"{split}.txt") as partial:
        partial.write_text("\n".join(names) + "\n")


def _write_xml(path: Path, scene: Scene) -> None:
    root = ElementTree.Element("annotation")
    size = ElementTree.SubElement(root, "size")
    for key, value in zip(("height", "width", "depth"), scene.photograph.shape, strict=True):
        ElementTree.SubElement(size, key).text = str(value)
    for name, mask in zip(scene.class_names, scene.masks, strict=True):
        item = ElementTree.SubElement(root, "object")
        ElementTree.SubElement(item, "name").text = name
        box = ElementTree.SubElement(item, "bndbox")
        x0, y0, x1, y1 = _edges(mask)
        for key, value in zip(("xmin", "ymin", "xmax", "ymax"), (x0 + 1, y0 + 1, x1, y1), strict=True):
            ElementTree.SubElement(box, key).text = str(value)
    with replace_atomically(path) as partial:
        ElementTree.ElementTree(root).write(partial)


def _write_photograph(path: Path, scene: Scene) -> None:
    with replace_atomically(path) as partial:
        Image.fromarray(scene.photograph).save(partial, format="JPEG", quality=90)
