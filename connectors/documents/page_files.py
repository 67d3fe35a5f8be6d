"""Scanned pages as one file: PDF or TIFF of many pages, or the pages themselves. JPEG data is never compressed anew."""

import io
import struct
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.documents.file_names import numbered
from connectors.documents.media_types import JPEG

JPEG_QUALITY = 90
SHORT, LONG, RATIONAL = 3, 4, 5
JPEG_COMPRESSION = 7
GREY, RGB, YCBCR = 1, 2, 6
INCHES = 2
STRIP = 273
PACK = {SHORT: "H", LONG: "I", RATIONAL: "I"}


@dataclass(frozen=True, slots=True)
class PageFile:
    """A page that was looked at: a JPEG or PNG file, and the resolution that it is to be shown in."""

    path: Path
    media_type: str
    dpi: int


def write_pdf(pages: Sequence[PageFile], target: Path) -> None:
    """A PDF with the pages in their physical sizes; JPEG data are taken over byte by byte, PNG data without loss."""
    import img2pdf
    import pikepdf

    with ExitStack() as opened, pikepdf.new() as whole:
        for page in pages:
            part = io.BytesIO()
            layout = img2pdf.get_fixed_dpi_layout_fun((page.dpi, page.dpi))
            img2pdf.convert(
                str(page.path), layout_fun=layout, rotation=img2pdf.Rotation.ifvalid, outputstream=part, nodate=True
            )
            whole.pages.extend(opened.enter_context(pikepdf.open(part)).pages)
        whole.save(target)


def write_tiff(pages: Sequence[PageFile], target: Path) -> None:
    """A TIFF with all pages (TIFF 6.0, §22 as of technical note 2): JPEG data as they are, black and white as fax."""
    from PIL import TiffImagePlugin

    with TiffImagePlugin.AppendingTiffWriter(str(target), new=True) as joined:
        for page in pages:
            joined.write(_one_page_tiff(page))
            joined.newFrame()


def write_zip(pages: Sequence[PageFile], name: str, folder: Path, target: Path) -> None:
    """The pages as JPEG files `name_1.jpg`, `name_2.jpg` … in one ZIP."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for number, path in enumerate(jpeg_files(pages, folder), 1):
            archive.write(path, numbered(name, number))


def jpeg_files(pages: Sequence[PageFile], folder: Path) -> Iterator[Path]:
    """Each page as a JPEG file: the page's own, or one made in `folder`."""
    from PIL import Image

    for number, page in enumerate(pages, 1):
        if page.media_type == JPEG:
            yield page.path
            continue
        path = folder / f"page-{number}.jpg"
        with Image.open(page.path) as image:
            image.convert("L" if image.mode in ("1", "L") else "RGB").save(
                path, quality=JPEG_QUALITY, dpi=(page.dpi, page.dpi)
            )
        yield path


def _one_page_tiff(page: PageFile) -> bytes:
    from PIL import Image

    with Image.open(page.path) as image:
        if page.media_type == JPEG:
            return _tiff_of_jpeg(image, page)
        target = io.BytesIO()
        compression = "group4" if image.mode == "1" else "tiff_adobe_deflate"
        image.save(target, "TIFF", compression=compression, dpi=(page.dpi, page.dpi))
        return target.getvalue()


def _tiff_of_jpeg(image: Any, page: PageFile) -> bytes:
    """The page's JPEG stream as the one strip of a TIFF page; `image` is open and not decoded."""
    data = page.path.read_bytes()
    samples = len(image.getbands())
    photometric = GREY if samples == 1 else RGB if image.info.get("adobe_transform") == 0 else YCBCR
    _, across, down, _ = image.layer[0]
    entries = [
        (256, LONG, [image.width]),
        (257, LONG, [image.height]),
        (258, SHORT, [8] * samples),
        (259, SHORT, [JPEG_COMPRESSION]),
        (262, SHORT, [photometric]),
        (STRIP, LONG, [0]),
        (277, SHORT, [samples]),
        (278, LONG, [image.height]),
        (279, LONG, [len(data)]),
        (282, RATIONAL, [page.dpi, 1]),
        (283, RATIONAL, [page.dpi, 1]),
        (296, SHORT, [INCHES]),
    ]
    if photometric == YCBCR:
        entries.append((530, SHORT, [across, down]))
    return _tiff(entries, data)


def _tiff(entries: Sequence[tuple[int, int, list[int]]], data: bytes) -> bytes:
    """A little-endian TIFF of one page with these entries (tag, type, values), of which `STRIP` points to `data`."""
    head, rest = 8, b""
    after = head + 2 + 12 * len(entries) + 4
    packed = {tag: struct.pack(f"<{len(values)}{PACK[kind]}", *values) for tag, kind, values in entries}
    places = {}
    for tag, value in packed.items():
        if len(value) > 4:
            places[tag] = after + len(rest)
            rest += value + b"\0" * (len(value) % 2)
    packed[STRIP] = struct.pack("<I", after + len(rest))
    directory = b"".join(
        struct.pack("<HHI", tag, kind, len(values) // (2 if kind == RATIONAL else 1))
        + (struct.pack("<I", places[tag]) if tag in places else packed[tag].ljust(4, b"\0"))
        for tag, kind, values in entries
    )
    return struct.pack("<2sHIH", b"II", 42, head, len(entries)) + directory + bytes(4) + rest + data
