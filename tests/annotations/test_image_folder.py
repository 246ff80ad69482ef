"""A photograph is found by whatever an annotation calls it, and never outside of its folder."""

import unicodedata

import pytest

from lpg.annotations.image_folder import ImageFolder, files_below, without_ending
from lpg.errors import InputError

FILES = (
    "a.jpg",
    "b.JPEG",
    "Compound Leaves (1).png",
    "leaf.v2.webp",
    "x/same.tif",
    "y/same.tif",
    "x/one.bmp",
    "两.tiff",
)


@pytest.fixture
def folder(tmp_path) -> ImageFolder:
    for name in (*FILES, ".hidden.jpg", "__MACOSX/a.jpg", "._a.jpg", "notes.txt"):
        (tmp_path / "images" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "images" / name).touch()
    (tmp_path / "secret.jpg").touch()
    return ImageFolder(tmp_path / "images")


def test_photographs_are_listed_and_nothing_else(folder):
    assert folder.paths == sorted(FILES)


@pytest.mark.parametrize(
    ("called", "path"),
    [
        ("a.jpg", "a.jpg"),
        ("a", "a.jpg"),
        ("a.png", "a.jpg"),
        ("b", "b.JPEG"),
        ("./a.jpg", "a.jpg"),
        ("/home/me/images/a.jpg", "a.jpg"),
        ("C:\\me\\a.jpg", "a.jpg"),
        ("../../images/a.jpg", "a.jpg"),
        ("Compound Leaves (1)", "Compound Leaves (1).png"),
        ("leaf.v2", "leaf.v2.webp"),
        ("x/same.tif", "x/same.tif"),
        ("images/y/same.tif", "y/same.tif"),
        ("one.bmp", "x/one.bmp"),
        ("两.tiff", "两.tiff"),
    ],
)
def test_a_photograph_is_found(folder, called, path):
    assert folder.place(called, source="s") == path


@pytest.mark.parametrize(
    ("called", "path"),
    [
        ("gone.jpg", "gone.jpg"),
        ("x/gone.jpg", "x/gone.jpg"),
        ("../secret.jpg", "secret.jpg"),
        ("/etc/passwd", "passwd"),
        ("C:\\secret.jpg", "secret.jpg"),
        ("x/../../secret.jpg", "secret.jpg"),
        ("..", "?"),
    ],
)
def test_one_that_is_missing_has_a_place_inside_the_folder(folder, called, path):
    assert folder.place(called, source="s") == path


def test_the_first_name_that_is_there_counts(folder):
    assert folder.place("gone.jpg", "a.jpg", "b.jpg", source="s") == "a.jpg"


def test_a_name_of_several_is_refused(folder):
    with pytest.raises(
        InputError, match=r"^s: 'same\.tif' may be x/same\.tif or y/same\.tif of .*images; write its fold"
    ):
        folder.place("same.tif", source="s")


def test_accents_are_the_same_in_both_spellings(tmp_path):
    (tmp_path / unicodedata.normalize("NFD", "é.jpg")).touch()
    assert ImageFolder(tmp_path).place(unicodedata.normalize("NFC", "é"), source="s").endswith(".jpg")


def test_a_folder_that_is_missing_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"the folder of the photographs .*/no does not exist; mend the path"):
        ImageFolder(tmp_path / "no")


def test_only_the_ending_of_a_picture_is_one():
    names = ("a.jpg", "a.v2", "a.b.PNG", ".jpg", "a")
    assert [without_ending(name) for name in names] == ["a", "a.v2", "a.b", "", "a"]


def test_files_are_found_by_their_endings(folder):
    assert [path.name for path in files_below(folder.root, [".txt", ".bmp"])] == ["notes.txt", "one.bmp"]
