"""Peak memory, and bytes on disk, of every rule that goes over photographs, by how many there are.

python benchmarks/memory.py 100 1000 10000    # 48×64 pixels, two objects each; cheap networks, one thread

Every step runs in a process of its own, as a job does, on synthetic photographs in a temporary folder.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

SIDES = 48, 64
CLASSES = ("background", "round", "square", "flat")
SEGMENTER = {"architecture": "lraspp", "initialisation": "none", "iterations": 3, "batch": 2, "crop": 64}
GENERATOR = SEGMENTER | {"architecture": "resnet18", "view": "box"}
CRF = {"iterations": 2}


def write_dataset(folder: Path, photographs: int, sides: tuple[int, int]) -> None:
    """A dataset in COCO's layout: noise with two rectangles of brighter noise, and their polygons."""
    height, width = sides
    (folder / "images").mkdir(parents=True)
    images, annotations = [], []
    for number in range(photographs):
        rng = np.random.default_rng(number)
        pixels = rng.integers(0, 128, (height, width, 3), dtype=np.uint8)
        for _ in range(2):
            x, y = int(rng.integers(0, width // 2)), int(rng.integers(0, height // 2))
            w, h = int(rng.integers(width // 4, width // 2)), int(rng.integers(height // 4, height // 2))
            pixels[y : y + h, x : x + w] += 100
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": int(rng.integers(1, len(CLASSES))),
                    "bbox": [x, y, w, h],
                    "iscrowd": 0,
                    "segmentation": [[x, y, x + w - 1, y, x + w - 1, y + h - 1, x, y + h - 1]],
                }
            )
        Image.fromarray(pixels).save(folder / "images" / f"{number:012}.jpg", quality=80)
        images.append({"id": number, "file_name": f"{number:012}.jpg", "height": height, "width": width})
    categories = [{"id": index, "name": name} for index, name in enumerate(CLASSES) if index]
    content = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "instances.json").write_text(json.dumps(content))


class Steps:
    """What the scripts of the rules call, on the files of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = {
            "format": "coco",
            "images": str(folder / "images"),
            "annotations": str(folder / "instances.json"),
        }

    def path(self, name: str) -> Path:
        return self.folder / name

    def job(self, name: str):
        from lpg.jobs.job import Job

        return Job(self.path(name))

    def extract_boxes(self) -> None:
        from lpg.annotations.extraction import Permissions, extract_boxes

        extract_boxes(self.settings, dataset="d", allow=Permissions(), job=self.job("boxes.h5"))

    def extract_masks(self) -> None:
        from lpg.annotations.extraction import Permissions
        from lpg.annotations.truth import extract_masks

        boxes = self.path("boxes.h5")
        extract_masks(self.settings, dataset="d", boxes=boxes, allow=Permissions(), job=self.job("masks.h5"))

    def check_classes(self) -> None:
        from lpg.annotations.class_check import Taught, check_classes

        boxes = [self.path("boxes.h5")]
        check_classes("r", boxes=boxes, taught=Taught(), evaluated=boxes, allowed=[], job=self.job("classes.json"))

    def choose_masks(self) -> None:
        from lpg.annotations.truth import choose_masks

        names = self.path("list.txt")
        names.write_text("".join(f"{path.stem}\n" for path in sorted((self.folder / "images").iterdir())))
        boxes = [self.path("boxes.h5")]
        choose_masks({"d": self.settings}, boxes=boxes, images=names, job=self.job("own_masks.h5"))

    def train_segmenter(self) -> None:
        from lpg.segmenter.train import train_segmenter

        boxes = [self.path("boxes.h5")]
        train_segmenter(SEGMENTER, boxes=boxes, labels=boxes, start=None, job=self.job("segmenter.pt"))

    def predict_scores(self) -> None:
        from lpg.segmenter.apply import Segmenter, predict_scores

        segmenter = Segmenter.load(self.path("segmenter.pt"))
        predict_scores(segmenter, boxes=[self.path("boxes.h5")], job=self.job("predictions.h5"))

    def train_generator(self) -> None:
        from lpg.generators.learned.train import train_generator

        files = {name: [self.path(f"{name}.h5")] for name in ("boxes", "masks", "predictions")}
        train_generator(GENERATOR, **files, start=None, job=self.job("generator.pt"))

    def generate_pseudo_masks(self) -> None:
        from lpg.generators.opening import open_learned
        from lpg.pseudo_masks.generate import generate_pseudo_masks

        generate_pseudo_masks(
            open_learned(self.path("generator.pt"), "cpu", {}),
            boxes=[self.path("boxes.h5")],
            predictions=[self.path("predictions.h5")],
            job=self.job("pseudo_masks.h5"),
        )

    def generate_generic_masks(self) -> None:
        from lpg.generators.opening import open_method
        from lpg.pseudo_masks.generate import generate_pseudo_masks

        boxes = [self.path("boxes.h5")]
        generate_pseudo_masks(open_method("boxes", {}), boxes=boxes, predictions=[], job=self.job("generic_masks.h5"))

    def refine_pseudo_masks(self) -> None:
        from lpg.pixels.crf import CrfSettings
        from lpg.pseudo_masks.refine import refine_pseudo_masks

        refine_pseudo_masks(
            pseudo_masks=self.path("pseudo_masks.h5"),
            boxes=[self.path("boxes.h5")],
            settings=CrfSettings(**self.crf()),
            job=self.job("pseudo_masks_crf.h5"),
        )

    def crf(self) -> dict:
        from dataclasses import asdict

        from lpg.pixels.crf import RESNET101_CRF

        return asdict(RESNET101_CRF) | CRF

    def export_pseudo_masks(self) -> None:
        from lpg.pseudo_masks.export import export_pseudo_masks

        export_pseudo_masks([self.path("pseudo_masks.h5")], self.path("pseudo_masks"))

    def segment_images(self) -> None:
        from lpg.segmenter.segmentation import segment_images

        boxes = [self.path("boxes.h5")]
        segment_images(predictions=self.path("predictions.h5"), boxes=boxes, job=self.job("segmentations.h5"))

    def refine_segmentations(self) -> None:
        from lpg.pixels.crf import CrfSettings
        from lpg.segmenter.refinement import refine_segmentations

        refine_segmentations(
            predictions=self.path("predictions.h5"),
            boxes=[self.path("boxes.h5")],
            settings=CrfSettings(**self.crf()),
            job=self.job("segmentations_crf.h5"),
        )

    def gather_shards(self) -> None:
        from lpg.files.gathering import gather_files

        gather_files([self.path("pseudo_masks.h5")] * 2, self.path("gathered.h5"))

    def score_stage(self) -> None:
        from lpg.evaluation.stage_scores import score_stage

        row = {"what": "pseudo masks", "crf": "without", "split": "d"}
        kept = ("run", "supervision", "segmenter", "initialisation", "generator")
        about = dict.fromkeys(kept, "r") | {"stage": 1, "trained_on": ["d"], "truth_of": ["d"], "scored": [row]}
        labels, truth = [self.path("pseudo_masks.h5")], [self.path("masks.h5")]
        score_stage(about, truth=truth, labels=labels, path=self.path("scores.json"))

    def rate_pseudo_masks(self) -> None:
        from lpg.evaluation.quality import rate_masks

        boxes, masks = self.path("boxes.h5"), self.path("pseudo_masks.h5")
        rate_masks(boxes=boxes, pseudo_masks=masks, path=self.path("quality.tsv"))

    def _with_truth(self, *more: str) -> dict[str, list[Path]]:
        names = {"boxes": "boxes.h5", "truth": "masks.h5", "masks": "pseudo_masks.h5", "quality": "quality.tsv"}
        return {key: [self.path(names[key])] for key in ("boxes", "truth", "masks", *more)}

    def score_objects(self) -> None:
        from lpg.evaluation.objects import score_objects

        score_objects(**self._with_truth("quality"), path=self.path("objects.tsv"))

    def calibrate_generator(self) -> None:
        from lpg.evaluation.calibration_fitting import calibrate

        calibrate(**self._with_truth(), path=self.path("calibration.json"))

    def score_risk(self) -> None:
        from lpg.evaluation.quality_scores import score_risk

        picture = self.path("reliability.png")
        score_risk(**self._with_truth("quality"), path=self.path("risk.tsv"), picture=picture)

    def draw_gallery(self) -> None:
        from lpg.evaluation.gallery.draw import draw_gallery

        draw_gallery(
            title="r",
            boxes=[self.path("boxes.h5")],
            truth=[self.path("masks.h5")],
            pseudo_masks=[self.path("pseudo_masks.h5")],
            segmentations=[self.path("segmentations.h5")],
            quality=[self.path("quality.tsv")],
            refined=False,
            images=8,
            worst=4,
            seed=0,
            sheet=self.path("gallery.png"),
            folder=self.path("gallery"),
        )

    def review_masks(self) -> None:
        from lpg.evaluation.review import write_review

        write_review(
            self.path("review"),
            boxes=[self.path("boxes.h5")],
            pseudo_masks={"1": [self.path("pseudo_masks.h5")]},
            quality={"1": [self.path("quality.tsv")]},
        )


STEPS = [name for name in vars(Steps) if not name.startswith("_") and name not in ("path", "job", "crf")]
NETWORKS = ("train_segmenter", "predict_scores", "train_generator", "generate_pseudo_masks")  # what these jobs run
MADE = {
    "boxes.h5", "masks.h5", "predictions.h5", "pseudo_masks.h5", "pseudo_masks_crf.h5", "pseudo_masks",
    "segmentations.h5", "segmentations_crf.h5", "quality.tsv", "review",
}  # fmt: skip


def measure(folder: Path, step: str) -> tuple[float, float]:
    """Peak memory in megabytes and CPU seconds of one step in a process of its own."""
    call = [sys.executable, __file__, "--step", step, "--folder", str(folder)]
    done = subprocess.run(call, stdout=subprocess.PIPE, text=True, check=True)
    megabytes, seconds = done.stdout.split()[-2:]
    return float(megabytes), float(seconds)


def tell_costs() -> None:
    """Of this process. Linux's own record, for `getrusage` counts the process that it was forked from, too."""
    (peak,) = (line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    print(int(peak) / 1024, time.process_time())


def size_of(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob("*")) if path.is_dir() else path.stat().st_size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", nargs="*", type=int, default=[100, 1000], help="how many, several times")
    parser.add_argument("--steps", nargs="+", default=STEPS, choices=STEPS, help="all of them by default")
    parser.add_argument("--sides", nargs=2, type=int, default=SIDES, metavar=("HEIGHT", "WIDTH"), help="in pixels")
    parser.add_argument("--folder", type=Path, help="where the files are made, and stay; a temporary one by default")
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        if arguments.step in NETWORKS:
            from lpg.jobs.machine import choose_machine

            choose_machine(gpu=0, threads=1)
        getattr(Steps(arguments.folder), arguments.step)()
        tell_costs()
        return
    root = arguments.folder or Path(tempfile.mkdtemp(prefix="lpg-memory-"))
    figures, sizes = {}, {}
    for count in arguments.photographs:
        folder = root / str(count)
        if not folder.exists():
            write_dataset(folder, count, tuple(arguments.sides))
        for step in arguments.steps:
            megabytes, seconds = measure(folder, step)
            figures.setdefault(step, {})[count] = {"megabytes": round(megabytes, 1), "seconds": round(seconds, 1)}
            print(f"{time.strftime('%H:%M:%S')} {count} {step}: {megabytes:.0f} MB, {seconds:.0f} s", file=sys.stderr)
        made = {name: size_of(folder / name) for name in sorted(MADE) if (folder / name).exists()}
        print(f"bytes for each of {count}: " + ", ".join(f"{name} {size / count:.0f}" for name, size in made.items()))
        for name, size in made.items():
            sizes.setdefault(name, {})[count] = size
    print("\t".join(["peak memory, MB", *map(str, arguments.photographs), "last : the one before"]))
    for step, of in figures.items():
        peaks = [of[count]["megabytes"] for count in arguments.photographs]
        print("\t".join([step, *(f"{peak:.0f}" for peak in peaks), f"{peaks[-1] / peaks[-2 % len(peaks)]:.2f}"]))
    if arguments.json:
        arguments.json.write_text(json.dumps({"steps": figures, "bytes": sizes}, indent=1))
    if not arguments.folder:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
