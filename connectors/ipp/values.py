"""Short ways to write and read attributes."""

from collections.abc import Iterable
from datetime import UTC, datetime

from connectors.ipp.wire import Attribute, Attributes, Range, Resolution, Tag, Value


def keywords(*values: str) -> Attribute:
    """Keywords."""
    return Attribute(Tag.KEYWORD, values)


def integers(*values: int) -> Attribute:
    """Integers."""
    return Attribute(Tag.INTEGER, values)


def enums(*values: int) -> Attribute:
    """Values of an enumeration."""
    return Attribute(Tag.ENUM, values)


def boolean(value: bool) -> Attribute:
    """True or false."""
    return Attribute(Tag.BOOLEAN, (value,))


def texts(*values: str) -> Attribute:
    """Texts of at most 127 octets, as long texts stay portable that way."""
    return Attribute(Tag.TEXT, tuple(_short(value) for value in values))


def names(*values: str) -> Attribute:
    """Names."""
    return Attribute(Tag.NAME, tuple(_short(value) for value in values))


def uris(*values: str) -> Attribute:
    """Addresses."""
    return Attribute(Tag.URI, values)


def media_types(*values: str) -> Attribute:
    """MIME media types."""
    return Attribute(Tag.MIME_TYPE, values)


def charsets(*values: str) -> Attribute:
    """Charsets."""
    return Attribute(Tag.CHARSET, values)


def languages(*values: str) -> Attribute:
    """Natural languages."""
    return Attribute(Tag.LANGUAGE, values)


def ranges(low: int, high: int) -> Attribute:
    """A range of integers."""
    return Attribute(Tag.RANGE, (Range(low, high),))


def resolutions(*dpi: int) -> Attribute:
    """Resolutions in dots per inch."""
    return Attribute(Tag.RESOLUTION, tuple(Resolution(one, one) for one in dpi))


def collections(values: Iterable[Attributes]) -> Attribute:
    """Collections."""
    return Attribute(Tag.BEGIN_COLLECTION, tuple(values))


def octets(values: Iterable[str]) -> Attribute:
    """Octet strings."""
    return Attribute(Tag.OCTETS, tuple(value.encode() for value in values))


def moment(seconds: float | None) -> Attribute:
    """A date and time from seconds since 1970; no value without."""
    if seconds is None:
        return nothing()
    return Attribute(Tag.DATE_TIME, (datetime.fromtimestamp(seconds, UTC),))


def nothing() -> Attribute:
    """No value."""
    return Attribute(Tag.NO_VALUE, (None,))


def unknown() -> Attribute:
    """A value that is not known."""
    return Attribute(Tag.UNKNOWN, (None,))


def text_of(attributes: Attributes, name: str) -> str | None:
    """The first value of an attribute if it is there and a text."""
    found = attributes.get(name)
    value: Value = found.value if found else None
    return value if isinstance(value, str) else None


def number_of(attributes: Attributes, name: str, default: int) -> int:
    """The first value of an attribute if it is there and an integer."""
    found = attributes.get(name)
    value: Value = found.value if found else None
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _short(value: str) -> str:
    return value.encode()[:127].decode("utf-8", "ignore")
