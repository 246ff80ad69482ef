"""What several jobs make of a dataset together is the file that one job makes, array by array."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import photograph_of
from PIL import Image
from segmenter.colours import Colours

from lpg.errors import InputError
from lpg.files.boxes import BoxTable, write_boxes
from lpg.files.gathering import gather_shards
from lpg.files.hdf5 import open_file
from lpg.files.label_maps import LabelMaps
from lpg.files.pseudo_masks import SoftMaskFile
from lpg.generators.opening import open_method
from lpg.jobs.job import Job
from lpg.jobs.provenance import content_digest
from lpg.pixels.crf import RESNET101_CRF
from lpg.pseudo_masks.generate import generate_pseudo_masks
from lpg.pseudo_masks.refine import refine_pseudo_masks
from lpg.segmenter.apply import Segmenter, predict_scores
from lpg.segmenter.recipe import SegmenterRecipe
from lpg.segmenter.refinement import refine_segmentations
from lpg.segmenter.segmentation import segment_images

CLASSES = ("background", "red", "blue")
CRF = replace(RESNET101_CRF, iterations=1)
PROVENANCE = {"rule": "a_rule", "settings_digest": "5", "code_digest": "c", "input_digests": {"boxes.h5": "b"}}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """`boxes.h5` of seven photographs of different sizes, with one to three boxes; shares may cut anywhere."""
    monkeypatch.setattr("lpg.jobs.processes.TOGETHER", 1)
    photographs = []
    for number in range(7):
        height, width = 40 + 3 * number, 64 - 5 * number
        pixels = np.random.default_rng(number).integers(0, 256, (height, width, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
        boxes, class_ids = [[0, 0, 20, 30], [5, 8, 33, 40], [2, 2, 9, 9]], [2, 1, 2]
        count = 1 + number % 3
        path = tmp_path / f"{number}.png"
        photographs.append(photograph_of(height, width, boxes[:count], class_ids[:count], f"é{number}", path))
    write_boxes(photographs, CLASSES[1:], path=tmp_path / "boxes.h5", dataset="d")
    return tmp_path


def makers(folder: Path) -> dict[str, Callable[[Job], None]]:
    """What writes which file; each reads those before it."""
    boxes, predictions, masks = [folder / "boxes.h5"], folder / "predictions.h5", folder / "pseudo_masks.h5"
    segmenter = Segmenter(Colours(), SegmenterRecipe(architecture="resnet18"), CLASSES)
    decided = folder / "decisions.json"
    decided.write_text(
        '{"lpg_decisions": 1, "decisions": [{"image": "é5", "object_id": 1, "box": [0, 0, 20, 30], '
        '"decision": "reject"}]}'
    )
    return {
        "predictions": lambda job: predict_scores(segmenter, boxes=boxes, job=job),
        "pseudo_masks": lambda job: generate_pseudo_masks(
            open_method("wssl_em_fixed", {}),
            boxes=boxes,
            predictions=[predictions],
            decisions=[decided],
            job=job,
        ),
        "pseudo_masks_crf": lambda job: refine_pseudo_masks(pseudo_masks=masks, boxes=boxes, settings=CRF, job=job),
        "segmentations": lambda job: segment_images(predictions=predictions, boxes=boxes, job=job),
        "segmentations_crf": lambda job: refine_segmentations(
            predictions=predictions, boxes=boxes, settings=CRF, job=job
        ),
    }


@pytest.mark.parametrize("count", [3, 9], ids=["every shard has some", "some are empty"])
def test_gathered_shards_are_the_file_that_one_job_makes(folder, count, monkeypatch):
    monkeypatch.setattr("lpg.files.gathering.BLOCK", 2)  # several in every shard
    monkeypatch.setattr("lpg.files.gathering.ELEMENTS", 1000)
    for name, make in makers(folder).items():
        whole = folder / f"{name}.h5"
        make(Job(whole, PROVENANCE))
        shards = [folder / f"{name}.{number}-of-{count}.h5" for number in range(count)]
        for number, path in enumerate(shards):
            make(Job(path, PROVENANCE, shard=number, shards=count))
        gather_shards(shards, folder / "gathered.h5")
        assert content_digest(folder / "gathered.h5") == content_digest(whole), name
        with open_file(whole) as one, open_file(folder / "gathered.h5") as other:
            assert dict(one.attrs) == dict(other.attrs)
    names = BoxTable([folder / "boxes.h5"]).names
    assert LabelMaps([folder / "gathered.h5"]).names == names
    verdicts = SoftMaskFile(folder / "pseudo_masks.h5").verdicts
    assert [any(verdicts(name)) for name in names] == [False] * 5 + [True, False]


def test_shards_that_were_made_of_other_things_are_refused(folder):
    make, shards = makers(folder)["predictions"], [folder / "p.0-of-2.h5", folder / "p.1-of-2.h5"]
    for number, path in enumerate(shards):
        make(Job(path, PROVENANCE | {"code_digest": str(number)}, shard=number, shards=2))
    with pytest.raises(InputError, match=r"p\.1-of-2\.h5 was made of other things than .*p\.0-of-2\.h5; remove"):
        gather_shards(shards, folder / "p.h5")
    assert not (folder / "p.h5").exists()


def test_what_a_run_of_another_number_of_shards_left_is_removed(folder):
    make, shards = makers(folder)["predictions"], [folder / "p.0-of-2.h5", folder / "p.1-of-2.h5"]
    for number, path in enumerate(shards):
        make(Job(path, PROVENANCE | {"device": "cpu" if number else "cuda"}, shard=number, shards=2))
    for name in ("p.4-of-5.h5", "p2.4-of-5.h5"):
        (folder / name).write_bytes(b"")
    gather_shards(shards, folder / "p.h5")
    assert [path.name for path in sorted(folder.glob("p*.h5"))] == [
        "p.0-of-2.h5",
        "p.1-of-2.h5",
        "p.h5",
        "p2.4-of-5.h5",
    ]
    with open_file(folder / "p.h5") as file:
        assert file.attrs["device"] == '["cuda", "cpu"]', "two machines made it"
