"""The footer step on real Word and PDF files, read back by python-docx, LibreOffice and poppler."""

import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import pikepdf
import pytest
from docx.enum.section import WD_SECTION
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from reportlab.pdfgen.canvas import Canvas

from connectors.errors import PressroomError
from steps.contract import DOCX, PDF
from steps.footer import KIND, FooterStep, add_footer
from steps.local_context import LocalContext
from steps.samples import letter_docx, letter_pdf


def footed(context: LocalContext, path: Path, text: str, media_type: str = DOCX) -> Path:
    """Run the step on `path` and return the result as a local file."""
    result = add_footer(context.take_in(path, media_type), FooterStep(text=text), context)
    assert result.documents[0].media_type == media_type
    return context.fetch(result.documents[0])


def pdf_text(path: Path, page: int = 1, *options: str) -> str:
    command = ["pdftotext", "-f", str(page), "-l", str(page), *options, str(path), "-"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def three_sections(path: Path) -> Path:
    """Three sections: the second has an own footer and a different first page; odd and even pages differ."""
    word = docx.Document()
    word.settings.odd_and_even_pages_header_footer = True
    for number in range(1, 4):
        if number > 1:
            word.add_section(WD_SECTION.NEW_PAGE)
        for page in range(3):
            paragraph = word.add_paragraph(f"section {number} page {page}")
            paragraph.paragraph_format.page_break_before = page > 0
    second = word.sections[1]
    second.different_first_page_header_footer = True
    second.footer.is_linked_to_previous = False
    second.footer.paragraphs[0].text = "kept as it was"
    word.save(str(path))
    return path


def test_every_page_that_word_shows_gets_the_footer_once(context: LocalContext, tmp_path: Path) -> None:
    """SC-83a."""
    word = docx.Document(str(footed(context, three_sections(tmp_path / "three.docx"), "Footer {page}/{pages}")))
    first, second, third = word.sections
    assert [p.text for p in first.footer.paragraphs] == ["Footer 1/1"]
    assert [p.text for p in second.footer.paragraphs] == ["kept as it was", "Footer 1/1"]
    assert third.footer.is_linked_to_previous
    assert [p.text for p in second.first_page_footer.paragraphs] == ["Footer 1/1"]
    assert [p.text for p in first.even_page_footer.paragraphs] == ["Footer 1/1"]
    assert second.even_page_footer.is_linked_to_previous
    assert third.even_page_footer.is_linked_to_previous


def test_page_numbers_are_live_fields(context: LocalContext, tmp_path: Path) -> None:
    with zipfile.ZipFile(footed(context, letter_docx(tmp_path), "{page} of {pages}")) as package:
        footer = next(package.read(name).decode() for name in package.namelist() if "footer" in name)
    assert re.findall(r"<w:instrText>(\w+)<", footer) == ["PAGE", "NUMPAGES"]
    assert re.findall(r'w:fldCharType="(\w+)"', footer) == ["begin", "separate", "end"] * 2


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_shows_the_footer_on_each_page(context: LocalContext, tmp_path: Path) -> None:
    path = footed(context, three_sections(tmp_path / "three.docx"), "Foot {page}/{pages}")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    shown = tmp_path / f"{path.stem}.pdf"
    with pikepdf.open(shown) as pdf:
        pages = len(pdf.pages)
    for page in range(1, pages + 1):
        text = pdf_text(shown, page)
        if "section" in text:  # LibreOffice adds blank pages between sections that start on an odd page
            assert f"Foot {page}/{pages}" in text, page
    assert pages >= 9


def test_a_table_in_the_footer_and_a_section_inside_a_content_control_are_kept(
    context: LocalContext, tmp_path: Path
) -> None:
    word = docx.Document()
    word.sections[0].footer.add_table(1, 2, word.sections[0].page_width).rows[0].cells[0].text = "cell"
    word.add_paragraph("cover")
    word.add_section(WD_SECTION.NEW_PAGE)
    word.sections[0].different_first_page_header_footer = True
    end_of_cover = word.element.body.find(f".//{qn('w:p')}/{qn('w:pPr')}/{qn('w:sectPr')}/../..")
    control, content = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    end_of_cover.addprevious(control)
    control.append(content)
    content.append(end_of_cover)
    word.save(str(tmp_path / "control.docx"))
    path = footed(context, tmp_path / "control.docx", "mine")
    with zipfile.ZipFile(path) as package:
        footers = [package.read(name).decode() for name in package.namelist() if "word/footer" in name]
    assert len(footers) == 2, "the default footer and the first page's"
    assert all("mine" in footer for footer in footers)
    assert sum("cell" in footer for footer in footers) == 1


@pytest.mark.parametrize(
    ("locale", "text", "expected"),
    [
        ("en", "{date}", "November 22, 2026"),
        ("sv", "{date}", "22 november 2026"),
        ("de-AT", "{date}", "22. November 2026"),
        ("pt_BR", "{date}", "22 de novembro de 2026"),
        ("xx-nonsense", "{date}", "November 22, 2026"),
        ("en", "{user} / {solution}", "Ann Author / Example"),
        ("en", "{unknown} {Page} {} {{user}}", "{unknown} {Page} {} {Ann Author}"),
        ("en", "first\nsecond", "first\nsecond"),
    ],
)
def test_placeholders(context: LocalContext, tmp_path: Path, locale: str, text: str, expected: str) -> None:
    context.run = replace(context.run, locale=locale)
    word = docx.Document(str(footed(context, letter_docx(tmp_path), text)))
    assert word.sections[0].footer.paragraphs[-1].text == expected


@pytest.mark.parametrize(("media_type", "make"), [(DOCX, letter_docx), (PDF, letter_pdf)])
def test_a_name_is_never_read_as_a_placeholder_or_as_a_control(
    context: LocalContext, tmp_path: Path, media_type: str, make: object
) -> None:
    context.run = replace(context.run, user_name="{solution}\x00\x1b<w:p/>")
    path = footed(context, make(tmp_path), "by {user}", media_type)  # type: ignore[operator]
    text = docx.Document(str(path)).sections[0].footer.paragraphs[-1].text if media_type == DOCX else pdf_text(path)
    assert "by {solution}<w:p/>" in text


SHOWN_SIZES = {1: (400, 600), 2: (600, 400), 3: (400, 600), 4: (600, 400), 5: (300, 300)}


def odd_pdf(path: Path) -> Path:
    """Five pages: plain, turned three ways, and cropped; a link and a bookmark on the first."""
    canvas = Canvas(str(path), pagesize=(400, 600))
    for number in range(1, 6):
        canvas.bookmarkPage(f"p{number}")
        canvas.drawString(100, 300, f"body text {number}")
        if number == 1:
            canvas.addOutlineEntry("Chapter", "p1")
            canvas.linkURL("https://example.com/", (100, 300, 200, 320))
        canvas.showPage()
    canvas.save()
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        for index, angle in ((1, 90), (2, 180), (3, 270)):
            pdf.pages[index].rotate(angle, relative=False)
        pdf.pages[4].cropbox = pikepdf.Array([50, 200, 350, 500])
        pdf.save(path)
    return path


def test_pdf_pages_turned_cropped_and_of_any_size(context: LocalContext, tmp_path: Path) -> None:
    path = footed(
        context, odd_pdf(tmp_path / "odd.pdf"), "Seite {page} von {pages} – Žluťoučký Łódź Ελλάδα Привет", PDF
    )
    for page in range(1, 6):
        boxes = pdf_text(path, page, "-bbox", "-cropbox")
        width, height = SHOWN_SIZES[page]
        words = {
            word: tuple(float(edge) for edge in edges)
            for *edges, word in re.findall(
                r'xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">([^<]+)<', boxes
            )
        }
        assert f"body text {page}" in pdf_text(path, page)
        for word in ("Seite", "Žluťoučký", "Łódź", "Ελλάδα", "Привет"):
            left, top, right, bottom = words[word]
            assert 0 <= left < right <= width
            assert height * 0.85 < top < bottom <= height, f"page {page}: upright at the foot as shown"
        assert words["Seite"][0] < words["von"][0] < words["Привет"][0]
    with pikepdf.open(path) as pdf:
        assert pdf.pages[0].Annots[0].A.URI == "https://example.com/"
        assert pdf.Root.Outlines.First.Title == "Chapter"


def test_the_pdf_font_is_embedded_and_long_texts_wrap(context: LocalContext, tmp_path: Path) -> None:
    path = footed(context, letter_pdf(tmp_path), "wort " * 102, PDF)
    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, check=True, text=True).stdout
    dejavu = next(line.split() for line in fonts.splitlines() if "DejaVuSans" in line)
    assert dejavu[-5:-2] == ["yes", "yes", "yes"], "embedded, subset, with a Unicode map"
    assert pdf_text(path).count("wort") == 102
    assert len([line for line in pdf_text(path, 1, "-layout").splitlines() if "wort" in line]) > 2


@pytest.mark.parametrize("text", ["Привет", "שלום", "漢字"])
def test_letters_that_the_font_cannot_show_are_reported(context: LocalContext, tmp_path: Path, text: str) -> None:
    document = context.take_in(letter_pdf(tmp_path), PDF)
    warnings = add_footer(document, FooterStep(text=text), context).report.warnings
    assert bool(warnings) == (text != "Привет")


def test_a_signature_that_the_footer_breaks_is_reported(context: LocalContext, tmp_path: Path) -> None:
    with pikepdf.open(letter_pdf(tmp_path)) as pdf:
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(), SigFlags=3)
        pdf.save(tmp_path / "signed.pdf")
    result = add_footer(context.take_in(tmp_path / "signed.pdf", PDF), FooterStep(text="x"), context)
    assert "signature" in str(result.report.warnings[0])


def locked_pdf(folder: Path, password: str) -> Path:
    with pikepdf.open(letter_pdf(folder)) as pdf:
        pdf.save(folder / "locked.pdf", encryption=pikepdf.Encryption(user=password, owner="secret"))
    return folder / "locked.pdf"


def cut(path: Path, target: Path) -> Path:
    target.write_bytes(path.read_bytes()[:400])
    return target


def ole_container(folder: Path) -> Path:
    (folder / "locked.docx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    return folder / "locked.docx"


def other_package(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "other.docx", "w") as package:
        package.writestr("hello.txt", "no Word document")
    return folder / "other.docx"


@pytest.mark.parametrize(
    ("make", "media_type", "code"),
    [
        (lambda folder: locked_pdf(folder, "secret too"), PDF, "document.encrypted"),
        (lambda folder: locked_pdf(folder, ""), PDF, "document.encrypted"),
        (lambda folder: cut(letter_pdf(folder), folder / "cut.pdf"), PDF, "document.damaged_file"),
        (ole_container, DOCX, "document.encrypted"),
        (lambda folder: cut(letter_docx(folder), folder / "cut.docx"), DOCX, "document.damaged_file"),
        (other_package, DOCX, "document.damaged_file"),
    ],
)
def test_bad_input(context: LocalContext, tmp_path: Path, make: object, media_type: str, code: str) -> None:
    document = context.take_in(make(tmp_path), media_type)  # type: ignore[operator]
    with pytest.raises(PressroomError) as caught:
        add_footer(document, FooterStep(text="x"), context)
    assert caught.value.code == code


def test_a_missing_font_is_said(context: LocalContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("steps.footer.FONT", "NoSuchFont.ttf")
    monkeypatch.setattr("steps.footer.FONT_NAME", "NoSuchFont")
    with pytest.raises(PressroomError) as caught:
        add_footer(context.take_in(letter_pdf(tmp_path), PDF), FooterStep(text="x"), context)
    assert caught.value.code == "footer.font_missing"


@pytest.mark.parametrize(("text", "ready"), [("", False), (" \n", False), ("x", True)])
def test_an_empty_footer_cannot_run(text: str, ready: bool) -> None:
    error = FooterStep(text=text).unready()
    assert (error is None) == ready
    if error:
        assert error.code == "footer.empty"


def test_at_most_512_characters() -> None:
    FooterStep(text="x" * 512)
    with pytest.raises(ValueError, match="512"):
        FooterStep(text="x" * 513)
    assert KIND.accepts == {DOCX, PDF}
