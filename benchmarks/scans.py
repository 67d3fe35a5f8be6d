"""Scans with known text, drawn for the benchmarks: every page is another one."""

from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from random import Random
from textwrap import wrap
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from PIL.TiffImagePlugin import TiffImageFile

from steps.samples import LETTER

SIZE = (1654, 2339)  # A4 at 200 dpi
DPI = 200
STRIP_OFFSETS, ROWS_PER_STRIP, STRIP_BYTE_COUNTS = 273, 278, 279  # TIFF 6.0, section 8


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


def scanned_pdf(path: Path, texts: Iterator[str], fax: bool = False) -> Path:
    """A PDF of scans, one a page: grey in JPEG or, with `fax`, black and white in a tenth of the bytes."""
    import pikepdf

    name = pikepdf.Name
    with pikepdf.new() as pdf:
        for text in texts:
            content, how = _fax(scan(text)) if fax else _jpeg(scan(text))
            picture = pikepdf.Stream(
                pdf,
                content,
                Type=name.XObject,
                Subtype=name.Image,
                Width=SIZE[0],
                Height=SIZE[1],
                ColorSpace=name.DeviceGray,
                **how,
            )
            width, height = (side * 72 / DPI for side in SIZE)
            page = pdf.add_blank_page(page_size=(width, height))
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=picture))
            page.Contents = pdf.make_stream(f"{width:.2f} 0 0 {height:.2f} 0 0 cm /Scan Do".encode())
        pdf.save(path)
    return path


def _jpeg(page: Image.Image) -> tuple[bytes, dict[str, Any]]:
    """The page's pixels, and how a PDF says what they are."""
    from pikepdf import Name

    packed = BytesIO()
    page.save(packed, "JPEG", quality=80)
    return packed.getvalue(), {"BitsPerComponent": 8, "Filter": Name.DCTDecode}


def _fax(page: Image.Image) -> tuple[bytes, dict[str, Any]]:
    """The same by group 4 of T.6, which a TIFF file holds in one strip."""
    from pikepdf import Dictionary, Name

    file = BytesIO()
    black_and_white = page.point(lambda grey: 255 if grey > 128 else 0).convert("1")
    black_and_white.save(file, "TIFF", compression="group4", tiffinfo={ROWS_PER_STRIP: SIZE[1]})
    file.seek(0)
    with TiffImageFile(file) as tiff:
        (start,), (length,) = (tiff.tag_v2[tag] for tag in (STRIP_OFFSETS, STRIP_BYTE_COUNTS))
    parameters = Dictionary(K=-1, Columns=SIZE[0], Rows=SIZE[1], BlackIs1=True)  # Pillow packs 0, black, as if white
    how = {"BitsPerComponent": 1, "Filter": Name.CCITTFaxDecode, "DecodeParms": parameters}
    return file.getvalue()[start : start + length], how
