"""What a JSON schema refuses, as one sentence: where, what, how to mend it."""

import difflib
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from jsonschema import ValidationError

KINDS = {"object": "keys with values", "array": "a list", "string": "text", "integer": "a whole number",
         "number": "a number", "boolean": "true or false", "null": "null"}  # fmt: skip


def sentence(error: ValidationError) -> str:
    error = _within_a_form(error)
    where = ".".join(str(part) for part in error.absolute_path) or "the top level"
    return f"{where}: {_complaint(error)}"


def _within_a_form(error: ValidationError) -> ValidationError:
    """Of a value that has the keys of one of several forms, what is wrong with the value of a key."""
    forms: dict[int, list[ValidationError]] = {}
    for reason in error.context:
        forms.setdefault(reason.schema_path[0], []).append(reason)
    deeper = [reasons for reasons in forms.values() if all(reason.relative_path for reason in reasons)]
    return _within_a_form(deeper[0][0]) if len(deeper) == 1 else error


def _complaint(error: ValidationError) -> str:
    value = error.instance
    if error.validator in ("additionalProperties", "oneOf") and isinstance(value, dict):
        unknown = _unknown_key(error)
        if unknown is not None:
            return unknown
    if value is None and error.validator in ("type", "oneOf"):
        return "nothing stands here; give it a value or take the key out"
    match error.validator:
        case "oneOf":
            return f"{value!r} is not understood; give {' or '.join(map(_form, error.validator_value))}"
        case "required":
            return f"the key '{next(key for key in error.validator_value if key not in value)}' is missing; add it"
        case "enum":
            return f"'{value}' is not known; {_suggestion(str(value), map(_written, error.validator_value))}"
        case "const":
            return f"'{value}' is not understood; the only value is {error.validator_value}"
        case "type":
            return _wrong_type(value, error.validator_value)
        case "pattern":
            return f"'{value}' is no name here; take letters, digits, - and _, and begin with a letter or a digit"
        case "minItems" | "minProperties":
            return "this is empty or too short; add to it, or take the key out"
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            bound = error.validator_value
            words = {"minimum": f"{bound} or more", "exclusiveMinimum": f"more than {bound}"}
            words |= {"maximum": f"{bound} or less", "exclusiveMaximum": f"less than {bound}"}
            return f"{value} is out of range; write {words[error.validator]}"
        case "multipleOf":
            step = error.validator_value
            return f"{value} is no multiple of {step}; write {step * max(1, round(value / step))}"
        case "uniqueItems":
            return f"{value} has something twice; name each once"
    return error.message


def _unknown_key(error: ValidationError) -> str | None:
    forms = error.validator_value if error.validator == "oneOf" else [error.schema]
    known = list(dict.fromkeys(key for form in forms for key in form.get("properties", {})))
    unknown = next((key for key in error.instance if key not in known), None)
    return None if unknown is None else f"unknown key '{unknown}'; {_suggestion(unknown, known)}"


def _suggestion(given: str, known: Iterable[str]) -> str:
    known = list(known)
    close = difflib.get_close_matches(given, known, n=1)
    return f"did you mean '{close[0]}'?" if close else f"known are {', '.join(known)}"


def _written(value) -> str:
    """As YAML has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _wrong_type(value, wanted: str) -> str:
    if wanted == "array" and isinstance(value, str):
        return f"a list is wanted; write [{value}]"
    if wanted in ("number", "integer") and isinstance(value, str):
        try:
            return f"YAML reads {value} as text; write {Decimal(value):f}"
        except InvalidOperation:
            pass
    return f"{value!r} is not {KINDS[wanted]}; mend the value"


def _form(schema: dict) -> str:
    """What a schema asks for, in few words: the keys that an object must have, or a type."""
    if "properties" not in schema:
        return KINDS[schema["type"]]
    keys = schema.get("required", list(schema["properties"]))
    more = ["…"] if len(keys) < len(schema["properties"]) else []
    return f"{{{', '.join(keys + more)}}}"
