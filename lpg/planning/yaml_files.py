"""What no YAML file should say: what it reads as something else without a word, or a bomb of aliases.

Of a key that stands twice it takes the second; a number that begins with 0 is octal to it, and 1:30 sixty and thirty.
No setting is `.inf` or `.nan`.
"""

import math
import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from lpg.errors import InputError

MOST = 1_000_000  # values of a file with every alias written out
NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
ODD = re.compile(r"[-+]?0[0-7_]+[0-7]|.*:.*")
REMEDY = "write out what the aliases stand for"


def check_yaml(paths: Iterable[str | Path]) -> None:
    """Look through configuration files.

    Raises:
        InputError: names the file, the line and the key or number; or the file is no YAML, or its aliases are too much.
    """
    for path in paths:
        _look_through(Path(path), _nodes(Path(path)), {})


def _nodes(path: Path) -> yaml.Node | None:
    try:
        return yaml.compose(path.read_text(encoding="utf-8"), yaml.SafeLoader)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "mend the path") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{path} is not valid YAML ({' '.join(str(error).split())})", "mend the file") from None


def _look_through(path: Path, node: yaml.Node | None, sizes: dict[int, int | None]) -> int:
    """How many values a node has with its aliases written out.

    Arguments:
        sizes: of the nodes so far, for an alias comes back to its anchor's node; None of those that are not done.
    """
    if isinstance(node, yaml.ScalarNode):
        _refuse_odd(path, node)
    if not isinstance(node, yaml.CollectionNode):
        return 1
    if id(node) not in sizes:
        sizes[id(node)] = None
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        _refuse_repeated(path, [key for key, _ in pairs])
        children = [value for _, value in pairs] if pairs else node.value
        sizes[id(node)] = 1 + sum(_look_through(path, child, sizes) for child in children)
    if sizes[id(node)] is None:
        raise InputError(f"{path}, line {node.start_mark.line + 1}: an alias stands in what it stands for", REMEDY)
    if sizes[id(node)] > MOST:
        raise InputError(f"{path}, line {node.start_mark.line + 1}: with its aliases it has too many values", REMEDY)
    return sizes[id(node)]


def _refuse_odd(path: Path, number: yaml.ScalarNode) -> None:
    if number.tag not in NUMBERS:
        return
    where = f"{path}, line {number.start_mark.line + 1}"
    try:
        value = yaml.safe_load(number.value)
        finite = math.isfinite(value)
    except (ValueError, OverflowError):  # 0x_, or five thousand digits
        finite = False
    if not finite:
        raise InputError(
            f"{where}: no setting is {number.value:.30}", "write a number; put it in quotes if it is a name"
        )
    if ODD.fullmatch(number.value):
        raise InputError(
            f"{where}: YAML reads {number.value} as {value}",
            "write that, or what was meant; put it in quotes if it is a name",
        )


def _refuse_repeated(path: Path, keys: list[yaml.Node]) -> None:
    lines: dict[str, int] = {}
    for key in keys:
        line, name = key.start_mark.line + 1, key.value if isinstance(key, yaml.ScalarNode) else ""
        if name and name in lines:
            raise InputError(
                f"{path}, line {line}: '{name}' stands in line {lines[name]} already", "rename or remove one"
            )
        lines[name] = line
