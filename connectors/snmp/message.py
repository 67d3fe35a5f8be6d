"""SNMP messages: community-based ones (RFC 1157, RFC 1901) and the frame of version 3 (RFC 3412), with their PDUs."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from connectors.snmp.ber import BerError, Reader, Tag, encoded, integer, octets, sequence

REQUESTS = frozenset({Tag.GET, Tag.GET_NEXT, Tag.SET, Tag.GET_BULK})
NULL = encoded(Tag.NULL, b"")
MOST_VARIABLES = 1000


class Version(IntEnum):
    """The number that a message begins with."""

    V1 = 0
    V2C = 1
    V3 = 3


class ErrorStatus(IntEnum):
    """What an answer's error status says (RFC 3416 §3); the first six exist in version 1."""

    NO_ERROR = 0
    TOO_BIG = 1
    NO_SUCH_NAME = 2
    BAD_VALUE = 3
    READ_ONLY = 4
    GEN_ERR = 5
    NO_ACCESS = 6
    WRONG_TYPE = 7
    WRONG_LENGTH = 8
    WRONG_VALUE = 10
    NOT_WRITABLE = 17


@dataclass(frozen=True, slots=True)
class Pdu:
    """A protocol data unit. `status` and `index` are non-repeaters and max-repetitions in a GETBULK.

    `variables` are (object identifier's octets, whole encoded value).
    """

    kind: int
    request_id: int
    status: int
    index: int
    variables: tuple[tuple[bytes, bytes], ...]

    @property
    def names(self) -> list[bytes]:
        return [name for name, _ in self.variables]


@dataclass(frozen=True, slots=True)
class CommunityMessage:
    """A message of version 1 or 2c."""

    version: Version
    community: bytes
    pdu: Pdu


def version_of(data: bytes) -> Version:
    """The version of a message; raises `BerError` for anything else."""
    number = Reader(data).inside(Tag.SEQUENCE).integer()
    if number not in (Version.V1, Version.V2C, Version.V3):
        raise BerError(f"unknown version {number}")
    return Version(number)


def parse_community_message(data: bytes) -> CommunityMessage:
    """A message of version 1 or 2c from its bytes."""
    reader = Reader(data).inside(Tag.SEQUENCE)
    version = Version(reader.integer())
    community = reader.content(Tag.OCTET_STRING)
    return CommunityMessage(version, community, parse_pdu(reader))


def parse_pdu(reader: Reader) -> Pdu:
    """The PDU that `reader` stands at (all but version 1's trap, which has another form)."""
    kind, begin, end = reader.element()
    inner = Reader(reader.data, begin, end)
    request_id, status, index = inner.integer(), inner.integer(), inner.integer()
    variables = []
    bindings = inner.inside(Tag.SEQUENCE)
    while not bindings.is_at_end:
        binding = bindings.inside(Tag.SEQUENCE)
        name = binding.content(Tag.OBJECT_IDENTIFIER)
        value_begins = binding.position
        binding.element()
        variables.append((name, binding.data[value_begins : binding.position]))
        if len(variables) > MOST_VARIABLES:
            raise BerError("too many variables")
    return Pdu(kind, request_id, status, index, tuple(variables))


def variable(name: bytes, value: bytes = NULL) -> bytes:
    """One encoded variable binding from an object identifier's octets and an encoded value."""
    return sequence(encoded(Tag.OBJECT_IDENTIFIER, name), value)


def pdu(kind: int, request_id: int, status: int, index: int, bindings: Sequence[bytes]) -> bytes:
    """An encoded PDU from encoded variable bindings."""
    return encoded(kind, integer(request_id) + integer(status) + integer(index) + sequence(*bindings))


def community_message(version: Version, community: bytes, encoded_pdu: bytes) -> bytes:
    """An encoded message of version 1 or 2c."""
    return sequence(integer(version), octets(community), encoded_pdu)
