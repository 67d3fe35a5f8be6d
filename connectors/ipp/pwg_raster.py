"""Writing PWG raster (PWG 5102.4): what every IPP Everywhere printer prints, made of a PDF's pages by pdfium."""

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from connectors.pdfium import PdfiumDocument

if TYPE_CHECKING:
    import numpy as np

MEDIA_TYPE = "image/pwg-raster"
SYNC = b"RaS2"
HEADER_SIZE = 1796
POINTS_PER_INCH = 72
SGRAY, SRGB = 18, 19
MOST_REPEATS = 256
LONGEST_RUN = 128
SHORTEST_RUN = 3
"""Shorter runs of one colour cost less among the literal pixels around them."""
LONG_EDGE, SHORT_EDGE = "two-sided-long-edge", "two-sided-short-edge"
BACKS = {
    ("flipped", LONG_EDGE): (1, -1),
    ("flipped", SHORT_EDGE): (-1, 1),
    ("rotated", LONG_EDGE): (-1, -1),
    ("manual-tumble", SHORT_EDGE): (-1, -1),
}
"""How the printer wants back sides: across the feed and along it (PWG 5102.4, table 12)."""


@dataclass(frozen=True, slots=True)
class RasterKind:
    """How a printer wants its rasters; `sheet_back` and `sides` decide how back sides lie."""

    dpi: int
    is_color: bool
    sides: str = "one-sided"
    sheet_back: str = "normal"


def write_pwg_raster(source: Path, target: Path, name: str, kind: RasterKind) -> int:
    """Render the PDF `source`, called `name` in errors, into `target`; returns the number of pages.

    One page is in memory at a time. Raises what `PdfiumDocument` raises.
    """
    document = PdfiumDocument(source, name)
    try:
        with target.open("wb") as file:
            file.write(SYNC)
            for number in range(document.count):
                with document.page(number) as page:
                    pixels, size = _rendered(page, kind)
                across, along = BACKS.get((kind.sheet_back, kind.sides), (1, 1)) if number % 2 else (1, 1)
                _write_page(file, pixels[::along, ::across], size, kind, document.count, (across, along))
        return document.count
    finally:
        document.close()


def _rendered(page: Any, kind: RasterKind) -> tuple["np.ndarray[Any, Any]", tuple[int, int]]:
    """The page's pixels and its size in points."""
    bitmap = page.render(scale=kind.dpi / POINTS_PER_INCH, grayscale=not kind.is_color, rev_byteorder=True)
    pixels = bitmap.to_numpy()
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    width, height = page.get_size()
    return pixels[:, :, :3].copy() if kind.is_color else pixels[:, :, :1].copy(), (round(width), round(height))


def _write_page(
    file: BinaryIO,
    pixels: "np.ndarray[Any, Any]",
    size: tuple[int, int],
    kind: RasterKind,
    pages: int,
    transform: tuple[int, int],
) -> None:
    import numpy as np

    height, width, samples = pixels.shape
    file.write(_header((width, height), samples, size, kind, pages, transform))
    changes = np.flatnonzero((pixels[1:] != pixels[:-1]).any(axis=(1, 2))) + 1
    starts = [0, *changes.tolist(), height]
    for start, end in pairwise(starts):
        line = _packed(pixels[start])
        for first in range(start, end, MOST_REPEATS):
            file.write(bytes((min(end - first, MOST_REPEATS) - 1,)))
            file.write(line)


def _packed(row: "np.ndarray[Any, Any]") -> bytes:
    """One line, run-length coded: equal pixels as a count and a pixel, others as they are."""
    import numpy as np

    bounds = [0, *(np.flatnonzero((row[1:] != row[:-1]).any(axis=1)) + 1).tolist(), len(row)]
    packed, literal_from = bytearray(), 0
    for start, end in pairwise(bounds):
        if end - start < SHORTEST_RUN:
            continue
        _add_literal(packed, row[literal_from:start])
        pixel = row[start].tobytes()
        for first in range(start, end, LONGEST_RUN):
            packed.append(min(end - first, LONGEST_RUN) - 1)
            packed += pixel
        literal_from = end
    _add_literal(packed, row[literal_from:])
    return bytes(packed)


def _add_literal(packed: bytearray, pixels: "np.ndarray[Any, Any]") -> None:
    for first in range(0, len(pixels), LONGEST_RUN):
        part = pixels[first : first + LONGEST_RUN]
        packed.append(0 if len(part) == 1 else 257 - len(part))
        packed += part.tobytes()


def _header(
    pixels: tuple[int, int],
    samples: int,
    size: tuple[int, int],
    kind: RasterKind,
    pages: int,
    transform: tuple[int, int],
) -> bytes:
    header = bytearray(HEADER_SIZE)
    header[: len(b"PwgRaster")] = b"PwgRaster"
    numbers = {
        272: int(kind.sides != "one-sided"),
        276: kind.dpi,
        280: kind.dpi,
        340: 1,
        352: size[0],
        356: size[1],
        368: int(kind.sides == SHORT_EDGE),
        372: pixels[0],
        376: pixels[1],
        384: 8,
        388: 8 * samples,
        392: pixels[0] * samples,
        400: SRGB if kind.is_color else SGRAY,
        420: samples,
        452: pages,
        456: transform[0] & 0xFFFF_FFFF,
        460: transform[1] & 0xFFFF_FFFF,
    }
    for offset, number in numbers.items():
        struct.pack_into(">I", header, offset, number)
    return bytes(header)
