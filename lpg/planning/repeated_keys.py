"""A key that stands twice in a YAML file: the second would silently replace the first."""

from collections.abc import Iterable
from pathlib import Path

import yaml

from lpg.errors import InputError


def refuse_repeated_keys(paths: Iterable[str | Path]) -> None:
    """Look through configuration files.

    Raises:
        InputError: names the file, the line and the key.
    """
    for path in paths:
        _look_through(Path(path), yaml.compose(Path(path).read_text(), yaml.SafeLoader), set())


def _look_through(path: Path, node: yaml.Node | None, seen: set[int]) -> None:
    if not isinstance(node, yaml.CollectionNode) or id(node) in seen:
        return  # an alias comes back to its anchor's node
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        children = node.value
    else:
        _refuse_repeated(path, [key for key, _ in node.value])
        children = [value for _, value in node.value]
    for child in children:
        _look_through(path, child, seen)


def _refuse_repeated(path: Path, keys: list[yaml.Node]) -> None:
    lines: dict[str, int] = {}
    for key in keys:
        line = key.start_mark.line + 1
        if key.value in lines:
            raise InputError(
                f"{path}, line {line}: '{key.value}' stands in line {lines[key.value]} already", "rename or remove one"
            )
        lines[key.value] = line
