"""A line of a registry: a class or a function known by name, whose module is imported when it is opened."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from lpg.errors import InputError

EXTRAS = {"onnx": "onnx", "onnxruntime": "onnx"}  # packages that come with an extra other than `workflow`


@dataclass(frozen=True)
class Line:
    """A class or a function, `name`, in a module of the package, whose full name is `module`."""

    module: str
    name: str

    def identity(self) -> tuple:
        """What a job that uses the line depends on, beside the code of its module."""
        return self.module, self.name

    def open(self) -> Callable:
        """The class or the function; its module is imported now.

        Raises:
            InputError: that takes a package which comes with an extra of ours, and is not there.
        """
        try:
            module = importlib.import_module(self.module)
        except ModuleNotFoundError as error:
            package = error.name.partition(".")[0]
            if package == "lpg":
                raise
            extra = EXTRAS.get(package, "workflow")
            raise InputError(
                f"this needs the package '{package}', which is not installed",
                f'install it: pip install -e ".[{extra}]"',
            ) from None
        return getattr(module, self.name)
