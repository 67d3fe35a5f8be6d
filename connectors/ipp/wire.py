"""The wire format of IPP messages (RFC 8010, 3), in both directions and for every value type."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import IntEnum
from typing import TypeAlias


class BadMessage(ValueError):
    """The bytes are no IPP message."""


class CutOff(BadMessage):
    """The bytes end before the message does; with more of them it may be one."""


class Tag(IntEnum):
    """Delimiters of groups (below 0x10) and types of values (RFC 8010, 3.5)."""

    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04
    UNSUPPORTED_GROUP = 0x05
    SUBSCRIPTION = 0x06
    EVENT = 0x07
    RESOURCE = 0x08
    DOCUMENT = 0x09
    SYSTEM = 0x0A
    UNSUPPORTED = 0x10
    UNKNOWN = 0x12
    NO_VALUE = 0x13
    NOT_SETTABLE = 0x15
    DELETE = 0x16
    ADMIN_DEFINE = 0x17
    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    OCTETS = 0x30
    DATE_TIME = 0x31
    RESOLUTION = 0x32
    RANGE = 0x33
    BEGIN_COLLECTION = 0x34
    TEXT_WITH_LANGUAGE = 0x35
    NAME_WITH_LANGUAGE = 0x36
    END_COLLECTION = 0x37
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    URI_SCHEME = 0x46
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME_TYPE = 0x49
    MEMBER_NAME = 0x4A


FIRST_VALUE_TAG = 0x10
FIRST_STRING_TAG = 0x40
OUT_OF_BAND = range(0x10, 0x20)
DEEPEST_COLLECTION = 16
LONGEST = 32_767  # lengths are signed (RFC 8010, 3.1.1)


@dataclass(frozen=True, slots=True)
class Range:
    """rangeOfInteger, both ends included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """Dots across and along the feed; `units` is 3 for dots per inch, 4 per centimetre."""

    cross_feed: int
    feed: int
    units: int = 3


@dataclass(frozen=True, slots=True)
class LocalText:
    """A text or name that says its language."""

    language: str
    text: str


Value: TypeAlias = "int | bool | str | bytes | datetime | Range | Resolution | LocalText | Attributes | None"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One or more values of one name. `tag` is the first value's; a set may mix types (1setOf (keyword | name))."""

    tag: int
    values: tuple[Value, ...]

    @property
    def value(self) -> Value:
        return self.values[0] if self.values else None


Attributes: TypeAlias = dict[str, Attribute]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of attributes: of the operation, of a job, of the printer …"""

    tag: int
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class IppMessage:
    """A request (`code` is the operation) or an answer (`code` is the status)."""

    code: int
    request_id: int
    groups: tuple[Group, ...] = field(default=())
    version: tuple[int, int] = (1, 1)

    def first(self, tag: Tag) -> Attributes:
        """The attributes of the first group of that kind; empty if there is none."""
        return next((group.attributes for group in self.groups if group.tag == tag), {})

    def all(self, tag: Tag) -> Iterator[Attributes]:
        return (group.attributes for group in self.groups if group.tag == tag)


def encode(message: IppMessage) -> bytes:
    """The bytes of `message` up to the end tag; a document may follow. Raises `BadMessage` for what does not fit."""
    out = bytearray(struct.pack(">bbhi", *message.version, message.code, message.request_id))
    for group in message.groups:
        out.append(group.tag)
        for name, attribute in group.attributes.items():
            _write_attribute(out, name, attribute)
    out.append(Tag.END)
    return bytes(out)


def _write_attribute(out: bytearray, name: str, attribute: Attribute) -> None:
    for value in attribute.values or (None,):
        _write_value(out, attribute.tag, name, value)
        name = ""


def _write_value(out: bytearray, tag: int, name: str, value: Value) -> None:
    if isinstance(value, dict):
        _write_item(out, Tag.BEGIN_COLLECTION, name, b"")
        for member, attribute in value.items():
            _write_item(out, Tag.MEMBER_NAME, "", member.encode())
            _write_attribute(out, "", attribute)
        _write_item(out, Tag.END_COLLECTION, "", b"")
    else:
        _write_item(out, tag, name, _value_bytes(tag, value))


def _write_item(out: bytearray, tag: int, name: str, content: bytes) -> None:
    label = name.encode()
    if max(len(label), len(content)) > LONGEST:
        raise BadMessage(f"attribute {name!r} is too long")
    out += struct.pack(">Bh", tag, len(label)) + label + struct.pack(">h", len(content)) + content


def _value_bytes(tag: int, value: Value) -> bytes:
    match value:
        case None:
            return b""
        case bool():
            return struct.pack(">?", value)
        case int():
            return struct.pack(">i", value)
        case str():
            return value.encode()
        case bytes():
            return value
        case datetime():
            return _date_time_bytes(value)
        case Range(low, high):
            return struct.pack(">ii", low, high)
        case Resolution(cross_feed, feed, units):
            return struct.pack(">iib", cross_feed, feed, units)
        case LocalText(language, text):
            parts = (language.encode(), text.encode())
            return b"".join(struct.pack(">h", len(part)) + part for part in parts)
    raise BadMessage(f"no IPP value: {type(value).__name__} with tag {tag:#x}")


def _date_time_bytes(moment: datetime) -> bytes:
    """DateAndTime of RFC 2579; a naive moment counts as UTC."""
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    day = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    sign = b"-" if minutes < 0 else b"+"
    return struct.pack(">hbbbbbbcbb", *day, moment.microsecond // 100_000, sign, hours, rest)


def decode(data: bytes) -> tuple[IppMessage, bytes]:
    """The message at the start of `data` and what follows it (a document). Raises `BadMessage`, `CutOff`."""
    if len(data) < 8:
        raise CutOff("shorter than an IPP header")
    major, minor, code, request_id = struct.unpack_from(">bbhi", data)
    reader = _Reader(data, 8)
    groups = tuple(reader.groups())
    return IppMessage(code, request_id, groups, (major, minor)), data[reader.offset :]


@dataclass
class _Reader:
    data: bytes
    offset: int

    def groups(self) -> Iterator[Group]:
        while (tag := self._byte()) != Tag.END:
            if tag >= FIRST_VALUE_TAG:
                raise BadMessage("an attribute outside a group")
            yield Group(tag, self._attributes())

    def _attributes(self) -> Attributes:
        found: Attributes = {}
        name = ""
        while self._peek() >= FIRST_VALUE_TAG:
            tag, label, value = self._value(0)
            if label:
                name, found[label] = label, Attribute(tag, (value,))
            elif name:
                found[name] = Attribute(found[name].tag, (*found[name].values, value))
            else:
                raise BadMessage("a further value without a first one")
        return found

    def _value(self, depth: int) -> tuple[int, str, Value]:
        tag, name, content = self._item()
        if tag == Tag.BEGIN_COLLECTION:
            return tag, name, self._collection(depth + 1)
        return tag, name, _read_value(tag, content)

    def _collection(self, depth: int) -> Attributes:
        if depth > DEEPEST_COLLECTION:
            raise BadMessage("collections nested too deep")
        members: Attributes = {}
        name = ""
        while self._peek() != Tag.END_COLLECTION:
            if self._peek() == Tag.MEMBER_NAME:
                name = _text(self._item()[2])
                members[name] = Attribute(Tag.NO_VALUE, ())
                continue
            tag, _, value = self._value(depth)
            if name not in members:
                raise BadMessage("a member without a name")
            known = members[name]
            members[name] = Attribute(known.tag if known.values else tag, (*known.values, value))
        self._item()
        return members

    def _item(self) -> tuple[int, str, bytes]:
        tag = self._byte()
        if tag < FIRST_VALUE_TAG:
            raise BadMessage("a group ends inside a collection")
        return tag, _text(self._bytes()), self._bytes()

    def _bytes(self) -> bytes:
        if self.offset + 2 > len(self.data):
            raise CutOff("cut off")
        (length,) = struct.unpack_from(">h", self.data, self.offset)
        start, self.offset = self.offset + 2, self.offset + 2 + length
        if length < 0:
            raise BadMessage("a negative length")
        if self.offset > len(self.data):
            raise CutOff("a length beyond the end")
        return self.data[start : self.offset]

    def _peek(self) -> int:
        if self.offset >= len(self.data):
            raise CutOff("cut off")
        return self.data[self.offset]

    def _byte(self) -> int:
        value = self._peek()
        self.offset += 1
        return value


def _read_value(tag: int, content: bytes) -> Value:
    try:
        return _typed_value(tag, content)
    except (struct.error, ValueError) as exc:  # a value that is cut off within its own length stays wrong
        raise BadMessage(f"a wrong value of type {tag:#x}") from exc


def _typed_value(tag: int, content: bytes) -> Value:
    if tag in OUT_OF_BAND:
        return None
    match tag:
        case Tag.INTEGER | Tag.ENUM:
            return int(struct.unpack(">i", content)[0])
        case Tag.BOOLEAN:
            return bool(struct.unpack(">?", content)[0])
        case Tag.RANGE:
            return Range(*struct.unpack(">ii", content))
        case Tag.RESOLUTION:
            return Resolution(*struct.unpack(">iib", content))
        case Tag.DATE_TIME:
            return _read_date_time(content)
        case Tag.TEXT_WITH_LANGUAGE | Tag.NAME_WITH_LANGUAGE:
            reader = _Reader(content, 0)
            return LocalText(_text(reader._bytes()), _text(reader._bytes()))
    return _text(content) if tag >= FIRST_STRING_TAG else content


def _read_date_time(content: bytes) -> datetime:
    year, month, day, hour, minute, second, tenths, sign, hours, minutes = struct.unpack(">hbbbbbbcbb", content)
    offset = timedelta(hours=hours, minutes=minutes)
    zone = timezone(-offset if sign == b"-" else offset)
    return datetime(year, month, day, hour, minute, second, tenths * 100_000, zone)


def _text(content: bytes) -> str:
    """Printers do not always keep to UTF-8: a wrong byte must not lose the whole answer."""
    return content.decode("utf-8", "replace")
