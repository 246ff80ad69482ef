"""`ro-crate-metadata.json`: where every file of a run comes from, as an RO-Crate 1.1 and a Process Run Crate 0.5.

Its folder is the crate's. A job is a `CreateAction`: its `object` are the files that it read, its settings and its
device, its `result` the files that it wrote. Digests are those that the files keep; only what keeps none is read.
Nothing tells when or by whom, so two runs of one seed on one machine have the same crate.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lpg.files.atomic import replace_atomically
from lpg.files.crate_entities import Entities, Entity
from lpg.files.lineage import origins
from lpg.jobs.provenance import RELEASED, content_digest, text_digest

SPECIFICATION = "https://w3id.org/ro/crate/1.1"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
ABOUT = (
    "Every file that lpg has made for a configuration, with what it was made from. `datePublished` is the day of this "
    "version of lpg, for a date of its own would make two equal runs differ: who publishes the crate puts in theirs."
)
LICENCE = "Not stated here: the rights of the photographs and of what is made from them are those of their owners."


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
    entities = Entities(folder, _digests(known))
    described = [entities.file(path) for path in sorted(known)]
    actions = [_action(entities, known[paths[0]], paths) for paths in _jobs(known)]
    read = entities.value("configuration", json.dumps(configuration, sort_keys=True))
    root = _root(described, [*actions, read], entities.software(made_by))
    with replace_atomically(path) as partial:
        partial.write_text(json.dumps(_document(root, entities.all.values()), indent=1) + "\n")


def _digests(known: Mapping[str, Mapping]) -> dict[str, str]:
    """The digests of the contents of all files: as those say that were made from them; of the others as they are."""
    said = {path: digest for one in known.values() for path, digest in one.get("input_digests", {}).items()}
    return {path: said.get(path) or content_digest(path) for path in known}


def _root(files: Sequence[Entity], mentions: Sequence[Entity], software: Entity) -> Entity:
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": "Masks and segmenters by lpg",
        "description": ABOUT,
        "datePublished": RELEASED,
        "license": LICENCE,
        "conformsTo": {"@id": PROFILE},
        "hasPart": [file for file in files if not file["@id"].startswith("#")],
        "mentions": list(mentions),
        "creator": software,
    }


def _document(root: Entity, entities: Iterable[Entity]) -> Entity:
    about = {"@id": "ro-crate-metadata.json", "@type": "CreativeWork"}
    about |= {"conformsTo": {"@id": SPECIFICATION}, "about": {"@id": "./"}}
    profile = {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
    return {"@context": f"{SPECIFICATION}/context", "@graph": [about, root, profile, *entities]}


def _jobs(known: Mapping[str, Mapping]) -> list[list[str]]:
    """The files by the jobs that wrote them."""
    jobs: dict[str, list[str]] = {}
    for path in sorted(path for path in known if known[path].get("rule")):
        jobs.setdefault(_name(known[path]), []).append(path)
    return list(jobs.values())


def _action(entities: Entities, made_by: Mapping[str, Any], paths: Sequence[str]) -> Entity:
    """The entity of a job that wrote files."""
    read = [{"@id": entities.id(path)} for path in made_by["input_digests"]]
    values = [
        entities.value(key, made_by[key])
        for key in ("settings", "seed", "device")
        if made_by.get(key) not in (None, {})
    ]
    return entities.add(
        {
            "@id": f"#{made_by['rule']}/{text_digest(_name(made_by))}",
            "@type": "CreateAction",
            "name": _name(made_by),
            "description": f"the code has the digest {made_by['code_digest']}",
            "instrument": entities.software(made_by),
            "object": [*read, *values, *(each for path in paths for each in entities.photographs(path))],
            "result": [{"@id": entities.id(path)} for path in paths],
        }
    )


def _name(made_by: Mapping[str, Any]) -> str:
    """A job in words: the same for all the files that it wrote."""
    about = [f"{key} {made_by[key]}" for key in ("run", "stage", "dataset", "table") if key in made_by]
    return " ".join([made_by["rule"], *about])
