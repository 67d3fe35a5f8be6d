"""The text that a PDF page carries by itself, with the sizes and weights that show its headings.

Every function takes a pypdfium2 page and must be called under the lock of `connectors.ocr.pages`.
"""

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from connectors.ocr.layout import Line, PageText, Paragraph

Box = tuple[float, float, float, float]

STAMP_CHARACTERS = 120
SCAN_SHARE = 0.5
BOLD = 600
PARAGRAPH_PITCH = 1.35
SIZE_STEP = 1.12
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class _PlacedLine:
    line: Line
    baseline: float
    left: float
    right: float


def own_text(page: Any) -> PageText | None:
    """The page's text; None where it has none or no more than a stamp on a scan, so that it must be recognised."""
    letters = _letters(page)
    if not letters or _is_stamp(page, letters):
        return None
    width, height = page.get_size()
    placed = list(_placed_lines(page))
    return PageText(width, height, tuple(_paragraphs(placed)))


def stamp_boxes(page: Any) -> list[Box]:
    """Where a scanned page carries text of its own: left, top, right, bottom in points of the page as shown."""
    if not _letters(page):
        return []
    text = page.get_textpage()
    try:
        boxes = [text.get_rect(place) for place in range(text.count_rects())]
    finally:
        text.close()
    return [_shown(page, box) for box in boxes]


def _letters(page: Any) -> str:
    text = page.get_textpage()
    try:
        return re.sub(r"\s", "", _UNSEEN.sub("", text.get_text_range()))
    finally:
        text.close()


def _is_stamp(page: Any, letters: str) -> bool:
    import pypdfium2.raw as raw

    if len(letters) > STAMP_CHARACTERS:
        return False
    width, height = page.get_size()
    covered = 0.0
    for image in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = image.get_bounds()
        covered += max(0.0, right - left) * max(0.0, top - bottom)
    return bool(covered >= SCAN_SHARE * width * height)


def _shown(page: Any, box: Box) -> Box:
    """A box in page coordinates as it is shown, from the top left corner."""
    import pypdfium2.raw as raw

    width, height = (round(side * 10) for side in page.get_size())
    corners = []
    for x, y in ((box[0], box[1]), (box[2], box[3])):
        right, down = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, right, down)
        corners.append((right.value / 10, down.value / 10))
    (x0, y0), (x1, y1) = corners
    return min(x0, x1) - 1, min(y0, y1) - 1, max(x0, x1) + 1, max(y0, y1) + 1


def _placed_lines(page: Any) -> Iterator[_PlacedLine]:
    """The lines as pdfium divides them, which is by the order and the places of the characters."""
    import pypdfium2.raw as raw

    text = page.get_textpage()
    try:
        characters: list[str] = []
        places: list[int] = []
        for place in range(text.count_chars()):
            character = chr(raw.FPDFText_GetUnicode(text, place) or 0xFFFE)
            if character in "\r\n":
                yield from _line(text, characters, places)
                characters, places = [], []
            else:
                characters.append("-" if character == "\x02" else character)  # pdfium's mark for a dividing hyphen
                places.append(place)
        yield from _line(text, characters, places)
    finally:
        text.close()


def _line(text: Any, characters: list[str], places: list[int]) -> Iterator[_PlacedLine]:
    import pypdfium2.raw as raw

    words = " ".join(_UNSEEN.sub("", "".join(characters)).split())
    seen = [place for character, place in zip(characters, places, strict=True) if not character.isspace()]
    if not words or not seen:
        return
    first, last = text.get_charbox(seen[0], loose=True), text.get_charbox(seen[-1], loose=True)
    weight = raw.FPDFText_GetFontWeight(text, seen[0])
    bold = weight >= BOLD or "bold" in _font_name(text, seen[0])
    yield _PlacedLine(Line(words, first[3] - first[1], bold), first[1], first[0], last[2])


def _font_name(text: Any, place: int) -> str:
    import pypdfium2.raw as raw

    name = ctypes.create_string_buffer(128)
    raw.FPDFText_GetFontInfo(text, place, name, len(name), ctypes.c_int())
    return name.value.decode("utf-8", "replace").lower()


def _paragraphs(lines: list[_PlacedLine]) -> Iterator[Paragraph]:
    """Lines in groups: a wider gap, another size or weight, or a jump to another column begins a new one."""
    pitches = sorted(
        above.baseline - below.baseline for above, below in pairwise(lines) if above.baseline > below.baseline
    )
    usual = pitches[len(pitches) // 4] if pitches else 0.0  # most pages hold many gaps between paragraphs too
    group = [placed.line for placed in lines[:1]]
    for above, below in pairwise(lines):
        if _parts(above, below, usual):
            yield Paragraph(tuple(group))
            group = []
        group.append(below.line)
    if group:
        yield Paragraph(tuple(group))


def _parts(above: _PlacedLine, below: _PlacedLine, usual: float) -> bool:
    pitch = above.baseline - below.baseline
    sizes = above.line.size, below.line.size
    return (
        not 0 < pitch <= PARAGRAPH_PITCH * max(usual, 1)
        or pitch > 2 * max(sizes)
        or max(sizes) > SIZE_STEP * max(min(sizes), 0.1)
        or above.line.bold != below.line.bold
    )
