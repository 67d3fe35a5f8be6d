"""From an original to the file of a page: as it lies on the glass, as the sensor sees it, as it was asked for."""

import io
import random
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageChops, ImageEnhance

from printers_sim.scanner.originals import SIZES, Original, draw
from printers_sim.scanner.sheet import MM_PER_INCH

Color = Literal["auto", "color", "grayscale", "black_and_white"]
TILE = 512
LOOK_EDGE = 300
COLORED = 24
COLORED_SHARE = 0.0005
THRESHOLD = 160
QUALITY = {"text": 75, "text_photo": 80, "photo": 88, "graphics": 80}
CONTRAST_STEP = 0.12


@dataclass(frozen=True, slots=True)
class Rendering:
    """What was asked for. `size`: a sheet's name, else the original's own; `area` (x, y, width, height) in mm instead.

    `contrast` is -5…5.
    """

    dpi: int = 300
    color: Color = "color"
    size: str = ""
    content: str = "text"
    contrast: int = 0
    area: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an original in the scanner: turned by `skew` degrees, with `noise` (0…1) that `seed` tells."""

    original: Original
    is_back: bool
    skew: float
    noise: float
    seed: int


@dataclass(frozen=True, slots=True)
class PageFile:
    """A page as a file: JPEG, or PNG in black and white."""

    data: bytes
    media_type: str
    width: int
    height: int


def scanned(side: Side, asked: Rendering) -> Image.Image:
    """The picture of a side, in the mode that was asked for: RGB, L or 1."""
    picture = draw(side.original, asked.dpi, is_back=side.is_back)
    picture = _placed(picture, asked, SIZES[side.original.size])
    if side.skew:
        picture = picture.rotate(side.skew, Image.Resampling.BICUBIC, fillcolor="white")
    color = asked.color if asked.color != "auto" else "color" if is_colored(picture) else "grayscale"
    if color != "color":
        picture = picture.convert("L")
    if asked.contrast:
        picture = ImageEnhance.Contrast(picture).enhance(1 + asked.contrast * CONTRAST_STEP)
    if side.noise:
        picture = _grainy(picture, side)
    if color == "black_and_white":
        return picture.point([0 if value < THRESHOLD else 255 for value in range(256)], "1")
    return picture


def page_file(picture: Image.Image, asked: Rendering) -> PageFile:
    """The picture as a scanner sends it."""
    out = io.BytesIO()
    if picture.mode == "1":
        picture.save(out, "PNG", dpi=(asked.dpi, asked.dpi))
        return PageFile(out.getvalue(), "image/png", *picture.size)
    picture.save(out, "JPEG", quality=QUALITY.get(asked.content, 80), dpi=(asked.dpi, asked.dpi))
    return PageFile(out.getvalue(), "image/jpeg", *picture.size)


def is_colored(picture: Image.Image) -> bool:
    """Whether there is more than grey in it, seen small."""
    small = picture.copy()
    small.thumbnail((LOOK_EDGE, LOOK_EDGE))
    red, green, blue = small.convert("RGB").split()
    lightest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
    colored = sum(ImageChops.subtract(lightest, darkest).histogram()[COLORED + 1 :])
    return colored > COLORED_SHARE * small.width * small.height


def _placed(picture: Image.Image, asked: Rendering, own: tuple[float, float]) -> Image.Image:
    """The area that was asked for, with the original in its upper left corner; beyond it is white."""
    x, y, width, height = asked.area or (0.0, 0.0, *SIZES.get(asked.size, own))
    scale = asked.dpi / MM_PER_INCH
    box = tuple(round(value * scale) for value in (x, y, x + width, y + height))
    if box == (0, 0, *picture.size):
        return picture
    area = Image.new("RGB", (max(1, box[2] - box[0]), max(1, box[3] - box[1])), "white")
    area.paste(picture, (-box[0], -box[1]))
    return area


def _grainy(picture: Image.Image, side: Side) -> Image.Image:
    chance = random.Random(side.seed)  # noqa: S311 — grain, not secret
    tile = Image.frombytes("L", (TILE, TILE), chance.randbytes(TILE * TILE))
    grain = Image.new("L", picture.size)
    for x in range(0, picture.width, TILE):
        for y in range(0, picture.height, TILE):
            grain.paste(tile, (x, y))
    return Image.blend(picture, grain.convert(picture.mode), min(side.noise, 1.0) * 0.5)
