"""Texts as printers send them: in whatever character set, padded with NULs, or as a hexadecimal print-out of itself.

A text is never lost to an encoding: what is no UTF-8 is read as UTF-16 where it looks like it, else as Latin-1.
"""

import re
from functools import lru_cache

from connectors.snmp.client import SnmpValue

HEX_TEXT = re.compile(r"(?:0x)?[0-9A-Fa-f]{2}(?: [0-9A-Fa-f]{2}){3,} ?")
HEX_LINE = re.compile(r"(?:[0-9A-F]{2} )*[0-9A-F]{2} ?")
MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
NOT_A_VALUE = frozenset({"unknown", "n/a", "na", "none", "null", "-", "not available", "not set", "undefined"})


def text_of(value: SnmpValue | None) -> str:
    """A value as one line of text without control characters; empty for None."""
    if value is None:
        return ""
    return _text(value) if isinstance(value, bytes) else _one_line(str(value))


@lru_cache(maxsize=8192)
def _text(content: bytes) -> str:
    """Printers of one model say much the same, so most texts of a fleet have been read before."""
    return _one_line(_without_hex(_decoded(content)))


def _one_line(text: str) -> str:
    if not text.isprintable():
        text = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(text.split())


def known(text: str) -> str:
    """The text, or nothing where it only says that there is none: “unknown”, “N/A”, zeros, a row of X."""
    plain = text.strip().strip('"').strip()
    return "" if plain.casefold() in NOT_A_VALUE or not plain.strip("0Xx*?#-. ") else plain


def number_of(value: SnmpValue | None) -> int | None:
    """A value as a whole number; numbers that come as text count, anything else is None."""
    if isinstance(value, int):
        return value
    if isinstance(value, bytes | str):
        text = text_of(value)
        return int(text) if re.fullmatch(r"-?\d{1,19}", text) else None
    return None


def _decoded(content: bytes) -> str:
    if (mark := MARKS.get(content[:2])) is not None:
        return content[2:].decode(mark, "replace").rstrip("\0")
    if _is_wide(content):
        return content.decode("utf-16-be" if content[0] == 0 else "utf-16-le", "replace").rstrip("\0")
    content = content.rstrip(b"\0")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _is_wide(content: bytes) -> bool:
    """Whether every second octet is zero: Latin letters in UTF-16 without a byte-order mark."""
    if len(content) < 4 or len(content) % 2:
        return False
    odd, even = content[1::2].rstrip(b"\0"), content[::2].rstrip(b"\0")
    return (not odd and b"\0" not in even) or (not even and b"\0" not in odd)


def _without_hex(text: str) -> str:
    """Print-outs in hexadecimal read back: a whole text (`48 50 20 …`), or the lines after the first sixteen octets."""
    stripped = text.strip("\0\n ")
    if HEX_TEXT.fullmatch(stripped):
        return _from_hex(stripped.removeprefix("0x")) or text
    first, *lines = text.split("\n")
    if not lines or not all(HEX_LINE.fullmatch(line) for line in lines if line.strip("\0 ")):
        return text
    read = _from_hex(" ".join(lines))
    return text if read is None else first + read


def _from_hex(digits: str) -> str | None:
    text = _decoded(bytes.fromhex(digits))
    return text if text.isprintable() and any(map(str.isalnum, text)) else None
