"""Which edit runs which job again: the digest of the code that a script reaches, and what each script may reach."""

import ast
import subprocess
import sys
from collections.abc import Callable
from fnmatch import fnmatch
from itertools import count
from pathlib import Path

import pytest
from conftest import ROOT

from lpg.jobs import code
from lpg.jobs.code import PACKAGE, code_digest, line_digest, reached_modules
from lpg.jobs.lines import Line

SCRIPTS = sorted((ROOT / "workflow" / "scripts").glob("*.py"))
MODULES = sorted(PACKAGE.rglob("*.py"))

# A small package and a script over it.

SCRIPT = "from lpg.a import f\n\nf(1)\n"
A = '''"""What a is."""
from lpg import b
from lpg.deep import d
from lpg.registry import TABLE

log = open("log")


class Box:
    """What a box is."""

    side: int
    """in pixels"""


def f(x):
    """What f does."""
    log.info("f of %s", x)
    if x < 0:
        raise Refusal(f"{x} is below 0; " + "take another")
    if x > 9:
        problem = InputError("too much", "take less")
    return b.g(x, "nearest")
'''
FILES = {
    "script.py": SCRIPT,
    "lpg/__init__.py": "",
    "lpg/a.py": A,
    "lpg/b.py": "def g(x, how):\n    from lpg.deep.c import STEP\n\n    return x + STEP\n",
    "lpg/deep/__init__.py": "from .leaf import LEAF\n",
    "lpg/deep/leaf.py": "LEAF = 1\n",
    "lpg/deep/c.py": "STEP = 1\n",
    "lpg/deep/d.py": "from .e import E\nfrom . import sibling\nfrom ..above import ABOVE\n",
    "lpg/deep/e.py": "E = 1\n",
    "lpg/deep/sibling.py": "S = 1\n",
    "lpg/above.py": "ABOVE = 1\n",
    "lpg/far/__init__.py": "FAR = 1\n",
    "lpg/far/off.py": "OFF = 1\n",
    "lpg/registry.py": "import lpg.far.off\n\nTABLE = {}\n",
    "lpg/unused.py": "STEP = 1\n",
}


@pytest.fixture
def written(tmp_path, monkeypatch) -> Callable[..., Path]:
    """Write the package with some files changed, for `lpg.jobs.code` to take for its own; returns its folder."""
    numbers = count()  # a folder each, for the digests of files are kept by their paths

    def write(changed: dict[str, str]) -> Path:
        root = tmp_path.resolve() / str(next(numbers))
        for name, text in {**FILES, **changed}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        monkeypatch.setattr(code, "PACKAGE", root / "lpg")
        return root

    return write


@pytest.fixture
def digest(written) -> Callable[..., str]:
    """The code digest of the script."""

    def of(changed: dict[str, str] | None = None) -> str:
        return code_digest(written(changed or {}) / "script.py")

    return of


def test_code_digest_ignores_comments_and_layout(digest):
    layout = FILES["lpg/b.py"].replace("x + STEP", "(x\n        + STEP)  # why").replace("\n\n", "\n# a step\n")
    assert digest({"script.py": SCRIPT + "# done\n", "lpg/b.py": layout}) == digest()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""What a is."""', '"""Other words."""'),
        ('"""What a is."""', ""),
        ('"""What f does."""', '"""Other words."""'),
        ('"""What a box is."""', '"""Other words."""'),
        ('"""in pixels"""', '"""in parts of the image"""'),
        ('"f of %s"', '"now f, of %s"'),
        ('f"{x} is below 0; "', 'f"{x} is negative; "'),
        ('"take another"', '"take a larger one"'),
        ('"too much", "take less"', 'f"{x} is too much", "take 9"'),
    ],
)
def test_code_digest_ignores_what_is_said_to_people(digest, old, new):
    assert old in A
    assert digest({"lpg/a.py": A.replace(old, new)}) == digest()


@pytest.mark.parametrize("logger", ["log", "logging", "logger"])
def test_code_digest_ignores_what_is_logged_but_not_that_it_is(digest, logger):
    def saying(text: str) -> str:
        return digest({"script.py": f"{SCRIPT}{logger}.warning({text})\n"})

    assert saying("'one %d', 1") == saying("'another %d', 1")
    assert saying("'one %d', 1") != saying("'one %d', 2")
    assert saying("'one'") != digest()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"nearest"', '"linear"'),
        ("x < 0", "x < 1"),
        ('open("log")', 'open("other")'),
        ("raise Refusal", "raise Rejection"),
        ("side: int", "side: float"),
        ('"f of %s", x', '"f of %s", -x'),
        ("return b.g", "raise b.g"),
    ],
)
def test_code_digest_sees_every_other_string_and_statement(digest, old, new):
    assert old in A
    assert digest({"lpg/a.py": A.replace(old, new)}) != digest()


def test_code_digest_sees_which_permission_lets_one_go_on(digest):
    def refusing(permission: str) -> str:
        return digest({"script.py": f"{SCRIPT}raise Refusal('it is broken', permission='{permission}')\n"})

    assert refusing("skip_unreadable") != refusing("clip_boxes")


def test_code_digest_sees_strings_in_calls_that_only_look_like_logging(digest):
    def calling(call: str) -> str:
        return digest({"script.py": f"{SCRIPT}{call}\n"})

    for call in ("print({})", "catalog.info({})", "self.log({})", "math.log({})", "ErrorMap({})"):
        assert calling(call.format("'a'")) != calling(call.format("'b'"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("script.py", SCRIPT.replace("f(1)", "f(2)")),
        ("lpg/a.py", A.replace("g(x", "g(-x")),
        ("lpg/b.py", FILES["lpg/b.py"].replace("+", "-")),
        ("lpg/deep/c.py", "STEP = 2\n"),  # imported within a function
        ("lpg/deep/e.py", "E = 2\n"),  # from .e import E
        ("lpg/deep/sibling.py", "S = 2\n"),  # from . import sibling
        ("lpg/above.py", "ABOVE = 2\n"),  # from ..above import ABOVE
        ("lpg/__init__.py", "STEP = 2\n"),
        ("lpg/deep/__init__.py", "from .leaf import LEAF\n\nSTEP = 2\n"),
        ("lpg/deep/leaf.py", "LEAF = 2\n"),  # imported by a package's __init__
    ],
)
def test_code_digest_sees_every_module_it_reaches(digest, name, text):
    assert digest({name: text}) != digest()


def test_code_digest_ignores_modules_it_does_not_reach(digest):
    assert digest({"lpg/unused.py": "STEP = 2\n"}) == digest()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lpg/registry.py", "import lpg.far.off\n\nTABLE = {1: 2}\n"),
        ("lpg/far/__init__.py", "FAR = 2\n"),
        ("lpg/far/off.py", "OFF = 2\n"),
    ],
)
def test_code_digest_ignores_registries_and_what_they_import(digest, name, text):
    assert digest({name: text}) == digest()


def test_code_digest_forgets_in_which_folder_the_clone_lies(written):
    assert code_digest(written({}) / "script.py") == code_digest(written({}) / "script.py")


def test_code_digest_takes_several_modules_in_any_order(written):
    root = written({})
    one, two = root / "lpg" / "b.py", root / "lpg" / "unused.py"
    assert code_digest(one, two) == code_digest(two, one)
    assert code_digest(one, two) not in (code_digest(one), code_digest(two))


def test_a_line_is_its_own_facts_and_the_code_of_its_module(written):
    class Fact(Line):
        def identity(self) -> tuple:
            return *super().identity(), 1

    line = Line("lpg.b", "g")
    written({})
    plain = line_digest(line)
    assert line_digest(Line("lpg.b", "other")) != plain
    assert line_digest(Fact("lpg.b", "g")) != plain
    written({"lpg/deep/c.py": "STEP = 2\n"})
    assert line_digest(line) != plain
    written({"lpg/a.py": A.replace("x < 0", "x < 1")})
    assert line_digest(line) == plain


def test_reached_modules_are_those_that_are_imported_and_the_packages_on_the_way(written):
    root = written({})
    reached = reached_modules(root / "lpg" / "deep" / "d.py")
    names = "__init__.py", "above.py", "deep/__init__.py", "deep/e.py", "deep/leaf.py", "deep/sibling.py"
    assert reached == {root / "lpg" / name for name in names}


# The scripts of the workflow


def test_every_script_has_a_digest_of_its_own():
    assert len({code_digest(script) for script in SCRIPTS}) == len(SCRIPTS) > 0


# What a script must not reach: an edit there would make its output again, and what depends on it.
PLANS = "planning/*"
NETWORK_FILES = tuple(
    f"networks/{name}.py"
    for name in (
        *("largefov", "deeplab_v2", "resnet18", "lraspp", "hourglass", "resnet_generator"),
        *("trunks", "encoder_decoder", "unet", "fpn", "deeplab_v3_plus"),
    )
)
CRF = "pixels/crf.py"
PAGES = "evaluation/pages.py"
TORCH_CODE = "networks/*", "training/*", "segmenter/*", "generators/*"
TRAINING_CODE = "*losses*", "*optimizer*", "*sampling*", "*schedule*", "*loop*", "*batches*"
AVERAGE_PRECISION = "evaluation/objects.py", "evaluation/average_precision.py", "evaluation/matching.py"
READERS = "annotations/coco.py", "annotations/voc.py", "annotations/voc_objects.py"
GRAPHS_DO_NOT = (
    *(*TRAINING_CODE, *NETWORK_FILES, CRF, "generators/baselines/*"),
    *("pseudo_masks/*", "annotations/*", "evaluation/*"),
)
BEYOND = {
    "calibrate_generator": (*TORCH_CODE, "annotations/*", "pseudo_masks/*", *AVERAGE_PRECISION),
    "check_classes": (*TORCH_CODE, *READERS, "evaluation/*"),
    "check_scored_classes": (*TORCH_CODE, *READERS, "evaluation/*"),
    "choose_masks": (*TORCH_CODE, *READERS, "evaluation/*"),
    "draw_demo": (*TORCH_CODE, *READERS, "evaluation/*"),
    "draw_gallery": (*("networks/*", "training/*", "segmenter/apply.py", "generators/*"), *READERS),
    "export_generator": GRAPHS_DO_NOT,
    "export_pseudo_masks": (*TORCH_CODE, *READERS, "evaluation/*"),
    "export_segmenter": GRAPHS_DO_NOT,
    "extract_boxes": (*TORCH_CODE, *READERS, "evaluation/*"),
    "extract_masks": (*TORCH_CODE, *READERS, "evaluation/*"),
    "fetch_coco": (*TORCH_CODE, "evaluation/*"),
    "fetch_voc": (*TORCH_CODE, "evaluation/*"),
    "fetch_weights": (*TORCH_CODE, "evaluation/*"),
    "gather_shards": (*TORCH_CODE, "annotations/*", "pseudo_masks/*", "evaluation/*"),
    "generate_generic_masks": (
        *("networks/*", "training/*", "segmenter/*", "generators/learned/*", "generators/baselines/*"),
        *("annotations/*", "evaluation/*"),
    ),
    "generate_pseudo_masks": (
        *("networks/*", "training/*", "segmenter/*", "generators/learned/*", "generators/baselines/*"),
        *("annotations/*", "evaluation/*"),
    ),
    "plot_losses": (*TORCH_CODE, "annotations/*"),
    "plot_scores": (*TORCH_CODE, "annotations/*", "files/checkpoint.py"),
    "predict_scores": (*TRAINING_CODE, *NETWORK_FILES, CRF, "generators/*", "pseudo_masks/*", "annotations/*"),
    "rate_pseudo_masks": (
        *(*TORCH_CODE, "annotations/*", "pseudo_masks/*"),
        *("evaluation/calibration_fitting.py", "evaluation/objects.py", "evaluation/compared.py"),
    ),
    "record_provenance": (*TORCH_CODE, "annotations/*", "pseudo_masks/*", "evaluation/*"),
    "refine_pseudo_masks": (*TORCH_CODE, "annotations/*", "evaluation/*"),
    "refine_segmentations": ("networks/*", "training/*", "generators/*", *TRAINING_CODE, "annotations/*"),
    "review_masks": (
        *("networks/*", "training/*", "segmenter/*", "generators/learned/*", "generators/baselines/*"),
        *("annotations/*", "pseudo_masks/*"),
    ),
    "score_objects": (*TORCH_CODE, "annotations/*", "pseudo_masks/*"),
    "score_risk": (*TORCH_CODE, "annotations/*", "pseudo_masks/*", "files/checkpoint.py", *AVERAGE_PRECISION),
    "score_stage": (*TORCH_CODE, "annotations/*", "pseudo_masks/*", PAGES),
    "segment_images": ("networks/*", "training/*", "generators/*", *TRAINING_CODE, "annotations/*", CRF),
    "ship_generator": (*TORCH_CODE, "annotations/*", "pseudo_masks/*", "evaluation/*"),
    "tabulate_scores": (*TORCH_CODE, "annotations/*", "pseudo_masks/*"),
    "tabulate_table": (*TORCH_CODE, "annotations/*", "pseudo_masks/*"),
    "train_generator": (
        *("segmenter/*", "generators/baselines/*", "pseudo_masks/*", "annotations/*"),
        *(*NETWORK_FILES, CRF),
    ),
    "train_segmenter": ("generators/*", *NETWORK_FILES, CRF, "pseudo_masks/*", "annotations/*"),
    "write_photographs": (*TORCH_CODE, *READERS, "evaluation/*"),
}


def test_it_is_said_of_every_script_what_it_must_not_reach():
    assert sorted(BEYOND) == [script.stem for script in SCRIPTS]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_reaches_nothing_that_cannot_change_its_output(script):
    reached = sorted(str(path.relative_to(PACKAGE)) for path in reached_modules(script))
    forbidden = (PLANS, *BEYOND[script.stem])
    assert [name for name in reached if any(fnmatch(name, pattern) for pattern in forbidden)] == []


def test_what_scripts_must_not_reach_is_there():
    names = [str(path.relative_to(PACKAGE)) for path in MODULES]
    patterns = {pattern for forbidden in BEYOND.values() for pattern in forbidden}
    assert [pattern for pattern in sorted(patterns) if not any(fnmatch(name, pattern) for name in names)] == []


# The house

# From the ground up: a room may import from itself and from those before it.
ROOMS = [
    *("errors", "classes", "pixels", "photograph", "jobs", "files", "annotations", "networks", "training"),
    *("segmenter", "generators", "graphs", "pseudo_masks", "evaluation", "predictor", "planning"),
    *("acquisition", "commands", "cli"),
]


def room(module: Path) -> str:
    return module.relative_to(PACKAGE).with_suffix("").parts[0]


def test_rooms_import_from_those_below_them():
    modules = [module for module in MODULES if module.parent != PACKAGE or module.name != "__init__.py"]
    assert {room(module) for module in modules} == set(ROOMS)
    upward = [
        f"{module.relative_to(PACKAGE)} reaches {other.relative_to(PACKAGE)}"
        for module in modules
        for other in sorted(reached_modules(module))
        if room(other) != "__init__" and ROOMS.index(room(other)) > ROOMS.index(room(module))
    ]
    assert upward == []


def test_no_two_modules_import_each_other():
    circles = [module for module in MODULES if module.name != "__init__.py" and module in reached_modules(module)]
    assert circles == []


def test_the_package_does_not_know_snakemake():
    assert [str(module) for module in MODULES if "snakemake" in imported_packages(module)] == []


def imported_packages(module: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(module.read_text())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in names}


def test_planning_does_not_wait_for_torch():
    rules = (ROOT / "workflow" / "rules" / "common.smk").read_text()
    imports = [line for line in rules.splitlines() if line.startswith("from lpg.")]
    modules = "lpg.planning.targets, lpg.planning.codes, lpg.planning.checks, lpg.planning.reading"
    heavy = ("torch", "torchvision", "cv2", "h5py", "matplotlib", "pycocotools", "snakemake")
    program = [f"import sys, {modules}", *imports, f"print(*(name for name in {heavy} if name in sys.modules))"]
    done = subprocess.run([sys.executable, "-c", "\n".join(program)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
