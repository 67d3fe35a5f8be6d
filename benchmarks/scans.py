"""Scans with known text, drawn for the benchmarks: every page is another one."""

from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from random import Random
from textwrap import wrap

from PIL import Image, ImageDraw, ImageFont

from steps.samples import LETTER

SIZE = (1654, 2339)  # A4 at 200 dpi
DPI = 200


def page_text(number: int, paragraphs: int = 9) -> str:
    """A letter whose sentences come in an order of its own, `paragraphs` long."""
    chance = Random(number)
    sentences = [part.strip() + "." for part in LETTER.replace("\n", " ").split(". ") if part.strip(" .")]
    drawn = (" ".join(chance.sample(sentences, 4)) for _ in range(paragraphs))
    return "\n\n".join([f"Confirmation number {number + 1:04}", *drawn])


def scan(text: str) -> Image.Image:
    """`text` as printed on grey paper and scanned with a little noise."""
    page = Image.new("L", SIZE, 246)
    draw = ImageDraw.Draw(page)
    y = 150
    for number, paragraph in enumerate(text.split("\n\n")):
        font = ImageFont.truetype("DejaVuSans.ttf", 26 if number else 44)
        for line in wrap(paragraph, 88 if number else 50):
            draw.text((150, y), line, font=font, fill=25)
            y += int(font.size * 1.4)
        y += 24
    return Image.blend(page, _noise(), 0.05)


@lru_cache(maxsize=1)
def _noise() -> Image.Image:
    return Image.effect_noise(SIZE, 18)


def scanned_pdf(path: Path, texts: Iterator[str]) -> Path:
    """A PDF of scans in JPEG, one a page, written page by page."""
    import pikepdf

    with pikepdf.new() as pdf:
        for text in texts:
            jpeg = BytesIO()
            scan(text).save(jpeg, "JPEG", quality=80)
            name = pikepdf.Name
            picture = pikepdf.Stream(
                pdf,
                jpeg.getvalue(),
                Type=name.XObject,
                Subtype=name.Image,
                Width=SIZE[0],
                Height=SIZE[1],
                ColorSpace=name.DeviceGray,
                BitsPerComponent=8,
                Filter=name.DCTDecode,
            )
            width, height = (side * 72 / DPI for side in SIZE)
            page = pdf.add_blank_page(page_size=(width, height))
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=picture))
            page.Contents = pdf.make_stream(f"{width:.2f} 0 0 {height:.2f} 0 0 cm /Scan Do".encode())
        pdf.save(path)
    return path
