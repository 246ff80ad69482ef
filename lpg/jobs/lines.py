"""A line of a registry: a class or a function known by name, whose module is imported when it is opened."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """`module` is the full name of a module of the package, `name` a class or a function in it."""

    module: str
    name: str

    def identity(self) -> tuple:
        """What a job that uses the line depends on, beside the code of its module."""
        return self.module, self.name

    def open(self) -> Callable:
        """The class or the function; its module is imported now."""
        return getattr(importlib.import_module(self.module), self.name)
