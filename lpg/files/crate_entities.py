"""What stands in an RO-Crate: files, folders, values, software, photographs, each once."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lpg.files.hdf5 import open_file, read_strings
from lpg.jobs.provenance import text_digest

LIKE = {".h5": "application/x-hdf5", ".json": "application/json", ".tsv": "text/tab-separated-values",
        ".html": "text/html", ".png": "image/png"}  # fmt: skip

Entity = dict[str, Any]


class Entities:
    """The entities of a crate, by their `@id`. Every method adds one if it is new, and gives the reference to it.

    Arguments:
        folder: of the crate; what lies elsewhere is described, and is no part of it.
        digests: of the files' contents.
    """

    def __init__(self, folder: Path, digests: Mapping[str, str]) -> None:
        self.folder, self.digests = folder, digests
        self.all: dict[str, Entity] = {}

    def add(self, entity: Entity) -> Entity:
        self.all.setdefault(entity["@id"], entity)
        return {"@id": entity["@id"]}

    def file(self, path: str) -> Entity:
        """A file or a folder of the crate; what lies elsewhere, or is not there any more, by its path."""
        inside = self._has(path)
        entity = {"@id": self.id(path), "@type": "File" if inside else "CreativeWork", "name": path}
        entity["identifier"] = f"blake2b-96:{self.digests[path]}"
        if inside and Path(path).is_dir():
            entity["@type"] = "Dataset"
        elif inside:
            entity["encodingFormat"] = LIKE.get(Path(path).suffix, "application/octet-stream")
            entity["contentSize"] = str(Path(path).stat().st_size)
        return self.add(entity)

    def _has(self, path: str) -> bool:
        return Path(path).is_relative_to(self.folder) and Path(path).exists()

    def id(self, path: str) -> str:
        if not self._has(path):
            return f"#{quote(path)}"
        return quote(str(Path(path).relative_to(self.folder))) + "/" * Path(path).is_dir()

    def value(self, name: str, value: Any) -> Entity:
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        entity = {"@id": f"#{name}/{text_digest(text)}", "@type": "PropertyValue", "name": name, "value": text}
        return self.add(entity)

    def software(self, made_by: Mapping[str, Any]) -> Entity:
        """lpg at a commit, with the libraries that it ran on."""
        version = " ".join([made_by.get("lpg_version", ""), made_by.get("commit", "")]).strip()
        libraries = [self._library(*each) for each in sorted(made_by.get("libraries", {}).items())]
        entity = {"@type": "SoftwareApplication", "name": "lpg", "softwareVersion": version}
        name = f"#lpg/{text_digest(version, str(libraries))}"
        return self.add({"@id": name, **entity, "softwareRequirements": libraries})

    def _library(self, name: str, version: str) -> Entity:
        entity = {"@type": "SoftwareApplication", "name": name, "softwareVersion": version}
        return self.add({"@id": f"#{name}/{quote(version)}", **entity})

    def photographs(self, path: str) -> list[Entity]:
        """The photographs behind a `boxes.h5`, as one entity with one digest of all of theirs; none behind others."""
        if Path(path).name != "boxes.h5":
            return []
        with open_file(path, "images/digest") as file:
            digests = read_strings(file, "images/digest")
        dataset = Path(path).parent.name
        entity = {"@id": f"#photographs/{quote(dataset)}", "@type": "Collection", "name": f"photographs of {dataset}"}
        entity["description"] = f"{len(digests)} photographs; images/digest of {path} has the digest of each"
        return [self.add({**entity, "identifier": f"blake2b-96:{text_digest(*digests)}"})]
