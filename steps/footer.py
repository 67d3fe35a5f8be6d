"""The footer step: a line of text at the foot of every page (SC-83).

A Word document gets the text in the footers that its pages really show, with live fields for the page numbers; a PDF
gets it drawn over each page, upright however the page is turned. What stood there before stays.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from pydantic import Field

from connectors.documents.document import Document
from connectors.documents.inspection_faults import DAMAGED_FILE, ENCRYPTED
from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from steps.contract import (
    DOCX,
    PDF,
    RunFacts,
    StepClass,
    StepContext,
    StepExample,
    StepKind,
    StepParameters,
    StepReport,
    StepResult,
)
from steps.samples import letter_docx

if TYPE_CHECKING:
    import pikepdf
    from docx.document import Document as WordDocument
    from docx.section import Section, _Footer
    from docx.text.paragraph import Paragraph
    from reportlab.pdfbase.ttfonts import TTFont

FOOTER_EMPTY = Fault(
    "footer.empty", 422, N_("The footer has no text."), N_("Type the text that each page should carry."), spec="SC-83"
)
FOOTER_TOO_LONG = Fault(
    "footer.too_long",
    422,
    N_("The footer is longer than {limit} characters."),
    N_("Shorten the text."),
    spec="SC-E11",
)
FONT_MISSING = Fault(
    "footer.font_missing",
    500,
    N_("The font for footers in PDF files is missing on this server."),
    N_("Administrators: install the package fonts-dejavu-core."),
)
OLE_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")  # Office keeps an encrypted DOCX in an OLE container
FONT = "DejaVuSans.ttf"
FONT_NAME = "PressroomFooter"
PLACEHOLDER = re.compile(r"\{(page|pages|date|user|solution)\}")
WORD_FIELDS = {"page": "PAGE", "pages": "NUMPAGES"}


class FooterStep(StepParameters):
    """The footer's text; unknown placeholders stay as they are typed."""

    LIMITS = MappingProxyType({"text": FOOTER_TOO_LONG})

    text: str = Field(
        "",
        max_length=512,
        title=N_("Footer text"),
        description=N_(
            "At most 512 characters. {page}, {pages}, {date}, {user} and {solution} are replaced by the page's number, "
            "the number of pages, the day, your name and the solution's name."
        ),
        json_schema_extra={"widget": "multiline"},
    )

    def unready(self) -> PressroomError | None:
        return None if self.text.strip() else FOOTER_EMPTY()


def add_footer(document: Document, step: FooterStep, context: StepContext) -> StepResult:
    """The document with the footer on every page; raises `FOOTER_EMPTY`, `DAMAGED_FILE`, `ENCRYPTED`."""
    if error := step.unready():
        raise error
    facts = {"date": _local_date(context.run), "user": context.run.user_name, "solution": context.run.solution_name}
    facts = {name: _printable(value) for name, value in facts.items()}
    write = _write_pdf if document.media_type == PDF else _write_docx
    return write(document, _printable(step.text), facts, context)


def _printable(text: str) -> str:
    """`text` without the control characters that neither XML nor a page can hold; line breaks stay."""
    lines = (line for line in text.splitlines())
    return "\n".join("".join(letter for letter in line if letter.isprintable()) for line in lines)


def _local_date(run: RunFacts) -> str:
    from babel import Locale, UnknownLocaleError
    from babel.dates import format_date

    try:
        locale = Locale.parse(run.locale, sep="-" if "-" in run.locale else "_")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    return format_date(run.started.date(), format="long", locale=locale)


# --- Word


def _write_docx(document: Document, text: str, facts: dict[str, str], context: StepContext) -> StepResult:
    word = _open_docx(context.fetch(document), document.name)
    sections = _sections(word)
    written: set[str] = set()
    for done, section in enumerate(sections):
        context.progress(done, len(sections))
        for kind in _shown_kinds(word, section):
            footer = _defining_footer(sections[: done + 1], kind)
            if footer.part.partname not in written:
                written.add(footer.part.partname)
                _append(footer, text, facts, word)
    context.progress(len(sections), len(sections))
    target = context.scratch / "footer.docx"
    word.save(str(target))
    result = context.store(target, document.name, DOCX, pages=document.pages, language=document.language)
    report = StepReport(
        summary=Message.of(N_("Footer added. Sections: {sections}."), sections=len(sections)),
        measures={"sections": len(sections), "footers": len(written)},
    )
    return StepResult(documents=(result,), report=report)


def _open_docx(path: Path, name: str) -> "WordDocument":
    from zipfile import BadZipFile

    import docx
    from docx.exceptions import PythonDocxError
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    with path.open("rb") as source:
        if source.read(len(OLE_SIGNATURE)) == OLE_SIGNATURE:
            raise ENCRYPTED(name=name)
    try:
        word = docx.Document(str(path))
        _sections(word)
    except (BadZipFile, OpcError, PythonDocxError, LxmlError, KeyError, ValueError, AttributeError) as exc:
        # KeyError, ValueError and AttributeError are python-docx's words for missing or foreign parts
        raise DAMAGED_FILE(name=name) from exc
    return word


def _sections(word: "WordDocument") -> "list[Section]":
    """All sections, also those that end inside a content control, which `word.sections` leaves out."""
    from docx.oxml.ns import qn
    from docx.section import Section

    ends = word.element.body.iter(qn("w:sectPr"))
    return [Section(end, word.part) for end in ends if end.getparent().tag != qn("w:sectPrChange")]


def _shown_kinds(word: "WordDocument", section: "Section") -> Iterator[str]:
    yield "footer"
    if section.different_first_page_header_footer:
        yield "first_page_footer"
    if word.settings.odd_and_even_pages_header_footer:
        yield "even_page_footer"


def _defining_footer(sections: "list[Section]", kind: str) -> "_Footer":
    """The footer that the last of `sections` shows: its own, or the nearest one before that it is linked to."""
    footers: list[_Footer] = [getattr(section, kind) for section in sections]
    for footer in reversed(footers):
        if not footer.is_linked_to_previous:
            return footer
    footers[0].is_linked_to_previous = False
    return footers[0]


def _append(footer: "_Footer", text: str, facts: dict[str, str], word: "WordDocument") -> None:
    paragraphs = footer.paragraphs
    blank = len(footer._element) == 1 and len(paragraphs) == 1 and not len(paragraphs[0]._p.r_lst)
    paragraph = paragraphs[0] if blank else footer.add_paragraph()
    if "Footer" in word.styles:
        paragraph.style = "Footer"
    for position, piece in enumerate(PLACEHOLDER.split(text)):
        is_placeholder = position % 2 == 1
        if is_placeholder and piece in WORD_FIELDS:
            _append_field(paragraph, WORD_FIELDS[piece])
        elif piece:
            paragraph.add_run(facts[piece] if is_placeholder else piece)


def _append_field(paragraph: "Paragraph", instruction: str) -> None:
    """A field that Word computes for each page; until then it shows 1."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    code = OxmlElement("w:instrText")
    code.text = instruction
    begin, separate, end = (OxmlElement("w:fldChar") for _ in range(3))
    for mark, kind in ((begin, "begin"), (separate, "separate"), (end, "end")):
        mark.set(qn("w:fldCharType"), kind)
    for element in (begin, code, separate):
        paragraph.add_run()._r.append(element)
    paragraph.add_run("1")
    paragraph.add_run()._r.append(end)


# --- PDF


def _write_pdf(document: Document, text: str, facts: dict[str, str], context: StepContext) -> StepResult:
    import pikepdf

    try:
        with pikepdf.open(context.fetch(document)) as pdf:
            if pdf.is_encrypted:
                raise ENCRYPTED(name=document.name)
            return _stamp(pdf, document, text, facts, context)
    except pikepdf.PasswordError as exc:
        raise ENCRYPTED(name=document.name) from exc
    except pikepdf.PdfError as exc:
        raise DAMAGED_FILE(name=document.name) from exc


def _stamp(
    pdf: "pikepdf.Pdf", document: Document, text: str, facts: dict[str, str], context: StepContext
) -> StepResult:
    import pikepdf

    font, pages = _font(), len(pdf.pages)
    numbered = [_filled(text, facts | {"page": str(number), "pages": str(pages)}) for number in range(1, pages + 1)]
    boxes = [_shown_box(page, document.name) for page in pdf.pages]
    drawn = _draw_footers(list(zip(map(_shown_size, pdf.pages, boxes), numbered, strict=True)), font, context.scratch)
    with pikepdf.open(drawn) as overlay:
        for number, (page, box, footer) in enumerate(zip(pdf.pages, boxes, overlay.pages, strict=True)):
            context.progress(number, pages)
            # marked as page furniture, so that screen readers and text extraction may skip it (ISO 32000-1, 14.8.2.2)
            footer.contents_add(b"/Artifact <</Type /Pagination /Subtype /Footer>> BDC", prepend=True)
            footer.contents_add(b"EMC")
            page.add_overlay(footer, box)
        target = context.scratch / "footer.pdf"
        pdf.save(target)
    context.progress(pages, pages)
    result = context.store(target, document.name, PDF, pages=pages, language=document.language)
    report = StepReport(
        summary=Message.of(N_("Footer added. Pages: {pages}."), pages=pages),
        warnings=tuple(_pdf_warnings(pdf, _filled(text, facts), font)),
        measures={"pages": pages},
    )
    return StepResult(documents=(result,), report=report)


def _filled(text: str, facts: dict[str, str]) -> str:
    return PLACEHOLDER.sub(lambda match: facts.get(match[1], match[0]), text)


def _pdf_warnings(pdf: "pikepdf.Pdf", text: str, font: "TTFont") -> Iterator[Message]:
    from unicodedata import bidirectional

    doubtful = sum(
        ord(letter) not in font.face.charToGlyph or bidirectional(letter) in ("R", "AL")
        for letter in text.replace("\n", "")
    )
    if doubtful:
        template = N_("{count} characters of the footer may not be shown correctly: the font does not cover them.")
        yield Message.of(template, count=doubtful)
    if "/AcroForm" in pdf.Root and int(pdf.Root.AcroForm.get("/SigFlags", 0)) & 1:
        yield Message.of(N_("The file carried a digital signature, which is no longer valid with the footer."))


def _font() -> "TTFont":
    from PIL import ImageFont
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    if FONT_NAME not in pdfmetrics.getRegisteredFontNames():
        try:
            path = ImageFont.truetype(FONT, 10).path
        except OSError as exc:
            raise FONT_MISSING() from exc
        pdfmetrics.registerFont(TTFont(FONT_NAME, path))
    return cast("TTFont", pdfmetrics.getFont(FONT_NAME))


def _draw_footers(pages: list[tuple[tuple[float, float], str]], font: "TTFont", scratch: Path) -> Path:
    """A PDF with one page of each given size (width, height) that holds nothing but that page's footer."""
    from reportlab.lib.utils import simpleSplit
    from reportlab.pdfgen.canvas import Canvas

    target = scratch / "footers.pdf"
    canvas = Canvas(str(target))
    for (width, height), text in pages:
        size = 9 * min(max(min(width, height) / 595, 0.3), 4)  # 9 points on A4, in proportion on other sizes
        lines = simpleSplit(text, font.fontName, size, max(width - 6 * size, size))
        canvas.setPageSize((width, height))
        canvas.setFont(font.fontName, size)
        for above, line in enumerate(reversed(lines)):
            canvas.drawString(3 * size, (2 + 1.25 * above) * size, line)
        canvas.showPage()
    canvas.save()
    return target


def _shown_box(page: "pikepdf.Page", name: str) -> "pikepdf.Rectangle":
    """The part of the page that readers show: the crop box as far as it lies on the page (ISO 32000-1, 14.11.2)."""
    import pikepdf

    box = pikepdf.Rectangle(page.cropbox) & pikepdf.Rectangle(page.mediabox)
    if box.width < 1 or box.height < 1:
        raise DAMAGED_FILE(name=name)
    return box


def _shown_size(page: "pikepdf.Page", box: "pikepdf.Rectangle") -> tuple[float, float]:
    """Width and height of `box` in the page's own units, as a reader sees it: turned with the page."""
    return (float(box.height), float(box.width)) if page.rotation % 180 else (float(box.width), float(box.height))


KIND = StepKind(
    name="footer",
    title=N_("Insert footer"),
    description=N_("Writes a line of text at the foot of every page."),
    icon="vertical_align_bottom",
    parameters=FooterStep,
    run=add_footer,
    step_class=StepClass.ACTION,
    example=StepExample(FooterStep(text="{solution} · {user} · {date} · {page}/{pages}"), letter_docx),
    accepts=frozenset({DOCX, PDF}),
)
