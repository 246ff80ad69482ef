"""Networks without torch's compiler, which takes as long to import as torch itself and is asked to compile nothing here
(docs/performance.md).

timm, torchvision and torch's optimizers import it to tell it what it should leave alone. That much is answered here.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

from torch.overrides import TorchFunctionMode

COMPILER, FACTS = "torch._dynamo", "torch._dynamo.utils"


class _Standing(ModuleType):
    """In place of one of the compiler's modules, which it makes room for when it is asked for more."""

    def __getattr__(self, name: str):
        if name.startswith("__") and (self.__name__, name) != (COMPILER, "__path__"):  # what any module is asked for
            raise AttributeError(name)
        _leave()
        return getattr(import_module(self.__name__), name)


def _alone(function: Callable | None = None, *how, **more) -> Callable:
    """`torch._dynamo.disable`, also as a decorator with arguments."""
    return function or _alone


@contextmanager
def uncompiled() -> Iterator[None]:
    """Within, nothing imports the compiler that does not compile; afterwards whoever imports it gets it."""
    if COMPILER in sys.modules:
        yield
        return
    compiler, facts = _Standing(COMPILER), _Standing(FACTS)
    compiler.disable, compiler.graph_break = _alone, lambda *message: None
    facts.is_compile_supported = lambda device: False
    sys.modules |= {COMPILER: compiler, FACTS: facts}
    try:
        yield
    finally:
        _leave()


def _leave() -> None:
    for name in (COMPILER, FACTS):
        if isinstance(sys.modules.get(name), _Standing):
            del sys.modules[name]


@contextmanager
def lean() -> Iterator[None]:
    """Within, networks of timm are built, and nothing is imported for that which they do without."""
    with uncompiled(), _Unfilled():
        yield


class _Unfilled(TorchFunctionMode):
    """Draws no weights for a network of shapes alone, as segmentation_models_pytorch builds one to look at: torch would
    import its arithmetic of shapes to do nothing."""

    def __torch_function__(self, function: Callable, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if getattr(function, "__module__", "") == "torch.nn.init":
            drawn = args[0] if args else kwargs["tensor"]
            if drawn.is_meta:
                return drawn
        return function(*args, **kwargs)
