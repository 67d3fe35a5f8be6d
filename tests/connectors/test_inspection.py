"""The check at the door: a table of bad files, each with its fault, and the good files that must pass."""

import io
import os
import struct
import subprocess
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.documents import inspection as faults
from connectors.documents import media_types as types
from connectors.documents.inspection import inspect
from connectors.errors import Fault, PressroomError
from connectors.settings import Settings
from steps.samples import letter_docx, letter_pdf, scan_pdf, scan_png

SETTINGS = Settings(_env_file=None, max_pixels=6_000_000, max_pages=20, max_unpacked_mb=64)
MB = 1 << 20
WORD = "word/document.xml"
Make = Callable[[Path], bytes]


def docx(folder: Path, changed: dict[str, bytes] | None = None, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The sample letter with some parts replaced or added."""
    parts = {}
    with zipfile.ZipFile(letter_docx(folder)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, data in {**parts, **(changed or {})}.items():
            archive.writestr(name, data)
    return content.getvalue()


def word_xml(folder: Path) -> bytes:
    with zipfile.ZipFile(letter_docx(folder)) as archive:
        return archive.read(WORD)


def laughing(folder: Path) -> bytes:
    """Billion laughs in the main part of a DOCX."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    doctype = f'<!DOCTYPE w [<!ENTITY l0 "ha">{entities}]>'.encode()
    return docx(folder, {WORD: word_xml(folder).replace(b"<w:document", doctype + b"<w:document", 1)})


def external_entity(folder: Path) -> bytes:
    doctype = b'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return docx(folder, {WORD: word_xml(folder).replace(b"<w:document", doctype + b"<w:document", 1)})


def nested(folder: Path, depth: int) -> bytes:
    content = docx(folder)
    for _ in range(depth):
        content = docx(folder, {"word/embeddings/inner.docx": content})
    return content


def lying_size(folder: Path) -> bytes:
    """A part that says it holds 10 bytes, but inflates to 100 MB."""
    content = docx(folder, {"word/media/bomb.bin": b"\0" * 100 * MB})
    real, claimed = struct.pack("<I", 100 * MB), struct.pack("<I", 10)
    assert content.count(real) == 2
    return content.replace(real, claimed)


def overlapping(folder: Path) -> bytes:
    """Many directory entries that all point at the same 12 MB of data."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"\0" * 12 * MB)
        first = archive.infolist()[0]
        for number in range(20):
            copy = zipfile.ZipInfo("a")
            for field in ("header_offset", "compress_size", "file_size", "CRC", "compress_type", "flag_bits"):
                setattr(copy, field, getattr(first, field))
            copy.filename = f"{'a' if number % 2 else 'A'}{number}"
            archive.filelist.append(copy)
    return content.getvalue()


def bad_crc(folder: Path) -> bytes:
    content = bytearray(docx(folder, {"word/media/x.bin": b"marker-of-this-entry"}, zipfile.ZIP_STORED))
    content[content.index(b"marker-of")] ^= 1
    return bytes(content)


def encrypted_flag(folder: Path) -> bytes:
    content = bytearray(docx(folder))
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = content.index(mark)
        content[place + offset] |= 1
    return bytes(content)


def png(width: int, height: int) -> bytes:
    """A valid PNG header that promises many pixels, with hardly any data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def jpeg(folder: Path) -> bytes:
    from PIL import Image

    content = io.BytesIO()
    with Image.open(scan_png(folder)) as scan:
        scan.save(content, "JPEG")
    return content.getvalue()


def tiff(pages: int, **options: object) -> bytes:
    from PIL import Image

    content = io.BytesIO()
    page = Image.effect_noise((300, 200), 90)
    page.save(content, "TIFF", save_all=True, append_images=[page] * (pages - 1), **options)
    return content.getvalue()


def circular_tiff(_: Path) -> bytes:
    """Its one page names itself as the next."""
    content = tiff(1)
    start = struct.unpack("<I", content[4:8])[0]
    entries = struct.unpack("<H", content[start : start + 2])[0]
    place = start + 2 + 12 * entries
    return content[:place] + struct.pack("<I", start) + content[place + 4 :]


def pdf(folder: Path, pages: int) -> bytes:
    import pikepdf

    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def pdf_with_password(folder: Path, user: str) -> bytes:
    import pikepdf

    content = io.BytesIO()
    with pikepdf.open(letter_pdf(folder)) as document:
        document.save(content, encryption=pikepdf.Encryption(owner="owner", user=user))
    return content.getvalue()


def pdf_with_huge_image(folder: Path) -> bytes:
    import pikepdf

    with pikepdf.open(letter_pdf(folder)) as document:
        stream = pikepdf.Stream(document, b"\0")
        stream.Subtype, stream.Width, stream.Height = pikepdf.Name.Image, 30_000, 30_000
        document.pages[0].Resources.XObject = pikepdf.Dictionary(Im0=document.make_indirect(stream))
        content = io.BytesIO()
        document.save(content)
    return content.getvalue()


def converted(folder: Path, target: str, source: str = "letter.docx") -> bytes:
    """The sample letter, or another file in the folder, as LibreOffice saves it."""
    letter_docx(folder)
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            target,
            source,
        ],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=120,
    )
    return (folder / source).with_suffix(f".{target}").read_bytes()


def doc_with_flag(folder: Path) -> bytes:
    """A DOC whose file information block says that it is encrypted ([MS-DOC] 2.5.2)."""
    content = bytearray(converted(folder, "doc"))
    place = content.index(b"\xec\xa5")
    content[place + 11] |= 0x01
    return bytes(content)


def xls_with_flag(folder: Path) -> bytes:
    """An XLS whose second record says FilePass ([MS-XLS] 2.4.117)."""
    from openpyxl import Workbook

    Workbook().save(folder / "a.xlsx")
    content = bytearray(converted(folder, "xls", "a.xlsx"))
    place = content.index(b"\x09\x08\x10\x00\x00\x06\x05\x00")
    second = place + 4 + 16
    content[second : second + 2] = b"\x2f\x00"
    return bytes(content)


def ppt_with_flag(folder: Path) -> bytes:
    """A PPT whose current user atom has the token of encrypted files ([MS-PPT] 2.3.2)."""
    from pptx import Presentation

    Presentation().save(str(folder / "a.pptx"))
    content = converted(folder, "ppt", "a.pptx")
    assert content.count(b"\x5f\xc0\x91\xe3") == 1
    return content.replace(b"\x5f\xc0\x91\xe3", b"\xdf\xc4\xd1\xf3")


def docx_with_password(folder: Path) -> bytes:
    """Encrypted as Word does it: a compound file with the package inside."""
    from msoffcrypto.format.ooxml import OOXMLFile

    content = io.BytesIO()
    with letter_docx(folder).open("rb") as source:
        OOXMLFile(source).encrypt("secret", content)
    return content.getvalue()


def odt_encrypted(_: Path) -> bytes:
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry>'
        "<manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", types.ODT)
        archive.writestr("META-INF/manifest.xml", manifest)
    return content.getvalue()


BAD: list[tuple[str, str, Make, Fault]] = [
    ("empty", "a.pdf", lambda _: b"", faults.EMPTY),
    ("truncated PNG", "a.png", lambda f: scan_png(f).read_bytes()[:5000], faults.DAMAGED_FILE),
    ("PNG with a flipped bit", "a.png", lambda f: _flipped(scan_png(f).read_bytes(), 4000), faults.DAMAGED_FILE),
    ("truncated JPEG", "a.jpg", lambda f: jpeg(f)[:-500], faults.DAMAGED_FILE),
    ("JPEG header only", "a.jpg", lambda f: b"\xff\xd8\xff\xd9", faults.DAMAGED_FILE),
    ("JPEG cut in the header", "a.jpg", lambda f: jpeg(f)[:30], faults.DAMAGED_FILE),
    ("truncated TIFF", "a.tif", lambda _: tiff(1)[:-20_000], faults.DAMAGED_FILE),
    ("circular TIFF", "a.tif", circular_tiff, faults.DAMAGED_FILE),
    ("truncated PDF", "a.pdf", lambda f: letter_pdf(f).read_bytes()[:-900], faults.DAMAGED_FILE),
    ("PDF header only", "a.pdf", lambda _: b"%PDF-1.7\n", faults.DAMAGED_FILE),
    ("PDF without pages", "a.pdf", lambda f: pdf(f, 0), faults.DAMAGED_FILE),
    ("truncated DOCX", "a.docx", lambda f: docx(f)[:-2000], faults.DAMAGED_FILE),
    ("DOCX header only", "a.docx", lambda f: docx(f)[:300], faults.DAMAGED_FILE),
    ("DOCX with a flipped bit", "a.docx", bad_crc, faults.DAMAGED_FILE),
    ("truncated DOC", "a.doc", lambda f: converted(f, "doc")[:3000], faults.DAMAGED_FILE),
    ("truncated RTF", "a.rtf", lambda _: rb"{\rtf1\ansi hello", faults.DAMAGED_FILE),
    ("PDF with a password", "a.pdf", lambda f: pdf_with_password(f, "secret"), faults.ENCRYPTED),
    ("DOC with a password", "a.doc", doc_with_flag, faults.ENCRYPTED),
    ("XLS with a password", "a.xls", xls_with_flag, faults.ENCRYPTED),
    ("PPT with a password", "a.ppt", ppt_with_flag, faults.ENCRYPTED),
    ("DOCX with a password", "a.docx", docx_with_password, faults.ENCRYPTED),
    ("encrypted entry", "a.docx", encrypted_flag, faults.ENCRYPTED),
    ("encrypted ODT", "a.odt", odt_encrypted, faults.ENCRYPTED),
    ("PDF called DOCX", "a.docx", lambda f: letter_pdf(f).read_bytes(), faults.WRONG_EXTENSION),
    ("PNG called PDF", "a.PDF", lambda f: scan_png(f).read_bytes(), faults.WRONG_EXTENSION),
    ("DOCX called XLSX", "a.xlsx", lambda f: docx(f), faults.WRONG_EXTENSION),
    ("text called PDF", "a.pdf", lambda _: b"hello", faults.WRONG_EXTENSION),
    ("ZIP called DOCX", "a.docx", lambda f: zip_of({"x.txt": b"hello"}), faults.WRONG_EXTENSION),
    ("noise called text", "a.txt", lambda _: bytes(range(256)) * 4, faults.WRONG_EXTENSION),
    ("PNG of 100 megapixels", "a.png", lambda _: png(10_000, 10_000), faults.TOO_MANY_PIXELS),
    ("PDF with a huge image", "a.pdf", pdf_with_huge_image, faults.TOO_MANY_PIXELS),
    ("PDF of many pages", "a.pdf", lambda f: pdf(f, 21), faults.TOO_MANY_PAGES),
    ("TIFF of many pages", "a.tif", lambda _: tiff(21), faults.TOO_MANY_PAGES),
    ("zip bomb by total", "a.docx", lambda f: docx(f, {"word/media/a.bin": _half_random(70)}), faults.ZIP_BOMB),
    ("zip bomb by ratio", "a.docx", lambda f: docx(f, {"word/media/a.bin": b"\0" * 40 * MB}), faults.ZIP_BOMB),
    ("zip bomb with a lying size", "a.docx", lying_size, faults.ZIP_BOMB),
    ("zip bomb of overlapping entries", "a.zip", overlapping, faults.DAMAGED_FILE),
    ("zip bomb in layers", "a.docx", lambda f: nested(f, 3), faults.ZIP_BOMB),
    ("zip of very many entries", "a.zip", lambda f: zip_of({f"{n}": b"" for n in range(20_001)}), faults.ZIP_BOMB),
    ("billion laughs", "a.docx", laughing, faults.MALFORMED),
    ("external entity", "a.docx", external_entity, faults.MALFORMED),
    ("broken XML", "a.docx", lambda f: docx(f, {WORD: word_xml(f)[:-40]}), faults.MALFORMED),
    ("XML of great depth", "a.docx", lambda f: docx(f, {WORD: b"<a>" * 300 + b"</a>" * 300}), faults.MALFORMED),
    ("broken XLIFF", "a.xlf", lambda _: b'<?xml version="1.0"?><xliff>', faults.MALFORMED),
    ("XLIFF with entities", "a.xlf", lambda _: b'<!DOCTYPE xliff [<!ENTITY a "b">]><xliff/>', faults.MALFORMED),
    ("names that climb", "a.docx", lambda f: docx(f, {"word/../../../etc/x": b""}), faults.MALFORMED),
    ("absolute names", "a.zip", lambda f: zip_of({"/etc/passwd": b""}), faults.MALFORMED),
    ("drive names", "a.zip", lambda f: zip_of({"C:\\x": b""}), faults.MALFORMED),
    ("names twice", "a.docx", lambda f: docx(f, {"Word/Document.xml": b"<a/>"}), faults.MALFORMED),
    ("LZMA in a ZIP", "a.zip", lambda f: zip_of({"a": b"x"}, zipfile.ZIP_LZMA), faults.UNSUPPORTED),
    ("noise", "a.bin", lambda _: bytes(range(256)) * 4, faults.UNSUPPORTED),
]


def _flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def _half_random(megabytes: int) -> bytes:
    return (os.urandom(1 << 16) + b"\0" * (1 << 16)) * 8 * megabytes


def zip_of(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return content.getvalue()


@pytest.mark.parametrize(("title", "name", "make", "fault"), BAD, ids=[row[0] for row in BAD])
def test_bad_files_are_refused_with_their_own_fault(
    title: str, name: str, make: Make, fault: Fault, tmp_path: Path
) -> None:
    path = tmp_path / "content"
    path.write_bytes(make(tmp_path))
    started = time.monotonic()
    with pytest.raises(PressroomError) as caught:
        inspect(path, name, SETTINGS)
    assert caught.value.fault is fault, caught.value
    assert name in caught.value.message
    assert "{" not in caught.value.message + caught.value.remedy
    assert time.monotonic() - started < 10


def test_every_fault_has_a_bad_file() -> None:
    declared = {value for value in vars(faults).values() if isinstance(value, Fault)}
    assert {row[3] for row in BAD} == declared


GOOD: list[tuple[str, str, Make, str, int | None]] = [
    ("PNG", "a.png", lambda f: scan_png(f).read_bytes(), types.PNG, 1),
    ("JPEG", "a.jpeg", jpeg, types.JPEG, 1),
    ("TIFF", "a.tif", lambda _: tiff(3), types.TIFF, 3),
    ("TIFF G4", "a", lambda f: _fax(f), types.TIFF, 1),
    ("BigTIFF", "a.tiff", lambda _: tiff(2, big_tiff=True), types.TIFF, 2),
    ("PDF", "a.pdf", lambda f: letter_pdf(f).read_bytes(), types.PDF, 1),
    ("scanned PDF", "a.pdf", lambda f: scan_pdf(f).read_bytes(), types.PDF, 2),
    ("PDF that may only be read", "a.pdf", lambda f: pdf_with_password(f, ""), types.PDF, 1),
    ("DOCX", "a.docx", lambda f: docx(f), types.DOCX, None),
    ("DOCX without extension", "a", lambda f: docx(f), types.DOCX, None),
    ("DOCX in a DOCX", "a.docx", lambda f: nested(f, 1), types.DOCX, None),
    (
        "DOCX with a white picture",
        "a.docx",
        lambda f: docx(f, {"word/media/a.bmp": b"\xff" * 20 * MB}),
        types.DOCX,
        None,
    ),
    ("ODT", "a.odt", lambda f: converted(f, "odt"), types.ODT, None),
    ("DOC", "a.doc", lambda f: converted(f, "doc"), types.DOC, None),
    ("RTF called DOC", "a.doc", lambda f: converted(f, "rtf"), types.RTF, None),
    ("text", "a.txt", lambda _: b"hello", types.TXT, None),
    ("unknown extension", "notes.v2", lambda _: b"hello", types.TXT, None),
    ("XLIFF", "a.xlf", lambda _: b'<?xml version="1.0"?><xliff version="1.2"/>', types.XLIFF, None),
    ("ZIP", "a.zip", lambda _: zip_of({"å/b.txt": b"hello"}), types.ZIP, None),
]


def _fax(folder: Path) -> bytes:
    from PIL import Image

    content = io.BytesIO()
    with Image.open(scan_png(folder)) as scan:
        scan.convert("1").save(content, "TIFF", compression="group4")
    return content.getvalue()


@pytest.mark.parametrize(("title", "name", "make", "media_type", "pages"), GOOD, ids=[row[0] for row in GOOD])
def test_good_files_pass(title: str, name: str, make: Make, media_type: str, pages: int | None, tmp_path: Path) -> None:
    path = tmp_path / "content"
    path.write_bytes(make(tmp_path))
    found = inspect(path, name, SETTINGS)
    assert (found.media_type, found.pages) == (media_type, pages)


def test_real_scans_pass(shared_data: Path) -> None:
    found = {
        path.name: inspect(path, path.name, Settings(_env_file=None)) for path in (shared_data / "scans").iterdir()
    }
    assert found["multipage.pdf"].pages
    assert found["linn.png"].media_type == types.PNG


def test_slides_are_counted_as_pages(tmp_path: Path) -> None:
    from pptx import Presentation

    deck = Presentation()
    for _ in range(3):
        deck.slides.add_slide(deck.slide_layouts[6])
    deck.save(str(tmp_path / "a.pptx"))
    assert inspect(tmp_path / "a.pptx", "a.pptx", SETTINGS).pages == 3


def test_memory_stays_small_on_a_bomb(tmp_path: Path) -> None:
    path = tmp_path / "content"
    path.write_bytes(zip_of({"a": b"\0" * 60 * MB, "b": b"\0" * 60 * MB}))
    tracemalloc.start()
    try:
        with pytest.raises(PressroomError):
            inspect(path, "a.zip", SETTINGS)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * MB
