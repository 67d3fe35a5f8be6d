"""The part of BER that SNMP uses (X.690, RFC 3417 §8): tags, lengths, integers, octet strings, object identifiers.

Lengths are always definite. Decoding never trusts a length: whatever points outside the data raises `BerError`.
"""

from collections.abc import Iterator
from enum import IntEnum

Oid = tuple[int, ...]
"""An object identifier as its numbers."""

MOST_SUBIDENTIFIERS = 128
LARGEST_SUBIDENTIFIER = 0xFFFF_FFFF
SHORT = 0x80


class BerError(ValueError):
    """The bytes are no BER, or not of the kind expected."""


class Tag(IntEnum):
    """Types of values and of protocol data units (RFC 2578 §7, RFC 3416 §3)."""

    INTEGER = 0x02
    OCTET_STRING = 0x04
    NULL = 0x05
    OBJECT_IDENTIFIER = 0x06
    SEQUENCE = 0x30
    IP_ADDRESS = 0x40
    COUNTER32 = 0x41
    GAUGE32 = 0x42
    TIME_TICKS = 0x43
    OPAQUE = 0x44
    COUNTER64 = 0x46
    NO_SUCH_OBJECT = 0x80
    NO_SUCH_INSTANCE = 0x81
    END_OF_MIB_VIEW = 0x82
    GET = 0xA0
    GET_NEXT = 0xA1
    RESPONSE = 0xA2
    SET = 0xA3
    GET_BULK = 0xA5
    INFORM = 0xA6
    TRAP = 0xA7
    REPORT = 0xA8


def encoded(tag: int, content: bytes) -> bytes:
    """One element: tag, length, content."""
    size = len(content)
    if size < SHORT:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, SHORT | len(length))) + length + content


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE of elements."""
    return encoded(Tag.SEQUENCE, b"".join(parts))


def integer(value: int, tag: int = Tag.INTEGER) -> bytes:
    """An integer in the fewest octets; counters, gauges and ticks by their `tag`."""
    return encoded(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def octets(value: bytes | str) -> bytes:
    """An OCTET STRING; text is written as UTF-8."""
    return encoded(Tag.OCTET_STRING, value.encode() if isinstance(value, str) else value)


def oid_content(oid: Oid) -> bytes:
    """The octets of an object identifier, without tag and length."""
    if len(oid) < 2 or oid[0] > 2 or min(oid) < 0:
        raise BerError(f"no object identifier: {oid}")
    content = bytearray()
    for number in (oid[0] * 40 + oid[1], *oid[2:]):
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(number & 0x7F | 0x80)
        content += bytes(reversed(groups))
    return bytes(content)


def object_identifier(oid: Oid) -> bytes:
    """An OBJECT IDENTIFIER."""
    return encoded(Tag.OBJECT_IDENTIFIER, oid_content(oid))


def parse_oid(content: bytes) -> Oid:
    """The numbers of an object identifier's octets."""
    numbers: list[int] = []
    number = 0
    for octet in content:
        number = number << 7 | octet & 0x7F
        if number > LARGEST_SUBIDENTIFIER or len(numbers) >= MOST_SUBIDENTIFIERS:
            raise BerError("an object identifier is out of range")
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    if not numbers or content[-1] & 0x80:
        raise BerError("an object identifier ends in the middle")
    first = min(numbers[0] // 40, 2)
    return first, numbers[0] - first * 40, *numbers[1:]


def oid_of(text: str) -> Oid:
    """The numbers of a dotted identifier such as `1.3.6.1.2.1.1.1.0`."""
    return tuple(int(part) for part in text.strip(".").split("."))


class Reader:
    """Reads elements one after the other from `data[position:end]`."""

    __slots__ = ("data", "end", "position")

    def __init__(self, data: bytes, position: int = 0, end: int | None = None) -> None:
        self.data, self.position, self.end = data, position, len(data) if end is None else end

    @property
    def is_at_end(self) -> bool:
        return self.position >= self.end

    def element(self) -> tuple[int, int, int]:
        """The next element: its tag, and where its content begins and ends."""
        data, position = self.data, self.position
        if position + 2 > self.end:
            raise BerError("the data ends in the middle")
        tag, length = data[position], data[position + 1]
        position += 2
        if length & SHORT:
            count = length & 0x7F
            if not 1 <= count <= 4 or position + count > self.end:
                raise BerError("a length is not definite or too long")
            length = int.from_bytes(data[position : position + count], "big")
            position += count
        if position + length > self.end:
            raise BerError("an element is longer than the data")
        self.position = position + length
        return tag, position, position + length

    def content(self, tag: int) -> bytes:
        """The content of the next element, which must be a `tag`."""
        found, begin, end = self.element()
        if found != tag:
            raise BerError(f"expected tag {tag:#x}, found {found:#x}")
        return self.data[begin:end]

    def inside(self, tag: int) -> "Reader":
        """A reader of what the next element holds, which must be a `tag`."""
        found, begin, end = self.element()
        if found != tag:
            raise BerError(f"expected tag {tag:#x}, found {found:#x}")
        return Reader(self.data, begin, end)

    def integer(self, tag: int = Tag.INTEGER) -> int:
        """The next element as an integer of up to nine octets."""
        content = self.content(tag)
        if not 1 <= len(content) <= 9:
            raise BerError("an integer is empty or too long")
        return int.from_bytes(content, "big", signed=True)

    def rest(self) -> Iterator[tuple[int, bytes]]:
        """Tag and content of every element that is left."""
        while not self.is_at_end:
            tag, begin, end = self.element()
            yield tag, self.data[begin:end]
