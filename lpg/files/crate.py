"""`ro-crate-metadata.json`: where every file of a run comes from, as an RO-Crate 1.1 and a Process Run Crate 0.5.

Its folder is the crate's. A job is a `CreateAction`: its `object` are the files that it read, its settings and its
device, its `result` the files that it wrote. Digests are those that the files keep; only what keeps none is read.
Nothing tells when or by whom, so two runs of one seed on one machine have the same crate.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lpg.files.atomic import replace_atomically
from lpg.files.hdf5 import open_file, read_strings
from lpg.files.lineage import origins
from lpg.jobs.provenance import RELEASED, content_digest, text_digest

SPECIFICATION = "https://w3id.org/ro/crate/1.1"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
ABOUT = (
    "Every file that lpg has made for a configuration, with what it was made from. `datePublished` is the day of this "
    "version of lpg, for a date of its own would make two equal runs differ: who publishes the crate puts in theirs."
)
LICENCE = "Not stated here: the rights of the photographs and of what is made from them are those of their owners."
LIKE = {".h5": "application/x-hdf5", ".json": "application/json", ".tsv": "text/tab-separated-values",
        ".html": "text/html", ".png": "image/png"}  # fmt: skip

Entity = dict[str, Any]


def write_crate(
    files: Iterable[str | Path], configuration: Mapping[str, Any], *, path: str | Path, made_by: Mapping[str, Any]
) -> None:
    """Write the crate.

    Arguments:
        files: what was wanted, by paths from the working directory; what they were made from is found.
        configuration: as it was read.
        made_by: what makes the crate.
    """
    folder = Path(path).parent
    known = origins(files, folder)
    crate = Crate(folder, known, _digests(known))
    with replace_atomically(path) as partial:
        partial.write_text(json.dumps(crate.written(configuration, made_by), indent=1) + "\n")


def _digests(known: Mapping[str, Mapping]) -> dict[str, str]:
    """Of the content of every file: as those say that were made from it; of the others as they are."""
    said = {path: digest for one in known.values() for path, digest in one.get("input_digests", {}).items()}
    return {path: said.get(path) or content_digest(path) for path in known}


class Crate:
    """The entities of a crate, by their `@id`.

    Arguments:
        folder: of the crate; what lies elsewhere is described, and is no part of it.
        known: what made every file, by path.
        digests: of the files' contents.
    """

    def __init__(self, folder: Path, known: Mapping[str, Mapping], digests: Mapping[str, str]) -> None:
        self.folder, self.known, self.digests = folder, known, digests
        self.entities: dict[str, Entity] = {}

    def written(self, configuration: Mapping[str, Any], made_by: Mapping[str, Any]) -> Entity:
        """The whole document."""
        files = [self._file(path) for path in sorted(self.known)]
        actions = [self._action(paths) for paths in self._jobs()]
        root = {
            "@id": "./",
            "@type": "Dataset",
            "name": "Masks and segmenters by lpg",
            "description": ABOUT,
            "datePublished": RELEASED,
            "license": LICENCE,
            "conformsTo": {"@id": PROFILE},
            "hasPart": [file for file in files if not file["@id"].startswith("#")],
            "mentions": [*actions, self._value("configuration", json.dumps(configuration, sort_keys=True))],
            "creator": self._software(made_by),
        }
        about = {"@id": "ro-crate-metadata.json", "@type": "CreativeWork"}
        about |= {"conformsTo": {"@id": SPECIFICATION}, "about": {"@id": "./"}}
        profile = {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
        return {"@context": f"{SPECIFICATION}/context", "@graph": [about, root, profile, *self.entities.values()]}

    def _add(self, entity: Entity) -> Entity:
        self.entities.setdefault(entity["@id"], entity)
        return {"@id": entity["@id"]}

    def _file(self, path: str) -> Entity:
        """A file or a folder of the crate; what lies elsewhere, or is not there any more, by its path."""
        inside = self._has(path)
        entity = {"@id": self._id(path), "@type": "File" if inside else "CreativeWork", "name": path}
        entity["identifier"] = f"blake2b-96:{self.digests[path]}"
        if inside and Path(path).is_dir():
            entity["@type"] = "Dataset"
        elif inside:
            entity["encodingFormat"] = LIKE.get(Path(path).suffix, "application/octet-stream")
            entity["contentSize"] = str(Path(path).stat().st_size)
        return self._add(entity)

    def _has(self, path: str) -> bool:
        return Path(path).is_relative_to(self.folder) and Path(path).exists()

    def _id(self, path: str) -> str:
        if not self._has(path):
            return f"#{quote(path)}"
        return quote(str(Path(path).relative_to(self.folder))) + "/" * Path(path).is_dir()

    def _jobs(self) -> list[list[str]]:
        """The files by the jobs that wrote them."""
        jobs: dict[str, list[str]] = {}
        for path in sorted(path for path in self.known if self.known[path].get("rule")):
            jobs.setdefault(_name(self.known[path]), []).append(path)
        return list(jobs.values())

    def _action(self, paths: Sequence[str]) -> Entity:
        made_by = self.known[paths[0]]
        read = [{"@id": self._id(path)} for path in made_by["input_digests"]]
        values = [self._value(key, made_by[key]) for key in ("settings", "seed", "device") if key in made_by]
        return self._add(
            {
                "@id": f"#{made_by['rule']}/{text_digest(_name(made_by))}",
                "@type": "CreateAction",
                "name": _name(made_by),
                "description": f"the code has the digest {made_by['code_digest']}",
                "instrument": self._software(made_by),
                "object": [*read, *values, *(each for path in paths for each in self._photographs(path))],
                "result": [{"@id": self._id(path)} for path in paths],
            }
        )

    def _value(self, name: str, value: Any) -> Entity:
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        entity = {"@id": f"#{name}/{text_digest(text)}", "@type": "PropertyValue", "name": name, "value": text}
        return self._add(entity)

    def _software(self, made_by: Mapping[str, Any]) -> Entity:
        """lpg at a commit, with the libraries that it ran on."""
        version = " ".join([made_by.get("lpg_version", ""), made_by.get("commit", "")]).strip()
        libraries = [self._library(*each) for each in sorted(made_by.get("libraries", {}).items())]
        entity = {"@type": "SoftwareApplication", "name": "lpg", "softwareVersion": version}
        name = f"#lpg/{text_digest(version, str(libraries))}"
        return self._add({"@id": name, **entity, "softwareRequirements": libraries})

    def _library(self, name: str, version: str) -> Entity:
        entity = {"@type": "SoftwareApplication", "name": name, "softwareVersion": version}
        return self._add({"@id": f"#{name}/{quote(version)}", **entity})

    def _photographs(self, path: str) -> list[Entity]:
        """Those of a dataset, by one digest of all of theirs."""
        if Path(path).name != "boxes.h5":
            return []
        with open_file(path, "images/digest") as file:
            digests = read_strings(file, "images/digest")
        dataset = Path(path).parent.name
        entity = {"@id": f"#photographs/{quote(dataset)}", "@type": "Collection", "name": f"photographs of {dataset}"}
        entity["description"] = f"{len(digests)} photographs; images/digest of {path} has the digest of each"
        return [self._add({**entity, "identifier": f"blake2b-96:{text_digest(*digests)}"})]


def _name(made_by: Mapping[str, Any]) -> str:
    """A job in words: the same for all the files that it wrote."""
    about = [f"{key} {made_by[key]}" for key in ("run", "stage", "dataset", "table") if key in made_by]
    return " ".join([made_by["rule"], *about])
