"""Passages of an XML part: pieces of text that read as one, wherever the markup keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote

from lxml import etree

from steps.redaction.sweep import MASK, covered

XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
NOWHERE = "https://redacted.invalid/"


class Piece(Protocol):
    """One place of the markup that holds some of a passage's text."""

    @property
    def text(self) -> str: ...

    def replace(self, text: str) -> None:
        """Put `text`, which is as long as the old one, in its place."""
        ...


@dataclass(frozen=True, slots=True)
class Gap:
    """A tab, a line break or the border between two paragraphs: read, never masked."""

    text: str

    def replace(self, text: str) -> None:
        """The layout stays."""


@dataclass(frozen=True, slots=True)
class Content:
    """The text of an element."""

    element: etree._Element

    @property
    def text(self) -> str:
        return self.element.text or ""

    def replace(self, text: str) -> None:
        self.element.text = text
        if text != text.strip():
            self.element.set(XML_SPACE, "preserve")


@dataclass(frozen=True, slots=True)
class Tail:
    """The text behind an element, which only custom XML has."""

    element: etree._Element

    @property
    def text(self) -> str:
        return self.element.tail or ""

    def replace(self, text: str) -> None:
        self.element.tail = text


@dataclass(frozen=True, slots=True)
class Value:
    """The value of an attribute."""

    element: etree._Element
    name: str

    @property
    def text(self) -> str:
        return str(self.element.get(self.name) or "")

    def replace(self, text: str) -> None:
        self.element.set(self.name, text)


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value whose type allows no blocks (a date, a number): `instead` replaces it, or it goes when that is None."""

    piece: Content | Value
    instead: str | None = None

    @property
    def text(self) -> str:
        return self.piece.text

    def replace(self, text: str) -> None:
        if self.instead is not None:
            self.piece.replace(self.instead)
        elif isinstance(self.piece, Value):
            del self.piece.element.attrib[self.piece.name]
        elif (parent := self.piece.element.getparent()) is not None:
            parent.remove(self.piece.element)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A character that is named by its number in a symbol font (w:sym), where words can be spelled unseen."""

    element: etree._Element
    number: str
    instead: str

    @property
    def text(self) -> str:
        code = int(self.element.get(self.number) or "20", 16)
        return chr(code & 0xFF if 0xF000 <= code <= 0xF0FF else code)

    def replace(self, text: str) -> None:
        for name in self.element.attrib:
            del self.element.attrib[name]
        self.element.tag = self.instead
        self.element.text = text


@dataclass(frozen=True, slots=True)
class MarkupPassage:
    """`pieces` read in a row."""

    pieces: tuple[Piece, ...]
    where: str

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    def mask(self, spans: Sequence[tuple[int, int]]) -> None:
        texts = [piece.text for piece in self.pieces]
        masked = covered("".join(texts), spans)
        start = 0
        for piece, text in zip(self.pieces, texts, strict=True):
            replacement = masked[start : start + len(text)]
            if replacement != text:
                piece.replace(replacement)
            start += len(text)


@dataclass(frozen=True, slots=True)
class AddressPassage:
    """An address or a path, read with its percent codes resolved; a hit replaces all of it."""

    piece: Value
    where: str

    @property
    def text(self) -> str:
        return decoded(self.piece.text)

    def mask(self, spans: Sequence[tuple[int, int]]) -> None:
        self.piece.replace(NOWHERE)


@dataclass(frozen=True, slots=True)
class FieldPassage:
    """A field's instruction, read with percent codes resolved; a hit leaves only the field's name."""

    pieces: tuple[Piece, ...]
    where: str

    @property
    def text(self) -> str:
        return decoded("".join(piece.text for piece in self.pieces))

    def mask(self, spans: Sequence[tuple[int, int]]) -> None:
        raw = "".join(piece.text for piece in self.pieces)
        name = len(raw) - len(raw.lstrip()) + len((raw.split() or [""])[0])
        MarkupPassage(self.pieces, self.where).mask([(name, len(raw))])


@dataclass(frozen=True, slots=True)
class AuthorPassage:
    """The author of a change or comment; with the name go the initials and the account, which tell it too."""

    piece: Value
    where: str

    @property
    def text(self) -> str:
        return self.piece.text

    def mask(self, spans: Sequence[tuple[int, int]]) -> None:
        element = self.piece.element
        self.piece.replace(covered(self.text, spans))
        for name in element.attrib:
            if str(name).endswith("}initials"):
                element.set(name, MASK)
        for account in [child for child in element if str(child.tag).endswith("}presenceInfo")]:
            element.remove(account)


def decoded(address: str) -> str:
    """`address` without percent codes, also where they were applied twice."""
    return unquote(unquote(address)).replace("+", " ") if "%" in address else address
