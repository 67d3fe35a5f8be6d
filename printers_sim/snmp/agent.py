"""What an agent answers to a request (RFC 3416 §4.2, RFC 1157 §4.1): reading, walking, and the few values to be set."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connectors.snmp.ber import Oid, Reader, Tag, encoded, parse_oid
from connectors.snmp.message import (
    ErrorStatus,
    Pdu,
    Version,
    community_message,
    parse_community_message,
    pdu,
    variable,
)
from printers_sim.snmp.mib import MibView

LARGEST_ANSWER = 1400
"""Octets of variable bindings in one answer: it stays within one Ethernet frame, as with most printers."""
MOST_REPETITIONS = 128
NO_SUCH_OBJECT = encoded(Tag.NO_SUCH_OBJECT, b"")
END_OF_MIB_VIEW = encoded(Tag.END_OF_MIB_VIEW, b"")

Setter = Callable[[bytes], bool]
"""Takes the content of a value to be set; returns whether it is a value the object takes."""


@dataclass(frozen=True, slots=True)
class AgentView:
    """What an agent shows and lets be set. `setters` are by object; each takes an OCTET STRING or INTEGER."""

    mib: MibView
    setters: Mapping[Oid, tuple[int, Setter]]


def answer_community(data: bytes, view: AgentView, read: bytes, write: bytes | None) -> bytes | None:
    """The answer to a message of version 1 or 2c; None where an agent stays silent: another community, no request."""
    message = parse_community_message(data)
    may_write = write is not None and message.community == write
    if not may_write and message.community != read:
        return None
    answer = answer_pdu(message.pdu, view, message.version, may_write=may_write)
    return answer and community_message(message.version, message.community, answer)


def answer_pdu(request: Pdu, view: AgentView, version: Version, *, may_write: bool) -> bytes | None:
    """The encoded answer to a request; None for a PDU that is none."""
    if request.kind == Tag.GET:
        found = [view.mib.get(name) for name in request.names]
        return _answer(request, found, NO_SUCH_OBJECT, version)
    if request.kind == Tag.GET_NEXT:
        following = [next(iter(view.mib.following(parse_oid(name), 1)), None) for name in request.names]
        return _answer(request, following, END_OF_MIB_VIEW, version)
    if request.kind == Tag.GET_BULK and version is not Version.V1:
        return pdu(Tag.RESPONSE, request.request_id, 0, 0, _bulk(request, view.mib))
    if request.kind == Tag.SET:
        return _set(request, view, version, may_write=may_write)
    return None


def _answer(request: Pdu, found: list[bytes | None], missing: bytes, version: Version) -> bytes:
    if version is Version.V1 and None in found:
        return _refusal(request, ErrorStatus.NO_SUCH_NAME, found.index(None) + 1)
    bindings = [one or variable(name, missing) for one, name in zip(found, request.names, strict=True)]
    if sum(map(len, bindings)) > LARGEST_ANSWER * 40:
        return pdu(Tag.RESPONSE, request.request_id, ErrorStatus.TOO_BIG, 0, [])
    return pdu(Tag.RESPONSE, request.request_id, 0, 0, bindings)


def _bulk(request: Pdu, mib: MibView) -> list[bytes]:
    """Rows of repetitions until the answer is full; a column that has ended repeats its end (RFC 3416 §4.2.3)."""
    single, repeated = max(request.status, 0), min(max(request.index, 0), MOST_REPETITIONS)
    bindings = [
        next(iter(mib.following(parse_oid(name), 1)), None) or variable(name, END_OF_MIB_VIEW)
        for name in request.names[:single]
    ]
    columns = [(name, mib.following(parse_oid(name), repeated)) for name in request.names[single:]]
    size = sum(map(len, bindings))
    for row in range(repeated):
        ended = 0
        for name, column in columns:
            if row < len(column):
                binding = column[row]
            else:
                ended += 1
                binding = variable(_last_name(column, name), END_OF_MIB_VIEW)
            size += len(binding)
            if size > LARGEST_ANSWER and bindings:
                return bindings
            bindings.append(binding)
        if columns and ended == len(columns):
            break
    return bindings


def _last_name(column: list[bytes], name: bytes) -> bytes:
    if not column:
        return name
    return Reader(column[-1]).inside(Tag.SEQUENCE).content(Tag.OBJECT_IDENTIFIER)


def _set(request: Pdu, view: AgentView, version: Version, *, may_write: bool) -> bytes:
    """All or nothing: every value is looked at before the first is set."""
    planned: list[tuple[Setter, bytes]] = []
    for place, (name, value) in enumerate(request.variables, 1):
        tag, content = value[0], _content(value)
        expected = view.setters.get(parse_oid(name)) if may_write else None
        if expected is None:
            return _refusal(request, _not_writable(version, may_write=may_write), place)
        if tag != expected[0]:
            return _refusal(request, ErrorStatus.BAD_VALUE if version is Version.V1 else ErrorStatus.WRONG_TYPE, place)
        planned.append((expected[1], content))
    for place, (setter, content) in enumerate(planned, 1):
        if not setter(content):
            return _refusal(request, ErrorStatus.BAD_VALUE if version is Version.V1 else ErrorStatus.WRONG_VALUE, place)
    bindings = [variable(name, value) for name, value in request.variables]
    return pdu(Tag.RESPONSE, request.request_id, 0, 0, bindings)


def _not_writable(version: Version, *, may_write: bool) -> ErrorStatus:
    if version is Version.V1:
        return ErrorStatus.NO_SUCH_NAME
    return ErrorStatus.NOT_WRITABLE if may_write else ErrorStatus.NO_ACCESS


def _content(value: bytes) -> bytes:
    _, begin, end = Reader(value).element()
    return value[begin:end]


def _refusal(request: Pdu, status: ErrorStatus, place: int) -> bytes:
    bindings = [variable(name, value) for name, value in request.variables]
    return pdu(Tag.RESPONSE, request.request_id, status, place, bindings)
