"""`boxes.h5`: photographs, boxes and ids, and the boxes painted."""

import json
from dataclasses import replace

import numpy as np
import pytest
from conftest import photograph_of
from PIL import Image

from lpg.annotations.extraction import Permissions, extract_boxes
from lpg.errors import InputError
from lpg.files.boxes import BoxTable, merged_classes, write_boxes
from lpg.files.hdf5 import class_table, open_file, read_strings
from lpg.files.label_maps import LabelMaps
from lpg.jobs.job import Job
from lpg.jobs.provenance import content_digest, file_digest


def test_boxes_file_of_coco(coco, make_boxes):
    path = make_boxes(coco.settings)
    table = BoxTable([path])
    assert table.classes == ("background", "zebra", "kite")
    assert [image.name for image in table.images] == ["tiny/one", "tiny/sub/two"]
    one = table["tiny/one"]
    assert (one.height, one.width, one.path) == (6, 8, str(coco.images / "one.jpg"))
    assert one.boxes.tolist() == [[1, 1, 5, 4], [3, 2, 5, 4]]
    assert (one.class_ids.tolist(), one.classes) == ([1, 2], [1, 2])
    assert one.box_map(2).astype(int).sum() == 4
    assert np.array_equal(one.box_maps(), [one.box_map(1), one.box_map(2)])
    assert one.inside == [(slice(1, 4), slice(1, 5)), (slice(2, 4), slice(3, 5))]
    assert table["tiny/sub/two"].classes == [2]
    with open_file(path) as file:
        assert read_strings(file, "skipped/name") == ["three"]
        assert read_strings(file, "skipped/reason") == ["no box of a kept class"]


def test_label_maps_of_a_boxes_file_are_the_painted_boxes(voc, make_boxes):
    path = make_boxes(voc.settings)
    expected = [
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 1, 1, 1, 1, 0, 0, 0],
        [0, 1, 1, 2, 2, 0, 0, 0],
        [0, 1, 1, 2, 2, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ]
    assert LabelMaps([path], ("background", "cat", "dog"))["tiny/p"].tolist() == expected


def test_provenance_is_in_the_attributes(voc, tmp_path):
    job = Job(tmp_path / "boxes.h5", provenance={"rule": "extract_boxes", "settings": {"a": 1}})
    extract_boxes(voc.settings, dataset="tiny", allow=Permissions(), job=job)
    with open_file(job.path) as file:
        assert class_table(file) == ("background", "cat", "dog")
        assert (file.attrs["rule"], json.loads(file.attrs["settings"])) == ("extract_boxes", {"a": 1})


def test_tables_of_two_datasets_are_merged_by_name(coco, voc, make_boxes):
    paths = [make_boxes(voc.settings, "first"), make_boxes({**coco.settings, "classes": {}}, "second")]
    assert merged_classes(paths) == ("background", "cat", "dog", "zebra", "kite", "couch")
    table = BoxTable(paths)
    assert len(table) == 3
    assert table["second/one"].classes == [3, 4, 5]
    assert BoxTable(paths[:1], ("background", "dog", "cat"))["first/p"].class_ids.tolist() == [2, 1]


def test_photograph_with_two_entries_is_refused(voc, make_boxes):
    path = make_boxes(voc.settings)
    with pytest.raises(InputError, match=r"boxes\.h5, .*boxes\.h5: two photographs have the same name"):
        BoxTable([path, path])


def test_ids_of_photographs_and_objects_survive_as_numbers_and_as_text(coco, voc, make_boxes):
    first, second = make_boxes(coco.settings, "first"), make_boxes(voc.settings, "second")
    table = BoxTable([first, second])
    assert [(image.id, image.object_ids) for image in table.images] == [(11, [101, 102]), (12, [107]), ("p", [1, 2])]
    with open_file(first) as file:
        assert list(map(json.loads, read_strings(file, "images/id"))) == [11, 12]
        assert list(map(json.loads, read_strings(file, "boxes/object_id"))) == [101, 102, 107]


def test_ids_that_are_text_or_look_like_a_number_survive(coco, make_boxes):
    content = json.loads(coco.annotations.read_text())
    ids = {11: "011", 12: "Füße", 40: 40}
    for image in content["images"]:
        image["id"] = ids[image["id"]]
    for item in content["annotations"]:
        item |= {"id": f"{item['id']}", "image_id": ids[item["image_id"]]}
    coco.annotations.write_text(json.dumps(content))
    table = BoxTable([make_boxes(coco.settings)])
    assert [image.id for image in table.images] == ["011", "Füße"]
    assert [image.object_ids for image in table.images] == [["101", "102"], ["107"]]


def test_the_same_annotation_gives_the_same_content_and_other_bytes_of_a_photograph_do_not(coco, make_boxes):
    path = make_boxes(coco.settings)
    with open_file(path) as file:
        photographs = [coco.images / "one.jpg", coco.images / "sub/two.jpg"]
        assert read_strings(file, "images/digest") == [file_digest(photograph) for photograph in photographs]
    before = content_digest(path)
    assert content_digest(make_boxes(coco.settings)) == before
    Image.new("RGB", (8, 6), (1, 2, 3)).save(coco.images / "one.jpg")
    assert content_digest(make_boxes(coco.settings)) != before


def test_a_table_of_photographs_can_be_written_without_an_annotation(tmp_path):
    photographs = [photograph_of(4, 5, [[0, 0, 2.5, 3]], [2], name="sub/a"), photograph_of(3, 3, [[1, 1, 2, 2]], [1])]
    skipped = [("c", "no box of a kept class")]
    write_boxes(photographs, ["cat", "dog"], path=tmp_path / "boxes.h5", dataset="mine", skipped=skipped)
    table = BoxTable([tmp_path / "boxes.h5"])
    assert (table.names, table.classes) == (["mine/sub/a", "mine/a"], ("background", "cat", "dog"))
    for read, written in zip(table.images, photographs, strict=True):
        assert read.boxes.tolist() == written.boxes.tolist()
        assert (read.class_ids.tolist(), read.id, read.object_ids) == (written.class_ids.tolist(), written.id, [1])


def test_boxes_of_excluded_classes_survive_photographs_without_any(tmp_path):
    photographs = [photograph_of(4, 5, [[0, 0, 2, 3]], [1], name=name) for name in "abcd"]
    boxes = {"b": [[1, 0, 2.5, 4], [0, 0, 1, 1]], "d": [[3, 2, 5, 4]]}
    photographs = [
        replace(image, excluded=np.array(boxes[image.name], np.float32)) if image.name in boxes else image
        for image in photographs
    ]
    write_boxes(photographs, ["cat"], path=tmp_path / "boxes.h5", dataset="d")
    images = BoxTable([tmp_path / "boxes.h5"]).images
    assert [image.excluded.tolist() for image in images] == [[], boxes["b"], [], boxes["d"]]
    assert {(image.excluded.dtype, image.excluded.shape[1]) for image in images} == {(np.dtype(np.float32), 4)}
    assert [image.boxes.tolist() for image in images] == [[[0, 0, 2, 3]]] * 4
    with open_file(tmp_path / "boxes.h5") as file:
        assert file["excluded/offset"][:].tolist() == [0, 0, 2, 2, 3]
        assert file["excluded/edges"].shape == (3, 4)


def test_a_table_without_excluded_boxes_is_one(tmp_path):
    write_boxes([photograph_of(4, 5, [[0, 0, 2, 3]], [1])], ["cat"], path=tmp_path / "boxes.h5", dataset="d")
    assert BoxTable([tmp_path / "boxes.h5"])["d/a"].excluded.shape == (0, 4)


def test_boxes_of_excluded_classes_of_both_formats_are_in_the_file(coco, voc, make_boxes):
    table = BoxTable([make_boxes(coco.settings, "first"), make_boxes(voc.settings, "second")])
    excluded = {image.name: image.excluded.tolist() for image in table.images}
    assert excluded == {"first/one": [[6, 0, 8, 2]], "first/sub/two": [], "second/p": [[6, 0, 8, 2]]}


def test_photographs_are_read_beside_their_boxes(coco, make_boxes):
    table = BoxTable([make_boxes(coco.settings)])
    for image, pixels in table.photographs():
        assert np.array_equal(pixels, np.asarray(Image.open(image.path).convert("RGB")))
    assert [pixels.shape for _, pixels in table.photographs()] == [(6, 8, 3), (4, 5, 3)]


def test_photographs_are_as_they_were_read_until_a_byte_changes(tmp_path):
    paths = [tmp_path / name for name in ("a.jpg", "b.jpg")]
    for path in paths:
        path.write_bytes(path.name.encode())
    images = [photograph_of(6, 8, [[0, 0, 2, 2]], [1], name=path.stem, path=path) for path in paths]
    write_boxes(images, ["cat"], path=tmp_path / "boxes.h5", dataset="d", digests=list(map(file_digest, paths)))
    write_boxes(images, ["cat"], path=tmp_path / "undigested.h5", dataset="d")
    table = BoxTable([tmp_path / "boxes.h5"])
    assert table.as_read() and not BoxTable([tmp_path / "undigested.h5"]).as_read()
    paths[1].write_bytes(b"other")
    assert not table.as_read() and table.part(slice(0, 1)).as_read() and not table.part(slice(1, 2)).as_read()
    paths[1].unlink()
    assert not table.as_read()


def test_a_part_of_a_table_knows_its_own_photographs_alone(tmp_path):
    photographs = [photograph_of(4, 5 + number, [[0, 0, 2, 3]], [1], name=str(number)) for number in range(5)]
    write_boxes(photographs, ["cat"], path=tmp_path / "boxes.h5", dataset="d")
    part = BoxTable([tmp_path / "boxes.h5"]).part(slice(1, 4)).part(slice(1, None))
    assert (len(part), part.names, [image.width for image in part.images]) == (2, ["d/2", "d/3"], [7, 8])
    assert part["d/3"].width == 8 and part.images[-1].name == "d/3" and [one.width for one in part.images[:1]] == [7]
    with pytest.raises(KeyError):
        part["d/1"]
    with pytest.raises(IndexError):
        part.images[2]


def test_edges_are_kept_to_a_hundredth_of_a_pixel_in_a_large_photograph(tmp_path):
    edges = np.array([[4321.25, 0.125, 5999.875, 3000.5]], dtype=np.float32)
    write_boxes([photograph_of(4000, 6000, edges, [1])], ["cat"], path=tmp_path / "b.h5", dataset="d")
    assert BoxTable([tmp_path / "b.h5"]).images[0].boxes.tolist() == edges.tolist()
