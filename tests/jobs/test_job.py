"""A job around a step: its log, its words, and what it says made its output."""

import json
import logging
import os
import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from conftest import ROOT
from snakemake.iocontainers import Params
from snakemake.persistence import UNREPRESENTABLE, PersistenceBase

from lpg.errors import InputError
from lpg.jobs.job import Job, Unwatched, job
from lpg.jobs.machine import Machine
from lpg.jobs.provenance import file_digest
from lpg.jobs.words import CURES, worded
from lpg.planning.configuration import RunSettings
from lpg.planning.datasets import Dataset


class Named(dict):
    """Values by name, as Snakemake gives them: keys and attributes."""

    __getattr__ = dict.__getitem__


class Inputs(list):
    """Paths in a row, and by name one path or several, as Snakemake gives them."""

    def __init__(self, **roles: str | list[str]) -> None:
        super().__init__(path for paths in roles.values() for path in ([paths] if isinstance(paths, str) else paths))
        self.items = roles.items


@pytest.fixture
def script(tmp_path, monkeypatch) -> Callable[..., SimpleNamespace]:
    """What Snakemake gives a script; the process and its logging stay as they are."""
    root = logging.getLogger()
    monkeypatch.setattr("lpg.jobs.job.die_with_parent", lambda: None)
    monkeypatch.setattr("lpg.jobs.words.word_stops", lambda: None)
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    (tmp_path / "list.txt").write_text("a\n")

    def of(**changes) -> SimpleNamespace:
        given = {
            "rule": "extract_boxes",
            "output": [str(tmp_path / "out.h5")],
            "log": [str(tmp_path / "logs" / "extract_boxes" / "pets.log")],
            "wildcards": Named(dataset="pets"),
            "params": Named(code="c", settings={"format": "coco"}, seed=7),
            "input": Inputs(annotations=str(tmp_path / "list.txt")),
            "resources": Named(),
            "threads": 3,
        }
        return SimpleNamespace(**given | changes)

    yield of
    for handler in root.handlers:
        handler.close()


def log_of(script: SimpleNamespace) -> str:
    return Path(script.log[0]).read_text()


def test_a_job_knows_its_output_its_seed_its_processes_and_what_made_it(script, tmp_path):
    with job(script()) as work:
        assert (work.path, work.seed, work.processes) == (str(tmp_path / "out.h5"), 7, 3)
        assert work.machine == Machine()
    assert json.loads(work.provenance["settings"]) == {"settings": {"format": "coco"}, "seed": 7}
    assert (work.provenance["rule"], work.provenance["code_digest"]) == ("extract_boxes", "c")
    names = tmp_path / "list.txt"
    assert work.provenance["input_digests"] == {str(names): file_digest(names)}
    assert work.ingredients


def test_a_job_knows_the_roles_and_the_order_of_its_inputs(script, tmp_path):
    one, two = (str(tmp_path / name) for name in ("one", "two"))
    Path(one).write_text("1")
    Path(two).write_text("2")

    def ingredients(**roles: str | list[str]) -> str:
        with job(script(input=Inputs(**roles))) as work:
            assert list(work.roles) == list(roles)
            return work.ingredients

    assert ingredients(boxes=[one, two]) != ingredients(boxes=[two, one])
    assert ingredients(boxes=one, labels=two) != ingredients(boxes=two, labels=one)
    assert ingredients(boxes=one, labels=two) == ingredients(boxes=[one], labels=[two], start=[])


def test_in_a_notebook_a_path_is_enough():
    work = Job("out.h5")
    assert (work.provenance, work.machine, work.processes, work.seed) == ({}, Machine(), 1, 0)
    assert work.ingredients == ""


def test_only_a_job_that_runs_a_network_is_given_a_device(script, monkeypatch):
    asked = []
    monkeypatch.setattr("lpg.jobs.job.choose_machine", lambda *given: asked.append(given) or Machine("cuda", workers=2))
    with job(script(resources=Named(mem_mb=100))) as work:
        assert (work.machine, asked) == (Machine(), [])
    for gpu in (0, 1):
        with job(script(resources=Named(gpu=gpu))) as work:
            assert work.machine == Machine("cuda", workers=2)
    assert asked == [(0, 3), (1, 3)]


def test_the_log_is_the_runs_own_and_ends_with_the_time(script):
    given = script()
    with job(given):
        logging.getLogger("lpg.somewhere").info("half of it")
    first, last = log_of(given).strip().split("\n")
    assert first.endswith(f"extract_boxes {given.output[0]}  half of it")
    assert last.endswith("done in 0 s")


# A permission, and how a generator will be applied, make no finished file again.


def test_an_unwatched_parameter_is_no_part_of_what_made_the_output(script):
    plain = script()
    allowing = script(params=plain.params | {"allow": Unwatched({"clip_boxes": True})})
    with job(plain) as one, job(allowing) as other:
        assert one.provenance == other.provenance
        assert one.ingredients == other.ingredients
    assert allowing.params["allow"].value == {"clip_boxes": True}
    with job(script(params=plain.params | {"apply": {"flip": True}})) as watched:
        assert watched.ingredients != one.ingredients


def test_snakemake_leaves_an_unwatched_parameter_alone():
    plain = partial(PersistenceBase._serialize_param_builtin, None)
    with_pandas = partial(PersistenceBase._serialize_param_pandas, SimpleNamespace(_serialize_param_builtin=plain))
    for serialize in (plain, with_pandas):
        assert serialize(Unwatched({"clip_boxes": True})) is UNREPRESENTABLE
        assert serialize({"clip_boxes": True}) == "{'clip_boxes': True}"


# Bad input, and errors of our own


def test_bad_input_ends_with_its_one_sentence_and_no_traceback(script):
    given = script()
    with pytest.raises(SystemExit) as ended, job(given):
        raise InputError("pets.json: image 3 has no boxes", "mend it")
    assert ended.value.code == 1
    (line,) = log_of(given).strip().split("\n")
    assert line.endswith("  pets.json: image 3 has no boxes; mend it")


def test_a_warning_says_that_it_is_one(script):
    given = script()
    with job(given):
        logging.getLogger("lpg.somewhere").warning("only half of it")
    assert log_of(given).split("\n")[0].endswith(f"extract_boxes {given.output[0]}  WARNING: only half of it")


def test_another_error_is_logged_with_its_traceback_and_goes_on(script):
    given = script()
    with pytest.raises(ZeroDivisionError), job(given):
        1 / 0  # noqa: B018
    assert "Traceback (most recent call last)" in log_of(given)
    assert log_of(given).strip().endswith("ZeroDivisionError: division by zero")
    assert "done in" not in log_of(given)


def test_a_worker_of_torch_that_was_killed_is_one_sentence(script):
    given = script()
    with pytest.raises(SystemExit), job(given):
        raise RuntimeError("DataLoader worker (pid 7) is killed by signal: Killed. ")
    (line,) = log_of(given).strip().split("\n")
    assert "  a process that prepares batches was killed, as a machine does that is out of memory; give it more" in line


def test_an_error_that_comes_from_a_damaged_input_is_one_sentence(script, tmp_path):
    (tmp_path / "boxes.json").write_text("[1, 2")
    given = script(input=[str(tmp_path / "list.txt"), str(tmp_path / "boxes.json")])
    with pytest.raises(SystemExit), job(given):
        json.loads((tmp_path / "boxes.json").read_text())
    (line,) = log_of(given).strip().split("\n")
    assert "boxes.json is damaged (" in line and line.endswith(
        "; move it away, and the same command makes it anew; restore it if it is of your own"
    )


def test_an_input_of_the_future_is_refused_before_any_work(script, tmp_path):
    os.utime(tmp_path / "list.txt", (time.time() + 3600,) * 2)
    given, worked = script(), []
    with pytest.raises(SystemExit), job(given):
        worked.append(True)
    assert not worked and "and this machine's clock stands at" in log_of(given)


ALLOWING = Params(fromdict={"allow": Unwatched({"skip_unreadable": False, "clip_boxes": False}), "allowed": []})


@pytest.mark.parametrize(
    ("wildcards", "permission", "cure"),
    [
        ({"dataset": "pets"}, "skip_unreadable", "or set datasets.pets.skip_unreadable: true to go on without it"),
        ({"dataset": "pets"}, "clip_boxes", "or set datasets.pets.clip_boxes: true"),
        ({"run": "voc"}, "allow_shared_classes", "or name them in runs.voc.allow_shared_classes"),
        ({"run": "voc", "stage": "1", "dataset": "pets"}, "cpu", "or add --resources gpu=0 to work on the CPU"),
    ],
)
def test_a_permission_is_worded_for_a_user_of_the_workflow(script, wildcards, permission, cure):
    given = script(wildcards=Named(wildcards), params=ALLOWING)
    with pytest.raises(SystemExit), job(given):
        raise InputError("a.jpg cannot be read", "replace it", permission=permission)
    assert log_of(given).strip().endswith(f"  a.jpg cannot be read; replace it, {cure}")


def test_an_error_without_a_permission_says_what_it_says(script):
    error = InputError("a.jpg cannot be read", "replace it")
    assert worded(error, script(params=ALLOWING)) == str(error)


@pytest.mark.parametrize("permission", ["skip_unreadable", "clip_boxes", "allow_shared_classes"])
@pytest.mark.parametrize("wildcards", [{"run": "voc"}, {"dataset": "pets"}, {}])
def test_no_permission_is_offered_to_a_job_that_could_not_be_given_it(script, permission, wildcards):
    error = InputError("a.jpg cannot be read", "replace it", permission=permission)  # in a training, a gallery
    assert worded(error, script(wildcards=Named(wildcards))) == "a.jpg cannot be read; replace it"


def test_every_permission_has_its_words_and_its_key():
    texts = [path.read_text() for path in (ROOT / "lpg").rglob("*.py")]
    named = {name for text in texts for name in re.findall(r'permission="(\w+)"', text)}
    assert named == set(yaml.safe_load(CURES.read_text()))
    assert named <= {"cpu", *Dataset.model_fields, *RunSettings.model_fields}
