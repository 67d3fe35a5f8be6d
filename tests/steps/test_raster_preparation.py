"""Rasters become PDFs of the same pixels; what is wrong with one is told, and a bomb is not unpacked (PR-130)."""

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from connectors.documents.media_types import PWG_RASTER, URF, media_type_of
from connectors.errors import PressroomError
from connectors.pdfium import PdfiumDocument
from connectors.settings import get_settings
from steps.print_preparation import PreparationLimits, prepare_for_print
from tests.support.installation import installed
from tests.support.ipp_documents import RASTER_TYPES, pwg_raster

LIMITS = PreparationLimits(pages=50)
A4 = (595.2, 841.92)


@pytest.fixture(autouse=True)
def installation(tmp_path: Path) -> Iterator[None]:
    with installed(tmp_path / "home", print_max_megapixels="100", max_pixels="1000000"):
        yield


def scratch_of(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir(exist_ok=True)
    return folder


def urf(pages: list[bytes], said: int | None = None) -> bytes:
    return b"UNIRAST\0" + struct.pack(">I", len(pages) if said is None else said) + b"".join(pages)


def urf_page(width: int, height: int, lines: bytes, *, bits: int = 24, space: int = 1, duplex: int = 1) -> bytes:
    return struct.pack(">4B8x3I8x", bits, space, duplex, 4, width, height, 100) + lines


RED_LINE = b"\x7f\xff\0\0" * 6 + b"\x3a\xff\0\0"
RED_PAGE = urf_page(827, 1169, (b"\xff" + RED_LINE) * 4 + b"\x90" + RED_LINE, duplex=3)


def first_page(path: Path) -> Image.Image:
    document = PdfiumDocument(path, "raster")
    try:
        with document.page(0) as page:
            return page.render(scale=0.5).to_pil().convert("RGB")
    finally:
        document.close()


@pytest.mark.parametrize("kind", RASTER_TYPES)
def test_pages_of_every_kind_keep_their_pixels_size_and_colour(tmp_path: Path, kind: str) -> None:
    source = tmp_path / "page.pwg"
    source.write_bytes(pwg_raster("a4", 100, kind, 2))
    assert media_type_of(source, "page") == PWG_RASTER
    made = prepare_for_print(source, "page", PWG_RASTER, scratch_of(tmp_path), LIMITS)
    assert (made.pages, made.sides) == (2, "one-sided")
    assert made.is_color is (RASTER_TYPES[kind][0] not in ("1", "L"))
    picture = first_page(made.path)
    assert picture.size == pytest.approx((A4[0] / 2, A4[1] / 2), abs=2)
    red, paper = picture.getpixel((80, 10)), picture.getpixel((290, 400))
    assert isinstance(red, tuple)
    assert min(paper) > 240  # type: ignore[type-var]
    assert sum(red) < 600, "the first stripe is there"
    if kind in ("srgb-8", "srgb-16"):
        assert red[0] > 200
        assert red[1] < 60


def test_urf_is_read_with_its_sides_and_the_rest_of_lines_as_paper(tmp_path: Path) -> None:
    half_white = urf_page(827, 1169, (b"\xff" + b"\x0f\0\0\0" + b"\x80") * 4 + b"\x90" + b"\x0f\0\0\0" + b"\x80")
    source = tmp_path / "page.urf"
    source.write_bytes(urf([RED_PAGE, half_white], said=0))
    assert media_type_of(source, "page") == URF
    made = prepare_for_print(source, "page", URF, scratch_of(tmp_path), LIMITS)
    assert (made.pages, made.is_color, made.sides) == (2, True, "two-sided-long-edge")
    assert first_page(made.path).getpixel((100, 100)) == (255, 0, 0)


def test_sides_of_pwg_raster_are_those_of_its_header(tmp_path: Path) -> None:
    content = bytearray(pwg_raster("a4", 100, "sgray-8", 1))
    struct.pack_into(">I", content, 4 + 272, 1)
    struct.pack_into(">I", content, 4 + 368, 1)
    source = tmp_path / "page.pwg"
    source.write_bytes(content)
    made = prepare_for_print(source, "page", PWG_RASTER, scratch_of(tmp_path), LIMITS)
    assert (made.sides, made.is_color) == ("two-sided-short-edge", False)


def changed(at: int, value: int) -> bytes:
    content = bytearray(pwg_raster("a4", 100, "sgray-8", 1))
    struct.pack_into(">I", content, 4 + at, value)
    return bytes(content)


BOMB_PAGE = urf_page(3000, 600, b"\xff\x80\xff\x80\x57\x80")
BAD: list[tuple[str, bytes, str, str]] = [
    ("cut off", pwg_raster("a4", 100, "sgray-8", 1)[:-7], PWG_RASTER, "document.damaged_file"),
    ("no page", b"RaS2PwgRaster", PWG_RASTER, "document.damaged_file"),
    ("no width", changed(372, 0), PWG_RASTER, "document.damaged_file"),
    ("a wrong depth", changed(388, 24), PWG_RASTER, "document.damaged_file"),
    ("an unknown colour", changed(400, 99), PWG_RASTER, "document.damaged_file"),
    ("no resolution", changed(276, 0), PWG_RASTER, "document.damaged_file"),
    ("more lines than the page has", changed(376, 3), PWG_RASTER, "document.damaged_file"),
    ("a huge page", urf([urf_page(60_000, 60_000, b"\xff\x80")]), URF, "document.too_many_pixels"),
    ("many large pages", urf([BOMB_PAGE] * 60), URF, "document.too_many_pixels"),
    ("many pages", urf([urf_page(1, 1, b"\0\x80")] * 51), URF, "print_job.too_many_pages"),
    ("pages that are missing", urf([urf_page(1, 1, b"\0\x80")], said=2), URF, "document.damaged_file"),
]


@pytest.mark.parametrize(("content", "kind", "code"), [bad[1:] for bad in BAD], ids=[bad[0] for bad in BAD])
def test_what_is_wrong_is_told(tmp_path: Path, content: bytes, kind: str, code: str) -> None:
    source = tmp_path / "page"
    source.write_bytes(content)
    with pytest.raises(PressroomError) as refused:
        prepare_for_print(source, "page", kind, scratch_of(tmp_path), LIMITS)
    assert refused.value.code == code
    assert get_settings().print_max_megapixels == 100
