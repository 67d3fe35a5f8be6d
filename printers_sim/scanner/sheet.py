"""A blank sheet on which originals are drawn, in millimetres, at whatever resolution it will be scanned."""

from functools import lru_cache
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFont

MM_PER_INCH = 25.4
MM_PER_POINT = MM_PER_INCH / 72
FONTS = Path(reportlab.__file__).parent / "fonts"  # Vera: letters of western Europe, wherever this runs
INK = "#1a1a1a"
LINE_HEIGHT = 1.45


class Sheet:
    """A white sheet of `width` × `height` mm."""

    def __init__(self, width: float, height: float, dpi: int) -> None:
        self.width, self.height, self._scale = width, height, dpi / MM_PER_INCH
        self.image = Image.new("RGB", (round(width * self._scale), round(height * self._scale)), "white")
        self._draw = ImageDraw.Draw(self.image)

    def text(self, x: float, y: float, text: str, points: float = 11, *, bold: bool = False, color: str = INK) -> None:
        """A line whose upper left corner is at (x, y)."""
        self._draw.text((x * self._scale, y * self._scale), text, color, self._font(points, bold))

    def text_right(self, x: float, y: float, text: str, points: float = 11, *, bold: bool = False) -> None:
        """A line that ends at x."""
        width = self._font(points, bold).getlength(text) / self._scale
        self.text(x - width, y, text, points, bold=bold)

    def paragraph(self, x: float, y: float, text: str, width: float, points: float = 11) -> float:
        """Text in lines of at most `width`; returns where the next one begins."""
        font, line = self._font(points, False), ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            if line and font.getlength(longer) > width * self._scale:
                self.text(x, y, line, points)
                y, line = y + points * MM_PER_POINT * LINE_HEIGHT, word
            else:
                line = longer
        self.text(x, y, line, points)
        return y + points * MM_PER_POINT * LINE_HEIGHT

    def line(self, x: float, y: float, to_x: float, to_y: float, width: float = 0.3, color: str = INK) -> None:
        """A straight line."""
        points = (x * self._scale, y * self._scale, to_x * self._scale, to_y * self._scale)
        self._draw.line(points, color, max(1, round(width * self._scale)))

    def box(self, x: float, y: float, width: float, height: float, fill: str | None = None) -> None:
        """A rectangle: filled, or its outline."""
        corner = (x * self._scale, y * self._scale, (x + width) * self._scale, (y + height) * self._scale)
        self._draw.rectangle(corner, fill=fill, outline=None if fill else INK, width=max(1, round(0.3 * self._scale)))

    def paste(self, picture: Image.Image, x: float, y: float, width: float, height: float) -> None:
        """A picture, stretched to that size."""
        size = round(width * self._scale), round(height * self._scale)
        self.image.paste(
            picture.resize(size, Image.Resampling.BICUBIC), (round(x * self._scale), round(y * self._scale))
        )

    def _font(self, points: float, bold: bool) -> ImageFont.FreeTypeFont:
        return _font(max(4, round(points * MM_PER_POINT * self._scale)), bold)


@lru_cache(maxsize=64)
def _font(pixels: int, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / ("VeraBd.ttf" if bold else "Vera.ttf")), pixels)
