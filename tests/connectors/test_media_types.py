"""Types by content: every kind of file under its own name, under none and under a lying one; and safe file names."""

import io
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.documents import media_types as types
from connectors.documents.file_names import numbered, safe_file_name
from connectors.documents.media_types import EXTENSIONS, media_type_of, text_encoding
from steps.samples import letter_docx, letter_pdf, scan_png


def image(kind: str) -> bytes:
    from PIL import Image

    content = io.BytesIO()
    Image.new("RGB", (8, 6), "white").save(content, kind)
    return content.getvalue()


def workbook() -> bytes:
    from openpyxl import Workbook

    content = io.BytesIO()
    Workbook().save(content)
    return content.getvalue()


def slides() -> bytes:
    from pptx import Presentation

    content = io.BytesIO()
    Presentation().save(content)
    return content.getvalue()


def zipped(**entries: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return content.getvalue()


MADE: list[tuple[str, str, Callable[[Path], bytes]]] = [
    ("png", types.PNG, lambda folder: scan_png(folder).read_bytes()),
    ("jpg", types.JPEG, lambda _: image("JPEG")),
    ("tiff", types.TIFF, lambda _: image("TIFF")),
    ("gif", "image/gif", lambda _: image("GIF")),
    ("bmp", "image/bmp", lambda _: image("BMP")),
    ("webp", "image/webp", lambda _: image("WEBP")),
    ("pdf", types.PDF, lambda folder: letter_pdf(folder).read_bytes()),
    ("pdf", types.PDF, lambda folder: b"\r\n junk of a mailer\n" + letter_pdf(folder).read_bytes()),
    ("docx", types.DOCX, lambda folder: letter_docx(folder).read_bytes()),
    ("xlsx", types.XLSX, lambda _: workbook()),
    ("pptx", types.PPTX, lambda _: slides()),
    ("odt", types.ODT, lambda _: zipped(mimetype=types.ODT)),
    ("zip", types.ZIP, lambda _: zipped(mimetype="text/html\r\nX: 1")),
    ("zip", types.ZIP, lambda _: zipped(readme="hello")),
    ("zip", types.ZIP, lambda _: zipped(readme="hello")[:30]),
    ("rtf", types.RTF, lambda _: rb"{\rtf1\ansi hello}"),
    ("html", types.HTML, lambda _: b"<!-- made by hand -->\n<!DOCTYPE html><p>hello"),
    ("html", types.HTML, lambda _: "\ufeff<HTML><body>hej</body>".encode("utf-16")),
    ("xlf", types.XLIFF, lambda _: b'<?xml version="1.0"?><xliff version="1.2"/>'),
    ("xlf", types.XLIFF, lambda _: b'<?xml version="1.0"?><!-- x --><x:xliff xmlns:x="urn:oasis:names:tc:xliff"/>'),
    ("xml", types.XML, lambda _: b'<?xml version="1.0"?><invoice/>'),
    ("txt", types.TXT, lambda _: "Smörgås".encode()),
    ("txt", types.TXT, lambda _: "Smörgås".encode("latin-1")),
    ("txt", types.TXT, lambda _: "Smörgås".encode("utf-16")),
    ("ps", "application/postscript", lambda _: b"%!PS-Adobe-3.0\n"),
]


@pytest.mark.parametrize(("extension", "expected", "make"), MADE, ids=[f"{n}-{row[0]}" for n, row in enumerate(MADE)])
@pytest.mark.parametrize("name", ["own", "none", "lying"])
def test_the_content_decides(
    extension: str, expected: str, make: Callable[[Path], bytes], name: str, tmp_path: Path
) -> None:
    path = tmp_path / "content"
    path.write_bytes(make(tmp_path))
    shown = {"own": f"a.{extension.upper()}", "none": "a", "lying": "a.jpg"}[name]
    assert media_type_of(path, shown) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.csv", types.CSV),
        ("a.TSV", types.TSV),
        ("a.tab", types.TSV),
        ("a.md", types.MARKDOWN),
        ("a.Rmd", types.MARKDOWN),
        ("a.mdtext", types.MARKDOWN),
        ("a.txt", types.TXT),
        ("a.htm", types.HTML),
        ("a", types.TXT),
        ("a.docx", types.TXT),
    ],
)
def test_the_name_decides_only_between_kinds_of_text(name: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "content"
    path.write_bytes(b"one;two\n1;2\n")
    assert media_type_of(path, name) == expected
    path.write_bytes(b"one;two\n\0\1;2\n")
    assert media_type_of(path, name) == types.UNKNOWN


def test_text_is_proven_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "content"
    path.write_bytes("åäö".encode() * 200_000)
    assert text_encoding(path) == "utf-8-sig"
    path.write_bytes("åäö".encode() * 200_000 + b"\xff")
    assert text_encoding(path) == "latin-1"
    path.write_bytes("åäö".encode() * 200_000 + b"\0")
    assert text_encoding(path) is None


@pytest.mark.parametrize(("source", "target"), [("docx", "odt"), ("docx", "doc"), ("xlsx", "xls"), ("pptx", "ppt")])
def test_what_libreoffice_writes(source: str, target: str, tmp_path: Path) -> None:
    content = {"docx": lambda: letter_docx(tmp_path).read_bytes(), "xlsx": workbook, "pptx": slides}[source]()
    source_file = f"in.{source}"
    (tmp_path / source_file).write_bytes(content)
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            target,
            source_file,
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=120,
    )
    found = media_type_of(tmp_path / f"in.{target}", "in")
    assert target in EXTENSIONS[found]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("letter.pdf", "letter.pdf"),
        ("Räksmörgås (2) – 100%.pdf", "Räksmörgås (2) – 100%.pdf"),
        ("Ra\u0308ksmo\u0308rga\u030as.pdf", "Räksmörgås.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\scan.pdf", "scan.pdf"),
        ("a/b\\", "document"),
        ("..", "document"),
        ("", "document"),
        (" . ", "document"),
        (".htaccess", "document.htaccess"),
        ("a\r\nX-Evil: 1.pdf", "a  X-Evil_ 1.pdf"),
        ("a\0b\x7f.pdf", "ab.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\u200b\u2066b.pdf", "ab.pdf"),
        ('what?*<is>|"this":.pdf', "what___is___this__.pdf"),
        ("con", "_con"),
        ("NUL.txt", "_NUL.txt"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("console.txt", "console.txt"),
        ("name. . ", "name"),
        ("\ud800.pdf", "document.pdf"),
        ("x" * 300 + ".docx", "x" * 123 + ".docx"),
        ("日" * 200 + ".pdf", "日" * 78 + ".pdf"),
        ("a." + "b" * 300, "a." + "b" * 126),
    ],
)
def test_safe_file_names(name: str, expected: str) -> None:
    safe = safe_file_name(name)
    assert safe == expected
    assert safe_file_name(safe) == safe
    assert len(safe) <= 128
    assert len(safe.encode()) <= 240


def test_numbered_names_keep_extension_and_length() -> None:
    assert [numbered("a.pdf", number) for number in range(3)] == ["a.pdf", "a_1.pdf", "a_2.pdf"]
    assert numbered("a", 12) == "a_12"
    longest = numbered("x" * 124 + ".pdf", 10)
    assert (len(longest), longest[-7:]) == (128, "_10.pdf")
