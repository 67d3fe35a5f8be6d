"""Reading PWG raster (PWG 5102.4): pages of run-length coded pixels behind a header of 1,796 octets each."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageChops

SYNC = b"RaS2"
HEADER_SIZE = 1796
LARGEST_PAGE = 1 << 30
BLACK, RGB, CMYK, SGRAY, SRGB, ADOBE_RGB = 3, 1, 6, 18, 19, 20
MODES = {(BLACK, 1): "1", (BLACK, 8): "L", (SGRAY, 8): "L", (CMYK, 32): "CMYK", (RGB, 24): "RGB", (SRGB, 24): "RGB"}
MODES |= {(ADOBE_RGB, 24): "RGB", (SGRAY, 16): "L", (SRGB, 48): "RGB", (CMYK, 64): "CMYK"}


class RasterError(ValueError):
    """The data is no PWG raster, or of a kind that is not supported."""


@dataclass(frozen=True, slots=True)
class _Header:
    dpi: int
    width: int
    height: int
    bits_per_color: int
    bits_per_pixel: int
    bytes_per_line: int
    color_space: int

    @property
    def mode(self) -> str:
        """The Pillow mode of its pixels."""
        mode = MODES.get((self.color_space, self.bits_per_pixel))
        sane = min(self.width, self.height, self.dpi) > 0 and self.bits_per_color in (1, 8, 16)
        wanted = (self.width * self.bits_per_pixel + 7) // 8
        if mode is None or not sane or self.bytes_per_line != wanted or wanted * self.height > LARGEST_PAGE:
            raise RasterError("The page header describes no kind of page that is supported.")
        return mode


def raster_pages(file: BinaryIO) -> Iterator[tuple[Image.Image, int]]:
    """Each page and its resolution in dots per inch; raises `RasterError`."""
    if file.read(len(SYNC)) != SYNC:
        raise RasterError("The document does not begin like a PWG raster.")
    found = False
    while header := file.read(HEADER_SIZE):
        if len(header) < HEADER_SIZE or not header.startswith(b"PwgRaster"):
            raise RasterError("A page header is damaged.")
        found = True
        yield _page(file, _parsed(header))
    if not found:
        raise RasterError("The document has no pages.")


def _parsed(header: bytes) -> _Header:
    (dpi,) = struct.unpack_from(">I", header, 276)
    width, height, _, bits_per_color, bits_per_pixel, bytes_per_line, _, color_space = struct.unpack_from(
        ">8I", header, 372
    )
    return _Header(dpi, width, height, bits_per_color, bits_per_pixel, bytes_per_line, color_space)


def _page(file: BinaryIO, header: _Header) -> tuple[Image.Image, int]:
    mode = header.mode
    unit = max(1, header.bits_per_pixel // 8)
    rows = bytearray()
    while len(rows) < header.bytes_per_line * header.height:
        repeats = _octet(file) + 1
        rows += _line(file, header, unit) * repeats
    data = bytes(rows[: header.bytes_per_line * header.height])
    if header.bits_per_color == 16:
        data = data[::2]  # the high octet of each sample
    picture = Image.frombytes(mode, (header.width, header.height), data)
    if header.color_space == BLACK:  # ink, not light
        picture = ImageChops.invert(picture.convert("L"))
    return picture, header.dpi


def _line(file: BinaryIO, header: _Header, unit: int) -> bytes:
    line = bytearray()
    while len(line) < header.bytes_per_line:
        code = _octet(file)
        if code < 128:
            line += _exactly(file, unit) * (code + 1)
        elif code == 128:
            raise RasterError("A line is coded wrongly.")
        else:
            line += _exactly(file, unit * (257 - code))
    if len(line) != header.bytes_per_line:
        raise RasterError("A line is longer than the page is wide.")
    return bytes(line)


def _octet(file: BinaryIO) -> int:
    return _exactly(file, 1)[0]


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise RasterError("The document ends within a page.")
    return data
