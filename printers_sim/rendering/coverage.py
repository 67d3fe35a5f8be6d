"""How much toner a side takes: the share of it that each colorant covers."""

from collections.abc import Mapping

from PIL import Image, ImageChops, ImageStat

LOOKED_AT = 400
"""Pixels of the longer edge that are looked at: enough for a share."""
GRAY_ENOUGH = 24
"""Channels that differ by less are no color to a printer."""


def coverage(side: Image.Image) -> Mapping[str, float]:
    """Shares from 0 to 1 of black and, on a side with color, of cyan, magenta and yellow."""
    small = side.copy()
    small.thumbnail((LOOKED_AT, LOOKED_AT))
    if not is_colored(small):
        return {"black": _share(ImageChops.invert(small.convert("L")))}
    inks = [ImageChops.invert(channel) for channel in small.convert("RGB").split()]
    black = ImageChops.darker(ImageChops.darker(inks[0], inks[1]), inks[2])
    shares = {"black": _share(black)}
    for name, ink in zip(("cyan", "magenta", "yellow"), inks, strict=True):
        shares[name] = _share(ImageChops.subtract(ink, black))
    return shares


def is_colored(side: Image.Image) -> bool:
    """Whether anything on it is not gray."""
    if side.mode in ("1", "L"):
        return False
    red, green, blue = side.convert("RGB").split()
    differences = ImageChops.lighter(ImageChops.difference(red, green), ImageChops.difference(green, blue))
    extremes = differences.getextrema()
    highest = extremes[1]
    return isinstance(highest, int | float) and highest > GRAY_ENOUGH


def _share(ink: Image.Image) -> float:
    return float(ImageStat.Stat(ink).mean[0]) / 255
