"""What was read, written down as text: DOCX with paragraphs and headings, or plain text."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from connectors.ocr.headings import heading_levels
from connectors.ocr.layout import PageText

SHEET_POINTS = range(200, 1600)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_txt(pages: Sequence[PageText], target: Path) -> None:
    """UTF-8 text, line by line as on the pages, with a form feed between pages."""
    target.write_text("\f".join(page.text + "\n" for page in pages), encoding="utf-8")


def write_docx(pages: Sequence[PageText], target: Path, title: str, language: str | None) -> None:
    """A DOCX of running text on sheets of the first page's size; each page begins a new sheet."""
    from docx import Document
    from docx.enum.text import WD_BREAK

    document = Document()
    core = document.core_properties
    core.title, core.author, core.comments, core.language = title[:255], "", "", language or ""
    _set_sheet(document, pages[0])
    for number, (page, levels) in enumerate(zip(pages, heading_levels(pages), strict=True)):
        last: Any = None
        for paragraph, level in zip(page.paragraphs, levels, strict=True):
            text = _NOT_XML.sub("", paragraph.text)
            last = document.add_heading(text, level) if level else document.add_paragraph(text)
        if number < len(pages) - 1:
            # at the end of the last paragraph: one of its own could overflow a full sheet onto an empty one
            (last or document.add_paragraph()).add_run().add_break(WD_BREAK.PAGE)
    document.save(str(target))


def _set_sheet(document: Any, page: PageText) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Pt

    width, height = round(page.width), round(page.height)
    if width in SHEET_POINTS and height in SHEET_POINTS:
        section = document.sections[0]
        section.page_width, section.page_height = Pt(width), Pt(height)
        section.orientation = WD_ORIENT.LANDSCAPE if width > height else WD_ORIENT.PORTRAIT
