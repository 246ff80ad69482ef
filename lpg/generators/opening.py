"""From a name and options to a generator, and what is refused of them."""

from pathlib import Path

from lpg.errors import InputError
from lpg.generators.interface import Generator
from lpg.generators.registry import LEARNED, METHODS

# The methods that can make a single mask again, wherever it comes from: they need neither scores nor files nor a GPU.
PLAIN_METHODS = tuple(
    name for name, method in METHODS.items() if not (method.reads_scores or method.network or method.required)
)


def open_method(name: str, options: dict) -> Generator:
    """The generic generator called `name`; its module is imported now."""
    return METHODS[name].open()(**options)


def open_learned(checkpoint: str | Path, device: str = "cpu", apply: dict | None = None) -> Generator:
    """The trained generator of a checkpoint; torch is imported now.

    Arguments:
        apply: how it makes masks, where that is another way than the checkpoint's own.
    """
    if not isinstance(apply, dict | None):
        raise InputError(f"apply is {apply!r} and no dict", 'give its keys and values, as {"flip": False}')
    return LEARNED.open().load(checkpoint, device, apply)


def check_method(where: str, name: str, options: dict) -> None:
    """Refuse a method or an option that is not there.

    Raises:
        InputError: names what is known.
    """
    if name not in METHODS:
        raise InputError(f"{where}.method: '{name}' is no generator", f"known are {', '.join(METHODS)}")
    method = METHODS[name]
    for option, value in options.items():
        if option not in method.options:
            known = ", ".join(method.options) or "none"
            raise InputError(f"{where}: '{name}' takes no option '{option}'", f"it takes {known}")
        _check_value(f"{where}.{option}", value, method.options[option])
        if option in method.parts and value > 1:
            raise InputError(f"{where}.{option}: {value!r} is no part of an area", "write a number from 0 to 1")
    for option in method.required:
        if option not in options:
            raise InputError(f"{where}: '{name}' needs {option}", "add it beside method")


def _check_value(where: str, value, default: int | float | type[Path]) -> None:
    if default is Path:
        if not Path(str(value)).exists():
            raise InputError(f"{where}: {value} does not exist", "mend the path")
        return
    whole = isinstance(default, int)
    number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not number or value < 0 or (whole and value == 0):
        kind = "a whole number above 0" if whole else "a number, 0 or above"
        raise InputError(f"{where}: {value!r} is not {kind}", "mend the value")
