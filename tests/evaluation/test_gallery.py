"""Galleries: objects told apart over a photograph, pages that stand alone, and the worst masks beside random ones."""

import base64
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from conftest import photograph_of
from PIL import Image

from lpg.classes import VOID
from lpg.evaluation.gallery.choices import Measure, at_random, by_iou, by_risk, choose
from lpg.evaluation.gallery.draw import draw_gallery
from lpg.evaluation.gallery.overlays import draw_boxes, fit, hex_colour, object_map, overlay, palette
from lpg.files.boxes import write_boxes
from lpg.files.ground_truth import write_ground_truth
from lpg.files.label_maps import LabelMaps
from lpg.files.pseudo_masks import write_pseudo_masks
from lpg.pixels.pictures import voc_palette

WHITE = [255, 255, 255]


# Over a photograph


def painted_row(labels: list[int], objects: list[int] | None = None) -> list[str]:
    """What every pixel of a row over black is: `.` background, `|` a line, a class id, `v` void."""
    names = {tuple(65 * colour // 100 for colour in palette()[index].tolist()): str(index) for index in (1, 2, 5)}
    names |= {(0, 0, 0): ".", (255, 255, 255): "|", (127, 127, 127): "v"}
    row = np.array([labels] * 3, dtype=np.uint8)
    parts = None if objects is None else np.array([objects] * 3)
    painted = overlay(np.zeros((3, len(labels), 3), dtype=np.uint8), row, parts)
    assert painted.dtype == np.uint8 and (painted == painted[0]).all()
    return "".join(names[tuple(pixel)] for pixel in painted[1].tolist())


@pytest.mark.parametrize(
    ("labels", "objects", "expected"),
    [
        ([0, 0, 5, 5, 5, 0, 0], None, ".|555|."),  # outside, so that nothing of the object is hidden
        ([0, 0, 5, 0, 0, 0, 0], None, ".|5|..."),  # even of one pixel
        ([5, 5, 5, 2, 2, 2, 0], None, "55||22|"),
        ([5, 5, 5, 5, 5, 5, 0], None, "555555|"),
        ([5, 5, 5, 5, 5, 5, 0], [1, 1, 1, 2, 2, 2, 0], "55||55|"),  # two objects of one class that touch
        ([0, 0, 0, 0, 0, 0, 0], [1, 1, 1, 2, 2, 2, 0], "......."),  # nothing where no mask is
        ([5, 5, VOID, VOID, 0, 0, 0], None, "55|v..."),  # void has no line of its own
    ],
)
def test_a_line_goes_around_every_object_and_hides_none(labels, objects, expected):
    assert painted_row(labels, objects) == expected


def test_class_colours_lie_over_a_greyed_photograph():
    photograph = np.full((2, 2, 3), (30, 60, 120), dtype=np.uint8)  # 70 in grey
    painted = overlay(photograph, np.full((2, 2), 5, dtype=np.uint8))
    expected = [(35 * 70 + 65 * value) // 100 for value in voc_palette()[5].tolist()]
    assert painted.tolist() == [[expected] * 2] * 2


def test_no_class_is_grey():
    colours = palette()[1:VOID].astype(int)
    assert (np.ptp(colours, axis=1) > 0).all()
    assert len({tuple(colour) for colour in colours.tolist()}) == VOID - 1
    assert hex_colour(1) == "#800000" == "#" + bytes(voc_palette()[1].tolist()).hex()


def test_of_objects_that_overlap_the_smaller_is_on_top_and_each_counts_where_its_class_is():
    labels = np.array([[1, 1, 1, 1, 2, 0]], dtype=np.uint8)
    large, small = np.array([[1, 1, 1, 1, 1, 1]], dtype=bool), np.array([[0, 1, 1, 0, 1, 0]], dtype=bool)
    assert object_map([large, small], [1, 1], labels).tolist() == [[1, 2, 2, 1, 0, 0]]
    assert object_map([small, large], [1, 1], labels).tolist() == [[2, 1, 1, 2, 0, 0]]
    assert object_map([large, small], [1, 2], labels).tolist() == [[1, 1, 1, 1, 2, 0]]
    assert object_map([], [], labels).tolist() == [[0] * 6]


def test_boxes_are_thin_and_names_lie_outside_of_small_objects():
    photograph = np.full((100, 200, 3), 90, dtype=np.uint8)
    drawn = draw_boxes(
        photograph, np.array([[40, 40, 60, 60], [150, 40, 158, 48]], np.float32), [1, 2], ["", "cat", "dog"]
    )
    for x0, x1, y1, class_id in ((40, 60, 60, 1), (150, 158, 48, 2)):
        assert (drawn[42 : y1 - 2, x0 + 2 : x1 - 2] == 90).all(), "nothing inside"
        assert drawn[44, x0].tolist() == drawn[y1 - 1, x0 + 4].tolist() == palette()[class_id].tolist()
        assert drawn[44, x0 - 1].tolist() == drawn[44, x0 + 1].tolist() == WHITE
        assert (drawn[20:37, x0:x1] != 90).any(), "its name above it"


def test_names_that_would_lie_over_each_other_are_left_out():
    photograph = np.full((100, 200, 3), 90, dtype=np.uint8)
    box = [40, 40, 60, 60]
    two, three = (
        draw_boxes(photograph, np.array([box] * count, np.float32), [1] * count, ["", "cat"]) for count in (2, 3)
    )
    assert (two[61:80, 40:60] != 90).any(), "the second name below"
    assert np.array_equal(two, three), "no place for a third"


def test_pictures_are_scaled_to_one_side_and_ids_stay_ids():
    assert fit(np.zeros((30, 60, 3), np.uint8), 20).shape == (10, 20, 3)
    assert fit(np.zeros((1, 900, 3), np.uint8), 20).shape == (1, 20, 3)
    labels = np.array([[1, 255], [0, 7]], dtype=np.uint8)
    assert fit(labels, 4).tolist() == np.kron(labels, np.ones((2, 2), np.uint8)).tolist()


# Which photographs


def test_the_worst_are_those_with_the_lowest_iou_of_classes(write_label_maps):
    names = ("background", "cat", "dog")
    truth = {"d/half": [[1, 1, 0, 0]], "d/right": [[1, 2, 0, 0]], "d/none": [[1, 1, 0, 0]], "d/void": [[255] * 4]}
    masks = {"d/half": [[1, 0, 0, 0]], "d/right": [[1, 2, 0, 0]], "d/none": [[0, 0, 1, 1]], "d/void": [[1] * 4]}
    files = [LabelMaps([write_label_maps(f"{key}.h5", names, maps)], names)
             for key, maps in (("truth", truth), ("masks", masks))]  # fmt: skip
    measure = by_iou(*files, len(names))
    assert [measure.of(name) for name in truth] == [50, 100, 0, None]
    assert (measure.note("d/half"), measure.note("d/void")) == ("IoU 50.0", "")
    chosen = [*choose(list(truth), [measure], images=0, worst=2, seed=0)]
    assert [(one.name, one.heading) for one in chosen] == [("d/none", "d, lowest IoU of the others"), ("d/half", "")]


def test_without_ground_truth_the_worst_are_those_with_the_riskiest_box(tmp_path):
    rows = [("d/a", 0.1), ("d/a", 0.7), ("d/b", 0.9), ("d/c", 0.2)]
    lines = ["\t".join(("image", "box", "risk")), *(f"{name}\t0\t{risk}" for name, risk in rows)]
    (tmp_path / "quality.tsv").write_text("\n".join(lines) + "\n")
    measure = by_risk([tmp_path / "quality.tsv"])
    chosen = [*choose(["d/a", "d/b", "d/c", "d/unknown"], [measure], images=0, worst=2, seed=0)]
    assert [(one.name, one.note, one.heading) for one in chosen] == [
        ("d/b", "risk 0.90", "d, highest risk of the others"),
        ("d/a", "risk 0.70", ""),
    ]


def test_every_dataset_has_its_random_choice_and_nothing_is_shown_twice():
    names = [f"{dataset}/{index}" for dataset in "ab" for index in range(5)]
    measure = Measure("IoU", lambda name: float(name[-1]), 1, "lowest IoU", -1)
    chosen = [*choose(names, [measure], images=2, worst=9, seed=3)]
    drawn = [index for index in np.random.default_rng(3).permutation(5)[:2]]
    assert at_random(names[:5], 2, 3) == [names[index] for index in drawn]
    others = [index for index in range(5) if index not in drawn]
    assert [one.name for one in chosen] == [f"{dataset}/{index}" for dataset in "ab" for index in (*drawn, *others)]
    headings = [one.heading for one in chosen if one.heading]
    assert headings == [f"{dataset}, {way}" for dataset in "ab" for way in ("at random", "lowest IoU of the others")]


def test_every_dataset_is_measured_by_what_is_known_of_it():
    iou = Measure("IoU", {"a/0": 3.0, "a/1": 2.0}.get, 1, "lowest IoU", -1)
    risk = Measure("risk", {"a/0": 0.9, "b/0": 0.3, "b/1": 0.4}.get, 2, "highest risk", 1)
    chosen = [*choose(["a/0", "a/1", "b/0", "b/1", "c/0"], [iou, risk], images=0, worst=1, seed=0)]
    assert [(one.name, one.note) for one in chosen] == [("a/1", "IoU 2.0"), ("b/1", "risk 0.40")]


# Pages


class Page(HTMLParser):
    """The figures, links and texts of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags, self.figures, self.links, self.text = [], [], [], ""
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag == "img":
            self.figures.append(dict(attributes))
        if tag == "a":
            self.links.append(dict(attributes)["href"])

    def handle_data(self, data):
        self.text += data

    def pixels(self, index: int) -> np.ndarray:
        return np.asarray(Image.open(BytesIO(base64.b64decode(self.figures[index]["src"].partition(",")[2]))))


BOXES = [[2, 2, 6, 6], [6, 2, 10, 6]]
CATS = np.pad(np.ones((4, 8), np.uint8), 2)


@pytest.fixture
def written(tmp_path):
    """Write photographs with two cats side by side, in boxes that their masks fill; boxes, masks and truth of them."""

    def write(dataset: str = "d", count: int = 1, cat: str = "cat") -> tuple[Path, Path, Path]:
        boxes, masks, truth = (tmp_path / f"{dataset}_{kind}.h5" for kind in ("boxes", "masks", "truth"))
        names = [f"{index}" for index in range(count)]
        for name in names:
            Image.new("RGB", (12, 8), (90,) * 3).save(tmp_path / f"{name}.png")
        own = [photograph_of(8, 12, BOXES, [1, 1], name=name, path=tmp_path / f"{name}.png") for name in names]
        known = [photograph_of(8, 12, BOXES, [1, 1], name=f"{dataset}/{name}") for name in names]
        write_boxes(own, [cat], path=boxes, dataset=dataset)
        soft = CATS, 255 * CATS[None], [np.full((4, 4), 255, np.uint8)] * 2
        write_pseudo_masks(masks, ("background", cat), known, [soft] * count)
        single = [CATS * (np.arange(12) < 6), CATS * (np.arange(12) >= 6)]
        write_ground_truth(truth, ("background", cat), [(image.name, CATS, single) for image in known])
        return boxes, masks, truth

    return write


@pytest.fixture
def draw(tmp_path, written):
    """Draw the gallery of one dataset; its folder."""

    def draw(count: int = 1, cat: str = "cat", **overrides) -> Path:
        boxes, masks, _ = written(count=count, cat=cat)
        arguments = {
            "title": "run, stage 1", "boxes": [boxes], "truth": [], "pseudo_masks": [masks], "segmentations": [],
            "refined": False, "images": 8, "worst": 0, "seed": 0, "sheet": tmp_path / "gallery.png",
            "folder": tmp_path / "gallery",
        }  # fmt: skip
        draw_gallery(**arguments | overrides)
        return tmp_path / "gallery"

    return draw


def test_every_column_tells_objects_apart_but_the_segmenter_s(draw, written, write_label_maps):
    segmented = write_label_maps("f.h5", ("background", "cat"), {"d/0": CATS.tolist()})
    _, masks, truth = written()
    page = Page(draw(pseudo_masks=[masks, masks], segmentations=[segmented], truth=[truth]) / "index.html")
    assert [figure["alt"] for figure in page.figures] == [
        *(
            "d/0: boxes",
            "d/0: pseudo mask, stage 1",
            "d/0: pseudo mask, stage 2",
            "d/0: segmenter",
            "d/0: ground truth",
        ),
    ]
    between = [page.pixels(index)[213, 319].min() > 180 for index in range(1, 5)]
    assert between == [True, True, False, True], "a white line between two cats that touch"
    assert "IoU 100.0" in page.text


def test_several_datasets_stand_below_each_other_and_truth_only_where_there_is_some(draw, written, write_label_maps):
    one, other = written("d"), written("e")
    none = write_label_maps("none.h5", ("background", "cat"), {"e/0": np.zeros((8, 12)).tolist()})
    stages = [one[1], other[1], one[1], none]
    page = Page(draw(boxes=[one[0], other[0]], pseudo_masks=stages, truth=[other[2]]) / "index.html")
    assert [figure["alt"] for figure in page.figures] == [
        *("d/0: boxes", "d/0: pseudo mask, stage 1", "d/0: pseudo mask, stage 2"),
        *("e/0: boxes", "e/0: pseudo mask, stage 1", "e/0: pseudo mask, stage 2", "e/0: ground truth"),
    ]
    masked = [page.pixels(index)[200, 250, 0] > page.pixels(index)[200, 250, 1] for index in (1, 2, 4, 5)]
    assert masked == [True, True, True, False]
    assert page.text.index("d, at random") < page.text.index("e, at random") < page.text.index("IoU 0.0")


def test_masks_after_a_crf_are_called_so_and_have_no_objects(draw, write_label_maps):
    refined = write_label_maps("crf.h5", ("background", "cat"), {"d/0": CATS.tolist()})
    page = Page(draw(pseudo_masks=[refined], refined=True) / "index.html")
    assert page.figures[1]["alt"] == "d/0: mask after CRF, stage 1"
    assert page.pixels(1)[213, 319].min() < 180


def test_a_photograph_without_a_mask_has_no_picture_there(draw, write_label_maps):
    other = write_label_maps("other.h5", ("background", "cat"), {"d/1": np.ones((8, 12)).tolist()})
    page = Page(draw(count=2, segmentations=[other]) / "index.html")
    assert sorted(figure["alt"] for figure in page.figures if "segmenter" in figure["alt"]) == ["d/1: segmenter"]


class Halves:
    """Finds a dog in the left half of every photograph, and a cat in the right one."""

    classes = ("background", "dog", "cat")

    def labels(self, photograph: np.ndarray) -> np.ndarray:
        assert photograph.dtype == np.uint8 and photograph.shape == (8, 12, 3)
        return np.repeat(np.repeat([[1, 2]], 8, axis=0), 6, axis=1).astype(np.uint8)


def test_the_segmenter_is_asked_for_what_has_no_segmentation(draw, write_label_maps):
    known = write_label_maps("f.h5", ("background", "cat"), {"d/1": np.zeros((8, 12)).tolist()})
    page = Page(draw(count=2, segmentations=[known], segmenter=Halves()) / "index.html")
    pictures = {figure["alt"]: page.pixels(index) for index, figure in enumerate(page.figures)}
    found, none = (pictures[f"d/{index}: segmenter"] for index in range(2))
    cat, dog = palette()[1].astype(int), palette()[2].astype(int)  # by the gallery's table, where the cat comes first
    for x, colour in ((100, dog), (540, cat)):
        expected = (35 * 90 + 65 * colour) // 100
        assert np.abs(found[200, x] - expected).max() < 6
    assert np.ptp(none[200, 100].astype(int)) < 6, "the known segmentation, which shows nothing"


def test_more_photographs_than_fit_are_on_more_pages_which_link_to_each_other(draw, monkeypatch):
    monkeypatch.setattr("lpg.evaluation.gallery.draw.PAGE", 2)
    folder = draw(count=5)
    files = sorted(path.name for path in folder.iterdir())
    assert files == ["index.html", "page_2.html", "page_3.html"]
    pages = [Page(folder / name) for name in files]
    assert [len(page.figures) // 2 for page in pages] == [2, 2, 1]
    shown = [figure["alt"].partition(":")[0] for page in pages for figure in page.figures[::2]]
    assert shown == [f"d/{index}" for index in np.random.default_rng(0).permutation(5)]
    assert all(set(page.links) == set(files) - {name} for page, name in zip(pages, files, strict=True))
    height = Image.open(folder.with_suffix(".png")).size[1]
    assert 2 * 213 < height < 3 * 213, "the first page alone"


def test_every_page_links_to_the_sections(draw, written, monkeypatch):
    monkeypatch.setattr("lpg.evaluation.gallery.draw.PAGE", 2)
    folder = draw(count=4, images=2, worst=2, truth=[written(count=4)[2]])
    first, second = (folder / name for name in ("index.html", "page_2.html"))
    sections = ["index.html#d%2C-at-random", "page_2.html#d%2C-lowest-IoU-of-the-others"]
    assert Page(first).links[:2] == Page(second).links[:2] == sections
    assert 'id="d,-at-random"' in first.read_text() and 'id="d,-lowest-IoU-of-the-others"' in second.read_text()


def test_a_page_stands_alone_and_what_stands_in_it_is_escaped(draw):
    evil = "<script>alert(1)</script>"
    plain, page = (Page(draw(cat=name) / "index.html") for name in ("cat", evil))
    assert page.tags == plain.tags and evil in page.text
    assert all(figure["src"].startswith("data:image/jpeg;base64,") for figure in page.figures)
    assert page.links == [] and "link" not in page.tags


def test_the_legend_has_the_classes_in_the_pictures_and_void(draw, write_label_maps):
    names = ("background", "dog", "zebra")
    labels = np.zeros((8, 12), int)
    labels[0, :4], labels[1] = 2, VOID
    page = Page(draw(segmentations=[write_label_maps("f.h5", names, {"d/0": labels.tolist()})]) / "index.html")
    legend = page.text.split("enlarge it.")[1].split("d, at random")[0].split()
    assert legend == ["cat", "zebra", "void"]
