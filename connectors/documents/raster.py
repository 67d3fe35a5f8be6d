"""Pages as pixels, as systems without drivers send them: PWG raster (PWG 5102.4) and its Apple relative URF.

Both pack a page line by line: how often the line comes, then runs of equal pixels and of different ones. A file is
walked through as it lies on the disk; nothing is unpacked beyond one line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

ONE_SIDED, LONG_EDGE, SHORT_EDGE = "one-sided", "two-sided-long-edge", "two-sided-short-edge"
LONGEST_EDGE = 65_535
CLEAR = 128
"""In URF: the rest of the line is paper."""


@dataclass(frozen=True, slots=True)
class RasterHeader:
    """One page. `colors` are 1 (grey), 3 (RGB) or 4 (CMYK), each of `bits`; `is_ink`: more is darker."""

    width: int
    height: int
    dpi: tuple[int, int]
    colors: int
    bits: int
    is_ink: bool
    sides: str

    def __post_init__(self) -> None:
        if not (1 <= self.width <= LONGEST_EDGE and 1 <= self.height <= LONGEST_EDGE):
            raise ValueError("a page has an impossible size")
        if min(self.dpi) < 1 or (self.colors, self.bits) not in ((1, 1), (1, 8), (1, 16), (3, 8), (3, 16), (4, 8)):
            raise ValueError("a page is of an unknown kind")

    @property
    def pixels(self) -> int:
        return self.width * self.height

    @property
    def line_octets(self) -> int:
        return (self.width * self.colors * self.bits + 7) // 8

    @property
    def unit(self) -> int:
        """Octets that are packed as one: a pixel, or eight of one bit."""
        return max(1, self.colors * self.bits // 8)


class Octets(Protocol):
    """Bytes, or a file that is mapped into memory."""

    def __len__(self) -> int: ...
    def __getitem__(self, key: slice, /) -> bytes: ...


@dataclass
class RasterReader:
    """Walks through the packed lines of a file. Raises `ValueError` where they do not come out right."""

    data: Octets
    offset: int

    def take(self, count: int) -> bytes:
        """The next octets."""
        taken = self.data[self.offset : self.offset + count]
        if len(taken) < count:
            raise ValueError("the file ends too early")
        self.offset += count
        return taken

    @property
    def is_at_end(self) -> bool:
        return self.offset >= len(self.data)

    def lines(self, page: RasterHeader, *, clears: bool) -> Iterator[tuple[bytes, int]]:
        """The lines of a page, each with how often it comes. `clears`: a line may end with paper (URF)."""
        left = page.height
        while left > 0:
            times = self.take(1)[0] + 1
            if times > left:
                raise ValueError("a page has too many lines")
            left -= times
            yield self._line(page, clears), times

    def _line(self, page: RasterHeader, clears: bool) -> bytes:
        line, length, unit = bytearray(), page.line_octets, page.unit
        while len(line) < length:
            code = self.take(1)[0]
            if code < CLEAR:
                line += self.take(unit) * (code + 1)
            elif code > CLEAR:
                line += self.take(unit * (257 - code))
            elif clears:
                line += (b"\0" if page.is_ink else b"\xff") * (length - len(line))
            else:
                raise ValueError("an unknown run")
        if len(line) > length:
            raise ValueError("a line is too long")
        return bytes(line)
