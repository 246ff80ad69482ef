"""XML of any encoding: labelImg on a Chinese Windows writes GBK, which expat does not know."""

import re
from pathlib import Path
from xml.etree import ElementTree

from lpg.errors import InputError

DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)[\"'][^>]*\?>")
SLOW = ("punycode", "idna")  # of addresses; reading a megabyte would take minutes
LARGER = {"gb2312": "gb18030", "gbk": "gb18030"}  # what is called so often has characters of the whole


def read_xml(path: Path) -> ElementTree.Element:
    """The root of an XML file; one that does not exist is the caller's.

    Raises:
        InputError: it is no XML, or not in the encoding that it declares.
    """
    content = path.read_bytes()
    try:
        return _parse(content)
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise InputError(
            f"{path} is not valid XML ({error})", "mend or restore the file, or save it as UTF-8",
            permission="skip_unreadable",
        ) from None  # fmt: skip


def _parse(content: bytes) -> ElementTree.Element:
    declared = DECLARED.match(content)
    if not declared:
        return ElementTree.fromstring(content)
    encoding = declared[1].decode().lower()
    try:
        return ElementTree.fromstring(content)
    except (ValueError, LookupError):  # an encoding of several bytes a character, or one that expat does not know
        if encoding in SLOW:
            raise
        text = content[declared.end() :].decode(LARGER.get(encoding, encoding))
        return ElementTree.fromstring(text)
