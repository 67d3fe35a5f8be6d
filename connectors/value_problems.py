"""What pydantic finds wrong with a value, as messages of ours: translatable, and without repeating the value."""

from collections.abc import Mapping
from typing import Any, cast

from pydantic_core import PydanticCustomError

from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message

_TEXTS: Mapping[str, str] = {
    "missing": N_("A value is missing."),
    "extra_forbidden": N_("There is no such value."),
    "string_type": N_("A text is expected."),
    "string_too_short": N_("At least {min_length} characters are expected."),
    "string_too_long": N_("At most {max_length} characters are allowed."),
    "string_pattern_mismatch": N_("The text has characters that are not allowed."),
    "int_type": N_("A whole number is expected."),
    "int_parsing": N_("A whole number is expected."),
    "int_from_float": N_("A whole number is expected."),
    "float_type": N_("A number is expected."),
    "float_parsing": N_("A number is expected."),
    "bool_type": N_("True or false is expected."),
    "bool_parsing": N_("True or false is expected."),
    "greater_than": N_("The number must be above {gt}."),
    "greater_than_equal": N_("The number must be {ge} or more."),
    "less_than": N_("The number must be below {lt}."),
    "less_than_equal": N_("The number must be {le} or less."),
    "too_long": N_("At most {max_length} entries are allowed."),
    "too_short": N_("At least {min_length} entries are expected."),
    "literal_error": N_("Use one of: {expected}."),
    "enum": N_("Use one of: {expected}."),
    "json_invalid": N_("This is not valid JSON."),
    "json_type": N_("This is not valid JSON."),
    "dict_type": N_("An object is expected."),
    "model_type": N_("An object is expected."),
    "model_attributes_type": N_("An object is expected."),
    "list_type": N_("A list is expected."),
    "tuple_type": N_("A list is expected."),
    "frozen_set_type": N_("A list is expected."),
    "set_type": N_("A list is expected."),
    "datetime_parsing": N_("A date and time by ISO 8601 is expected."),
    "datetime_from_date_parsing": N_("A date and time by ISO 8601 is expected."),
    "timezone_aware": N_("The time needs a time zone, such as +01:00 or Z."),
}
_OTHER = N_("The value is not valid.")


def invalid(error: PressroomError) -> PydanticCustomError:
    """`error` as a validator raises it: pydantic reports it beside its own, and `own_fault` finds it there again."""
    facts = {"problem": error.message, "error": error}
    return PydanticCustomError(error.code, "{problem}", facts)


def own_fault(item: Mapping[str, Any], limits: Mapping[str, Fault]) -> PressroomError | None:
    """The fault of ours behind one entry of `ValidationError.errors()`, if there is one.

    It was raised by a validator through `invalid`, or it stands in `limits` for a text or list that is too long: by
    the dotted names of the fields that lead there, without positions in lists.
    """
    facts = item.get("ctx", {})
    if isinstance(facts.get("error"), PressroomError):
        return cast(PressroomError, facts["error"])
    place = ".".join(part for part in item["loc"] if isinstance(part, str))
    if item["type"] in ("string_too_long", "too_long") and place in limits:
        return limits[place](limit=facts["max_length"])
    return None


def value_problem(item: Mapping[str, Any]) -> Message:
    """One entry of `ValidationError.errors()` as a sentence."""
    facts = item.get("ctx", {})
    if isinstance(facts.get("error"), PressroomError):
        return _own_fault(facts["error"])
    if item["type"] == "value_error" and isinstance(facts.get("error"), ValueError):
        return _own_words(facts["error"])
    plain = {name: value for name, value in facts.items() if isinstance(value, str | int | float)}
    return Message(template=_TEXTS.get(item["type"], _OTHER), facts=plain)


def _own_words(error: ValueError) -> Message:
    """What a validator of ours says; a fault that caused it keeps its template."""
    cause = error.__cause__
    if isinstance(cause, PressroomError):
        return _own_fault(cause)
    text = str(error).rstrip(".") + "."
    return Message(template=text[:1].upper() + text[1:])


def _own_fault(error: PressroomError) -> Message:
    facts = {name: value if isinstance(value, int | float) else str(value) for name, value in error.facts.items()}
    return Message(template=error.fault.message, facts=facts)
