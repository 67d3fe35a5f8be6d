"""Recorded walks of real printers (`OID|type|value` lines, the snmprec format), replayed as printers."""

from collections.abc import Mapping
from pathlib import Path

from connectors.snmp.ber import Oid, Tag, encoded, integer, object_identifier, octets, oid_of

NUMBERS = frozenset({Tag.INTEGER, Tag.COUNTER32, Tag.GAUGE32, Tag.TIME_TICKS, Tag.COUNTER64})


class RecordingError(ValueError):
    """A line of a recording cannot be read; says which."""


def read_recording(path: Path) -> Mapping[Oid, bytes]:
    """The values of a recording; raises `RecordingError`."""
    values: dict[Oid, bytes] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="surrogateescape").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            name, kind, value = line.split("|", 2)
            values[oid_of(name)] = _value(kind, value)
        except ValueError as error:
            raise RecordingError(f"{path.name}, line {number}: {error}") from error
    return values


def _value(kind: str, text: str) -> bytes:
    is_hex = kind.endswith("x")
    tag = int(kind.rstrip("x"))
    raw = bytes.fromhex(text) if is_hex else text.encode("utf-8", "surrogateescape")
    if tag == Tag.OCTET_STRING:
        return octets(raw)
    if tag in NUMBERS:
        return integer(int(text), tag)
    if tag == Tag.OBJECT_IDENTIFIER:
        return object_identifier(oid_of(text))
    if tag == Tag.IP_ADDRESS:
        return encoded(tag, raw if is_hex else bytes(int(part) for part in text.split(".")))
    if tag in (Tag.NULL, Tag.OPAQUE):
        return encoded(tag, raw if tag == Tag.OPAQUE else b"")
    raise ValueError(f"unknown type {kind}")
