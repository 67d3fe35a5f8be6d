"""Plain text: the encoding, the byte order mark and the line ends stay as they are."""

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import Fault
from connectors.messages import N_, Message
from steps.redaction.document import Pace
from steps.redaction.sweep import COVERS, Sweep, covered

BINARY = Fault(
    "redact.not_text",
    422,
    N_("The encoding of the text file “{name}” cannot be told."),
    N_("Save it as UTF-8 and hand it in again."),
)
BODY = N_("text")
BLOCK_CHARACTERS = 20_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass
class Block:
    """Some paragraphs of the text. `cover` replaces what goes: the encoding may have no block."""

    text: str
    cover: str
    where: str = BODY

    def mask(self, spans: Sequence[tuple[int, int]]) -> None:
        self.text = covered(self.text, spans, self.cover)


class TextRedaction:
    """A text file on its way through redaction."""

    def __init__(self, source: Path, name: str, pace: Pace) -> None:
        self._pace = pace
        data = source.read_bytes()
        self._mark, self._encoding = _encoding(data, name)
        try:
            text = data[len(self._mark) :].decode(self._encoding)
        except UnicodeDecodeError as exc:
            raise BINARY(name=name) from exc
        self._cover = next(cover for cover in COVERS if _can_hold(self._encoding, cover))
        self.characters = len(text)
        self._blocks = [Block(part, self._cover) for part in blocks(text)]
        self.pages: int | None = None
        self.warnings: Sequence[Message] = ()

    def sample(self) -> str:
        return self._blocks[0].text if self._blocks else ""

    def learn(self, sweep: Sweep, language: str) -> None:
        for done, block in enumerate(self._blocks):
            self._pace(done, len(self._blocks))
            sweep.learn(block.text)

    def clear(self, sweep: Sweep) -> None:
        for done, block in enumerate(self._blocks):
            self._pace(done, len(self._blocks))
            sweep.clear(block)
        whole = Block("".join(block.text for block in self._blocks), self._cover)
        sweep.clear(whole)
        self._blocks = [whole]

    def save(self, target: Path) -> None:
        text = "".join(block.text for block in self._blocks)
        target.write_bytes(self._mark + text.encode(self._encoding))

    def verify(self, sweep: Sweep, target: Path) -> None:
        data = target.read_bytes()
        sweep.check(data[len(self._mark) :].decode(self._encoding), BODY)


def blocks(text: str, size: int = BLOCK_CHARACTERS) -> list[str]:
    """`text` in pieces of about `size` characters that end at an empty line, or at a line's end where there is none.

    Joined, they are the text again.
    """
    pieces: list[str] = []
    start = 0
    while len(text) - start > size:
        window = text[start : start + 2 * size]
        cut = next((end for end in _ends(window, size)), len(window))
        pieces.append(window[:cut])
        start += cut
    return [*pieces, text[start:]] if start < len(text) else pieces


def _ends(window: str, size: int) -> list[int]:
    for pattern in (r"(?:\r?\n[ \t]*){2,}", r"\r?\n", r"\s+"):
        ends = [match.end() for match in re.finditer(pattern, window) if match.end() >= size]
        if ends:
            return ends
    return []


def _encoding(data: bytes, name: str) -> tuple[bytes, str]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return mark, encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return b"", _guessed(data, name)
    if b"\0" in data:
        return b"", _guessed(data, name)
    return b"", "utf-8"


def _guessed(data: bytes, name: str) -> str:
    """The encoding of text without a mark. A wrong guess among the 8-bit ones would leave letters unreadable."""
    for encoding, odd in (("utf-16-le", 1), ("utf-16-be", 0)):
        if len(data) % 2 == 0 and data[odd::2].count(0) > len(data) // 4:
            return encoding
    if b"\0" in data:
        raise BINARY(name=name)
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None:
        raise BINARY(name=name)
    western = {"cp1250", "cp1252", "latin_1", "iso8859_15"}
    encoding = best.encoding
    return "cp1252" if encoding in western and _decodes(data, "cp1252") else encoding


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _can_hold(encoding: str, character: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
