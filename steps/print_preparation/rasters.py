"""Rasters as PDFs: each page is a picture of its pixels, without a loss; what their headers say is exact (PR-130).

A small file can hold huge pages, as equal lines and pixels take no room; so pixels are counted before any is unpacked,
those of a page and those of all.
"""

import mmap
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.documents.inspection_faults import DAMAGED_FILE, TOO_MANY_PIXELS
from connectors.documents.inspection_faults import TOO_MANY_PAGES as PAGES_UNCOUNTED
from connectors.documents.media_types import PWG_RASTER, URF
from connectors.documents.pwg_raster import pwg_pages
from connectors.documents.raster import ONE_SIDED, Octets, RasterHeader
from connectors.documents.urf import urf_pages
from connectors.settings import get_settings

if TYPE_CHECKING:
    import pikepdf

Pages = Iterator[tuple[RasterHeader, Iterator[tuple[bytes, int]]]]
READERS: dict[str, Callable[[Octets], Pages]] = {PWG_RASTER: pwg_pages, URF: urf_pages}
"""How each kind of raster is read."""
SPACES = {1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK"}
PAGE_FACTOR = 4
"""A page may have as many pixels as a picture in a PDF, which is read line by line too."""
POINTS = 72
AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class RasterFacts:
    """What the headers say of all pages."""

    pages: int
    is_color: bool
    sides: str


def raster_pdf(path: Path, media_type: str, name: str, scratch: Path, most_pages: int) -> tuple[Path, RasterFacts]:
    """The raster at `path` as a PDF below `scratch`, and what it says of itself.

    Raises `DAMAGED_FILE`, `TOO_MANY_PIXELS`, or the `TOO_MANY_PAGES` of inspection.
    """
    import pikepdf

    made = scratch / "raster.pdf"
    try:
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
            pikepdf.new() as pdf,
        ):
            headers = list(_added(pdf, READERS[media_type](data), name, most_pages))
            pdf.save(made)
    except ValueError as error:
        raise DAMAGED_FILE(name=name) from error
    if not headers:
        raise DAMAGED_FILE(name=name)
    return made, RasterFacts(len(headers), any(header.colors > 1 for header in headers), headers[0].sides or ONE_SIDED)


@contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


def _added(pdf: "pikepdf.Pdf", pages: Pages, name: str, most_pages: int) -> Iterator[RasterHeader]:
    settings, total = get_settings(), 0
    for number, (header, lines) in enumerate(pages, 1):
        if number > most_pages:
            raise PAGES_UNCOUNTED(name=name, limit=most_pages)
        total += header.pixels
        for pixels, limit in (
            (header.pixels, settings.max_pixels * PAGE_FACTOR),
            (total, settings.print_max_megapixels * 1_000_000),
        ):
            if pixels > limit:
                raise TOO_MANY_PIXELS(name=name, pixels=pixels, limit=limit)
        _add_page(pdf, header, _packed(header, lines))
        yield header


def _packed(header: RasterHeader, lines: Iterator[tuple[bytes, int]]) -> bytes:
    """The pixels as a PDF keeps them; of 16 bits the upper eight, which are more than printers show."""
    packer, parts = zlib.compressobj(1), list[bytes]()
    for line, times in lines:
        if header.bits == 16:
            line = line[::2]
        for some in _portions(times, max(1, AT_ONCE // len(line))):
            parts.append(packer.compress(line * some))
    parts.append(packer.flush())
    return b"".join(parts)


def _portions(count: int, most: int) -> Iterator[int]:
    while count > 0:
        yield min(count, most)
        count -= most


def _add_page(pdf: "pikepdf.Pdf", header: RasterHeader, content: bytes) -> None:
    import pikepdf

    width, height = header.width / header.dpi[0] * POINTS, header.height / header.dpi[1] * POINTS
    image = pikepdf.Stream(
        pdf,
        content,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=header.width,
        Height=header.height,
        ColorSpace=pikepdf.Name(SPACES[header.colors]),
        BitsPerComponent=min(header.bits, 8),
        Filter=pikepdf.Name.FlateDecode,
    )
    if header.is_ink and header.colors == 1:
        image.Decode = pikepdf.Array([1, 0])
    drawing = f"q {width:.4f} 0 0 {height:.4f} 0 0 cm /Page Do Q".encode()
    page = pikepdf.Dictionary(
        Type=pikepdf.Name.Page,
        MediaBox=[0, 0, round(width, 4), round(height, 4)],
        Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(Page=image)),
        Contents=pikepdf.Stream(pdf, drawing),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
