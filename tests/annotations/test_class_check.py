"""The rule that auxiliary and target are disjoint, and that a run is scored on what it learns."""

import json
import logging

import pytest

from lpg.annotations.class_check import Taught, check_classes
from lpg.errors import InputError
from lpg.files.checkpoint import Checkpoint
from lpg.jobs.job import Job
from lpg.networks.registry import IMAGENET
from lpg.pixels.colours import Normalisation


@pytest.fixture
def tables(write_label_maps):
    """Files that hold nothing but a class table."""

    def make(*class_names: str):
        return write_label_maps(f"{'-'.join(class_names)}.h5", ("background", *class_names), {})

    return make


def run_check(target, auxiliary, path, checkpoints=(), evaluated=(), allowed=()):
    taught = Taught(auxiliary, checkpoints)
    check_classes("voc", boxes=target, taught=taught, evaluated=evaluated, allowed=allowed, job=Job(path))


def test_shared_class_is_refused_in_any_spelling(tables, tmp_path):
    target, auxiliary = [tables("cat", "sofa", "tvmonitor")], [tables("kite"), tables("tv", "couch")]
    with pytest.raises(InputError) as refusal:
        run_check(target, auxiliary, tmp_path / "classes.json")
    assert str(refusal.value) == (
        "runs.voc: auxiliary and target share the classes sofa, tvmonitor; exclude them from one of the datasets"
    )
    assert refusal.value.permission == "allow_shared_classes"
    assert not (tmp_path / "classes.json").exists()


def test_shared_class_is_allowed_by_name_only(tables, tmp_path):
    target, auxiliary = [tables("cat", "sofa", "tvmonitor")], [tables("tv", "couch")]
    with pytest.raises(InputError, match="share the classes sofa;"):
        run_check(target, auxiliary, tmp_path / "classes.json", allowed=["tv"])
    run_check(target, auxiliary, tmp_path / "classes.json", allowed=["tv", "sofa"])
    assert json.loads((tmp_path / "classes.json").read_text()) == ["background", "cat", "sofa", "tvmonitor"]


def test_all_shared_classes_may_be_allowed(tables, tmp_path):
    target, auxiliary = [tables("cat", "sofa")], [tables("cat", "couch")]
    run_check(target, auxiliary, tmp_path / "classes.json", allowed=["all"])
    assert json.loads((tmp_path / "classes.json").read_text()) == ["background", "cat", "sofa"]


def test_a_shipped_generator_that_may_share_classes_says_which(tables, tmp_path, caplog):
    seen = Taught([tables("tv", "couch", "kite")], shares=True)
    boxes = [tables("cat", "sofa", "tvmonitor")]
    check_classes("voc", boxes=boxes, taught=seen, evaluated=(), allowed=(), job=Job(tmp_path / "classes.json"))
    assert "the generator has learned masks of sofa, tvmonitor: scores do not compare" in caplog.text
    assert (tmp_path / "classes.json").exists()


def test_a_generator_from_a_file_must_not_have_seen_the_classes(tables, tmp_path):
    recipe, classes = {"architecture": "hourglass"}, ("background", "couch", "kite")
    seen = Checkpoint("generator", recipe, classes, {}, [], "none", Normalisation(*IMAGENET))
    seen.save(tmp_path / "generator.pt")
    path, checkpoints = tmp_path / "classes.json", [tmp_path / "generator.pt"]
    with pytest.raises(
        InputError, match="voc: its generator has learned masks of sofa; take one that has not, or leave"
    ):
        run_check([tables("cat", "sofa")], [], path, checkpoints)
    run_check([tables("cat")], [], path, checkpoints)
    with pytest.raises(InputError, match="auxiliary and target share the classes cat;"):
        run_check([tables("cat")], [tables("cat")], path, checkpoints)


def test_a_run_is_scored_on_classes_that_it_learns(tables, tmp_path):
    path, boxes = tmp_path / "classes.json", [tables("cat", "sofa")]
    run_check(boxes, [], path, evaluated=[tables("couch"), tables("sofa", "cat")])
    path.unlink()
    with pytest.raises(InputError) as refusal:
        run_check(boxes, [], path, evaluated=[tables("cat"), tables("dog", "couch")])
    assert str(refusal.value) == (
        "runs.voc.evaluate: the run learns cat, sofa, and the datasets that it is scored on have dog too; "
        "exclude those classes there, or add them to the run's datasets"
    )
    assert not path.exists()


def test_class_table_of_a_run_is_the_union_of_its_datasets(tables, tmp_path):
    run_check([tables("kite", "zebra"), tables("zebra", "apple")], [], tmp_path / "classes.json")
    assert json.loads((tmp_path / "classes.json").read_text()) == ["background", "kite", "zebra", "apple"]


def test_single_class_is_worth_a_warning(tables, tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        run_check([tables("cat")], [], tmp_path / "classes.json")
    assert "only one class, 'cat'" in caplog.text
