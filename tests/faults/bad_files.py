"""Files that must not be taken in, and those that only one step cannot take: real ones, made anew for each test."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from steps.samples import letter_docx, letter_pdf, scan_png
from tests.connectors import test_inspection as made

MB = 1 << 20
Make = Callable[[Path], bytes]


@dataclass(frozen=True)
class BadFile:
    """A file as somebody hands it in, and the answer it must get. `make` gets an empty folder to work in."""

    title: str
    name: str
    make: Make
    status: int
    code: str


def picture_of_100_megapixels(_: Path) -> bytes:
    """All of its pixels are there: 12 kB that unfold to 100 million."""
    from PIL import Image

    content = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(content, "PNG")
    return content.getvalue()


def letter(text: str) -> Make:
    """A DOCX with one paragraph."""

    def make(_: Path) -> bytes:
        import docx

        content = io.BytesIO()
        word = docx.Document()
        word.add_paragraph(text)
        word.save(content)
        return content.getvalue()

    return make


def _part(name: str, data: bytes) -> Make:
    return lambda folder: made.docx(folder, {name: data})


REFUSED = [
    BadFile("wrong type", "notes.txt", lambda _: b"just text", 415, "document.input_format"),
    BadFile("unknown type", "program.bin", lambda _: bytes(range(256)) * 4, 415, "document.unsupported"),
    BadFile("wrong extension", "letter.docx", lambda f: letter_pdf(f).read_bytes(), 422, "document.wrong_extension"),
    BadFile("empty", "empty.docx", lambda _: b"", 422, "document.empty"),
    BadFile("truncated PDF", "a.pdf", lambda f: letter_pdf(f).read_bytes()[:-900], 422, "document.damaged_file"),
    BadFile("truncated DOCX", "a.docx", lambda f: letter_docx(f).read_bytes()[:-900], 422, "document.damaged_file"),
    BadFile("truncated PNG", "a.png", lambda f: scan_png(f).read_bytes()[:5000], 422, "document.damaged_file"),
    BadFile("PDF with a password", "a.pdf", lambda f: made.pdf_with_password(f, "x"), 422, "document.encrypted"),
    BadFile("DOCX with a password", "a.docx", made.docx_with_password, 422, "document.encrypted"),
    BadFile("DOC with a password", "a.doc", made.doc_with_flag, 422, "document.encrypted"),
    BadFile("encrypted zip member", "a.docx", made.encrypted_flag, 422, "document.encrypted"),
    BadFile("100 megapixels", "a.png", picture_of_100_megapixels, 422, "document.too_many_pixels"),
    BadFile("zip bomb", "a.docx", _part("word/media/a.bin", bytes(100 * MB)), 422, "document.zip_bomb"),
    BadFile("zip bomb that lies", "a.docx", made.lying_size, 422, "document.zip_bomb"),
    BadFile("zip bomb in layers", "a.docx", lambda f: made.nested(f, 3), 422, "document.zip_bomb"),
    BadFile("malformed XML", "a.docx", _part("word/document.xml", b"<w:document>"), 422, "document.malformed"),
    BadFile("billion laughs", "a.docx", made.laughing, 422, "document.malformed"),
    BadFile("external entity", "a.docx", made.external_entity, 422, "document.malformed"),
    BadFile("climbing zip member", "a.docx", _part("word/../../../etc/x", b""), 422, "document.malformed"),
    BadFile("absolute zip member", "a.docx", _part("/etc/passwd", b""), 422, "document.malformed"),
]
"""What is refused at the door, before anything of it is kept."""

TRICKY_NAMES = [
    ("../../../etc/passwd.docx", "passwd.docx"),
    ("..\\..\\windows\\system32\\evil.docx", "evil.docx"),
    ("/etc/cron.d/job.docx", "job.docx"),
    ("a; filename*=UTF-8''other.docx", "a; filename_=UTF-8''other.docx"),
    ("invoice\u202excod.docx", "invoicexcod.docx"),
    ("..", "document"),
    ("con.docx", "_con.docx"),
    ("x" * 300 + ".docx", "x" * 123 + ".docx"),
]
"""Names that try to lead elsewhere, and what is made of them."""
