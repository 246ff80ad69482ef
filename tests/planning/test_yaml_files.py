"""A configuration that explodes, says other numbers than it seems to, or is no YAML at all; `test_configuration.py` has
the keys that stand twice."""

import pytest

from lpg.errors import InputError
from lpg.planning.yaml_files import check_yaml


def levels(count: int) -> str:
    """Ten times as many values a level."""
    lines = (f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, count))
    return "\n".join(["l0: &l0 [x]", *lines])


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (levels(50), r", line 7: with its aliases it has too many values; write out what the aliases stand for$"),
        ("a: &a [1, *a]", r", line 1: an alias stands in what it stands for; write out"),
        ("a: &a\n  b: {c: *a}", r", line 1: an alias stands in what it stands for; write out"),
        ("a: [", r" is not valid YAML \(while parsing a flow node .+\); mend the file$"),
        ("[" * 10**5, r" is not valid YAML \(maximum recursion depth"),
        (b"\xff\xfe", r" is not valid YAML \('utf-8' codec"),
        ("a: 1\nb: [5, 0100]", r", line 2: YAML reads 0100 as 64; write that, or what was meant; put it in quotes if"),
        ("a: {b: 1:30}", r", line 1: YAML reads 1:30 as 90; "),
        ("a: -1:30.5", r", line 1: YAML reads -1:30\.5 as -90\.5; "),
        (
            "a: {magnify: 2, context: .inf}",
            r", line 1: no setting is \.inf; write a number; put it in quotes if it is a name$",
        ),
        (f"a: {'9' * 500}", r", line 1: no setting is 9{30}; "),
        ("a: 0x_", r", line 1: no setting is 0x_; "),
        ("a: 1\nb: [-.Inf]", r", line 2: no setting is -\.Inf; "),
        ("a: .nan", r", line 1: no setting is \.nan; "),
        ("a: ['.inf', nan, inf, 0, 07, 0x10, 1_000, 0.5, 1.0e-3, '0100', 0089, 0:x, 2024-01-01, -0, 00]", None),
        ("? [1, 2]\n: x\n? [1, 2]\n: y", None),
        (f"{levels(5)}\nb: *l4\nc: *l4", None),
    ],
)
def test_yaml(tmp_path, text, refusal):
    path = tmp_path / "config.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if refusal is None:
        check_yaml([path])
        return
    with pytest.raises(InputError, match=rf"config\.yaml{refusal}"):
        check_yaml([path])
