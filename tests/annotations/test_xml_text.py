"""XML of any encoding."""

import pytest

from lpg.annotations.xml_text import read_xml
from lpg.errors import InputError

NAME = "<annotation><name>猫</name></annotation>"


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("utf-8", "utf-8"),
        ("gb2312", "gbk"),
        ("GBK", "gbk"),
        ("Shift_JIS", "shift_jis"),
        ("utf-16", "utf-16"),
        (None, "utf-8"),
    ],
)
def test_the_declared_encoding_counts(tmp_path, declared, encoding):
    declaration = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else ""
    (tmp_path / "a.xml").write_bytes((declaration + NAME).encode(encoding))
    assert read_xml(tmp_path / "a.xml").findtext("name") == "猫"


@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0" encoding="gbk"?><a>' + b"\xff\xff</a>",
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        "<a>机</a>".encode("gbk"),
        b"<a>",
        b"",
    ],
)
def test_what_is_no_xml_is_refused(tmp_path, content):
    (tmp_path / "a.xml").write_bytes(content)
    with pytest.raises(
        InputError, match=r"a\.xml is not valid XML \(.+\); mend or restore the file, or save it as UTF-8"
    ):
        read_xml(tmp_path / "a.xml")
