"""A PDF by pdfium, page by page: the right page whenever it is asked for, and never the whole file in memory."""

import os
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest

from connectors.errors import PressroomError
from connectors.pdfium import LOOKS, PdfiumDocument

ROOT = Path(__file__).parents[2]
PICTURE_BYTES = 1_000_000
GROWTH = """
import ctypes, sys
from pathlib import Path
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE
from connectors.pdfium import PdfiumDocument

ctypes.CDLL(None).mallopt(-3, 128 << 10)  # as in a worker

def held():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))

document = PdfiumDocument(Path(sys.argv[1]), "scan.pdf")
before, most = held(), 0
for number in range(document.count):
    with document.page(number) as page:
        assert len(list(page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE]))) == 1
    most = max(most, held())
print((most - before) * 1024)
"""


def scan(path: Path, pages: int) -> Path:
    """Pages of growing widths, each with a picture of its own that cannot be packed."""
    with pikepdf.new() as pdf:
        for number in range(pages):
            picture = pikepdf.Stream(
                pdf,
                os.urandom(PICTURE_BYTES),
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=1000,
                Height=1000,
                ColorSpace=pikepdf.Name.DeviceGray,
                BitsPerComponent=8,
            )
            page = pdf.add_blank_page(page_size=(200 + number, 300))
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=picture))
            page.Contents = pdf.make_stream(b"200 0 0 300 0 0 cm /Scan Do")
        pdf.save(path)
    return path


def test_every_page_is_found_however_often_pages_are_looked_at(tmp_path: Path) -> None:
    document = PdfiumDocument(scan(tmp_path / "scan.pdf", 3), "scan.pdf")
    for look in range(3 * LOOKS + 1):
        with document.page(look % 3) as page:
            assert page.get_size() == (200 + look % 3, 300)
    document.close()


def test_a_long_scan_is_never_in_memory_whole(tmp_path: Path) -> None:
    pages = 5 * LOOKS
    path = scan(tmp_path / "scan.pdf", pages)
    command = [sys.executable, "-c", GROWTH, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < pages * PICTURE_BYTES / 2


@pytest.mark.parametrize(
    ("content", "code"), [(b"%PDF-1.7 and no more", "document.damaged_file"), (None, "document.encrypted")]
)
def test_what_cannot_be_opened_is_named(tmp_path: Path, content: bytes | None, code: str) -> None:
    path = tmp_path / "odd.pdf"
    if content is not None:
        path.write_bytes(content)
    else:
        with pikepdf.new() as pdf:
            pdf.add_blank_page()
            pdf.save(path, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(PressroomError) as failed:
        PdfiumDocument(path, "odd.pdf")
    assert failed.value.code == code


def test_a_page_that_cannot_be_read_is_damage(tmp_path: Path) -> None:
    document = PdfiumDocument(scan(tmp_path / "scan.pdf", 1), "scan.pdf")
    with pytest.raises(PressroomError) as failed, document.page(7):
        pytest.fail("there is no such page")
    assert failed.value.code == "document.damaged_file"
    with document.page(0) as page:
        assert page.get_size() == (200, 300)
    document.close()
