"""Tiny datasets in the layouts of COCO and VOC, and the files that the pipeline makes of them."""

import gc
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as rle
from xdist.scheduler import LoadScopeScheduling

from lpg.annotations.extraction import Permissions, extract_boxes
from lpg.annotations.reader import Reader
from lpg.annotations.truth import extract_masks
from lpg.files.label_maps import write_label_maps as write_maps
from lpg.generators.interface import Request
from lpg.jobs.job import Job
from lpg.photograph import Photograph
from lpg.pixels.pictures import write_palette_mask
from lpg.planning.checks import check_plan
from lpg.planning.configuration import Configuration
from lpg.planning.recursion import Plan

ROOT = Path(__file__).parents[1]
BENCHMARK = ROOT.parent / "shared" / "benchmark"


@pytest.fixture(autouse=True)
def same_threads() -> Iterator[None]:
    """As many threads before and after a test, whatever job it played: results hang on their number."""
    torch = sys.modules.get("torch")  # it is slow to import, and many tests do without
    before = torch and torch.get_num_threads()
    yield
    if torch:
        torch.set_num_threads(before)


WORKFLOW = "tests/workflow/"


class Together(LoadScopeScheduling):
    """A file's tests are one worker's, and so are all of the workflow, which share the demo that has run."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, _ = nodeid.partition("::")
        return "workflow" if WORKFLOW in file else file


def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False
    return Together(config, log)


def pytest_collection_modifyitems(config, items):
    """What takes longest begins first, where there are several workers."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: WORKFLOW not in item.nodeid)


def photograph_of(height: int, width: int, boxes, class_ids, name: str = "a", path: str | Path = "a.jpg") -> Photograph:
    """A photograph with boxes (x0 y0 x1 y1) and their class ids; its objects are called 1, 2, …"""
    keys = list(range(1, len(class_ids) + 1))
    boxes = np.array(boxes, dtype=np.float32).reshape(-1, 4)
    return Photograph(name, path, height, width, boxes, np.array(class_ids), name, keys, source="s")


def write_photograph(path: Path, height: int, width: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(height * width).integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path, quality=95)


@dataclass(frozen=True)
class CocoFiles:
    """`images/` and `instances.json` under `root`."""

    root: Path

    @property
    def images(self) -> Path:
        return self.root / "images"

    @property
    def annotations(self) -> Path:
        return self.root / "instances.json"

    @property
    def settings(self) -> dict:
        return {
            "format": "coco",
            "images": str(self.images),
            "annotations": str(self.annotations),
            "classes": {"exclude": "voc"},
        }

    def change(self, annotation_id: int, **values) -> None:
        content = json.loads(self.annotations.read_text())
        next(item for item in content["annotations"] if item["id"] == annotation_id).update(values)
        self.annotations.write_text(json.dumps(content))


@dataclass(frozen=True)
class VocFiles:
    """The folders of VOC2012 under `root`."""

    root: Path

    @property
    def list(self) -> Path:
        return self.root / "ImageSets" / "Segmentation" / "train.txt"

    def photograph(self, name: str) -> Path:
        return self.root / "JPEGImages" / f"{name}.jpg"

    def xml(self, name: str) -> Path:
        return self.root / "Annotations" / f"{name}.xml"

    def mask(self, name: str) -> Path:
        return self.root / "SegmentationClass" / f"{name}.png"

    def objects(self, name: str) -> Path:
        return self.root / "SegmentationObject" / f"{name}.png"

    @property
    def settings(self) -> dict:
        return {
            "format": "voc",
            "root": str(self.root),
            "split": "train",
            "class_names": ["cat", "tree", "dog"],
            "classes": {"exclude": ["tree"]},
        }


@pytest.fixture
def coco(tmp_path) -> CocoFiles:
    """Three photographs: polygon, RLE of both kinds, a crowd, an excluded class; ids with gaps; one with no box."""
    files = CocoFiles(tmp_path / "coco")
    kite = np.zeros((6, 8), dtype=np.uint8)
    kite[2:4, 3:5] = 1
    compressed = rle.encode(np.asfortranarray(kite))
    images = [(11, "one.jpg", 6, 8), (12, "sub/two.jpg", 4, 5), (40, "three.jpg", 4, 5)]
    annotations = [
        (101, 11, 24, [1, 1, 4, 3], 0, [[1, 1, 5, 1, 5, 4, 1, 4]]),
        (102, 11, 38, [3, 2, 2, 2], 0, {"size": [6, 8], "counts": compressed["counts"].decode()}),
        (103, 11, 63, [6, 0, 2, 2], 0, [[6, 0, 8, 0, 8, 2, 6, 2]]),
        (104, 11, 24, [0, 5, 8, 1], 1, {"size": [6, 8], "counts": [5, 1] * 8}),
        (107, 12, 38, [0, 0, 2, 2], 0, {"size": [4, 5], "counts": [0, 2, 2, 2, 14]}),
        (108, 40, 24, [0, 0, 5, 4], 1, {"size": [4, 5], "counts": [0, 20]}),
    ]
    for _, name, height, width in images:
        write_photograph(files.images / name, height, width)
    content = {
        "images": [dict(zip(("id", "file_name", "height", "width"), image, strict=True)) for image in images],
        "annotations": [
            dict(zip(("id", "image_id", "category_id", "bbox", "iscrowd", "segmentation"), item, strict=True))
            for item in annotations
        ],
        "categories": [{"id": 63, "name": "couch"}, {"id": 24, "name": "zebra"}, {"id": 38, "name": "kite"}],
    }
    files.annotations.write_text(json.dumps(content))
    return files


# Ids of cat, tree, dog; 255 is void.
VOC_MASK = np.array(
    [
        [0, 0, 0, 0, 0, 0, 2, 2],
        [0, 1, 1, 1, 255, 0, 2, 2],
        [0, 1, 1, 3, 3, 0, 0, 0],
        [0, 255, 1, 3, 3, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 255],
    ],
    dtype=np.uint8,
)


def voc_object(name: str, edges: str, difficult: int = 0) -> str:
    keys = ("xmin", "ymin", "xmax", "ymax")
    box = "".join(f"<{key}>{edge}</{key}>" for key, edge in zip(keys, edges.split(), strict=True))
    return f"<object><name>{name}</name><difficult>{difficult}</difficult><bndbox>{box}</bndbox></object>"


def voc_xml(height: int, width: int, *objects: str) -> str:
    size = f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
    return f"<annotation>{size}{''.join(objects)}</annotation>"


@pytest.fixture
def voc(tmp_path) -> VocFiles:
    """Photograph `p` with a cat, a difficult dog and a tree, which is not kept; `q` with a tree only."""
    files = VocFiles(tmp_path / "voc")
    for folder in ("Annotations", "ImageSets/Segmentation"):
        (files.root / folder).mkdir(parents=True)
    files.list.write_text("p\nq\n")
    write_photograph(files.photograph("p"), 6, 8)
    write_photograph(files.photograph("q"), 4, 5)
    objects = voc_object("cat", "2 2 5 4"), voc_object("dog", "4 3 5 4", difficult=1), voc_object("tree", "7 1 8 2")
    files.xml("p").write_text(voc_xml(6, 8, *objects))
    files.xml("q").write_text(voc_xml(4, 5, voc_object("tree", "1 1 5 4")))
    write_palette_mask(files.mask("p"), VOC_MASK)
    write_palette_mask(files.mask("q"), np.full((4, 5), 2, dtype=np.uint8))
    return files


@pytest.fixture
def make_boxes(tmp_path) -> Callable[..., Path]:
    """Extract the boxes of a dataset's settings; returns the path of `boxes.h5`. Other options are permissions."""

    def make(settings: dict, dataset: str = "tiny", seed: int = 0, **allow) -> Path:
        job = Job(tmp_path / dataset / "boxes.h5", seed=seed)
        extract_boxes(settings, dataset=dataset, allow=Permissions(**allow), job=job)
        return job.path

    return make


@pytest.fixture
def make_masks(tmp_path) -> Callable[..., Path]:
    """Extract the masks for a `boxes.h5`; returns the path of `masks.h5`."""

    def make(settings: dict, boxes: Path, dataset: str = "tiny", skip_unreadable: bool = False) -> Path:
        job = Job(tmp_path / dataset / "masks.h5")
        extract_masks(settings, dataset=dataset, boxes=boxes, allow=Permissions(skip_unreadable), job=job)
        return job.path

    return make


@pytest.fixture
def write_label_maps(tmp_path) -> Callable[..., Path]:
    """Write label maps by name, under a class table, to a file."""

    def write(file_name: str, class_names: tuple[str, ...], label_maps: dict[str, list]) -> Path:
        path = tmp_path / file_name
        maps = (np.array(labels, dtype=np.uint8) for labels in label_maps.values())
        write_maps(path, class_names, list(label_maps), maps)
        return path

    return write


@pytest.fixture(scope="session")
def benchmark() -> Path:
    """The folder of the real benchmark, which not every machine has."""
    if not (BENCHMARK / "README.md").is_file():
        pytest.skip(f"the real benchmark is not at {BENCHMARK}")
    return BENCHMARK


def records(reader: Reader, names: Sequence[str] | None = None) -> list[Photograph]:
    """What a reader says of the photographs of these names, of all by default."""
    return [reader.record(name) for name in (reader.names() if names is None else names)]


def request_of(photograph: np.ndarray, boxes, class_ids, scores: int | dict = 0, name: str = "set/a") -> Request:
    """What a generator is asked of a photograph, uint8 (H, W, 3).

    Arguments:
        scores: by class id, or one grey level for all classes everywhere.
    """
    height, width = photograph.shape[:2]
    image = photograph_of(height, width, boxes, class_ids, name=name)
    if isinstance(scores, int):
        scores = {class_id: np.full((height, width), scores, np.uint8) for class_id in (0, *image.classes)}
    return Request(image, photograph, scores)


DEMO = ROOT / "config" / "config.yaml"


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """A disk of 1 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("a disk of its own cannot be mounted here: it takes root, and a container's leave")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def snakemake(
    folder: Path, *arguments: str, config: Path | None = DEMO, root: Path = ROOT
) -> subprocess.CompletedProcess:
    """Run the workflow of a checkout in a folder, as a user does from the checkout."""
    environment = os.environ | {"PYTHONPATH": str(root)}
    call = snakemake_call(folder, *arguments, config=config)
    return subprocess.run(call, capture_output=True, text=True, cwd=root, env=environment, check=False)


def snakemake_call(folder: Path, *arguments: str, config: Path | None) -> list[str]:
    call = [sys.executable, "-m", "snakemake", "--cores", "2", "--directory", str(folder)]
    return [*call, *arguments, *(["--configfile", str(config)] if config else [])]


def planned_jobs(folder: Path, *arguments: str, **options) -> dict[str, int]:
    """How many jobs of which rule a dry run plans."""
    done = snakemake(folder, "-n", *arguments, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    counts = re.findall(r"^(\w+) +(\d+)$", done.stdout + done.stderr, re.MULTILINE)
    return {name: int(count) for name, count in counts if name not in ("all", "total")}


def plan_of(config: dict) -> Plan:
    """The plan of a configuration, which is checked but for the files on disk."""
    plan = Plan(Configuration.model_validate(config))
    check_plan(plan)
    return plan


def pytest_unconfigure() -> None:
    """A job that ran in this process kept garbage from being looked for: triton would list all that it still holds."""
    gc.unfreeze()
