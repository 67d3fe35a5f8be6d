"""Sample documents that Pressroom makes itself: for step examples, the demo and the benchmarks.

The people, numbers and addresses in them are invented; the identity numbers pass their checksums.
"""

from pathlib import Path

LETTER = """Northwind Traders
Harbour Street 12, Gothenburg

Confirmation of your delivery

Dear Maria Lindqvist,

Thank you for your order. We will deliver the printed catalogues to your office in Stockholm on Monday morning. \
Our driver, John Smith, will call you on +46 8 123 456 78 before he arrives.

Please send the signed receipt to maria.lindqvist@example.com or to our accounts department. The amount will be \
taken from the account DE89 3704 0044 0532 0130 00, and the card 4111 1111 1111 1111 will not be charged.

The project Bluebird remains confidential. If you have questions about the contract, ask Anna Berg in London.

Kind regards,
Peter Johnson"""


def letter_docx(folder: Path) -> Path:
    """A one-page letter with a heading, a table and document properties, as DOCX."""
    from docx import Document

    document = Document()
    document.core_properties.author = "Peter Johnson"
    document.core_properties.title = "Delivery to Maria Lindqvist"
    for number, paragraph in enumerate(LETTER.split("\n\n")):
        if number == 1:
            document.add_heading(paragraph, level=1)
        else:
            document.add_paragraph(paragraph)
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        (cell for row in table.rows for cell in row.cells),
        ("Name", "Phone", "John Smith", "+46 8 123 456 78"),
        strict=True,
    ):
        cell.text = text
    path = folder / "letter.docx"
    document.save(str(path))
    return path


def letter_txt(folder: Path) -> Path:
    """The same letter as plain text in UTF-8."""
    path = folder / "letter.txt"
    path.write_text(LETTER, encoding="utf-8")
    return path


def letter_pdf(folder: Path) -> Path:
    """The same letter as a PDF that carries real text."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer

    styles = getSampleStyleSheet()
    flow: list[Flowable] = []
    for number, paragraph in enumerate(LETTER.split("\n\n")):
        style = styles["Heading1" if number == 1 else "BodyText"]
        flow += [Paragraph(paragraph.replace("\n", "<br/>"), style), Spacer(1, 10)]
    path = folder / "letter.pdf"
    SimpleDocTemplate(str(path), pagesize=A4, title="Delivery", author="Peter Johnson").build(flow)
    return path


def scan_png(folder: Path) -> Path:
    """The same letter as a scanned page: grey paper, a little noise, 200 dpi, no text in the file."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", (1654, 2339), 246)
    draw = ImageDraw.Draw(page)
    body, heading = (ImageFont.truetype("DejaVuSans.ttf", size) for size in (30, 46))
    y = 180
    for number, paragraph in enumerate(LETTER.split("\n\n")):
        font = heading if number == 1 else body
        for line in _lines(paragraph, 78 if font is body else 50):
            draw.text((170, y), line, font=font, fill=25)
            y += int(font.size * 1.45)
        y += 34
    noise = Image.effect_noise(page.size, 18)
    page = Image.blend(page, noise, 0.06)
    path = folder / "scan.png"
    page.save(path, dpi=(200, 200))
    return path


def scan_pdf(folder: Path, pages: int = 2) -> Path:
    """`pages` scanned pages in one PDF without any text."""
    from PIL import Image

    with Image.open(scan_png(folder)) as page:
        path = folder / f"scan-{pages}.pdf"
        page.save(path, "PDF", resolution=200, save_all=True, append_images=[page] * (pages - 1))
    return path


def _lines(paragraph: str, width: int) -> list[str]:
    from textwrap import wrap

    return [line for part in paragraph.split("\n") for line in wrap(part, width)]
