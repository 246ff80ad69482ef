"""A photograph is found by whatever an annotation calls it, and never outside of its folder."""

import unicodedata

import pytest
from conftest import write_photograph

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


@pytest.mark.parametrize("called", ["z/one.bmp", "../images/z/one.bmp", "one.jpg"])
def test_a_photograph_of_another_folder_or_ending_is_not_taken_for_one_that_is_missing(folder, called):
    """A folder beside the photographs may be of their masks, and two cameras call theirs alike."""
    assert not (folder.root / folder.place(called, source="s")).exists()


def test_the_first_name_that_is_there_counts(folder):
    assert folder.place("gone.jpg", "a.jpg", "b.jpg", source="s") == "a.jpg"


def test_a_photograph_of_another_folder_than_the_one_that_is_named_and_there_is_told_of(tmp_path, caplog):
    for name in ("cam1/1.jpg", "cam2/2.jpg", "cam2/3.jpg", "cam2/5.jpg", "4.jpg"):
        write_photograph(tmp_path / name, 4, 4)
    folder = ImageFolder(tmp_path)
    for called, path in (
        (["elsewhere/cam2/2.jpg"], "cam2/2.jpg"),
        (["xml/2", "2.jpg"], "cam2/2.jpg"),  # a folder that is not there says nothing
        (["cam2/3", "3.jpg"], "cam2/3.jpg"),
        (["4"], "4.jpg"),
    ):
        assert folder.place(*called, source="x.xml") == path
    assert not caplog.messages
    assert folder.place("cam1/2", "2.jpg", source="a.xml") == "cam2/2.jpg"
    assert folder.place("cam1/5", "5.jpg", source="b.xml") == "cam2/5.jpg"
    assert folder.place("C:\\data\\cam1\\4.jpg", source="c.xml") == "4.jpg"
    first, second = caplog.messages
    assert first.startswith("a.xml: its photograph is taken to be cam2/2.jpg, though there is a folder cam1 without it")
    assert second.startswith("c.xml: its photograph is taken to be 4.jpg, though there is a folder cam1 without it")


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
    names = ("a.jpg", "a.v2", "a.b.PNG", ".jpg", "a", "a.jfif", "a.GIF")
    assert [without_ending(name) for name in names] == ["a", "a.v2", "a.b", "", "a", "a", "a"]


def test_a_gif_is_taken_where_it_is_named_and_not_looked_for(tmp_path):
    for name in ("a.gif", "b.jfif", "c.jpg", "c.gif"):
        (tmp_path / name).touch()
    folder = ImageFolder(tmp_path)
    assert folder.paths == ["b.jfif", "c.jpg"]
    assert [folder.place(called, source="here") for called in ("a.gif", "b", "c")] == ["a.gif", "b.jfif", "c.jpg"]


def test_files_are_found_by_their_endings(folder):
    assert [path.name for path in files_below(folder.root, [".txt", ".bmp"])] == ["notes.txt", "one.bmp"]


def test_every_folder_behind_links_is_listed_once_and_by_its_own_name_first(tmp_path):
    """Links that lead back, to a folder that is there, twice to another disk, to a folder within that, and nowhere."""
    for name in ("images/z/a.jpg", "images/.kept/b.jpg", "disk/c.jpg", "disk/deep/d.jpg", "disk/deep/.hidden.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    images, disk = tmp_path / "images", tmp_path / "disk"
    links = {"a": images / "z", "z/back": images, "kept": images / ".kept", "n": disk / "deep", "m": disk, "o": disk}
    for name, target in links.items():
        (images / name).symlink_to(target)
    (disk / "deep" / "round").symlink_to(disk)
    (images / "gone").symlink_to(tmp_path / "nowhere")
    expected = ["kept/b.jpg", "m/c.jpg", "m/deep/d.jpg", "z/a.jpg"]
    assert ImageFolder(images).paths == expected
    (tmp_path / "link").symlink_to(images)
    assert ImageFolder(tmp_path / "link").paths == expected


def test_a_link_to_a_whole_disk_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("lpg.annotations.image_folder.LINKED", 3)
    for number in range(4):
        (tmp_path / "disk" / str(number)).mkdir(parents=True)
    (tmp_path / "images" / "own" / "folders" / "do" / "not" / "count").mkdir(parents=True)
    (tmp_path / "images" / "link").symlink_to(tmp_path / "disk")
    fault = r"^.*images/link is a link to .*disk, and links in .*images lead to more than 3 folders; take it away, or"
    with pytest.raises(InputError, match=fault):
        ImageFolder(tmp_path / "images")
    (tmp_path / "disk" / "3").rmdir()
    (tmp_path / "disk" / "2").rmdir()
    assert ImageFolder(tmp_path / "images").paths == []
