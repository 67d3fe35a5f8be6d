"""Every format becomes a PDF with the right pages, text and size (F-2, PR-127…PR-134)."""

import csv
import http.server
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import pikepdf
import pytest
from PIL import Image
from pypdf import PdfReader
from reportlab.pdfgen.canvas import Canvas

from connectors import office
from connectors.documents import media_types
from connectors.documents.inspection_faults import ENCRYPTED, ZIP_BOMB
from connectors.errors import Fault, PressroomError
from connectors.settings import get_settings
from domain.printing.formats import DOCUMENTS, NAMES
from steps.print_preparation import (
    CONVERSION_TIMEOUT,
    PRINTING_FORBIDDEN,
    TOO_MANY_PAGES,
    PreparationLimits,
    PreparedFile,
    prepare_for_print,
)
from steps.samples import LETTER, letter_docx, letter_pdf, letter_txt
from tests.connectors.test_inspection import docx_with_password
from tests.steps.print_preparation.prepared import prepared, refusal

WORDS = "Confirmation of your delivery"
Maker = Callable[[Path], Path]


def text_of(made: PreparedFile) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(made.path).pages)


# --- samples


def workbook(folder: Path) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    for number, sheet in enumerate((book.active, book.create_sheet("Second"))):
        assert sheet is not None
        sheet.append([WORDS, "Pages"])
        sheet.append([f"sheet {number}", 17])
        sheet.column_dimensions["A"].width = 40
    path = folder / "book.xlsx"
    book.save(path)
    return path


def slides(folder: Path) -> Path:
    from pptx import Presentation

    show = Presentation()
    for number in range(2):
        slide = show.slides.add_slide(show.slide_layouts[5])
        slide.shapes.title.text = f"{WORDS} {number}"
    path = folder / "show.pptx"
    show.save(str(path))
    return path


def converted(make: Maker, to: str) -> Maker:
    def made(folder: Path) -> Path:
        return office.convert(make(folder), to, folder, 120)

    return made


def web_page(folder: Path) -> Path:
    path = folder / "page.html"
    path.write_text(f"<!doctype html><h1>{WORDS}</h1><p style='break-before: page'>The second page, åäö.</p>")
    return path


def table(folder: Path) -> Path:
    path = folder / "table.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow([WORDS, "Größe", "数量"])
        writer.writerows([[f"row {number}", f"{number},5", "日本"] for number in range(100)])
    return path


OFFICE: dict[str, tuple[Maker, int]] = {
    "DOCX": (letter_docx, 1),
    "DOC": (converted(letter_docx, "doc"), 1),
    "ODT": (converted(letter_docx, "odt"), 1),
    "RTF": (converted(letter_docx, "rtf"), 1),
    "XLSX": (workbook, 2),
    "XLS": (converted(workbook, "xls"), 2),
    "ODS": (converted(workbook, "ods"), 2),
    "PPTX": (slides, 2),
    "PPT": (converted(slides, "ppt"), 2),
    "ODP": (converted(slides, "odp"), 2),
}
TEXTS: dict[str, tuple[Maker, int]] = {
    "PDF": (letter_pdf, 1),
    "TXT": (letter_txt, 1),
    "HTML": (web_page, 2),
    "CSV": (table, 2),
}


@pytest.mark.parametrize("name", [*TEXTS, *OFFICE])
def test_documents_of_every_format_become_pdf(name: str, tmp_path: Path, scratch: Path) -> None:
    make, pages = (TEXTS | OFFICE)[name]
    path = make(tmp_path)
    assert NAMES[media_types.media_type_of(path, path.name)] == name
    made = prepared(path, scratch)
    assert (made.pages, len(PdfReader(made.path).pages)) == (pages, pages)
    assert (made.media_type, made.is_color, made.sides) == (media_types.PDF, True, "one-sided"), "PR-93"
    assert WORDS in " ".join(text_of(made).split())
    assert made.preview is not None
    with Image.open(made.preview) as preview:
        assert preview.format == "PNG"
        assert 380 <= max(preview.size) <= 400


def test_every_format_of_the_guide_is_tried_here() -> None:
    assert set(DOCUMENTS.values()) == {*TEXTS, *OFFICE, "GIF", "JPG", "TIFF"}


def test_a_pdf_is_printed_as_it_came(tmp_path: Path, scratch: Path) -> None:
    path = letter_pdf(tmp_path)
    assert prepared(path, scratch).path == path


def test_a_name_without_the_right_extension_does_not_matter(tmp_path: Path, scratch: Path) -> None:
    """PR-129: the content counts."""
    path = letter_docx(tmp_path).rename(tmp_path / "letter.jpg")
    assert prepared(path, scratch).pages == 1


# --- text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_of_every_encoding_is_read(tmp_path: Path, scratch: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Räksmörgås à la carte – 10 €\n".encode(encoding))
    assert "Räksmörgås à la carte – 10 €" in text_of(prepared(path, scratch))


@pytest.mark.parametrize(
    "text", ["Ελληνικά", "Кириллица", "日本語テキスト", "中文测试", "한국어", "שלום עולם", "سلام", "→ ✓ ½ ∑ ♥"]
)
def test_text_of_many_scripts_has_letters(tmp_path: Path, scratch: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"{text}\n", encoding="utf-8")
    found = text_of(prepared(path, scratch))
    assert set("".join(text.split())) <= set(found), found


def test_a_form_feed_begins_a_page_and_long_lines_are_cut_between_words(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"one\ftwo\n\f{'word ' * 60}\n{'x' * 500}\n")
    made = prepared(path, scratch)
    pages = [page.extract_text() for page in PdfReader(made.path).pages]
    assert [text.split()[0] for text in pages] == ["one", "two", "word"]
    assert "".join(pages[2].split()).count("x") == 500
    assert {line.strip() for line in pages[2].splitlines() if "word" in line} <= {
        " ".join(["word"] * count) for count in range(1, 61)
    }


def test_a_wide_table_is_set_in_groups_of_columns_with_its_head_on_each_page(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "wide.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(
            [
                [f"head {column}" for column in range(60)],
                *([f"{row}/{column}" for column in range(60)] for row in range(80)),
            ]
        )
    made = prepared(path, scratch)
    texts = [page.extract_text() for page in PdfReader(made.path).pages]
    assert all("head" in text for text in texts)
    everything = " ".join(texts).split()
    assert {f"{row}/{column}" for row in range(80) for column in range(60)} <= set(everything)


def test_text_without_end_is_stopped_at_the_limit(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("line\n" * 200_000)
    assert refusal(path, scratch, pages=20) is TOO_MANY_PAGES


# --- web pages


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


HOSTILE = """<!doctype html><html><head><base href="{there}/">
<link rel=stylesheet href="{there}/style.css"><link rel=attachment href="file://{secret}">
<style>@import url("{there}/more.css"); @font-face {{ font-family: F; src: url("{there}/font.woff") }}
body {{ background: url("{there}/background.png"); font-family: F }}</style>
<script>document.write("written by a script")</script><script src="{there}/script.js"></script></head>
<body><p>harmless words</p><img src="{there}/picture.png"><img src="file://{secret}">
<iframe src="{there}/frame"></iframe>
<object data="{there}/object"></object><svg><image href="{there}/svg.png"/></svg>
<img src="data:image/svg+xml,
%3Csvg xmlns='http://www.w3.org/2000/svg'%3E%3Cimage href='{there}/inner.png'/%3E%3C/svg%3E">
</body></html>"""


def test_a_web_page_fetches_nothing_and_runs_nothing(
    tmp_path: Path, scratch: Path, listener: tuple[str, list[str]]
) -> None:
    """PR-131."""
    there, asked = listener
    secret = tmp_path / "secret.txt"
    secret.write_text("of this machine")
    path = tmp_path / "page.html"
    path.write_text(HOSTILE.format(there=there, secret=secret))
    made = prepared(path, scratch)
    assert "harmless words" in text_of(made)
    assert "written by a script" not in text_of(made)
    assert asked == []
    assert b"of this machine" not in made.path.read_bytes()
    with pikepdf.open(made.path) as pdf:
        assert not pdf.attachments


def test_an_office_document_fetches_nothing(tmp_path: Path, scratch: Path, listener: tuple[str, list[str]]) -> None:
    from docx import Document

    there, asked = listener
    document = Document()
    document.add_paragraph("harmless words")
    path = tmp_path / "a.docx"
    document.part.relate_to(f"{there}/picture.png", "http://schemas.openxmlformats.org/x/image", is_external=True)
    document.save(str(path))
    assert "harmless words" in text_of(prepared(path, scratch))
    assert asked == []


# --- what is refused


def locked_pdf(folder: Path, *, user: str = "", prints: bool = True) -> Path:
    path = folder / "locked.pdf"
    with pikepdf.open(letter_pdf(folder)) as pdf:
        allow = pikepdf.Permissions(print_lowres=prints, print_highres=prints)
        pdf.save(path, encryption=pikepdf.Encryption(user=user, owner="owner", allow=allow))
    return path


def test_a_pdf_with_a_password_is_refused(tmp_path: Path, scratch: Path) -> None:
    assert refusal(locked_pdf(tmp_path, user="secret"), scratch) is ENCRYPTED


def test_a_pdf_that_must_not_be_printed_is_refused(tmp_path: Path, scratch: Path) -> None:
    assert refusal(locked_pdf(tmp_path, prints=False), scratch) is PRINTING_FORBIDDEN


def test_a_pdf_whose_owner_lets_it_be_printed_is_decrypted_for_the_printer(tmp_path: Path, scratch: Path) -> None:
    made = prepared(locked_pdf(tmp_path), scratch)
    assert not PdfReader(made.path).is_encrypted


def test_a_protected_office_document_is_refused(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "locked.docx"
    path.write_bytes(docx_with_password(tmp_path))
    with pytest.raises(PressroomError) as refused:
        prepare_for_print(path, path.name, media_types.DOCX, tmp_path, PreparationLimits(10))
    assert refused.value.fault is ENCRYPTED


def test_a_document_that_would_unpack_to_far_more_is_refused(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "bomb.docx"
    with (
        zipfile.ZipFile(letter_docx(tmp_path)) as letter,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for part in letter.infolist():
            archive.writestr(part, letter.read(part))
        with archive.open("word/media/image1.png", "w") as picture:
            for _ in range(600):
                picture.write(bytes(1 << 20))
    assert refusal(path, scratch) is ZIP_BOMB


@pytest.mark.parametrize(("limit", "fault"), [(3, TOO_MANY_PAGES), (4, None)])
def test_the_limit_of_pages_is_exact(tmp_path: Path, scratch: Path, limit: int, fault: Fault | None) -> None:
    path = tmp_path / "four.pdf"
    canvas = Canvas(str(path))
    for _ in range(4):
        canvas.drawString(72, 72, "page")
        canvas.showPage()
    canvas.save()
    if fault is None:
        assert prepared(path, scratch, pages=limit).pages == 4
    else:
        assert refusal(path, scratch, pages=limit) is fault


def test_a_converter_that_takes_too_long_may_be_tried_again(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "slow.html"
    path.write_text("<table>" + "<tr><td>x</td></tr>" * 100_000)
    slow = get_settings().model_copy(update={"office_timeout_seconds": 1.0})
    with patch("steps.print_preparation.preparation.get_settings", return_value=slow):
        fault = refusal(path, scratch)
    assert fault is CONVERSION_TIMEOUT
    assert fault.transient


# --- colour


@pytest.mark.parametrize(
    ("make", "is_color"),
    [
        (lambda canvas: canvas.drawString(72, 72, "black words"), False),
        (lambda canvas: (canvas.setFillGray(0.5), canvas.rect(50, 50, 200, 200, fill=1)), False),
        (lambda canvas: (canvas.setFillColorRGB(0.8, 0, 0), canvas.drawString(72, 72, "red words")), True),
        (lambda canvas: (canvas.setStrokeColorRGB(0, 0, 1), canvas.line(50, 50, 300, 300)), True),
    ],
    ids=["black text", "grey box", "red text", "a blue line"],
)
def test_colour_is_seen_where_it_is_looked_for(
    tmp_path: Path, scratch: Path, make: Callable[[Canvas], object], is_color: bool
) -> None:
    """PR-94: on the last of several pages too."""
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path))
    for _ in range(3):
        canvas.drawString(72, 700, "page")
        canvas.showPage()
    make(canvas)
    canvas.save()
    assert prepared(path, scratch, measures=True).is_color is is_color
    assert prepared(path, tmp_path / "assumed").is_color


def test_real_documents_are_measured(shared_data: Path, scratch: Path) -> None:
    assert prepared(shared_data / "print" / "color.jpg", scratch, measures=True).is_color


def test_real_scans_are_printable(shared_data: Path, tmp_path: Path) -> None:
    for number, path in enumerate(sorted((shared_data / "scans").glob("*.p*"))):
        made = prepared(path, tmp_path / f"scan-{number}")
        assert made.pages >= 1, path.name
        assert made.preview is not None, path.name


def test_the_letter_is_whole(tmp_path: Path, scratch: Path) -> None:
    found = " ".join(text_of(prepared(letter_txt(tmp_path), scratch)).split())
    assert " ".join(LETTER.split()) == found
