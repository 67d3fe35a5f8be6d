"""A page lifted out of a photograph: flat, in its real proportions, evenly lit."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from connectors.page_photos.look import Look

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

SHEETS_MM = ((210.0, 297.0), (215.9, 279.4), (148.0, 210.0), (215.9, 355.6))
"""A4, Letter, A5 and Legal, upright: what a page of about these proportions is taken for."""
TOLERANCE = 0.035
LONG_SIDE_MM = 297.0
"""How long a page of other proportions is taken to be."""
LARGEST_DPI, LOWEST_DPI = 300, 100
MM_PER_INCH = 25.4
PHONE_FOCAL = 0.75
"""Focal length of phones' main cameras, in lengths of the picture's longer side."""
LEAST_TILT = 0.08
SHADE_SIDE = 360
"""Pixels of the longer side of the picture from which the light on the page is read."""
TINT = 0.03
"""By how much a place's share of a colour differs from the paper's, if something coloured is printed there."""
DARK = 0.45
LEAST_PAPER = 0.1


@dataclass(frozen=True, slots=True)
class FlatPage:
    """A page as a picture: grey with one channel, else RGB; `dpi` makes it as large as the sheet."""

    picture: Bytes
    dpi: int


def flatten(picture: Bytes, corners: Floats) -> FlatPage:
    """The page between these corners (clockwise from the top left) of an RGB picture."""
    ratio = proportions(corners, picture.shape[1], picture.shape[0])
    width_mm, height_mm = sheet(ratio)
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    across, down = max(sides[0], sides[2]), max(sides[1], sides[3])
    dpi = int(np.clip(max(across / width_mm, down / height_mm) * MM_PER_INCH, LOWEST_DPI, LARGEST_DPI))
    width, height = (max(8, round(side / MM_PER_INCH * dpi)) for side in (width_mm, height_mm))
    wanted = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), wanted)
    flat = cv2.warpPerspective(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return FlatPage(np.asarray(flat, np.uint8), dpi)


def sheet(ratio: float) -> tuple[float, float]:
    """Width and height in millimetres of a page whose width is `ratio` times its height."""
    for short, long in SHEETS_MM:
        if abs(ratio / (short / long) - 1) < TOLERANCE:
            return short, long
        if abs(ratio / (long / short) - 1) < TOLERANCE:
            return long, short
    return (LONG_SIDE_MM * ratio, LONG_SIDE_MM) if ratio <= 1 else (LONG_SIDE_MM, LONG_SIDE_MM / ratio)


def proportions(corners: Floats, width: int, height: int) -> float:
    """Width through height of the page that a camera sees with these corners.

    A camera with square pixels and its axis in the middle of the picture: then the corners tell its focal length and
    with that the proportions (Zhang and He, “Whiteboard scanning and image enhancement”). A page that is tilted about
    one of its own sides does not tell it; then the camera is taken for a phone's.
    """
    top_left, top_right, bottom_right, bottom_left = (
        np.array([x - width / 2, y - height / 2, 1.0]) for x, y in corners.astype(np.float64)
    )
    diagonal = np.cross(top_left, bottom_right)
    first = np.dot(diagonal, bottom_left) / np.dot(np.cross(top_right, bottom_right), bottom_left)
    second = np.dot(diagonal, top_right) / np.dot(np.cross(bottom_left, bottom_right), top_right)
    across, down = first * top_right - top_left, second * bottom_left - top_left
    side = max(width, height)
    squared = (PHONE_FOCAL * side) ** 2
    if abs(across[2]) > LEAST_TILT and abs(down[2]) > LEAST_TILT:
        told = -(across[0] * down[0] + across[1] * down[1]) / (across[2] * down[2])
        if (0.5 * side) ** 2 < told < (1.5 * side) ** 2:
            squared = told
    scale = np.array([1 / squared, 1 / squared, 1.0])
    return float(np.sqrt((across**2 * scale).sum() / (down**2 * scale).sum()))


def cleaned(page: FlatPage, look: Look) -> FlatPage:
    """The page evenly lit, in the look that is wanted."""
    if look is Look.AS_TAKEN:
        return page
    light = _light(page.picture)
    if look is Look.COLOR:
        even = [_even(page.picture[:, :, channel], light[:, :, channel]) for channel in range(3)]
        return FlatPage(np.asarray(np.dstack(even), np.uint8), page.dpi)
    grey = _even(*(np.asarray(cv2.cvtColor(one, cv2.COLOR_RGB2GRAY), np.uint8) for one in (page.picture, light)))
    return FlatPage(grey if look is Look.GREY else _black_and_white(grey, page.dpi), page.dpi)


def _light(picture: Bytes) -> Bytes:
    """How the bare paper would look at each place, reduced: what is printed is bridged from the paper around it.

    Letters go by taking the brightest nearby. Larger printed areas are told by their colour, or by being far darker
    than the page at large; a shadow is neither.
    """
    scale = min(1.0, SHADE_SIDE / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    size = max(3, round(max(small.shape) / 24)) | 1
    nearby = cv2.medianBlur(cv2.dilate(small, np.ones((size, size), np.uint8)), min(2 * size + 1, 255))
    tint = nearby.astype(np.float32) + 1
    tint /= tint.sum(axis=2, keepdims=True)
    grey = nearby.mean(axis=2)
    is_bright = grey >= np.percentile(grey, 60)
    is_printed = np.abs(tint - np.median(tint[is_bright], axis=0)).max(axis=2) > TINT
    is_printed |= grey < DARK * float(np.median(grey[is_bright]))
    is_paper = cv2.erode((~is_printed).astype(np.uint8), np.ones((size, size), np.uint8))
    if is_paper.mean() < LEAST_PAPER:
        return np.asarray(cv2.GaussianBlur(nearby, (0, 0), size / 2), np.uint8)
    filled = cv2.inpaint(nearby, 1 - is_paper, size, cv2.INPAINT_TELEA)
    return np.asarray(cv2.GaussianBlur(filled, (0, 0), size / 2), np.uint8)


def _even(channel: Bytes, light: Bytes) -> Bytes:
    """Without the shade that lies on the paper, which becomes white; what is printed keeps its darkness."""
    height, width = channel.shape
    paper = np.maximum(cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32), 24)
    even = channel.astype(np.float32) * (250.0 / paper)
    darkest = min(float(np.percentile(even[::4, ::4], 1)), 90.0) * 0.7
    return np.asarray(np.clip((even - darkest) * (255 / (247 - darkest)), 0, 255), np.uint8)


def _black_and_white(grey: Bytes, dpi: int) -> Bytes:
    """Ink black, paper white: darker than its surroundings by a fifth, and not nearly white."""
    around = cv2.GaussianBlur(grey, (0, 0), dpi / 10)
    is_paper = (grey.astype(np.float32) > around.astype(np.float32) * 0.8) & (grey > 96) | (grey > 215)
    return np.where(is_paper, 255, 0).astype(np.uint8)
