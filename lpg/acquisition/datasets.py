"""The paper's data and weights, fetched and prepared: VOC 2012 with the SBD augmentation, COCO 2017, ImageNet."""

from pathlib import Path

from lpg.acquisition.fetch import fetch
from lpg.acquisition.sbd import augment_voc
from lpg.acquisition.sources import Sources, obtain
from lpg.annotations.coco import CocoAnnotations
from lpg.errors import InputError


def fetch_coco(sources: Sources) -> None:
    """Fetch COCO 2017, training and validation; photographs first, so that annotations mean that these are there.

    Raises:
        InputError: something cannot be fetched, or the classes that VOC does not have are not as many as they should.
    """
    for name in ("coco_train2017", "coco_val2017", "coco_annotations"):
        obtain(sources[name])
    images, annotations = sources["coco_val2017"].folder, sources["coco_annotations"].folder
    check_coco(images, Path(annotations, "instances_val2017.json"), sources.counts["coco60"])


def check_coco(images: str | Path, annotations: str | Path, expected: int) -> None:
    """Count the classes that are left without VOC's."""
    reader = CocoAnnotations(images=str(images), annotations=str(annotations), exclude="voc")
    if len(reader.class_names) != expected:
        raise InputError(
            f"{annotations} has {len(reader.class_names)} classes beside VOC's, not {expected}",
            "delete the file and fetch it again",
        )


def fetch_voc(sources: Sources) -> None:
    """Fetch VOC 2012, and add the masks of SBD and the list `train_aug`.

    Raises:
        InputError: something cannot be fetched, or a list is not as long as it should be.
    """
    voc, sbd = sources["voc2012"], sources["sbd"]
    obtain(voc)
    obtain(sbd)
    augment_voc(voc.folder, sbd.folder, train_aug=sources.counts["train_aug"], val=sources.counts["val"])


def fetch_weights(sources: Sources, path: str | Path) -> None:
    """Fetch the weights whose file has the name of `path`.

    Raises:
        InputError: no source has that name, or it cannot be fetched.
    """
    known = {source.file_name: source for source in sources.sources.values() if source.folder is None}
    if Path(path).name not in known:
        raise InputError(f"{path}: no source has this name", f"put the file there, or take one of {', '.join(known)}")
    source = known[Path(path).name]
    fetch(source.url, path, source.checksum)
