"""The values of IPP attributes by their types, and the `key=value;…` texts of PWG 5100.13."""

from collections.abc import Callable, Mapping, Sequence

from connectors.ipp.wire import Attributes, LocalText
from connectors.printers.texts import known, number_of, text_of

Fields = Mapping[str, str]


def fields_of(found: Attributes, name: str) -> list[Fields]:
    """Each value `key=value;key=value;…` of an octet string or text."""
    return [
        {key.strip(): value.strip() for key, equals, value in (one.partition("=") for one in text.split(";")) if equals}
        for text in (text_of(value) for value in values_of(found, name) if isinstance(value, bytes | str))
    ]


def beside(count: int, *lists: Sequence[str]) -> Callable[[int], str]:
    """What stands beside the row of that place (from 1) in the first of the lists that has as many values as rows."""
    fitting = next((one for one in lists if len(one) == count and any(one)), [""] * count)
    return lambda place: fitting[place - 1]


def whole_number(row: Fields, name: str) -> int | None:
    """A field as a number; None where it is missing or no number."""
    return number_of(row.get(name, ""))


def values_of(found: Attributes, name: str) -> tuple[object, ...]:
    """All values of an attribute; none where it is absent."""
    return tuple(found[name].values) if name in found else ()


def value_of(found: Attributes, name: str) -> object:
    """The first value, or None."""
    return next(iter(values_of(found, name)), None)


def texts_of(found: Attributes, name: str) -> list[str]:
    """All values that are texts, each as one line."""
    values = (value.text if isinstance(value, LocalText) else value for value in values_of(found, name))
    return [text_of(value) for value in values if isinstance(value, str | bytes)]


def first_text(found: Attributes, name: str) -> str:
    """The first text; empty where there is none, or where it says only that it is unknown."""
    return known(next(iter(texts_of(found, name)), ""))


def numbers_of(found: Attributes, name: str) -> list[int]:
    """All values that are whole numbers."""
    return [value for value in values_of(found, name) if isinstance(value, int)]


def first_number(found: Attributes, name: str) -> int | None:
    """The first number, or None."""
    return next(iter(numbers_of(found, name)), None)
