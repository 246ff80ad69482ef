"""The review page in a browser: keys, clicks, filters, files of decisions, and ten thousand masks."""

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as rle

from lpg.evaluation.review.page import CHUNK, Columns, write_page, write_script
from lpg.files.boxes import BoxTable
from lpg.files.pseudo_masks import SoftMaskFile
from lpg.generators.interface import SoftMasks
from lpg.pseudo_masks.decisions import Decisions

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run"),
]


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def tab(browser) -> Iterator:
    """A page with nothing in its storage, which may say nothing to the console and has no dialog to choose a file."""
    context = browser.new_context(viewport={"width": 1000, "height": 700}, accept_downloads=True)
    context.add_init_script("delete window.showSaveFilePicker")
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []


def see(tab, folder: Path):
    """Open a folder's page and wait for its first masks."""
    tab.goto((folder / "index.html").as_uri())
    tab.wait_for_selector(".tile.here")
    tab.wait_for_function("Review.chunks.size > 0")
    return tab


def counts(tab) -> str:
    return tab.inner_text("#counts").split(" · ")[0]


def objects(tab) -> list[str]:
    """What the tiles say, in their order."""
    return [tile.get_attribute("title") for tile in tab.query_selector_all(".tile")]


def saved(tab) -> dict:
    with tab.expect_download() as download:
        tab.keyboard.press("s")
    assert download.value.suggested_filename == "decisions.json"
    return json.loads(Path(download.value.path()).read_text(encoding="utf-8"))


def test_the_worst_comes_first_and_keys_decide(tab, review, files):
    see(tab, review())
    assert objects(tab)[0] == "d/third, object 2", "the empty one"
    assert counts(tab) == "0 of 6 decided: 0 accepted, 0 rejected, 0 to redo"
    for key in ("r", "d", "ArrowRight", "a"):
        tab.keyboard.press(key)
    assert counts(tab) == "3 of 6 decided: 1 accepted, 1 rejected, 1 to redo"
    decisions = saved(tab)["decisions"]
    assert sorted(one["decision"] for one in decisions) == ["accept", "redo", "reject"]
    assert next(one for one in decisions if one["decision"] == "redo")["method"] == "grabcut"
    for expected in ("2 of 6", "1 of 6", "0 of 6"):
        tab.keyboard.press("u")
        assert counts(tab).startswith(expected)
    assert tab.get_attribute(".tile.here", "title") == "d/third, object 2"


def test_an_accepted_mask_comes_back_as_it_was(tab, review, files, tmp_path):
    """Through the page's run lengths and its file, into a run."""
    see(tab, review())
    table, soft = BoxTable([files / "boxes.h5"]), SoftMaskFile(files / "masks1.h5")
    tab.select_option("#stage", "0")
    for number in range(6):
        tab.keyboard.press("Home" if number == 0 else "Shift")
        tab.keyboard.press("a")
    content = saved(tab)
    assert len(content["decisions"]) == 6 and {one["stage"] for one in content["decisions"]} == {"1"}
    (tmp_path / "decisions.json").write_text(json.dumps(content))
    decisions = Decisions.load([tmp_path / "decisions.json"], table.images, table.classes)
    for image in table.images:
        nothing = SoftMasks.of_boxes(image, [np.zeros_like(mask) for mask in soft.boxes(image.name)])
        for one, other in zip(decisions.decide(image, nothing).boxes, soft.boxes(image.name), strict=True):
            assert np.array_equal(one, other)
        for one in content["decisions"]:  # as pycocotools itself writes them
            mask = {"size": one["mask"]["size"], "counts": one["mask"]["counts"].encode()}
            assert rle.encode(np.asfortranarray(rle.decode(mask)))["counts"] == mask["counts"]


def test_a_reload_keeps_decisions_and_a_file_brings_them_back(tab, review, tmp_path):
    folder = review()
    see(tab, folder)
    tab.keyboard.press("r")
    tab.keyboard.press("a")
    content = saved(tab)
    see(tab, folder)
    assert counts(tab) == "2 of 6 decided: 1 accepted, 1 rejected, 0 to redo"
    tab.evaluate("localStorage.clear()")
    see(tab, folder)
    assert counts(tab).startswith("0 of 6")
    elsewhere = {"image": "d/gone", "object_id": 1, "decision": "reject"}
    content["decisions"] += [elsewhere, {"image": "d/third", "object_id": 1, "decision": "accept"}, None]
    (tmp_path / "back.json").write_text(json.dumps(content))
    tab.set_input_files("#load", tmp_path / "back.json")
    tab.wait_for_selector("#message:not([hidden])")
    assert tab.inner_text("#message") == (
        "2 decisions loaded; 1 are about objects that are not here; they stay in the file; 2 cannot be used."
    )
    assert counts(tab) == "2 of 6 decided: 1 accepted, 1 rejected, 0 to redo"
    tab.focus("#tiles")
    assert saved(tab)["decisions"][-1] == elsewhere
    tab.keyboard.press("u")
    assert counts(tab).startswith("0 of 6"), "a loaded file is undone at once"
    (tmp_path / "bad.json").write_text("{}")
    tab.set_input_files("#load", tmp_path / "bad.json")
    tab.wait_for_function("document.querySelector('#message').textContent.includes('holds no decisions')")


def decided(tab) -> list[tuple]:
    return [(one["image"], one["object_id"], one["class"], one["box"]) for one in saved(tab)["decisions"]]


def test_decisions_follow_their_boxes_when_objects_are_numbered_anew(tab, review, tmp_path):
    folder, dog = review(), {"class": 'a "dog" <b>', "box": [45, 7, 80, 40]}
    see(tab, folder)
    entries = [{"object_id": 1, **dog}, {"object_id": 2, **dog, "box": [0, 0, 9, 9]}]
    content = {"lpg_decisions": 1, "decisions": [{"image": "d/third", "decision": "reject", **one} for one in entries]}
    (tmp_path / "back.json").write_text(json.dumps(content))
    tab.set_input_files("#load", tmp_path / "back.json")
    tab.wait_for_selector("#message:not([hidden])")
    assert tab.inner_text("#message").startswith("1 decisions loaded; 1 are about objects that are not here")
    tab.focus("#tiles")
    expected = [("d/third", 2, *dog.values()), ("d/third", 2, dog["class"], [0, 0, 9, 9])]
    assert decided(tab) == expected
    # What the browser kept under the number of another box, as if the boxes had changed places.
    tab.evaluate(
        """() => { const key = Object.keys(localStorage).find((key) => key.endsWith("/5"));
        localStorage.setItem(key.replace(/5$/, "4"), localStorage.getItem(key)); localStorage.removeItem(key); }"""
    )
    for _ in range(2):
        see(tab, folder)
        assert decided(tab) == expected


def test_filters_by_class_stage_risk_decision_and_name(tab, review):
    see(tab, review())
    tab.select_option("#class", "cat")
    assert len(objects(tab)) == 3 and all(title.endswith("object 1") for title in objects(tab))
    tab.select_option("#class", "")
    tab.fill("#name", "QUO")
    assert len(objects(tab)) == 2
    tab.fill("#name", "")
    tab.fill("#risk", "0.9")
    assert objects(tab) == ["d/third, object 2"]
    tab.select_option("#stage", "0")
    assert tab.inner_text("#field") == "No mask is like that. Change a filter."
    tab.fill("#risk", "0")
    tab.focus("#tiles")
    tab.keyboard.press("r")
    tab.select_option("#status", "reject")
    assert len(objects(tab)) == 1 and "✕ rejected" in tab.inner_text(".tile")
    tab.select_option("#status", "open")
    assert len(objects(tab)) == 5


def test_looking_closer_by_click_and_key(tab, review):
    see(tab, review())
    tab.dblclick(".tile >> nth=2")
    assert tab.is_visible("#zoom") and not tab.is_visible("#tiles")
    assert "3 of 6" in tab.inner_text("#facts")
    tab.wait_for_function("document.querySelector('#zoom canvas').width > 300")
    tab.click("[data-key=a]")
    assert "4 of 6" in tab.inner_text("#facts") and counts(tab).startswith("1 of 6")
    tab.keyboard.press("ArrowLeft")
    assert tab.inner_text("#verdict") == "✓ accepted, stage 2"
    tab.keyboard.press("1")
    assert tab.inner_text("#verdict") == "✓ accepted, stage 2: the dotted line"
    tab.keyboard.press("Escape")
    assert tab.is_visible("#tiles") and tab.get_attribute(".tile.here", "data-decision") == "accept"


def pixels(tab, selector: str) -> str:
    """What is drawn on a canvas."""
    return tab.evaluate(f"document.querySelector('{selector}').toDataURL()")


def test_the_mask_is_drawn_filled_as_an_outline_and_not_at_all(tab, review):
    see(tab, review())
    tab.keyboard.press("End")
    drawn = {}
    for mode in ("full", "outline", "off", "full again"):
        tab.evaluate("new Promise(requestAnimationFrame)")
        tab.evaluate("new Promise(requestAnimationFrame)")
        drawn[mode] = pixels(tab, ".tile.here canvas")
        tab.keyboard.press("o")
    assert drawn["full"] == drawn["full again"] and len(set(drawn.values())) == 3


def test_names_are_text_whatever_is_in_them(tab, review):
    see(tab, review())
    assert tab.inner_text("h1") == "Cats & <dogs>"
    shown = " ".join(tile.inner_text() for tile in tab.query_selector_all(".tile"))
    assert "été & <i>" in shown and 'quo"te' in shown and 'a "dog" <b>' in shown


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(tab, review, scheme, tmp_path):
    tab.emulate_media(color_scheme=scheme)
    see(tab, review())
    ground = "getComputedStyle(document.body).backgroundColor"
    light, dark = "rgb(243, 243, 241)", "rgb(27, 28, 30)"
    assert tab.evaluate(ground) == (light if scheme == "light" else dark)
    tab.screenshot(path=tmp_path / f"{scheme}.png")
    for expected in (light, dark):
        tab.click("#theme")
        assert tab.evaluate(ground) == expected
    tab.reload()
    assert tab.evaluate(ground) == dark, "the switch is remembered"


MANY = 10_000
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> Path:
    """The page of ten thousand masks, 20 to a photograph, whose pictures are one and the same pixel."""
    folder = tmp_path_factory.mktemp("many")
    square = rle.encode(np.asfortranarray(np.pad(np.ones((30, 20), np.uint8), 10)))["counts"].decode()
    for chunk in range(MANY // CHUNK):
        masks = [[square]] * CHUNK
        write_script(folder / f"masks/{chunk:04d}.js", f"Review.arrive({chunk},{{}});", masks)
    for kind in ("thumbnails", "crops"):
        (folder / kind).mkdir()
        (folder / kind / "pixel").write_bytes(PIXEL)
        for number in range(MANY):
            (folder / kind / f"{number:06d}.jpg").hardlink_to(folder / kind / "pixel")
    columns = {
        "image": [f"d/{number // 20}" for number in range(MANY)],
        "object": list(range(MANY)),
        "class": ["cat", "dog"] * (MANY // 2),
        "size": [[200, 300]] * MANY,
        "inside": [[50, 60, 50, 40]] * MANY,
        "window": [[30, 40, 90, 80]] * MANY,
        "filling": [[0.3]] * MANY,
        "risk": [[(number * 7919 % MANY) / MANY] for number in range(MANY)],
        "score": [[None]] * MANY,
        "note": [[""]] * MANY,
    }
    with Columns(folder) as told:
        for facts in zip(*columns.values(), strict=True):
            told.add(dict(zip(columns, facts, strict=True)))
        write_page(folder, told, ("background", "cat", "dog"), ["1"], "Many", rated=True)
    return folder


def test_ten_thousand_masks_are_fluid(tab, many):
    see(tab, many)
    nodes = "document.getElementsByTagName('*').length"
    few = tab.evaluate(nodes)
    assert few < 1200
    worst = max(range(MANY), key=lambda number: number * 7919 % MANY)
    assert tab.get_attribute(".tile.here", "title").endswith(f"object {worst}")
    tab.evaluate("document.querySelector('#tiles').scrollTop = 1e9")
    tab.wait_for_selector(".tile[title$='object 0']")  # of no risk at all
    assert tab.evaluate(nodes) < few + 500
    tab.keyboard.press("Home")
    took = tab.evaluate(
        """async () => {
            const list = document.querySelector('#tiles'), frame = () => new Promise(requestAnimationFrame);
            await frame();
            const start = performance.now();
            for (let step = 0; step < 60; step++) { list.scrollTop += 400; await frame(); }
            return (performance.now() - start) / 60;
        }"""
    )
    assert took < 400, "milliseconds a frame, on a slow machine without a GPU"
    assert tab.evaluate(nodes) < few + 500
    for _ in range(30):
        tab.keyboard.press("a")
    tab.wait_for_function("document.querySelector('#counts').textContent.startsWith('30 of 10,000')")
    tab.keyboard.press("End")
    tab.keyboard.press("a")
    tab.wait_for_function("document.querySelector('#counts').textContent.startsWith('31 of 10,000')")
    assert len(saved(tab)["decisions"]) == 31
