"""PNG, JPEG, TIFF and GIF files walked through by their structure: nothing is decoded, so none can be too big to ask.

Each function yields the (width, height) of the images in the file, in pixels, and raises `ValueError` where the
structure breaks off: a chunk with a wrong checksum, a missing end, a strip outside the file.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

PIECE = 1 << 16
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
WIDTH, HEIGHT, STRIPS, STRIP_SIZES, TILES, TILE_SIZES = 256, 257, 273, 279, 324, 325
GIF_EXTENSION, GIF_PICTURE, GIF_TRAILER = b"\x21", b"\x2c", b"\x3b"
MOST_ENTRIES = 4096
MOST_STRIPS = 1 << 20

Size = tuple[int, int]


def png_sizes(path: Path) -> Iterator[Size]:
    """The size in the header, after which every chunk's checksum is verified up to the end mark (PNG 3, §5)."""
    with path.open("rb") as file:
        file.seek(8)
        kind = b""
        while kind != b"IEND":
            length, kind = struct.unpack(">I4s", _exactly(file, 8))
            if kind == b"IHDR":
                header = _exactly(file, length)
                yield struct.unpack(">II", header[:8])
                checksum = zlib.crc32(header, zlib.crc32(kind))
            else:
                checksum = _checksum(file, length, zlib.crc32(kind))
            if checksum != struct.unpack(">I", _exactly(file, 4))[0]:
                raise ValueError("a chunk's checksum is wrong")


def jpeg_sizes(path: Path) -> Iterator[Size]:
    """The size in the frame header, after which the end mark is looked for (ITU-T T.81, annex B)."""
    with path.open("rb") as file:
        file.seek(2)
        while (marker := _next_marker(file)) != 0xDA:
            if marker == 0xD9:
                raise ValueError("the image data is missing")
            if marker in JPEG_STANDALONE:
                continue
            length = struct.unpack(">H", _exactly(file, 2))[0]
            segment = _exactly(file, length - 2)
            if marker in JPEG_FRAMES:
                height, width = struct.unpack(">HH", segment[1:5])
                yield width, height
        if not _has_end_mark(file):
            raise ValueError("the end mark is missing")


def tiff_sizes(path: Path) -> Iterator[Size]:
    """The size of every page, whose strips or tiles must lie within the file (TIFF 6.0, §2; BigTIFF)."""
    end = path.stat().st_size
    with path.open("rb") as file:
        order = "<" if _exactly(file, 2) == b"II" else ">"
        big = struct.unpack(order + "H", _exactly(file, 2))[0] == 43
        file.seek(8 if big else 4)
        place, seen = _number(file, order, big), set[int]()
        if not place:
            raise ValueError("there is no page")
        while place:
            if place in seen:
                raise ValueError("the pages go round in a circle")
            seen.add(place)
            file.seek(place)
            tags = _directory(file, order, big)
            place = _number(file, order, big)
            yield tags.one(WIDTH), tags.one(HEIGHT)
            for starts, sizes in ((STRIPS, STRIP_SIZES), (TILES, TILE_SIZES)):
                for start, size in zip(tags.all(starts), tags.all(sizes), strict=False):
                    if start + size > end:
                        raise ValueError("a strip lies outside the file")


def gif_sizes(path: Path) -> Iterator[Size]:
    """The size of the screen, once: what moves is one picture. All blocks up to the trailer are walked (GIF89a)."""
    with path.open("rb") as file:
        width, height, flags = struct.unpack("<6xHHB2x", _exactly(file, 13))
        yield width, height
        _skip_colors(file, flags)
        pictures = 0
        while (introducer := _exactly(file, 1)) != GIF_TRAILER:
            if introducer == GIF_EXTENSION:
                _exactly(file, 1)
            elif introducer == GIF_PICTURE:
                pictures += 1
                _skip_colors(file, _exactly(file, 9)[8])
                _exactly(file, 1)
            else:
                raise ValueError("an unknown block")
            while length := _exactly(file, 1)[0]:
                _exactly(file, length)
        if not pictures:
            raise ValueError("there is no picture")


def _skip_colors(file: BinaryIO, flags: int) -> None:
    if flags & 0x80:
        _exactly(file, 3 << ((flags & 7) + 1))


class _Tags:
    """The entries of one TIFF directory; values are read when they are asked for."""

    def __init__(self, file: BinaryIO, order: str, entries: dict[int, tuple[int, int, int]]) -> None:
        self._file, self._order, self._entries = file, order, entries

    def one(self, tag: int) -> int:
        values = self.all(tag)
        if not values:
            raise ValueError(f"tag {tag} is missing")
        return values[0]

    def all(self, tag: int) -> tuple[int, ...]:
        if tag not in self._entries:
            return ()
        kind, count, place = self._entries[tag]
        letter = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}.get(kind)
        if letter is None or not 0 < count <= MOST_STRIPS:
            raise ValueError(f"tag {tag} has an unusable value")
        self._file.seek(place)
        values: tuple[int, ...] = struct.unpack(
            f"{self._order}{count}{letter}", _exactly(self._file, count * TIFF_SIZES[kind])
        )
        return values


def _directory(file: BinaryIO, order: str, big: bool) -> _Tags:
    count = struct.unpack(order + ("Q" if big else "H"), _exactly(file, 8 if big else 2))[0]
    if not 0 < count <= MOST_ENTRIES:
        raise ValueError("a directory has an impossible length")
    inline, form = (8, "HHQ") if big else (4, "HHI")
    entries: dict[int, tuple[int, int, int]] = {}
    for _ in range(count):
        tag, kind, values = struct.unpack(order + form, _exactly(file, struct.calcsize(order + form)))
        here = file.tell()
        place = _number(file, order, big)
        entries[tag] = kind, values, here if values * TIFF_SIZES.get(kind, 1) <= inline else place
    after = file.tell()
    tags = _Tags(file, order, entries)
    file.seek(after)
    return tags


def _number(file: BinaryIO, order: str, big: bool) -> int:
    return int(struct.unpack(order + ("Q" if big else "I"), _exactly(file, 8 if big else 4))[0])


def _next_marker(file: BinaryIO) -> int:
    if _exactly(file, 1) != b"\xff":
        raise ValueError("a marker is missing")
    while (code := _exactly(file, 1)) == b"\xff":
        pass
    return code[0]


def _has_end_mark(file: BinaryIO) -> bool:
    last = b""
    while piece := file.read(PIECE):
        if b"\xff\xd9" in last + piece:
            return True
        last = piece[-1:]
    return False


def _checksum(file: BinaryIO, length: int, checksum: int) -> int:
    while length:
        piece = _exactly(file, min(length, PIECE))
        checksum = zlib.crc32(piece, checksum)
        length -= len(piece)
    return checksum


def _exactly(file: BinaryIO, size: int) -> bytes:
    if size < 0 or len(data := file.read(size)) < size:
        raise ValueError("the file ends too early")
    return data
