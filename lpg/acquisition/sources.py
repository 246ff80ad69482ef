"""The table of what can be fetched, `sources.yaml`, and an archive of it on its way to the folder that it fills."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from lpg.acquisition.fetch import fetch
from lpg.acquisition.unpack import unpack
from lpg.errors import InputError

log = logging.getLogger(__name__)

TABLE = Path(__file__).with_name("sources.yaml")
ARCHIVES = Path("data", "archives")


@dataclass(frozen=True)
class Source:
    """One file on the network; the comments of `sources.yaml` say what the attributes mean."""

    url: str
    checksum: str
    licence: str
    bytes: int | None = None
    folder: str | None = None
    inside: str = ""
    holds: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"(md5|sha256):[0-9a-f]{8,64}", self.checksum):
            raise ValueError(f"the checksum '{self.checksum}' is neither md5:… nor sha256:…")
        if not self.url.startswith(("http://", "https://")):
            raise ValueError(f"the URL '{self.url}' is neither http:// nor https://")

    @property
    def file_name(self) -> str:
        return self.url.rsplit("/", 1)[-1]

    def lacks(self) -> str | None:
        """What is missing in the folder, in words; nothing if it is complete."""
        for pattern, expected in self.holds.items():
            found = sum(1 for _ in Path(self.folder).glob(pattern))
            if found != expected:
                return f"{self.folder} has {found:,} files {pattern}, not {expected:,}"
        return None


@dataclass(frozen=True)
class Sources:
    """The table: sources by name, and the counts that are asserted of what is made of them."""

    sources: Mapping[str, Source]
    counts: Mapping[str, int]

    def __getitem__(self, name: str) -> Source:
        if name not in self.sources:
            raise InputError(f"the table of sources has no '{name}'", "add it")
        return self.sources[name]


def read_sources(path: str | Path | None = None) -> Sources:
    """Read a table, the pinned one by default.

    Raises:
        InputError: the file is missing, no YAML, or an entry is wrong.
    """
    path = TABLE if path is None else Path(path)
    try:
        content = yaml.safe_load(path.read_text())
        sources = {name: Source(**entry) for name, entry in content["sources"].items()}
        return Sources(sources, content["counts"])
    except OSError as error:
        raise InputError(f"{path}: cannot read the table of sources ({error.strerror})", "mend `sources`") from None
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(f"{path} is no table of sources ({error})", "lpg/acquisition/sources.yaml is one") from None


def obtain(source: Source, archives: str | Path = ARCHIVES) -> None:
    """Fetch an archive and unpack it, unless its folder is complete. The archive stays, for others to delete.

    Raises:
        InputError: as `fetch` and `unpack`, or the folder is not complete afterwards.
    """
    if source.lacks() is None:
        log.info("%s is complete", source.folder)
        return
    archive = Path(archives, source.file_name)
    log.info("%s; terms: %s", source.url, source.licence)
    fetch(source.url, archive, source.checksum)
    unpack(archive, source.folder, source.inside)
    if fault := source.lacks():
        raise InputError(f"{fault}", "move what else is in the folder away and start again")
