"""Headers of URF pages, the raster of AirPrint. Its format is not published; what CUPS reads and writes is followed."""

import struct
from collections.abc import Iterator

from connectors.documents.raster import LONG_EDGE, ONE_SIDED, SHORT_EDGE, Octets, RasterHeader, RasterReader

MARK = b"UNIRAST\0"
PAGE = ">4B8x3I8x"
SPACES = {0: (1, False), 1: (3, False), 3: (3, False), 4: (1, False), 5: (3, False), 6: (4, True)}
"""Colours and whether they are ink: sGray, sRGB, AdobeRGB, device grey, device RGB, CMYK."""
SIDES = {2: SHORT_EDGE, 3: LONG_EDGE}


def urf_pages(data: Octets) -> Iterator[tuple[RasterHeader, Iterator[tuple[bytes, int]]]]:
    """Each page with its lines, which have to be taken before the next page is.

    The number of pages in the file's header counts only if it is not 0: whoever streams does not know it yet.
    """
    reader = RasterReader(data, 0)
    if reader.take(8) != MARK:
        raise ValueError("no URF")
    said, seen = struct.unpack(">I", reader.take(4))[0], 0
    while not reader.is_at_end and (not said or seen < said):
        pixel_bits, space, duplex, _quality, width, height, dpi = struct.unpack(
            PAGE, reader.take(struct.calcsize(PAGE))
        )
        if space not in SPACES:
            raise ValueError("a page is of an unknown kind")
        colors, is_ink = SPACES[space]
        sides = SIDES.get(duplex, ONE_SIDED)
        page = RasterHeader(width, height, (dpi, dpi), colors, pixel_bits // colors, is_ink, sides)
        yield page, reader.lines(page, clears=True)
        seen += 1
    if seen < said:
        raise ValueError("pages are missing")
