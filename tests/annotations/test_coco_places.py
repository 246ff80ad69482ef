"""What is read again from a file of COCO's layout is what was read first, or nothing."""

import json
import os

import pytest

from lpg.annotations import looks
from lpg.annotations.coco_file import Instances
from lpg.errors import InputError


@pytest.mark.parametrize("keeps_time", [True, False])
def test_a_file_that_was_written_to_meanwhile_is_not_mixed_with_its_successor(coco, keeps_time):
    file, about = Instances(coco.annotations, coco.images), coco.annotations.stat()
    assert [item["bbox"] for item in file.annotations(1)] == [[0, 0, 2, 2]]
    successor = coco.annotations.with_suffix(".new")
    successor.write_text(coco.annotations.read_text().replace("[0, 0, 2, 2]", "[0, 0, 3, 3]"))
    if keeps_time:  # of as many bytes, as it is
        os.utime(successor, ns=(about.st_atime_ns, about.st_mtime_ns))
    successor.replace(coco.annotations)
    with pytest.raises(InputError, match=r"instances\.json was written to while it was read; start again"):
        list(file.annotations(1))
    with pytest.raises(InputError, match="was written to while it was read"):
        file.image(0)


@pytest.mark.parametrize(("fate", "message"), [("gone", "cannot be read"), ("longer", "was written to while")])
def test_no_permission_goes_on_without_a_file_of_all_photographs(coco, make_boxes, monkeypatch, fate, message):
    read = looks.check_photograph

    def after_one(*given):
        if fate == "gone":
            coco.annotations.unlink(missing_ok=True)
        else:
            coco.annotations.write_text(" " + coco.annotations.read_text())
        return read(*given)

    monkeypatch.setattr(looks, "check_photograph", after_one)
    with pytest.raises(InputError, match=message) as refusal:
        make_boxes(coco.settings, skip_unreadable=True)
    assert refusal.value.permission is None


@pytest.mark.parametrize("section", ["images", "annotations", "categories"])
def test_true_is_no_id(coco, section):
    content = json.loads(coco.annotations.read_text())
    content[section][0]["id"] = True
    coco.annotations.write_text(json.dumps(content))
    with pytest.raises(
        InputError, match=rf"{section}\[0\].* has the id True, which is not a whole number or text; mend"
    ):
        Instances(coco.annotations, coco.images)


def test_as_many_equal_ids_as_there_are_annotations_are_found_at_once(coco):
    content = json.loads(coco.annotations.read_text())
    content["annotations"] = [content["annotations"][0] | {"id": 0} for _ in range(20_000)]
    coco.annotations.write_text(json.dumps(content))
    with pytest.raises(InputError, match="two annotations have the id 0; give one of them another"):
        Instances(coco.annotations, coco.images)
