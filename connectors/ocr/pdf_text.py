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
JUDGED_CHARACTERS = 60
SENSIBLE_SHARE = 0.5
DIVIDING_HYPHEN = "\x02"  # pdfium puts it in place of a hyphen and the line's end after it
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
    """The page's text, also that of an invisible layer; None where there is none."""
    letters = _letters(page)
    if not letters:
        return None
    width, height = page.get_size()
    paragraphs = tuple(_paragraphs(list(_placed_lines(page))))
    return PageText(width, height, paragraphs, readable=_makes_sense(letters))


def is_stamped_scan(page: Any) -> bool:
    """Whether the page is a scan with a little visible text printed over it, such as a number or a date of receipt."""
    import pypdfium2.raw as raw

    if not 0 < len(_letters(page)) <= STAMP_CHARACTERS:
        return False
    texts = page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=3)
    modes = {raw.FPDFTextObj_GetTextRenderMode(text.raw) for text in texts}
    return raw.FPDF_TEXTRENDERMODE_INVISIBLE not in modes and _scanned_share(page) >= SCAN_SHARE


def stamp_boxes(page: Any) -> list[Box]:
    """Where the page carries its text: left, top, right, bottom in points of the page as shown."""
    if not _makes_sense(_letters(page)):
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


def _makes_sense(letters: str) -> bool:
    """False for the rubbish that comes out of fonts which do not say what their glyphs mean."""
    known = sum(letter.isalnum() for letter in letters)
    return len(letters) < JUDGED_CHARACTERS or known >= SENSIBLE_SHARE * len(letters)


def _scanned_share(page: Any) -> float:
    import pypdfium2.raw as raw

    width, height = page.get_size()
    covered = 0.0
    for image in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = image.get_bounds()
        covered += max(0.0, right - left) * max(0.0, top - bottom)
    return covered / max(float(width * height), 1.0)


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
            if character not in "\r\n":
                characters.append("-" if character == DIVIDING_HYPHEN else character)
                places.append(place)
            if character in ("\r", "\n", DIVIDING_HYPHEN):
                yield from _line(text, characters, places)
                characters, places = [], []
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
