"""Office formats and PDF translated, with the real engine, read back with other tools."""

import zipfile
from pathlib import Path

import pytest
from lxml import etree

from connectors.documents.document import Document
from connectors.errors import PressroomError
from steps.contract import DOCX, PDF, PPTX, TXT, XLSX
from steps.local_context import LocalContext
from steps.translate import TranslateStep, translate
from tests.steps.translate_formats.translated import text_file, translated

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def test_docx_keeps_runs_links_tables_headers_and_fields(context: LocalContext, tmp_path: Path) -> None:
    from docx import Document as Word
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    document = Word()
    document.add_heading("The new printer", 1)
    paragraph = document.add_paragraph("The house is ")
    paragraph.add_run("very ")
    paragraph.add_run("red").bold = True
    paragraph.add_run(" and the door is ")
    paragraph.add_run("white").italic = True
    paragraph.add_run(".")
    link = document.part.relate_to(
        "https://example.com/the-house",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink",
        True,
    )
    linked = document.add_paragraph("Read ")
    linked._p.append(
        parse_xml(
            f'<w:hyperlink {nsdecls("w", "r")} r:id="{link}"><w:r><w:rPr><w:u w:val="single"/></w:rPr>'
            "<w:t>the report</w:t></w:r></w:hyperlink>"
        )
    )
    linked.add_run(" in the office.")
    paged = document.add_paragraph("The page ")
    paged._p.append(
        parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr=" PAGE "><w:r><w:t>the seven</w:t></w:r></w:fldSimple>')
    )
    paged.add_run(" of the book")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ("The name", "The price", "John Smith", "12.50"), strict=True):
        cell.text = text
    document.sections[0].header.paragraphs[0].text = "The letter of the company"
    document.sections[0].footer.paragraphs[0].text = "The end of the page"
    document.save(str(tmp_path / "in.docx"))

    made = Word(str(translated(context, tmp_path / "in.docx", DOCX)))
    heading, styled, linked, paged = made.paragraphs[:4]
    assert heading.style is not None
    assert (heading.style.name, heading.text) == ("Heading 1", "La impresora nueva")
    assert styled.text == "La casa es muy roja y la puerta es blanca."
    assert [run.text.strip() for run in styled.runs if run.bold] == ["roja"]
    assert [run.text.strip() for run in styled.runs if run.italic] == ["blanca"]
    assert linked.hyperlinks[0].address == "https://example.com/the-house"
    assert linked.hyperlinks[0].text == "el informe"
    assert linked.text.endswith("en la oficina.")
    assert "".join(text.text for text in paged._p.iter(f"{W}t")) == "La página the seven del libro"
    assert paged._p.find(f"{W}fldSimple").get(f"{W}instr") == " PAGE "
    assert [cell.text for cell in made.tables[0]._cells] == ["El nombre", "El precio", "John Smith", "12.50"]
    assert made.sections[0].header.paragraphs[0].text == "La letra de la empresa"
    assert made.sections[0].footer.paragraphs[0].text == "El fin de la página"


WORD_BODY = f"""<w:document xmlns:w="{W[1:-1]}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
 xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml"
 xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"><w:body>
<w:p><w:r><w:t xml:space="preserve">The </w:t></w:r><w:r><w:rPr><w:lang w:val="en-US"/></w:rPr><w:t>ho</w:t></w:r>\
<w:r><w:t>use</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t xml:space="preserve"> is red</w:t></w:r>\
<w:r><w:tab/><w:t>The car</w:t><w:br/><w:t>The dog</w:t></w:r></w:p>
<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><wp:docPr id="1" name="Box" descr="The picture of a house"/>\
<wps:txbx><w:txbxContent><w:p><w:r><w:t>The text in the box</w:t></w:r></w:p></w:txbxContent></wps:txbx></mc:Choice>
<mc:Fallback><v:textbox><w:txbxContent><w:p><w:r><w:t>The text in the box</w:t></w:r></w:p></w:txbxContent></v:textbox>
</mc:Fallback></mc:AlternateContent></w:r></w:p>
<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>HYPERLINK "https://example.com"</w:instrText></w:r>\
<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>The company</w:t></w:r>\
<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>
<w:p><w:r><w:t xml:space="preserve">The date is </w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r>\
<w:r><w:instrText> DATE </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r>\
<w:t>the third day</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>
<w:p><w:sdt><w:sdtContent><w:r><w:t>The control</w:t></w:r></w:sdtContent></w:sdt>\
<w:del><w:r><w:delText>The old text</w:delText></w:r></w:del></w:p>
</w:body></w:document>"""

NOTES = f"""<w:footnotes xmlns:w="{W[1:-1]}"><w:footnote w:id="2"><w:p><w:r><w:t>The note</w:t></w:r></w:p></w:footnote>
</w:footnotes>"""


def test_docx_walks_boxes_notes_fields_controls_and_descriptions(context: LocalContext, tmp_path: Path) -> None:
    path = tmp_path / "in.docx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", WORD_BODY)
        package.writestr("word/footnotes.xml", NOTES)
        package.writestr("word/media/image.bin", b"\0\1\2")
    with zipfile.ZipFile(translated(context, path, DOCX)) as made:
        assert made.read("word/media/image.bin") == b"\0\1\2"
        assert "La nota" in made.read("word/footnotes.xml").decode()
        root = etree.fromstring(made.read("word/document.xml"))
    paragraphs = ["|".join(text.text or "" for text in p.iter(f"{W}t") if text.text) for p in root.iter(f"{W}p")]
    assert paragraphs[0] == "La casa| es roja|El coche|El perro"
    assert paragraphs[1].split("|") == ["El texto en la caja"] * 2
    assert paragraphs[4] == "La empresa"
    assert paragraphs[5] == "La cita es |the third day"
    assert paragraphs[6] == "El control"
    assert "El cuadro de una casa" in etree.tostring(root, encoding="unicode")
    assert root.find(f".//{W}delText").text == "The old text"
    assert root.find(f".//{W}lang").get(f"{W}val") == "es"


def test_pptx_slides_tables_groups_and_notes(context: LocalContext, tmp_path: Path) -> None:
    from pptx import Presentation
    from pptx.util import Inches

    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = "The new printer"
    box = slide.shapes.add_textbox(0, 0, Inches(4), Inches(1)).text_frame.paragraphs[0]
    for text, bold in (("The house is ", False), ("red", True), (" today", False)):
        run = box.add_run()
        run.text, run.font.bold = text, bold
    table = slide.shapes.add_table(1, 2, 0, 0, Inches(4), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "The price", "12.50"
    slide.shapes.add_group_shape().shapes.add_textbox(0, 0, 9, 9).text_frame.text = "The group"
    slide.notes_slide.notes_text_frame.text = "The note of the teacher"
    show.save(str(tmp_path / "in.pptx"))

    made = Presentation(str(translated(context, tmp_path / "in.pptx", PPTX))).slides[0]
    title, box, table, group = made.shapes
    assert title.text_frame.text == "La impresora nueva"
    assert box.text_frame.text == "La casa es roja hoy"
    assert [run.text.strip() for run in box.text_frame.paragraphs[0].runs if run.font.bold] == ["roja"]
    assert [table.table.cell(0, column).text for column in (0, 1)] == ["El precio", "12.50"]
    assert group.shapes[0].text_frame.text == "El grupo"
    assert made.notes_slide.notes_text_frame.text == "La nota del profesor"


def workbook(path: Path, formula: str) -> Path:
    from openpyxl import Workbook
    from openpyxl.worksheet.table import Table

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "The house"
    sheet.append(["The price", "The name"])
    sheet.append([12.5, "The red car"])
    sheet["D1"] = formula
    sheet["D2"] = "AB-1234"
    sheet.add_table(Table(displayName="Prices", ref="A1:B2"))
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("formula", "heading", "warned"),
    [("=SUM(A2:A2)", "El precio", False), ("=SUM(Prices[The price])", "The price", True)],
)
def test_xlsx_strings_change_and_formulas_names_and_numbers_stay(
    context: LocalContext, tmp_path: Path, formula: str, heading: str, warned: bool
) -> None:
    from openpyxl import load_workbook

    document = context.take_in(workbook(tmp_path / "in.xlsx", formula), XLSX)
    result = translate(document, TranslateStep(source_language="en", target_languages=("es",)), context)
    sheet = load_workbook(context.fetch(result.documents[0]))["The house"]
    assert [sheet[cell].value for cell in ("A1", "A2", "B2", "D1", "D2")] == [
        heading,
        12.5,
        "El coche rojo",
        formula,
        "AB-1234",
    ]
    assert sheet.tables["Prices"].column_names[0] == heading
    assert any("headings" in str(warning) for warning in result.report.warnings) is warned


def test_pdf_becomes_a_word_document_page_by_page(context: LocalContext, tmp_path: Path) -> None:
    """TR-12, TR-15."""
    from docx import Document as Word
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "in.pdf"))
    canvas.setFont("Helvetica-Bold", 20)
    canvas.drawString(72, 750, "The new printer")
    canvas.setFont("Helvetica", 11)
    for number, line in enumerate(("The teacher buys the old house in the city and the student", "reads the book.")):
        canvas.drawString(72, 700 - 14 * number, line)
    canvas.showPage()
    canvas.drawString(72, 700, "The second page")
    canvas.showPage()
    canvas.showPage()
    canvas.save()
    document = context.take_in(tmp_path / "in.pdf", PDF)
    result = translate(document, TranslateStep(source_language="en", target_languages=("es",)), context)
    assert (result.documents[0].name, result.documents[0].media_type) == ("in_es.docx", DOCX)
    heading, body, second = Word(str(context.fetch(result.documents[0]))).paragraphs
    assert heading.style is not None
    assert (heading.text, heading.style.name) == ("La impresora nueva", "Heading 2")
    assert body.text.startswith("El profesor compra")
    assert body.text.endswith("lee el libro.")
    assert second.text == "La segunda página"
    assert second.paragraph_format.page_break_before is True
    warnings = " ".join(map(str, result.report.warnings))
    assert "layout" in warnings
    assert "1 pages of the PDF hold no text" in warnings


@pytest.mark.parametrize(
    ("extension", "media_type", "out"),
    [
        ("odt", "application/vnd.oasis.opendocument.text", DOCX),
        ("rtf", "application/rtf", DOCX),
        ("xls", "application/vnd.ms-excel", XLSX),
        ("odp", "application/vnd.oasis.opendocument.presentation", PPTX),
    ],
)
def test_older_formats_go_through_libreoffice(
    context: LocalContext, tmp_path: Path, extension: str, media_type: str, out: str
) -> None:
    """TR-12, TR-15."""
    from connectors.office import convert

    made = convert(modern(tmp_path, out), extension, tmp_path, 60)
    source = tmp_path / f"Old File.{extension}"
    source.write_bytes(made.read_bytes())
    document = context.take_in(source, media_type)
    result = translate(document, TranslateStep(source_language="en", target_languages=("es",)), context)
    assert result.documents[0].media_type == out
    assert result.documents[0].name == f"Old File_es.{modern(tmp_path, out).suffix[1:]}"
    with zipfile.ZipFile(context.fetch(result.documents[0])) as package:
        content = b"".join(package.read(name) for name in package.namelist() if name.endswith(".xml")).decode()
    assert "La casa es roja" in content
    assert "The house is red" not in content


def modern(folder: Path, media_type: str) -> Path:
    """A file of today's kind that says that the house is red."""
    from docx import Document as Word
    from openpyxl import Workbook
    from pptx import Presentation

    if media_type == DOCX:
        word = Word()
        word.add_paragraph("The house is red")
        word.save(str(folder / "modern.docx"))
        return folder / "modern.docx"
    if media_type == XLSX:
        book = Workbook()
        assert book.active is not None
        book.active["A1"] = "The house is red"
        book.save(folder / "modern.xlsx")
        return folder / "modern.xlsx"
    show = Presentation()
    show.slides.add_slide(show.slide_layouts[5]).shapes.title.text = "The house is red"
    show.save(str(folder / "modern.pptx"))
    return folder / "modern.pptx"


def encrypted_pdf(folder: Path) -> Path:
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret")
    writer.write(folder / "in.pdf")
    return folder / "in.pdf"


def package_with(folder: Path, content: bytes, part: str = "word/document.xml") -> Path:
    with zipfile.ZipFile(folder / "in.docx", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(part, content)
    return folder / "in.docx"


def damaged_picture(folder: Path) -> Path:
    """A good document whose picture fails its checksum."""
    path = modern(folder, DOCX)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as package:
        package.writestr("word/media/image.bin", b"picture-picture")
    path.write_bytes(path.read_bytes().replace(b"picture-picture", b"picture-PICTURE"))
    return path


ENTITY = b'<!DOCTYPE w [<!ENTITY a "The house"><!ENTITY b "&a;&a;">]><w>&b;</w>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("make", "media_type", "code"),
    [
        (lambda folder: text_file(folder, "in.docx", OLE), DOCX, "translate.encrypted"),
        (lambda folder: text_file(folder, "in.docx", b"PK\x03\x04torn"), DOCX, "translate.unreadable"),
        (lambda folder: package_with(folder, b"<w><broken>"), DOCX, "translate.unreadable"),
        (lambda folder: package_with(folder, ENTITY), DOCX, "translate.unreadable"),
        (lambda folder: package_with(folder, b"<w/>", "word/else.xml"), DOCX, "translate.unreadable"),
        (lambda folder: package_with(folder, b" " * (20 << 20)), DOCX, "translate.unpacks_too_large"),
        (lambda folder: package_with(folder, b"<w/>"), DOCX, "translate.no_text"),
        (damaged_picture, DOCX, "translate.unreadable"),
        (lambda folder: package_with(folder, b"<w/>"), XLSX, "translate.unreadable"),
        (lambda folder: package_with(folder, b"<w/>"), PPTX, "translate.unreadable"),
        (encrypted_pdf, PDF, "translate.encrypted"),
        (lambda folder: text_file(folder, "in.pdf", b"%PDF-1.7 torn"), PDF, "translate.unreadable"),
        (lambda folder: text_file(folder, "in.txt", b"a\0b\0c"), TXT, "translate.unreadable"),
        (lambda folder: text_file(folder, "in.txt", b" \n12 34\n"), TXT, "translate.no_text"),
        (lambda folder: text_file(folder, "in.txt", b""), TXT, "translate.no_text"),
        (lambda folder: text_file(folder, "in.csv", f'"{"x" * 1_100_000}",b'), TXT, "translate.unreadable"),
        (lambda folder: text_file(folder, "in.html", ""), "text/html", "translate.no_text"),
        (lambda folder: text_file(folder, "in.xlf", ENTITY), "application/xml", "translate.unreadable"),
        (lambda folder: text_file(folder, "in.xlf", "<a/>"), "application/xml", "translate.unreadable"),
        (lambda folder: text_file(folder, "in.xml", "<a>The house</a>"), "application/xml", "translate.format"),
        (lambda folder: text_file(folder, "in.png", b"\x89PNG"), "image/png", "translate.format"),
        (lambda folder: text_file(folder, "in.doc", OLE), "application/msword", "office.failed"),
    ],
)
def test_bad_files_have_their_own_faults(
    context: LocalContext, tmp_path: Path, make: object, media_type: str, code: str
) -> None:
    context.settings = context.settings.model_copy(update={"max_unpacked_mb": 16})
    document: Document = context.take_in(make(tmp_path), media_type)  # type: ignore[operator]
    with pytest.raises(PressroomError) as failed:
        translate(document, TranslateStep(source_language="en", target_languages=("es",)), context)
    assert failed.value.code == code
    assert "{" not in failed.value.message + failed.value.remedy


def test_a_pdf_of_pictures_asks_for_ocr_first(context: LocalContext, tmp_path: Path) -> None:
    from steps.samples import scan_pdf

    document = context.take_in(scan_pdf(tmp_path, 1), PDF)
    with pytest.raises(PressroomError) as failed:
        translate(document, TranslateStep(target_languages=("es",)), context)
    assert failed.value.code == "translate.no_text"
    assert "OCR" in failed.value.remedy


def test_a_pdf_with_too_many_pages_is_refused(context: LocalContext, tmp_path: Path) -> None:
    from steps.samples import scan_pdf

    context.settings = context.settings.model_copy(update={"max_pages": 1})
    document = context.take_in(scan_pdf(tmp_path, 2), PDF)
    with pytest.raises(PressroomError, match=r"translate\.too_many_pages"):
        translate(document, TranslateStep(target_languages=("es",)), context)
