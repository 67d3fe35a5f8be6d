"""The text of a PDF as a Word document: paragraphs page by page. The layout is not rebuilt, and the report says so.

pdfium reads the text: it is the most forgiving reader that is in the house, and a hostile file does not stop it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from connectors.errors import Fault
from connectors.messages import N_
from steps.translation.passages import ENCRYPTED, UNREADABLE

if TYPE_CHECKING:
    import pypdfium2

NO_TEXT = Fault(
    "translate.no_text",
    422,
    N_("“{name}” holds no text to translate."),
    N_("If it is a scan, put the step “Extract text with OCR” before the translation. Otherwise check the file."),
)
TOO_MANY_PAGES = Fault(
    "translate.too_many_pages",
    413,
    N_("“{name}” has {pages} pages; {limit} are the most."),
    N_("Split it and hand in the parts."),
)

HEADING = 1.25
"""A line this much taller than the page's ordinary lines is a heading."""

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(slots=True)
class Line:
    """A line of text and its box, in points from the page's lower left."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        return self.top - self.bottom


def word_from_pdf(path: Path, name: str, target: Path, most_pages: int) -> int:
    """Write the text of the PDF at `path` into a new DOCX and return how many of its pages hold none.

    Raises `ENCRYPTED`, `UNREADABLE`, `TOO_MANY_PAGES`, or `NO_TEXT` where no page holds any.
    """
    from docx import Document

    document = Document()
    document.core_properties.author = ""
    pages = empty = 0
    for lines in _pages(path, name, most_pages):
        paragraphs = list(_paragraphs(lines))
        for number, (heading, text) in enumerate(paragraphs):
            written = document.add_heading(text, level=2) if heading else document.add_paragraph(text)
            if number == 0 and pages > empty:
                written.paragraph_format.page_break_before = True
        pages += 1
        empty += not paragraphs
    if pages == empty:
        raise NO_TEXT(name=name)
    document.save(str(target))
    return empty


def _pages(path: Path, name: str, most_pages: int) -> Iterator[list[Line]]:
    import pypdfium2
    from pypdfium2.raw import FPDF_ERR_PASSWORD

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as exc:
        if getattr(exc, "err_code", None) == FPDF_ERR_PASSWORD or "password" in str(exc).casefold():
            raise ENCRYPTED(name=name) from exc
        raise UNREADABLE(name=name, reason="it is not a complete PDF") from exc
    try:
        if len(document) > most_pages:
            raise TOO_MANY_PAGES(name=name, pages=len(document), limit=most_pages)
        for page in document:
            yield _lines(page)
            page.close()
    except pypdfium2.PdfiumError as exc:
        raise UNREADABLE(name=name, reason="one of its pages is damaged") from exc
    finally:
        document.close()


def _lines(page: "pypdfium2.PdfPage") -> list[Line]:
    """The page's lines in the order of its content; stretches on one baseline are one line."""
    lines: list[Line] = []
    text_page = page.get_textpage()
    for number in range(text_page.count_rects()):
        left, bottom, right, top = text_page.get_rect(number)
        text = _ILLEGAL.sub("", text_page.get_text_bounded(left, bottom, right, top)).strip()
        if not text:
            continue
        before = lines[-1] if lines else None
        if before and _same_line(before, bottom, top, left):
            gap = " " if left - before.right > 0.15 * before.height else ""
            lines[-1] = Line(
                before.text + gap + text, before.left, min(before.bottom, bottom), right, max(before.top, top)
            )
        else:
            lines.append(Line(" ".join(text.split()), left, bottom, right, top))
    text_page.close()
    return lines


def _same_line(before: Line, bottom: float, top: float, left: float) -> bool:
    overlap = min(before.top, top) - max(before.bottom, bottom)
    near = -0.5 * before.height < left - before.right < 3 * before.height
    return near and overlap > 0.5 * min(before.height, top - bottom)


def _paragraphs(lines: Sequence[Line]) -> Iterator[tuple[bool, str]]:
    """Lines joined to paragraphs: whether each is a heading, and its text."""
    if not lines:
        return
    usual = median(line.height for line in lines)
    widest = max(line.right for line in lines)
    current = [lines[0]]
    for before, line in pairwise(lines):
        if _continues(before, line, usual, widest):
            current.append(line)
        else:
            yield current[0].height > HEADING * usual, _joined(current)
            current = [line]
    yield current[0].height > HEADING * usual, _joined(current)


def _continues(before: Line, line: Line, usual: float, widest: float) -> bool:
    """Whether `line` is the next line of the paragraph: close below, of like size, and the one before was full."""
    gap = before.bottom - line.top
    close = -0.5 * usual < gap < 0.9 * usual
    alike = abs(before.height - line.height) < 0.4 * usual
    first_word = line.text.split()[0]
    room = widest - before.right
    full = room < len(first_word) * 0.6 * usual + 0.08 * widest
    return close and alike and (full or line.text[0].islower())


def _joined(lines: Sequence[Line]) -> str:
    """One text; a hyphen at a line's end before a small letter was put there by the line break."""
    text = lines[0].text
    for line in lines[1:]:
        if re.search(r"[^\W\d_]-$", text) and line.text[0].islower():
            text = text[:-1] + line.text
        else:
            text = f"{text} {line.text}"
    return text
