"""Fonts for plain text: of each character, the first font of a row that has it."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

from steps.footer import FONT_MISSING

EAST_ASIA = ("DroidSansFallbackFull.ttf", "NanumGothic.ttf")
MONOSPACED = ("DejaVuSansMono.ttf", "DejaVuSans.ttf", *EAST_ASIA)
PROPORTIONAL = ("DejaVuSans.ttf", *EAST_ASIA)
BOLD = ("DejaVuSans-Bold.ttf", "DejaVuSans.ttf", *EAST_ASIA)
"""The first of each row must be there (fonts-dejavu-core); fonts-droid-fallback and fonts-nanum have the last."""

NARROWEST = 0.2
"""No line has more characters than if all were so wide, as part of the font's size."""

SHAPED = (
    *((0x0590, 0x08FF), (0x0900, 0x0DFF), (0x0E00, 0x0FFF), (0x1000, 0x109F), (0x1780, 0x17FF)),
    *((0x1800, 0x18AF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFC), (0x10A00, 0x10FFF), (0x11000, 0x11FFF)),
)
"""Scripts whose letters join, change or run from right to left: they need a typesetter, not a row of glyphs."""


class FontRow:
    """Fonts by falling preference; `size` in points."""

    def __init__(self, files: Sequence[str], size: float) -> None:
        self._files, self.size = files, size
        if _font(files[0]) is None:
            raise FONT_MISSING()

    def runs(self, text: str) -> Iterator[tuple[str, str]]:
        """`text` in pieces, each with the name of the font to set it in."""
        first = self._files[0]
        if text.isascii():
            yield first, text
            return
        for name, characters in groupby(text, self._font_of):
            yield name, "".join(characters)

    def width(self, text: str) -> float:
        """How wide `text` will be, in points."""
        return float(sum(_font(name).stringWidth(piece, self.size) for name, piece in self.runs(text)))

    def fitting(self, text: str, width: float) -> int:
        """How many characters of `text`, at least one, fit into `width` points."""
        low, high = 1, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(text[:middle]) <= width:
                low = middle
            else:
                high = middle - 1
        return low

    def lines(self, text: str, width: float) -> list[str]:
        """`text` in lines of at most `width` points, cut between words where there are any."""
        found = []
        most = int(width / (self.size * NARROWEST)) + 1
        while len(text) > 1 and (len(text) > most or self.width(text) > width):
            fits = self.fitting(text[:most], width)
            space = text.rfind(" ", 1, fits + 1)
            cut = space if space > fits // 3 and text[:space].strip() else fits
            found.append(text[:cut])
            text = text[cut:].lstrip(" ")
        return [*found, text]

    def _font_of(self, character: str) -> str:
        for name in self._files:
            font = _font(name)
            if font is not None and ord(character) in font.face.charToGlyph:
                return name
        return self._files[0]


def needs_shaping(text: str) -> bool:
    """Whether the text has letters of `SHAPED`."""
    return not text.isascii() and any(low <= ord(char) <= high for char in text for low, high in SHAPED)


@lru_cache(maxsize=16)
def _font(name: str) -> Any:
    """The font of that file as reportlab knows it from now on; None where it is not installed."""
    from PIL import ImageFont
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    try:
        path = ImageFont.truetype(name, 10).path
    except OSError:
        return None
    pdfmetrics.registerFont(TTFont(name, path))
    return pdfmetrics.getFont(name)
