"""`python -m benchmarks.projection results/speed.json`: hours of the paper's run, projected; it has not been run.

The jobs are those that Snakemake plans for config/voc_coco.yaml. On a CPU each training costs its samples times those
seconds of one thread that `make bench` measured for a step, and each file of scores its photographs times those for the
scores and masks of one. On a GPU a training costs the floating-point operations of its forward and backward passes at
40 per cent of the rate at which the card multiplies matrices; scores and masks come at the processor's speed.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import torch
import yaml
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.plans import ROOT
from lpg.generators.learned.recipe import generator_recipe
from lpg.networks.build import build_generator, build_segmenter
from lpg.planning.reading import read_configuration
from lpg.planning.recursion import Plan
from lpg.segmenter.recipe import segmenter_recipe

CONFIG = ROOT / "config" / "voc_coco.yaml"
PHOTOGRAPHS = {"coco60": 118_287, "voc": 10_582, "voc-val": 1_449}  # of COCO all, though some have none of the 60
CLASSES = 61
STEPS = {"largefov": "P3", "resnet101": "P4", "hourglass": "P2"}  # of one sample
SHOWN = "P1 "  # scores and masks of a photograph
RATE = 758e12  # an H100's, of half precision: docs/benchmark.md
USED = 0.4  # of it
A_SECOND = 20  # photographs, one job beside a GPU: docs/benchmark.md
JOB = re.compile(
    r"^rule (train_segmenter|train_generator|predict_scores):.*?wildcards: ([^\n]*)", re.DOTALL | re.MULTILINE
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.projection", description=__doc__.splitlines()[0])
    parser.add_argument("speed", type=Path)
    parser.add_argument("--cores", type=int, default=64, help="of the CPU node, each taken to be as fast as measured")
    given = parser.parse_args()
    findings = json.loads(given.speed.read_text())["findings"]
    seconds = {
        key: next(one["ours"] for one in findings if one["work"].startswith(key)) for key in (*STEPS.values(), SHOWN)
    }
    samples, photographs = _work()
    rows = [
        (f"{count:,} samples of {name}", count * seconds[STEPS[name]], count * _operations(name) / RATE / USED)
        for name, count in samples.items()
    ]
    rows.append(
        (f"scores and masks of {photographs:,} photographs", photographs * seconds[SHOWN], photographs / A_SECOND)
    )
    rows.append(("together", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    print(f"| work | hours of one thread | of {given.cores} cores | of one H100 |\n| --- | --- | --- | --- |")
    for what, cpu, gpu in rows:
        print(f"| {what} | {cpu / 3600:,.0f} | {cpu / 3600 / given.cores:.0f} | {gpu / 3600:.1f} |")


def _work() -> tuple[Counter, int]:
    """Samples that every network learns from, and photographs that get scores."""
    plan = Plan(read_configuration(yaml.safe_load(CONFIG.read_text())))
    samples, photographs = Counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        call = [
            sys.executable,
            "-m",
            "snakemake",
            "-n",
            "--cores",
            "1",
            "--directory",
            folder,
            "all",
            "--configfile",
            CONFIG,
        ]
        said = subprocess.run(call, cwd=ROOT, check=True, capture_output=True, text=True)
    for rule, text in JOB.findall(said.stdout + said.stderr):
        job = dict(part.split("=") for part in text.split(", "))
        run, stage = job["run"], int(job["stage"])
        if rule == "predict_scores":
            photographs += PHOTOGRAPHS[job["dataset"]]
            continue
        if rule == "train_segmenter":
            recipe = segmenter_recipe(plan.segmenter_settings(run, stage))
        else:
            recipe = generator_recipe(plan.generator_settings(run, stage))
        samples[recipe.architecture] += recipe.iterations * recipe.batch
    return samples, photographs


def _operations(architecture: str) -> float:
    """Of a training step's forward and backward pass, for one sample; the latter costs twice as much."""
    with torch.device("meta"):
        if architecture == "hourglass":
            network, side, channels = (
                build_generator(architecture),
                generator_recipe({"architecture": architecture}).crop,
                5,
            )
        else:
            recipe = segmenter_recipe({"architecture": architecture})
            network, side, channels = build_segmenter(architecture, CLASSES), recipe.crop, 3
        total = 0
        for scale in getattr(network, "scales", (1.0,)):
            seen = torch.empty(1, channels, *[round(scale * side / network.multiple + 0.5) * network.multiple] * 2)
            with FlopCounterMode(display=False) as counter, torch.no_grad():
                network.eval()(seen)
            total += 3 * counter.get_total_flops()
    return total


if __name__ == "__main__":
    main()
