"""What a recipe is made of: typed settings, defined once, from which schema, documentation and checks are made.

The text below a field is its description in the documentation; the type says what is refused.
"""

import difflib
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from lpg.errors import InputError

Text = Annotated[str, Strict(), StringConstraints(min_length=1)]
Flag = Annotated[bool, Strict()]
Count = Annotated[int, Strict(), Field(ge=1)]
Amount = Annotated[float, Strict(), Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Strict(), Field(gt=0, allow_inf_nan=False)]
Part = Annotated[float, Strict(), Field(ge=0, le=1)]
Jitter = Annotated[float, Strict(), Field(ge=0, lt=1)]


def ascending(edges: tuple[float, float]) -> tuple[float, float]:
    """A range whose lower end comes first."""
    low, high = edges
    if low > high:
        raise PydanticCustomError(
            "backwards",
            "[{low}, {high}] runs backwards; write [{high}, {low}]",
            {"low": f"{low:g}", "high": f"{high:g}"},
        )
    return edges


Range = Annotated[tuple[Positive, Positive], AfterValidator(ascending)]


def suggestion(given: str, known: Iterable[str]) -> str:
    """What was probably meant, or everything that is known."""
    known = list(known)
    close = difflib.get_close_matches(given, known, n=1)
    return f"did you mean '{close[0]}'?" if close else f"known are {', '.join(known)}"


class Settings(BaseModel):
    """A block of a configuration: unknown keys are refused, values are not turned into other kinds.

    The text below a field is its description, which `lpg.planning.reference` looks for when it is wanted: pydantic
    would at every import.

    Attributes:
        elsewhere: keys that someone may look for in this block, and where they stand.
        part_of: the block whose fields these are, if they have no text of their own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    elsewhere: ClassVar[dict[str, str]] = {}
    part_of: ClassVar[type[BaseModel] | None] = None

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, block: Any) -> Any:
        if isinstance(block, dict) and cls.model_config["extra"] == "forbid":
            known = [field.alias or name for name, field in cls.model_fields.items()]
            for key in block:
                if key not in known:
                    hint = cls.elsewhere.get(key) or suggestion(str(key), known)
                    raise PydanticCustomError("unknown_key", "unknown key '{key}'; {hint}", {"key": key, "hint": hint})
        return block

    def plain(self) -> dict[str, Any]:
        """The settings as plain values, for a checkpoint."""
        return self.model_dump(mode="json")


class Recipe(Settings):
    """How a network is trained, whichever it is."""

    iterations: Count
    """of one stage"""
    batch: Count
    """samples at once"""
    trunk: Text | None = None
    """an encoder of timm by name, for the architectures that take one"""
    trunk_factor: Positive = 1.0
    """the trunk learns at this times the rate"""
    output_stride: Count | None = None
    """pixels of the input per logit, 1 (default), 2 or 4 of `unet`; per cell of the encoder's coarsest features, 16
    (default) or 8 of `deeplabv3plus`"""
    learning_rate: Positive
    """at the first iteration; it falls by the poly schedule"""
    weight_decay: Amount = 5e-4
    """on all that is learned, biases and normalisations too"""
    crop: Annotated[int, Strict(), Field(ge=32)]
    """side of the network's input in training, pixels"""
    jitter: Jitter = 0.0
    """range of the random brightness, contrast and saturation, 0 for none"""


def numbers_of(registry: Mapping[str, Any], settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """The numbers of the architecture that settings name, where they differ from the defaults.

    Raises:
        InputError: they name none, or one that is not in the registry.
    """
    architecture = settings.get("architecture")
    if not isinstance(architecture, str) or architecture not in registry:
        raise InputError(f"unknown architecture {architecture!r}", f"write one of {', '.join(registry)}")
    return registry[architecture].numbers
