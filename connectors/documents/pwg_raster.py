"""Headers of PWG raster pages (PWG 5102.4, table 3)."""

import struct
from collections.abc import Iterator

from connectors.documents.raster import LONG_EDGE, ONE_SIDED, SHORT_EDGE, Octets, RasterHeader, RasterReader

SYNC = b"RaS2"
MARK = b"PwgRaster\0"
LENGTH = 1796
DUPLEX, RESOLUTION, TUMBLE, SIZE, DEPTH, SPACE = 272, 276, 368, 372, 384, 400
SPACES = {0: (1, False), 1: (3, False), 3: (1, True), 6: (4, True), 18: (1, False), 19: (3, False), 20: (3, False)}
"""Colours and whether they are ink, by `cupsColorSpace`: grey, RGB, black, CMYK, sGray, sRGB, AdobeRGB."""


def pwg_pages(data: Octets) -> Iterator[tuple[RasterHeader, Iterator[tuple[bytes, int]]]]:
    """Each page with its lines, which have to be taken before the next page is."""
    reader = RasterReader(data, 0)
    if reader.take(4) != SYNC:
        raise ValueError("no PWG raster")
    while not reader.is_at_end:
        page = _header(reader.take(LENGTH))
        yield page, reader.lines(page, clears=False)


def _header(data: bytes) -> RasterHeader:
    if not data.startswith(MARK):
        raise ValueError("a page's header is missing")
    duplex, tumble, space = (struct.unpack_from(">I", data, at)[0] for at in (DUPLEX, TUMBLE, SPACE))
    width, height = struct.unpack_from(">2I", data, SIZE)
    bits, pixel_bits, line_octets, order = struct.unpack_from(">4I", data, DEPTH)
    if space not in SPACES or order:
        raise ValueError("a page is of an unknown kind")
    colors, is_ink = SPACES[space]
    sides = (SHORT_EDGE if tumble else LONG_EDGE) if duplex else ONE_SIDED
    page = RasterHeader(width, height, struct.unpack_from(">2I", data, RESOLUTION), colors, bits, is_ink, sides)
    if pixel_bits != colors * bits or line_octets != page.line_octets:
        raise ValueError("a page's header contradicts itself")
    return page
