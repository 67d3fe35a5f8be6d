"""What was read on a page: paragraphs of lines, with the sizes that tell headings from text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

_PROPERTY = re.compile(r"(bbox|x_wconf|x_size) ([-\d. ]+)")
# a bullet, or what tesseract makes of one
_LIST_ITEM = re.compile(r"[•●▪■◦‣·*¢©®] \S")
OTHER_SIZE = 1.3
_LINES = frozenset({"ocr_line", "ocr_header", "ocr_caption", "ocr_textfloat"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text. `size` is its height in points, from the ascenders to the descenders."""

    text: str
    size: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together, from top to bottom."""

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The lines as running text, words that were divided at a line's end joined again."""
        joined = ""
        for line in self.lines:
            joined = join_lines(joined, line.text)
        return joined

    @property
    def size(self) -> float:
        """The middle one of the lines' sizes, in points."""
        return sorted(line.size for line in self.lines)[len(self.lines) // 2]

    @property
    def bold(self) -> bool:
        return all(line.bold for line in self.lines)


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of one page of `width` × `height` points as it is shown.

    `confidence` (0–100) is the mean over the characters that were recognised; None where none were, be it that the
    page is empty or that it carried its text already, which `recognised` tells apart. Text that a page carried is not
    `readable` when its fonts do not say what their glyphs mean.
    """

    width: float
    height: float
    paragraphs: tuple[Paragraph, ...] = ()
    confidence: float | None = None
    recognised: bool = False
    readable: bool = True

    @property
    def characters(self) -> int:
        return sum(len(line.text) for paragraph in self.paragraphs for line in paragraph.lines)

    @property
    def text(self) -> str:
        """Line by line as on the page, with an empty line between paragraphs."""
        return "\n\n".join("\n".join(line.text for line in paragraph.lines) for paragraph in self.paragraphs)


def join_lines(text: str, line: str) -> str:
    """`text` continued by `line`: a hyphen at the end goes if it only divides a word.

    It stays in “state-of-the-/art”, where the word has more of them, and before capitals and digits.
    """
    if not text:
        return line
    last = text.rsplit(None, 1)[-1]
    if len(last) > 1 and last[-1] in "-‐\xad" and last[-2].isalpha() and line[:1].islower():
        return text + line if any(hyphen in last[:-1] for hyphen in "-‐") else text[:-1] + line
    return f"{text} {line}"


def page_from_hocr(path: Path, dpi: float) -> PageText:
    """The page that tesseract described in the hOCR file `path`, whose image had `dpi`."""
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", no_network=True)
    root = etree.parse(str(path), parser).getroot()
    _, _, width, height = _numbers(next(root.iter("div")), "bbox")
    paragraphs: list[Paragraph] = []
    weights: list[tuple[int, float]] = []
    for block in root.iter("p"):
        paragraphs += _divided(list(_lines(block, 72 / dpi, weights)))
    characters = sum(length for length, _ in weights)
    confidence = sum(length * sure for length, sure in weights) / characters if characters else None
    return PageText(width * 72 / dpi, height * 72 / dpi, tuple(paragraphs), confidence, recognised=True)


def _divided(lines: list[Line]) -> Iterator[Paragraph]:
    """One paragraph as tesseract sees it, divided where list items or another size of text begin."""
    group = lines[:1]
    for above, below in pairwise(lines):
        if _LIST_ITEM.match(below.text) or max(above.size, below.size) > OTHER_SIZE * min(above.size, below.size):
            yield Paragraph(tuple(group))
            group = []
        group.append(below)
    if group:
        yield Paragraph(tuple(group))


def _lines(block: "etree._Element", scale: float, weights: list[tuple[int, float]]) -> Iterator[Line]:
    for line in block.iter("span"):
        if line.get("class") not in _LINES:
            continue
        words = []
        for word in line.iter("span"):
            text = "".join(map(str, word.itertext())).strip() if word.get("class") == "ocrx_word" else ""
            if text:
                words.append(text)
                weights.append((len(text), _numbers(word, "x_wconf")[0]))
        if words:
            yield Line(" ".join(words), _numbers(line, "x_size")[0] * scale)


def _numbers(element: "etree._Element", name: str) -> tuple[float, ...]:
    for found, values in _PROPERTY.findall(element.get("title", "")):
        if found == name:
            return tuple(float(value) for value in values.split())
    return (0.0,)
