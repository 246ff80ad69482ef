"""What is fetched, from a server on this machine: cut off, continued, refused, unpacked, prepared."""

import hashlib
import io
import json
import re
import tarfile
import threading
import zipfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import ROOT, planned_jobs, snakemake, voc_object, voc_xml, write_photograph
from PIL import Image
from scipy.io import savemat
from torchvision.models import get_weight

from lpg.acquisition import fetch as fetching
from lpg.acquisition.datasets import check_coco, fetch_weights
from lpg.acquisition.fetch import fetch
from lpg.acquisition.sbd import augment_voc, read_sbd_mask
from lpg.acquisition.sources import TABLE, Source, obtain, read_sources
from lpg.acquisition.unpack import unpack
from lpg.annotations.voc import VocAnnotations
from lpg.errors import InputError
from lpg.networks.registry import GENERATORS, SEGMENTERS
from lpg.pixels.pictures import read_palette_mask, write_palette_mask
from lpg.planning.paths import FETCHED
from lpg.planning.reading import read_configuration

CONTENT = bytes(range(256)) * 40


def md5(content: bytes) -> str:
    return "md5:" + hashlib.md5(content).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves `files`; after `cuts` bytes the next answers end too early; `asked` are the files and ranges asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.cuts: list[int] = []
        self.asked: list[tuple[str, str | None]] = []
        self.ranges, self.shift, self.failures, self.tells_size = True, 0, [], True

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{name}"

    def add(self, name: str, content: bytes) -> str:
        self.files[name] = content
        return self.url(name)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server, name, wanted = self.server, self.path[1:], self.headers["Range"]
        server.asked.append((name, wanted))
        if server.failures:
            return self.send_error(server.failures.pop(0))
        if name not in server.files:
            return self.send_error(404)
        content, start = server.files[name], 0
        if wanted and server.ranges:
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) + server.shift
            if start >= len(content):
                self.send_response(416)
                if server.tells_size:
                    self.send_header("Content-Range", f"bytes */{len(content)}")
                self.send_header("Content-Length", "0")
                return self.end_headers()
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = start + server.cuts.pop(0) if server.cuts else None
        self.wfile.write(content[start:end])

    def log_message(self, *arguments) -> None:
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def get(server, tmp_path) -> Callable[..., Path]:
    """Fetch `CONTENT` as file.bin, without long pauses."""
    url = server.add("file.bin", CONTENT)

    def get(checksum: str = md5(CONTENT), **options) -> Path:
        path = tmp_path / "data" / "file.bin"
        fetch(url, path, checksum, **{"pause": 0.001, **options})
        return path

    return get


def test_a_file_is_fetched_once(server, get):
    path = get()
    assert path.read_bytes() == CONTENT
    assert [entry.name for entry in path.parent.iterdir()] == ["file.bin"]
    get()
    assert server.asked == [("file.bin", None)]


@pytest.mark.parametrize("checksum", ["sha256:" + hashlib.sha256(CONTENT).hexdigest()[:8], md5(CONTENT)])
def test_the_first_digits_of_a_checksum_are_enough(get, checksum):
    assert get(checksum).is_file()


def test_a_transfer_that_is_cut_off_goes_on_where_it_was(server, get):
    server.cuts = [100, 200]
    assert get().read_bytes() == CONTENT
    assert [wanted for _, wanted in server.asked] == [None, "bytes=100-", "bytes=300-"]


@pytest.mark.parametrize("tells_size", [True, False])
def test_a_complete_transfer_that_was_not_renamed_is_not_repeated(server, get, tmp_path, tells_size):
    server.tells_size = tells_size  # S3 does not
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "file.bin.partial").write_bytes(CONTENT)
    assert get().read_bytes() == CONTENT
    assert server.asked == [("file.bin", f"bytes={len(CONTENT)}-")]


def test_without_ranges_it_starts_over(server, get):
    server.ranges, server.cuts = False, [100]
    assert get().read_bytes() == CONTENT
    assert [wanted for _, wanted in server.asked] == [None, "bytes=100-"]


def test_a_part_that_was_not_asked_for_is_not_appended(server, get):
    server.shift, server.cuts = 7, [100]
    assert get().read_bytes() == CONTENT
    assert [wanted for _, wanted in server.asked] == [None, "bytes=100-", None]


def test_what_has_come_survives_giving_up_and_the_next_start_continues_it(server, get, tmp_path):
    server.cuts = [100]
    with pytest.raises(
        InputError, match=r"file\.bin cannot be fetched \(ended after 100 of 10,240 bytes\); start again"
    ):
        get(attempts=1)
    assert (tmp_path / "data/file.bin.partial").read_bytes() == CONTENT[:100]
    assert get().read_bytes() == CONTENT
    assert server.asked[-1] == ("file.bin", "bytes=100-")


def test_a_server_that_always_cuts_at_the_same_byte_is_given_up(server, get):
    server.ranges, server.cuts = False, [100] * 9
    with pytest.raises(InputError, match="ended after 100 of"):
        get(attempts=3)
    assert len(server.asked) == 3


def test_many_cuts_are_no_failures_as_long_as_bytes_come(server, get):
    server.cuts = [50] * 12
    assert get(attempts=2).read_bytes() == CONTENT


def test_a_whole_partial_file_is_verified_and_taken(server, get, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/file.bin.partial").write_bytes(CONTENT)
    assert get().read_bytes() == CONTENT
    assert server.asked == [("file.bin", f"bytes={len(CONTENT)}-")]


def test_a_partial_file_that_is_too_long_is_started_over(server, get, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/file.bin.partial").write_bytes(CONTENT + b"more")
    assert get().read_bytes() == CONTENT


def test_a_busy_server_is_asked_again(server, get):
    server.failures = [503, 429]
    assert get().read_bytes() == CONTENT


def test_a_file_that_the_server_does_not_have_is_refused_at_once(server, tmp_path):
    with pytest.raises(InputError, match=r"none\.bin cannot be fetched \(HTTP Error 404.*\); mend the URL"):
        fetch(server.url("none.bin"), tmp_path / "none.bin", md5(b""))
    assert len(server.asked) == 1


def test_a_wrong_checksum_is_one_sentence_and_leaves_nothing_behind(server, get, tmp_path):
    wrong = "md5:" + "0" * 32
    with pytest.raises(InputError) as caught:
        get(wrong)
    message = str(caught.value)
    assert f"should be {wrong} but is {md5(CONTENT)}" in message
    assert message.startswith(str(tmp_path / "data/file.bin")) and "has been removed, so start again" in message
    assert not list((tmp_path / "data").iterdir())
    assert get().is_file()


def test_another_file_in_the_place_is_not_overwritten(get, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/file.bin").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"file\.bin is not the file of http.* \(md5:.* is expected\); delete it"):
        get()
    assert (tmp_path / "data/file.bin").read_bytes() == b"mine"


def test_a_full_disk_is_noticed_before_it_is_full(get, monkeypatch):
    usage = fetching.shutil._ntuple_diskusage(10, 9, 1)
    monkeypatch.setattr(fetching.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(InputError, match=r"file\.bin\.partial: 0\.0 GB are to come but .* are free; make room"):
        get()


# Archives


def make_tar(path: Path, files: dict[str, bytes], *links: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix == ".tgz" else "w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for link in links:
            tar.addfile(link)
    return path


def make_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name, make", [("a.tar", make_tar), ("a.tgz", make_tar), ("a.zip", make_zip)])
def test_an_archive_fills_a_folder_and_leaves_the_rest_of_it(tmp_path, name, make):
    archive = make(tmp_path / name, {"top/one.txt": b"1", "top/sub/two.txt": b"2", "other/three.txt": b"3"})
    folder = tmp_path / "made" / "here"
    unpack(archive, folder, "top")
    assert tree(folder) == {"one.txt": b"1", "sub/two.txt": b"2"}
    (folder / "sub/two.txt").unlink()
    (folder / "sub/mine.txt").write_bytes(b"mine")
    unpack(archive, folder, "top")
    assert tree(folder) == {"one.txt": b"1", "sub/two.txt": b"2", "sub/mine.txt": b"mine"}
    assert [path.name for path in folder.parent.iterdir()] == ["here"], "nothing temporary is left"


HOSTILE = {
    "parent": lambda path: make_tar(path / "evil.tar", {"../evil": b"x"}),
    "parent inside": lambda path: make_tar(path / "evil.tar", {"top/../../evil": b"x"}),
    "absolute": lambda path: make_tar(path / "evil.tar", {str(path / "evil"): b"x"}),
    "symlink": lambda path: make_tar(path / "evil.tar", {}, special("top/evil", tarfile.SYMTYPE, "../../..")),
    "absolute symlink": lambda path: make_tar(path / "evil.tar", {}, special("evil", tarfile.SYMTYPE, str(path))),
    "hard link": lambda path: make_tar(path / "evil.tar", {}, special("evil", tarfile.LNKTYPE, "../secret")),
    "device": lambda path: make_tar(path / "evil.tar", {}, special("evil", tarfile.CHRTYPE)),
    "pipe": lambda path: make_tar(path / "evil.tar", {}, special("evil", tarfile.FIFOTYPE)),
    "zip, parent": lambda path: make_zip(path / "evil.zip", {"../evil": b"x"}),
    "zip, absolute": lambda path: make_zip(path / "evil.zip", {str(path / "evil"): b"x"}),
    "zip, symlink": lambda path: make_zip_link(path / "evil.zip"),
}


def make_zip_link(path: Path) -> Path:
    member = zipfile.ZipInfo("evil")
    member.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(member, "../../secret")
    return path


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_archive_is_refused_and_writes_nothing(tmp_path, kind):
    (tmp_path / "secret").write_bytes(b"secret")
    archive = HOSTILE[kind](tmp_path)
    with pytest.raises(InputError, match=r"holds '.*evil' \(.+\) and is not unpacked; get the archive from its own"):
        unpack(archive, tmp_path / "a" / "folder")
    assert set(tree(tmp_path)) == {"secret", archive.name}
    assert not list((tmp_path / "a").iterdir())


def test_a_python_that_cannot_check_a_tar_does_not_unpack_it(tmp_path, monkeypatch):
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("file"))
    monkeypatch.delattr(tarfile, "data_filter")
    with pytest.raises(InputError, match=r"^this Python unpacks archives unchecked; take 3\.11\.4 or newer"):
        unpack(tmp_path / "a.tar", tmp_path / "folder")


@pytest.mark.parametrize("name, make", [("a.tar", make_tar), ("a.tgz", make_tar), ("a.zip", make_zip)])
def test_half_an_archive_leaves_nothing(tmp_path, name, make):
    noise = np.random.default_rng(0).bytes(50_000)
    archive = make(tmp_path / name, {"top/one": noise, "top/two": noise})
    archive.write_bytes(archive.read_bytes()[:30_000])
    with pytest.raises(InputError, match=r"a\.\w+ cannot be unpacked \(.+\); delete it and fetch it again"):
        unpack(archive, tmp_path / "folder", "top")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_an_archive_without_the_expected_folder_is_refused(tmp_path):
    archive = make_zip(tmp_path / "a.zip", {"top/one": b"1"})
    with pytest.raises(InputError, match=r"a\.zip has no folder 'bottom'; mend `inside`"):
        unpack(archive, tmp_path / "folder", "bottom")


# The table of sources


def test_the_pinned_table_can_be_read_and_its_weights_are_torchvisions():
    table = read_sources()
    assert table.counts == {"train_aug": 10582, "val": 1449, "coco60": 60}
    weights = {source.url: source.checksum for source in table.sources.values() if source.folder is None}
    trunks = {network.weights for network in (*SEGMENTERS.values(), *GENERATORS.values()) if network.weights}
    assert set(weights) == {get_weight(name).url for name in trunks}
    for url, checksum in weights.items():
        assert url.endswith(f"-{checksum.removeprefix('sha256:')}.pth")


@pytest.mark.parametrize(
    "entry, message",
    [
        ({"checksum": "md5"}, r"the checksum 'md5' is neither md5:… nor sha256:…"),
        ({"url": "file:///etc/passwd"}, r"the URL 'file:///etc/passwd' is neither http:// nor https://"),
        ({"hold": {}}, r"unexpected keyword argument 'hold'"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path, entry, message):
    entry = {"url": "http://localhost/a", "checksum": md5(b""), "licence": "none", **entry}
    path = tmp_path / "sources.yaml"
    path.write_text(yaml.safe_dump({"sources": {"a": entry}, "counts": {}}))
    pinned = re.escape(str(TABLE.relative_to(ROOT)))
    with pytest.raises(InputError, match=rf"sources\.yaml is no table of sources \(.*{message}.*\); {pinned} is one$"):
        read_sources(path)


def test_an_archive_with_other_contents_than_it_should_have_is_refused(server, tmp_path):
    content = make_zip(tmp_path / "a.zip", {"top/one.jpg": b"1"}).read_bytes()
    folder = tmp_path / "folder"
    source = Source(server.add("a.zip", content), md5(content), "none", None, str(folder), "top", {"*.jpg": 2})
    with pytest.raises(InputError, match=r"folder has 1 files \*\.jpg, not 2; move what else is in the folder away"):
        obtain(source, tmp_path / "archives")
    obtain(Source(source.url, source.checksum, "none", None, str(folder), "top", {"*.jpg": 1}), tmp_path / "none")
    assert not (tmp_path / "none").exists(), "a complete folder needs no archive"


def test_weights_that_no_source_has_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"mine\.pth: no source has this name; .* take one of vgg16-397923af\.pth"):
        fetch_weights(read_sources(), tmp_path / "mine.pth")


# VOC and SBD

# Four photographs: `a` is in VOC's training set, `v` in its validation set; SBD has masks of all.
OWN = np.array([[0, 1, 255], [0, 1, 1]], dtype=np.uint8)
THEIRS = np.array([[0, 20, 20], [3, 3, 0]], dtype=np.uint8)
OBJECTS = np.array([[0, 1, 2], [3, 3, 0]], dtype=np.uint8)


def write_sbd(folder: Path) -> None:
    for kind, segmentation in (("cls", THEIRS), ("inst", OBJECTS)):
        (folder / kind).mkdir(parents=True)
        for name in "avst":
            savemat(folder / kind / f"{name}.mat", {f"GT{kind}": {"Segmentation": segmentation, "Other": [3, 20]}})
    (folder / "train.txt").write_text("a\ns\n")
    (folder / "val.txt").write_text("t\nv\n")


def write_voc(root: Path) -> None:
    lists = root / "ImageSets" / "Segmentation"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("a\n")
    (lists / "val.txt").write_text("v\n")
    (root / "Annotations").mkdir()
    for name in "avst":
        write_photograph(root / "JPEGImages" / f"{name}.jpg", 2, 3)
        (root / "Annotations" / f"{name}.xml").write_text(voc_xml(2, 3, voc_object("cat", "1 1 3 2")))
    for name in "av":
        write_palette_mask(root / "SegmentationClass" / f"{name}.png", OWN)
        write_palette_mask(root / "SegmentationObject" / f"{name}.png", OWN)


@pytest.fixture
def voc_and_sbd(tmp_path) -> tuple[Path, Path]:
    write_voc(tmp_path / "voc")
    write_sbd(tmp_path / "sbd")
    return tmp_path / "voc", tmp_path / "sbd"


def test_the_augmentation_keeps_vocs_masks_and_adds_sbds(voc_and_sbd):
    root, sbd = voc_and_sbd
    augment_voc(root, sbd, train_aug=3, val=1)
    assert VocAnnotations(root=str(root), split="train_aug").names() == ["a", "s", "t"]
    for folder, theirs in (("SegmentationClass", THEIRS), ("SegmentationObject", OBJECTS)):
        masks = {path.stem: read_palette_mask(path).tolist() for path in (root / folder).iterdir()}
        assert masks == {"a": OWN.tolist(), "v": OWN.tolist(), "s": theirs.tolist(), "t": theirs.tolist()}
    with Image.open(root / "SegmentationClass/s.png") as added, Image.open(root / "SegmentationClass/a.png") as own:
        assert added.getpalette() == own.getpalette()


def test_sbds_classes_are_vocs_and_its_objects_may_be_more(voc_and_sbd):
    root, sbd = voc_and_sbd
    savemat(sbd / "inst" / "s.mat", {"GTinst": {"Segmentation": np.full((2, 3), 254), "Other": [3, 20]}})
    augment_voc(root, sbd, train_aug=3, val=1)
    assert read_palette_mask(root / "SegmentationObject/s.png").tolist() == [[254] * 3] * 2
    savemat(sbd / "cls" / "s.mat", {"GTcls": {"Segmentation": np.full((2, 3), 21), "Other": [3, 20]}})
    with pytest.raises(InputError, match=r"cls/s\.mat: GTcls\.Segmentation is no mask of ids up to 20"):
        augment_voc(root, sbd, train_aug=3, val=1)


@pytest.mark.parametrize(
    "counts, message",
    [
        (
            {"train_aug": 4, "val": 1},
            r"voc: train_aug has 3 images, not 4; delete .*voc and .*sbd, and fetch them again",
        ),
        ({"train_aug": 3, "val": 1449}, r"voc: val has 1 images, not 1,449; delete"),
    ],
)
def test_lists_of_another_length_are_refused(voc_and_sbd, counts, message):
    with pytest.raises(InputError, match=message):
        augment_voc(*voc_and_sbd, **counts)
    assert not (voc_and_sbd[0] / "ImageSets/Segmentation/train_aug.txt").exists()


@pytest.mark.parametrize(
    "missing", ["JPEGImages/s.jpg", "Annotations/s.xml", "SegmentationClass/v.png", "SegmentationObject/v.png"]
)
def test_an_image_that_lacks_something_is_refused(voc_and_sbd, missing):
    (voc_and_sbd[0] / missing).unlink()
    folder, name = missing.split("/")
    with pytest.raises(
        InputError, match=rf"{folder} lacks 1 files, among them {name}; delete .*voc and fetch it again"
    ):
        augment_voc(*voc_and_sbd, train_aug=3, val=1)


@pytest.mark.parametrize(
    "content, message",
    [
        ({"GTcls": {"Segmentation": np.full((2, 2), 21)}}, r"is no mask of ids up to 20; fetch SBD again"),
        ({"GTinst": 1}, r"has no GTcls\.Segmentation \('GTcls'\); fetch SBD again"),
        (b"not a .mat" * 50, r"has no GTcls\.Segmentation \(.+\); fetch SBD again"),
        (None, r"does not exist, though SBD lists it"),
    ],
)
def test_a_file_that_is_no_mask_of_sbd_is_refused(tmp_path, content, message):
    path = tmp_path / "a.mat"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        savemat(path, content)
    with pytest.raises(InputError, match=rf"a\.mat.* {message}"):
        read_sbd_mask(path, "GTcls", 20)


def test_coco_with_other_classes_is_refused(coco):
    check_coco(coco.images, coco.annotations, 2)
    with pytest.raises(InputError, match=r"instances\.json has 2 classes beside VOC's, not 60; delete the file"):
        check_coco(coco.images, coco.annotations, 60)


# Through Snakemake


@pytest.mark.parametrize("split", ["train", "val", "train_aug"])
def test_lists_that_are_fetched_may_be_missing_and_others_may_not(split):
    datasets = {"voc": {"format": "voc", "root": "data/voc2012/", "split": split}}
    config = {"datasets": datasets, "runs": {"a": {"dataset": "voc", "segmenter": "largefov", "labels": "masks"}}}
    (listing,) = read_configuration(config).datasets["voc"].listing
    assert str(listing) in FETCHED
    datasets["voc"]["split"] = split + "s"
    with pytest.raises(InputError, match=rf"data/voc2012/ImageSets/Segmentation/{split}s\.txt does not exist; mend"):
        read_configuration(config)


def test_of_a_root_that_is_not_there_the_root_is_told_and_not_its_lists():
    datasets = {"voc": {"format": "voc", "root": "nowhere", "split": "train"}}
    config = {"datasets": datasets, "runs": {"a": {"dataset": "voc", "segmenter": "largefov", "labels": "masks"}}}
    with pytest.raises(InputError, match=r"^datasets\.voc\.root: nowhere does not exist; mend the path$"):
        read_configuration(config)


def test_the_papers_run_is_planned_on_a_machine_without_the_data(tmp_path):
    counts = planned_jobs(tmp_path, "all", config=ROOT / "config/voc_coco.yaml")
    assert {rule: counts[rule] for rule in ("fetch_coco", "fetch_voc", "fetch_weights")} == {
        "fetch_coco": 1,
        "fetch_voc": 1,
        "fetch_weights": 1,
    }
    assert counts["train_generator"] == 3


@pytest.fixture
def table(server, tmp_path) -> Path:
    """A table like the pinned one, of archives with a handful of files on the server."""
    write_voc(tmp_path / "voc")
    write_sbd(tmp_path / "sbd")
    photograph = (tmp_path / "voc/JPEGImages/a.jpg").read_bytes()
    annotations = {
        "images": [{"id": 1, "file_name": "1.jpg", "height": 2, "width": 3}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 2, "bbox": [0, 0, 2, 2], "iscrowd": 0}],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "kite"}],
    }
    instances = {f"annotations/instances_{split}.json": json.dumps(annotations).encode() for split in COCO_SPLITS}
    archives = {
        **{
            f"coco_{split}": make_zip(tmp_path / f"{split}.zip", {f"{split}/1.jpg": photograph})
            for split in COCO_SPLITS
        },
        "coco_annotations": make_zip(tmp_path / "annotations_trainval2017.zip", instances),
        "voc2012": make_tar(tmp_path / "voc.tar", under("VOCdevkit/VOC2012", tree(tmp_path / "voc"))),
        "sbd": make_tar(tmp_path / "sbd.tgz", under("benchmark_RELEASE/dataset", tree(tmp_path / "sbd"))),
        "vgg16": make_zip(tmp_path / "vgg16-397923af.pth", {}),
    }
    content = yaml.safe_load(TABLE.read_text())
    content["counts"] = {"train_aug": 3, "val": 1, "coco60": 1}
    content["sources"] = {name: content["sources"][name] for name in archives}
    for name, path in archives.items():
        url = server.add(path.name, path.read_bytes())
        content["sources"][name] |= {"url": url, "checksum": md5(path.read_bytes())}
    for split in COCO_SPLITS:
        content["sources"][f"coco_{split}"]["holds"] = {"*.jpg": 1}
    path = tmp_path / "sources.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


COCO_SPLITS = ("train2017", "val2017")


def under(folder: str, files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{folder}/{name}": content for name, content in files.items()}


@pytest.mark.slow
def test_the_chain_runs_from_archives_to_masks_and_does_not_fetch_again(server, table, tmp_path):
    config = yaml.safe_load((ROOT / "config/voc_coco.yaml").read_text()) | {"sources": str(table)}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    folder = tmp_path / "work"
    weights = "data/weights/vgg16-397923af.pth"
    targets = [weights, *FETCHED, "results/datasets/voc/masks.h5", "results/datasets/coco60/boxes.h5"]
    result = snakemake(folder, *targets, config=tmp_path / "config.yaml")
    assert result.returncode == 0, result.stdout + result.stderr
    assert all((folder / target).is_file() for target in targets)
    assert sorted(name for name, _ in server.asked) == sorted(server.files)
    assert not [*folder.rglob("*.partial"), *folder.rglob("*.unpacking")]
    (folder / FETCHED[-1]).unlink()
    asked = len(server.asked)
    again = snakemake(folder, FETCHED[-1], config=tmp_path / "config.yaml")
    assert again.returncode == 0, again.stdout + again.stderr
    assert len(server.asked) == asked, "the archives are there"
