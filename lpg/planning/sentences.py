"""What the configuration's definition refuses, as one sentence: where, what, how to mend it."""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from lpg.generators.registry import METHODS
from lpg.generators.shipped import SHIPPED
from lpg.networks.registry import GENERATORS
from lpg.planning.configuration import FORMS
from lpg.training.recipe import suggestion

KINDS = {
    "int": "a whole number", "float": "a number", "bool": "true or false", "string": "text",
    "list": "a list", "tuple": "a list", "dict": "keys with values", "model": "keys with values",
}  # fmt: skip
BOUNDS = {"greater_than_equal": ("ge", "{} or more"), "greater_than": ("gt", "more than {}"),
          "less_than_equal": ("le", "{} or less"), "less_than": ("lt", "less than {}")}  # fmt: skip
RECIPES = {"segmenter": "segmenters", "learn": "generators"}  # whose names stand behind a key
NAMED = {"shipped": SHIPPED, "method": METHODS, "learn": GENERATORS}  # what is known by the forms of a generator
WORDED = ("backwards", "twice", "text_or_list", "unknown_key")  # complaints of our own definition


def sentence(error: ValidationError, config: dict) -> str:
    """The first thing to mend: a wrong choice before others, for other errors follow from it.

    Arguments:
        config: what was refused.
    """
    errors = error.errors(include_url=False)
    first = min(errors, key=lambda one: one["type"] not in ("tag", "literal_error"))
    loc = _as_written(first["loc"], config)
    if first["type"] == "tag" and isinstance(first["input"], dict) and first["ctx"]["key"] in first["input"]:
        loc.append(first["ctx"]["key"])
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).removeprefix(".")
    return f"{place or 'the top level'}: {_complaint(first)}"


def _as_written(loc: Sequence[str | int], config: Any) -> list[str | int]:
    """The location as it stands in the file: pydantic adds which form of a choice it took, and what is missing."""
    kept: list[str | int] = []
    for position, part in enumerate(loc[:-2] if loc and loc[-1] == "[key]" else loc):
        form = position == 3 and loc[2] == "generator"  # by the key that tells it
        there = part in config if isinstance(config, dict) else isinstance(config, list) and part in range(len(config))
        if there and not form:
            config = config[part]
            kept.append(part)
    return kept


def _plain(bound: float) -> str:
    return str(bound) if isinstance(bound, int) else f"{bound:g}"


def _complaint(error: dict) -> str:
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if value is None:
        return "nothing stands here; give it a value or take the key out"
    if kind in WORDED:
        return error["msg"]
    if kind in BOUNDS:
        name, words = BOUNDS[kind]
        return f"{value} is out of range; write {words.format(_plain(context[name]))}"
    match kind:
        case "missing" if isinstance(error["loc"][-1], str):
            return f"the key '{error['loc'][-1]}' is missing; add it"
        case "form":
            return _wrong_form(value)
        case "tag":
            return _wrong_tag(value, context)
        case "literal_error":
            return _wrong_choice(value, context["expected"])
        case "string_pattern_mismatch":
            return f"'{value}' is no name here; take letters, digits, - and _, and begin with a letter or a digit"
        case "string_type" if isinstance(value, dict) and error["loc"][-1] in RECIPES:
            return f"a name is wanted; write the recipe in {RECIPES[error['loc'][-1]]}.<name>, and its name here"
        case "model_type" if error["loc"][-1] == "classes":
            return f"it is not said whether these are kept; write {{keep: {_listed(value)}}}"
        case "string_type" if isinstance(value, bool):
            return f"YAML reads yes, no, on and off as true and false; put the word for {value} in quotes"
        case "string_type" if error["loc"][-1] == "[key]":
            return f"YAML reads the name {value} as no text; write '{value}' in quotes"
        case "missing" | "too_short" | "string_too_short":
            return "this is empty or too short; add to it, or take the key out"
        case "too_long":
            return f"{value!r} is too long; write {context['max_length']} of them"
        case "finite_number":
            return f"{value} is no number to compute with; mend the value"
        case "multiple_of":
            step = context["multiple_of"]
            return f"{value} is no multiple of {step}; write {step * max(1, round(value / step))}"
    return _wrong_type(value, kind.split("_")[0])


def _wrong_form(value: Any) -> str:
    several = [form for form in FORMS if isinstance(value, dict) and form in value]
    if len(several) > 1:
        return (
            f"{' and '.join(several)} stand together; keep one of them (a configuration that is laid over another adds "
            "keys and takes none out: give the run another name there)"
        )
    if isinstance(value, dict) and len(value) == 1 and not value.keys() & FORMS.keys():
        (unknown,) = value
        return f"unknown key '{unknown}'; {suggestion(str(unknown), FORMS)}"
    form = next((form for form, names in NAMED.items() if isinstance(value, str) and value in names), None)
    if form:
        return f"'{value}' stands alone; write {{{form}: {value}}}"
    return f"{value!r} is not understood; give {' or '.join(f'{{{form}: …}}' for form in FORMS)}"


def _listed(value: Any) -> str:
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else f"[{value}]"


def _wrong_tag(value: Any, context: dict) -> str:
    """What is said of a block whose form hangs on the value of one of its keys."""
    key, known = context["key"], context["known"].split(", ")
    if not isinstance(value, dict):
        return _wrong_type(value, "dict")
    if key not in value:
        return f"the key '{key}' is missing; add it, one of {', '.join(known)}"
    return f"'{value[key]}' is not known; {suggestion(str(value[key]), known)}"


def _wrong_choice(value: Any, expected: str) -> str:
    known = [part.strip("'") for part in re.split(r", | or ", expected)]
    known = [part.lower() if part in ("True", "False") else part for part in known]
    if isinstance(value, str) and value in known:
        return f"{_as_text(value)}; write {value}"
    if len(known) == 1:
        return f"'{value}' is not understood; the only value is {known[0]}"
    return f"'{value}' is not known; {suggestion(str(value), known)}"


def _as_text(value: str) -> str:
    """What is said of a value that would be right if it were no text."""
    return f"'{value}' is text here, in quotes or by --config, which reads nested values so (a file does not)"


def _wrong_type(value: Any, wanted: str) -> str:
    if wanted in ("list", "tuple") and isinstance(value, str):
        return f"a list is wanted; write [{value}]"
    if wanted in ("int", "float") and isinstance(value, str):
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("nan")
        if number.is_finite():
            as_text = _as_text(value) if value == f"{number:f}" else f"YAML reads {value} as text"
            return f"{as_text}; write {number:f}"
    return f"{value!r} is not {KINDS.get(wanted, 'what is wanted here')}; mend the value"
