"""Reads text files in whatever encoding they come."""

from dataclasses import dataclass
from pathlib import Path

from steps.translation.passages import UNREADABLE

_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A file's text with its line ends as they are; `marked` if it began with a byte order mark."""

    text: str
    marked: bool

    def encode(self, text: str) -> bytes:
        """`text` in UTF-8, which holds every target language, with the mark where there was one."""
        return text.encode("utf-8-sig" if self.marked else "utf-8")


def read_text(path: Path, name: str) -> DecodedText:
    """The text of a file in UTF-8, UTF-16 or an older encoding; raises `UNREADABLE` where it is no text."""
    content = path.read_bytes()
    for bom, encoding in _BOMS.items():
        if content.startswith(bom):
            try:
                return DecodedText(content.decode(encoding), True)
            except UnicodeDecodeError as exc:
                raise UNREADABLE(name=name, reason="its text is damaged") from exc
    if b"\0" in content:
        raise UNREADABLE(name=name, reason="it is not a text file")
    try:
        return DecodedText(content.decode("utf-8"), False)
    except UnicodeDecodeError:
        return DecodedText(_in_older_encoding(content, name), False)


def _in_older_encoding(content: bytes, name: str) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(content[:200_000]).best()
    if best is None:
        raise UNREADABLE(name=name, reason="the encoding of its text is not known")
    return content.decode(best.encoding, errors="replace")
