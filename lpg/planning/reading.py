"""A configuration on its way in: checked against its definition and against what lies on disk, before anything runs."""

from os.path import isdir, isfile
from pathlib import Path

from pydantic import ValidationError

from lpg.annotations.guess import KNOWN, ONE_FILE
from lpg.errors import InputError
from lpg.planning.configuration import Configuration
from lpg.planning.datasets import AnyDataset
from lpg.planning.paths import holds_what_is_made, made_here
from lpg.planning.sentences import sentence


def read_configuration(config: dict) -> Configuration:
    """The configuration, typed, with defaults filled in.

    Raises:
        InputError: a key or value that its definition refuses, or a file that does not exist.
    """
    try:
        checked = Configuration.model_validate(config)
    except ValidationError as error:
        raise InputError(*_said(error, config)) from None
    for name, dataset in checked.datasets.items():
        if not dataset.listing or not all(made_here(path) for path in dataset.listing):
            _refuse_missing(f"datasets.{name}", dataset)
    return checked


def _said(error: ValidationError, config: dict) -> list[str]:
    """The fault and the remedy. YAML can hold halves of letters, of which nothing can be said in UTF-8."""
    try:
        return sentence(error, config).rsplit("; ", 1)
    except UnicodeEncodeError as half:
        return [f"the configuration has a text that is none, {half.object!r}", "write its letters as they are"]


def check_home(home: Path) -> None:
    """Refuse a checkout in a folder whose path Snakemake cannot work from.

    Raises:
        InputError: it has a blank, at which Snakemake's command lines for scripts break.
    """
    if any(character.isspace() for character in str(home)):
        raise InputError(
            f"lpg lies in '{home}', and Snakemake runs no script in a folder with a blank in its path",
            "move it to a folder without one",
        )


def absence(path: str | Path) -> str:
    """What is said of a path at which there is no file."""
    return "is a folder, and a file is wanted" if isdir(path) else "does not exist"


def _refuse_missing(where: str, dataset: AnyDataset) -> None:
    """Refuse annotation files or a photographs' folder that are missing; what they hold is looked at when read."""
    if dataset.format in ONE_FILE and isdir(dataset.annotations):
        raise InputError(
            f"{where}.annotations: {dataset.annotations} is a folder",
            f"name the file in it that is {KNOWN[dataset.format]}",
        )
    root = getattr(dataset, "root", None)
    if root is not None and not isdir(root) and not holds_what_is_made(root):
        raise InputError(f"{where}.root: {root} {'is a file' if isfile(root) else 'does not exist'}", "mend the path")
    for path in dataset.listing:
        if not made_here(path) and not isfile(path):
            raise InputError(*_missing(where, dataset, path))
    key, folder = dataset.folder
    if not isdir(folder):
        fault = "is a file" if isfile(folder) else "does not exist"
        raise InputError(f"{where}: the folder {folder} {fault}", f"mend {key}")


def _missing(where: str, dataset: AnyDataset, path: Path) -> tuple[str, str]:
    """The fault and the remedy of a file that is not there: the key that leads to it and what may stand there."""
    if dataset.split is None or path == Path(getattr(dataset, "annotations", "")):
        return f"{where}.annotations: {path} {absence(path)}", "mend the path or put the file there"
    if path == Path(dataset.split):
        return f"{where}.split: {path} {absence(path)}", "give the path of a list of images"
    return f"{where}.split: {path} {absence(path)}", "mend the split or put the file there"
