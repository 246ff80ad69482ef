"""Which rules an edit of a module wakes, for modules of every chapter: those whose output it may change, and no other.

The digests of the jobs of a small plan tell; tests/workflow/test_reruns.py asks Snakemake itself about a few of them.
"""

import ast
import re
from collections.abc import Callable, Iterator
from inspect import signature
from itertools import product
from pathlib import Path

import pytest
from conftest import ROOT, plan_of

from lpg.jobs import code
from lpg.jobs.code import PACKAGE, templates_of
from lpg.jobs.parsed import LOGGERS, silenced
from lpg.planning.codes import Codes

RULES = ROOT / "workflow" / "rules"
CODE_OF = re.compile(r'code=code_of\("(\w+)"(?:, CODES\.(\w+))?\)')

SHAPES = {"format": "coco", "images": "images", "annotations": "boxes.json"}
CONFIG = {
    "datasets": {
        "auxiliary-shapes": SHAPES,
        "shapes": {"format": "voc", "root": "voc", "split": "train"},
        "photographs": SHAPES,
    },
    "segmenters": {"small": {"architecture": "fpn"}},
    "generators": {"small": {"architecture": "unet", "view": "box"}},
    "runs": {
        "auxiliary": {"dataset": "auxiliary-shapes", "segmenter": "small", "generator": {"learn": "small"}},
        "target": {"dataset": "shapes", "segmenter": "small", "generator": {"from": "auxiliary"}},
        "photographs": {"dataset": "photographs"},
        "cut": {"dataset": "shapes", "generator": {"method": "densecrf"}},
    },
}
LEARNING, SEGMENTING = ["auxiliary"], ["auxiliary", "target"]
# Of rules whose code depends on their wildcards, the runs and datasets that have such jobs.
JOBS = {
    "extract_boxes": ([], ["auxiliary-shapes", "shapes"]),
    "extract_masks": ([], ["auxiliary-shapes", "shapes"]),
    "choose_masks": (["target"], []),
    "train_segmenter": (SEGMENTING, []),
    "predict_scores": (SEGMENTING, []),
    "export_segmenter": (SEGMENTING, []),
    "draw_gallery": (["target"], []),
    "train_generator": (LEARNING, []),
    "export_generator": (LEARNING, []),
    "generate_pseudo_masks": (["target", "photographs"], ["shapes"]),
    "generate_generic_masks": (["cut"], ["shapes"]),
}

READING = {"extract_boxes", "extract_masks", "choose_masks"}
SEGMENTER = {"train_segmenter", "predict_scores", "export_segmenter", "draw_gallery"}
GENERATOR = {"train_generator", "generate_pseudo_masks", "export_generator"}
TRAINING = {"train_segmenter", "train_generator"}
MASKS = {"generate_pseudo_masks", "generate_generic_masks"}
EXPORTS = {"export_generator", "export_segmenter"}
RATED = {"rate_pseudo_masks", "calibrate_generator", "score_risk"}
OBJECTS = {"score_objects", "calibrate_generator", "score_risk"}
READ_SCORES = {"predict_scores", "segment_images", "refine_segmentations"}

WOKEN = {
    # what speaks, plans, commands, or is used by nothing of this plan
    **{name: set() for name in ("errors", "jobs/facts", "jobs/words", "jobs/log", "jobs/provenance")},
    **{name: set() for name in ("jobs/code", "jobs/failures", "jobs/lines", "files/atomic", "training/kept")},
    **{name: set() for name in ("training/workers", "training/stops", "training/watch")},
    **{name: set() for name in ("planning/recursion", "planning/targets", "commands/masks", "commands/record", "cli")},
    **{name: set() for name in ("annotations/registry", "networks/registry", "generators/registry", "predictor")},
    **{name: set() for name in ("annotations/yolo", "annotations/guess", "annotations/exporters/coco")},
    **{name: set() for name in ("networks/hourglass", "generators/shipped/__init__", "generators/baselines/grabcut")},
    **{name: set() for name in ("files/inspection", "pseudo_masks/shards")},
    # readers
    "annotations/voc": READING,
    "annotations/coco": {"extract_boxes", "extract_masks"},
    "annotations/box_checks": READING,
    "annotations/truth": {"extract_masks", "choose_masks"},
    "annotations/class_check": {"check_scored_classes"},
    # pixels
    "pixels/crf": {"refine_pseudo_masks", "refine_segmentations", "generate_generic_masks"},
    "pixels/guided": {"generate_pseudo_masks", *EXPORTS},
    "pixels/fusion": MASKS,
    # networks
    "networks/fpn": SEGMENTER,
    "networks/unet": GENERATOR,
    "networks/trunks": SEGMENTER | GENERATOR,
    "networks/build": SEGMENTER | GENERATOR,
    # training
    "training/loop": TRAINING,
    "training/sampling": TRAINING,
    "training/state": TRAINING,
    "segmenter/optimizer": {"train_segmenter"},
    "segmenter/losses": {"train_segmenter"},
    "segmenter/apply": {"predict_scores", "draw_gallery", *EXPORTS},
    "segmenter/segmentation": {"segment_images", "refine_segmentations"},
    "segmenter/refinement": {"refine_segmentations"},
    # generators
    "generators/learned/losses": {"train_generator"},
    "generators/learned/batches": {"train_generator"},
    "generators/learned/apply": {"generate_pseudo_masks", *EXPORTS},
    "generators/baselines/wssl/densecrf": {"generate_generic_masks"},
    "graphs/padding": EXPORTS,
    # masks
    "pseudo_masks/generate": MASKS,
    "pseudo_masks/decisions": MASKS,
    "pseudo_masks/refine": {"refine_pseudo_masks"},
    "pseudo_masks/export": {"export_pseudo_masks"},
    # evaluation
    "evaluation/confusion": {"score_stage", "draw_gallery"},
    "evaluation/stage_scores": {"score_stage"},
    "evaluation/scores": {"tabulate_scores"},
    "evaluation/score_tables": {"tabulate_scores"},
    "evaluation/tables": {"tabulate_table"},
    "evaluation/published": {"tabulate_table"},
    "evaluation/pages": {"tabulate_scores", "tabulate_table", "draw_gallery"},
    "evaluation/plots": {"plot_scores"},
    "evaluation/loss_plots": {"plot_losses"},
    "evaluation/figures": {"plot_scores", "plot_losses", "score_risk"},
    "evaluation/compared": OBJECTS,
    "evaluation/objects": {"score_objects"},
    "evaluation/matching": {"score_objects"},
    "evaluation/quality": {"rate_pseudo_masks"},
    "evaluation/quality_head": RATED,
    "evaluation/gallery/overlays": {"draw_gallery"},
    "evaluation/review/pieces": {"review_masks"},
    # files
    "files/crate": {"record_provenance"},
    "files/lineage": {"record_provenance"},
    "jobs/stamps": {"record_provenance"},
    "files/checkpoint": {
        *SEGMENTER,
        *GENERATOR,
        "ship_generator",
        "plot_losses",
        "check_scored_classes",
        "record_provenance",
    },
    "files/predictions": {*READ_SCORES, "draw_gallery", "train_generator", *MASKS, *EXPORTS},
    # data
    "acquisition/demo": {"draw_demo"},
    "acquisition/photographs": {"write_photographs"},
}
TOLD = {
    "evaluation/templates/scores.html": {"tabulate_scores"},
    "evaluation/templates/table.html": {"tabulate_table"},
    "evaluation/templates/gallery.html": {"draw_gallery"},
    "evaluation/templates/base.html": {"tabulate_scores", "tabulate_table", "draw_gallery"},
    "evaluation/review/templates/page.js": {"review_masks"},
    "evaluation/review/templates/index.html": {"review_masks"},
}


def rules() -> dict[str, str]:
    """Every rule that watches its code, and the method of `Codes` that it asks for what it opens by name."""
    texts = (path.read_text() for path in sorted(RULES.glob("*.smk")))
    return dict(found for text in texts for found in CODE_OF.findall(text))


@pytest.fixture(scope="module")
def codes() -> Codes:
    return Codes(plan_of(CONFIG), ROOT / "workflow" / "scripts")


def digests(codes: Codes) -> dict[tuple, str]:
    """Of every job of the plan."""
    found = {}
    code.code_digest.cache_clear()
    for rule, opens in rules().items():
        method = getattr(codes, opens) if opens else None
        names = list(signature(method).parameters) if method else []
        runs, datasets = JOBS.get(rule, ([], []))
        for values in product(*({"run": runs, "dataset": datasets}[name] for name in names)):
            found[rule, *values] = codes.of(rule, method, dict(zip(names, values, strict=True)))
    return found


@pytest.fixture(scope="module")
def woken(codes) -> Iterator[Callable[[Path], set[str]]]:
    """The rules of which a job has another digest when a file of the package says something else."""
    known, edited = {}, Path()

    def short(path: Path) -> str:
        if path not in known:
            known[path] = digest_of(path), templates_of(path)
        digest, templates = known[path]
        return digest + " edited" * (edited in (path, *templates))

    def of(path: Path) -> set[str]:
        nonlocal edited
        edited = path
        after = digests(codes)
        return {job[0] for job in before if before[job] != after[job]}

    digest_of = code._digest
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(code, "_digest", short)
        before = digests(codes)
        yield of
    code.code_digest.cache_clear()


def test_every_rule_with_code_that_depends_on_its_wildcards_is_asked_about(codes):
    assert {rule for rule, opens in rules().items() if opens} == set(JOBS)
    assert {rule for rule, *_ in digests(codes)} == set(rules())


@pytest.mark.parametrize("module", WOKEN)
def test_an_edit_wakes_the_rules_that_it_may_change_and_no_other(woken, module):
    path = PACKAGE / f"{module}.py"
    assert path.is_file()
    assert woken(path) == WOKEN[module]


@pytest.mark.parametrize("module", ["jobs/job", "jobs/machine", "jobs/processes", "files/__init__"])
def test_what_is_around_every_job_wakes_every_job(woken, module):
    assert woken(PACKAGE / f"{module}.py") == set(rules())


@pytest.mark.parametrize("template", TOLD)
def test_an_edit_of_a_template_wakes_the_pages_that_are_made_of_it(woken, template):
    assert woken(PACKAGE / template) == TOLD[template]


class Reworded(ast.NodeTransformer):
    """Says everything that is said to people in other words."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(f"{node.value} Or so.") if isinstance(node.value, str) else node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return node if not isinstance(node.value, ast.Constant) else ast.Expr(self.visit(node.value))


def reworded(text: str) -> str:
    """A module with other docstrings, other sentences in its errors and log calls, and another layout."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        of = called.value if isinstance(called, ast.Attribute) else None
        speaks = isinstance(of, ast.Name) and of.id in LOGGERS
        refuses = isinstance(called, ast.Name) and called.id.endswith("Error")
        if speaks or refuses:
            node.args = [Reworded().visit(each) if isinstance(each, ast.Constant) else each for each in node.args]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            node.value.value += " Or so."
    return ast.unparse(tree) + "\n# with a comment\n"


@pytest.mark.parametrize("module", [module for module, rules in WOKEN.items() if rules])
def test_other_words_wake_nothing(tmp_path, module):
    path = PACKAGE / f"{module}.py"
    other = tmp_path / path.name
    other.write_text(reworded(path.read_text()))
    assert "Or so." in other.read_text()
    assert ast.dump(silenced(other)) == ast.dump(silenced(path))
