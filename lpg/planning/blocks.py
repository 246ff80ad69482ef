"""What blocks of the configuration are made of: kinds of values, and what holds for all of them."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from lpg.training.recipe import Settings, Text


def _once(names: list[str]) -> list[str]:
    if isinstance(names, list) and len(set(map(str, names))) < len(names):
        raise PydanticCustomError("twice", "{names} has something twice; name each once", {"names": names})
    return names


def _as_list(value: Any) -> Any:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) or value is None:
        return value
    raise PydanticCustomError("text_or_list", "{value} is not understood; give text or a list", {"value": repr(value)})


TextList = Annotated[list[Text], Field(min_length=1)]
Names = Annotated[list[Text], BeforeValidator(_once), Field(min_length=1)]
OneOrMore = Annotated[
    list[Text],
    BeforeValidator(lambda value: _once(_as_list(value))),
    Field(min_length=1, json_schema_extra={"type": ["string", "array"]}),
]


def not_empty(value: Any) -> Any:
    """A key may be left out; one that nothing stands behind is a slip."""
    if value is None:
        raise PydanticCustomError("nothing", "nothing stands here")
    return value


class Block(Settings):
    """A block of the configuration. Recipes are none: null stands for something in some of their keys."""

    _not_empty = field_validator("*", mode="before")(not_empty)


def given(block: Settings) -> dict[str, Any]:
    """The keys of a block that the configuration writes, as plain values."""
    return block.model_dump(mode="json", exclude_unset=True, by_alias=True)
