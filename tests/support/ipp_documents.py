"""Documents to print, under the names by which CUPS's test suites ask for them (Debian leaves its samples out)."""

import io
import re
import struct
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

SIZES_MM = {"a4": (210.0, 297.0), "letter": (215.9, 279.4), "4x6": (101.6, 152.4)}
RASTER_TYPES = {
    "black-1": ("1", 1, 1, 3),
    "sgray-8": ("L", 8, 8, 18),
    "srgb-8": ("RGB", 8, 24, 19),
    "srgb-16": ("RGB", 16, 48, 19),
    "cmyk-8": ("CMYK", 8, 32, 6),
}
"""Pillow's mode, bits per color, bits per pixel and color space (PWG 5102.4)."""
RASTER_NAME = re.compile(r"pwg-raster-samples-(\d+)dpi/([a-z0-9-]+)/(\w+(?:\.jpg)?)-(a4|letter|4x6)-[a-z0-9-]+\.pwg")


def write_documents(suite: Path, resolutions: Collection[int] = ()) -> None:
    """Every document that a suite names, into its folder; rasters of other `resolutions` are empty files.

    ipptool wants to read them even if it is going to skip the test.
    """
    folder = suite.parent
    for name in ("a4", "letter"):
        (folder / f"document-{name}.pdf").write_bytes(pdf(name, 4))
        (folder / f"document-{name}.ps").write_text("%!PS-Adobe-3.0\nshowpage\n")
    picture("RGB", (640, 480)).save(folder / "color.jpg")
    picture("L", (640, 480)).save(folder / "gray.jpg")
    for found in RASTER_NAME.finditer(suite.read_text()):
        path, dpi = folder / found[0], int(found[1])
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            pages = 2 if found[3] == "document" else 1
            path.write_bytes(pwg_raster(found[4], dpi, found[2], pages) if dpi in resolutions else b"")


def pdf(size: str, pages: int) -> bytes:
    """A document of black text."""
    out = io.BytesIO()
    width, height = (edge / 25.4 * 72 for edge in SIZES_MM[size])
    canvas = Canvas(out, (width, height))
    for number in range(1, pages + 1):
        canvas.drawString(72, height - 72, f"Page {number} of {pages}")
        canvas.rect(72, 72, width - 144, 200, fill=1)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def picture(mode: str, size: tuple[int, int]) -> Image.Image:
    """Stripes, a box and white paper."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    width, height = size
    for place, color in enumerate(("red", "green", "blue", "black")):
        draw.rectangle((width // 8, place * height // 8, width // 2, (place + 1) * height // 8 - 1), fill=color)
    return image.convert(mode)


def pwg_raster(size: str, dpi: int, kind: str, pages: int) -> bytes:
    """A PWG raster of that medium."""
    mode, _, _, space = RASTER_TYPES[kind]
    width, height = (round(edge / 25.4 * dpi) for edge in SIZES_MM[size])
    image = picture("RGB", (width, height)).convert(mode)
    if space == 3:  # ink, not light
        image = Image.eval(image.convert("L"), lambda light: 255 - light).convert("1")
    return b"RaS2" + _page(image, dpi, kind) * pages


def _page(image: Image.Image, dpi: int, kind: str) -> bytes:
    _, bits, pixel_bits, space = RASTER_TYPES[kind]
    data = image.tobytes()
    if bits == 16:
        wide = bytearray(2 * len(data))
        wide[::2] = wide[1::2] = data
        data = bytes(wide)
    line_octets = (image.width * pixel_bits + 7) // 8
    header = bytearray(1796)
    header[:9] = b"PwgRaster"
    struct.pack_into(">2I", header, 276, dpi, dpi)
    struct.pack_into(">8I", header, 372, image.width, image.height, 0, bits, pixel_bits, line_octets, 0, space)
    out = bytearray(header)
    lines = [data[start : start + line_octets] for start in range(0, line_octets * image.height, line_octets)]
    start = 0
    while start < len(lines):
        repeats = 1
        while repeats < 256 and start + repeats < len(lines) and lines[start + repeats] == lines[start]:
            repeats += 1
        out.append(repeats - 1)
        out += _packed(lines[start], max(1, pixel_bits // 8))
        start += repeats
    return bytes(out)


@lru_cache(maxsize=64)
def _packed(line: bytes, unit: int) -> bytes:
    """Runs of equal pixels; single ones as literals."""
    out = bytearray()
    pixels = [line[start : start + unit] for start in range(0, len(line), unit)]
    start = 0
    while start < len(pixels):
        run = 1
        while run < 128 and start + run < len(pixels) and pixels[start + run] == pixels[start]:
            run += 1
        if run > 1:
            out += bytes([run - 1]) + pixels[start]
        else:
            following = pixels[start : start + 2]
            run = len(following)
            out += bytes([257 - run]) + b"".join(following) if run > 1 else bytes([0]) + pixels[start]
        start += run
    return bytes(out)
