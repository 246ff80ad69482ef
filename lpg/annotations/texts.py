"""Other people's files of text, JSON, XML and YAML, and numbers in them: read, or refused in a sentence."""

import json
import re
from math import isfinite
from os.path import exists, isfile
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree import ElementTree

import yaml

from lpg.annotations import xml_text
from lpg.errors import InputError

LARGEST = 1e6  # pixels; no photograph has as many along a side
DIGITS = 20  # of a whole number; Python refuses to read thousands
LONGEST_YAML = 1 << 20  # characters: YAML is for a table of classes, and a long one may be a bomb


def read_text(path: Path) -> str:
    """The text of a file of UTF-8, with or without a byte order mark."""
    _refuse_pipe(path)
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _no_file(path, error) from None
    except UnicodeDecodeError as error:
        raise unreadable(f"{path} is not UTF-8 ({error.reason} at byte {error.start})", "save it as UTF-8") from None


def open_annotations(path: Path) -> BinaryIO:
    """Open a file that is read in parts, at its start."""
    _refuse_pipe(path)
    try:
        return path.open("rb")
    except OSError as error:  # of all photographs: there is no going on without it
        refusal = _no_file(path, error)
        raise InputError(refusal.fault, refusal.remedy) from None


def read_json(path: Path) -> Any:
    """What a JSON file holds."""
    try:
        return json.loads(read_text(path))
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        raise unreadable(f"{path} is not valid JSON ({error})", "mend or restore the file") from None


def read_xml(path: Path) -> ElementTree.Element:
    """The root of an XML file. External entities are never fetched, and expat refuses those that grow without end."""
    _refuse_pipe(path)
    try:
        return xml_text.read_xml(path)
    except OSError as error:
        raise _no_file(path, error) from None


def read_yaml(path: Path) -> dict[str, Any]:
    """The keys of a YAML file; every value is text, a list or a dictionary: `names: [on, 1]` are names as written."""
    text = read_text(path)
    if len(text) > LONGEST_YAML:
        raise InputError(f"{path} has {len(text)} characters of YAML", "is it the right file?")
    try:
        content = yaml.load(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path} is not valid YAML ({reason})", "mend or restore the file") from None
    if not isinstance(content, dict):
        raise InputError(f"{path} has no keys", "a data.yaml has names")
    return content


def number(value: Any, source: str) -> float:
    """The coordinate that a number, or text that is one, stands for."""
    try:
        found = float("" if isinstance(value, bool) or value is None else value)
    except (TypeError, ValueError, OverflowError):
        found = float("nan")
    if isinstance(value, str) and re.fullmatch(r"-?\d+,\d+", value.strip()):
        raise unreadable(f"{source}: {value.strip()[:40]!r} has a comma", "write numbers with a point, as in 1.5")
    if not isfinite(found) or abs(found) > LARGEST:
        raise unreadable(f"{source}: {str(value)[:40]!r} is no coordinate", "mend it")
    return found


def whole(text: str) -> int | None:
    """The whole number, 0 or above, that text is; None if it is none."""
    return int(text) if text.strip().isdecimal() and len(text) < DIGITS else None


def is_number(text: str) -> bool:
    """Whether text is a number, as in 1e-05."""
    try:
        return isfinite(float(text))
    except ValueError:
        return False


def size_of(height: Any, width: Any) -> tuple[int, int] | None:
    """Height and width that an annotation states, if it states both."""
    try:
        size = round(float(height)), round(float(width))
    except (TypeError, ValueError, OverflowError):
        return None
    return size if min(size) > 0 and max(size) <= LARGEST else None


def _refuse_pipe(path: Path) -> None:
    """Refuse what is no file: reading from a pipe would wait for its other end, and a device has no end."""
    if exists(path) and not isfile(path):
        raise unreadable(f"{path} is no file", "take it out of the folder")


def _no_file(path: Path, error: OSError) -> InputError:
    denied = isinstance(error, PermissionError)
    remedy = "give this user the right to read it" if denied else "mend the path or restore the file"
    return unreadable(f"{path} cannot be read ({error.strerror})", remedy)


def unreadable(fault: str, remedy: str) -> InputError:
    """The refusal of one photograph's annotation, without which one may go on."""
    return InputError(fault, remedy, permission="skip_unreadable")
