"""What a PDF page says: to pdfium, to poppler's pdftotext, and to the eye (OCR of the rendered page).

One extractor is no proof: they differ in glued words, in replacement texts and in what they take for a space.
"""

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.documents.inspection_faults import DAMAGED_FILE
from connectors.errors import Fault
from connectors.messages import N_
from connectors.pdfium import PDFIUM, PdfiumDocument, open_pdfium
from steps.redaction.placed_text import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

PDFTOTEXT_MISSING = Fault(
    "redact.pdftotext_missing",
    503,
    N_("The program pdftotext, which checks redacted PDF files, is not installed."),
    N_("Administrators: install the Debian package poppler-utils."),
)
PDFTOTEXT_SECONDS = 300
STRIP = 64
"""Rows of a picture that are compared at a time."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A character of the text layer and its box in pixels of the rendered page; no box for inferred blanks."""

    text: str
    box: Box | None


@dataclass(frozen=True)
class TextLayer:
    """The text layer of one page as pdfium reads it."""

    letters: tuple[Letter, ...]

    @cached_property
    def text(self) -> str:
        return "".join(letter.text for letter in self.letters)

    def boxes(self, spans: list[tuple[int, int]]) -> list[Box]:
        """The boxes of the characters in the half-open ranges `spans`, joined along a line."""
        joined: list[Box] = []
        for start, end in spans:
            last: Box | None = None
            for letter in self.letters[start:end]:
                if letter.box is None:
                    continue
                if last is not None and _on_one_line(last, letter.box):
                    last = joined[-1] = _around(last, letter.box)
                else:
                    last = letter.box
                    joined.append(last)
        return joined

    def words(self, without: list[tuple[int, int]], painted: list[Box]) -> Iterator[tuple[str, Box]]:
        """The words that stay, with their boxes: none that touches the ranges `without` or a `painted` box."""
        gone = {index for start, end in without for index in range(start, end)}
        blanks = [-1, *(i for i, letter in enumerate(self.letters) if letter.text.isspace()), len(self.letters)]
        for start, end in pairwise(blanks):
            boxes = [letter.box for letter in self.letters[start + 1 : end] if letter.box]
            if not boxes or any(index in gone for index in range(start + 1, end)):
                continue
            box = boxes[0]
            for other in boxes[1:]:
                box = _around(box, other)
            if not any(_overlap(box, black) for black in painted):
                yield self.text[start + 1 : end], box


class PdfPages:
    """The pages of the PDF file at `path`, rendered at `dpi` or what `max_pixels` allows.

    Raises `ENCRYPTED`, `DAMAGED_FILE`.
    """

    def __init__(self, path: Path, name: str, dpi: int, max_pixels: int) -> None:
        self._name, self._dpi, self._max_pixels = name, dpi, max_pixels
        self._pdf = PdfiumDocument(path, name)

    def close(self) -> None:
        self._pdf.close()

    def size(self, number: int) -> tuple[float, float]:
        """Width and height in points, as shown."""
        with self._pdf.page(number) as page:
            width, height = page.get_size()
            return float(width), float(height)

    def render(self, number: int) -> "Image":
        """The page as it is seen, in grey where it has no colours."""
        with self._pdf.page(number) as page:
            return _picture(page.render(scale=self._scale(page), may_draw_forms=True))

    def layer(self, number: int) -> TextLayer:
        """The text layer with its places in the rendered page."""
        from pypdfium2 import raw

        with self._pdf.page(number) as page:
            text = page.get_textpage()
            try:
                place = _Places(page, self._scale(page))
                letters = []
                for index in range(text.count_chars()):
                    code = raw.FPDFText_GetUnicode(text, index)
                    letter = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " "
                    box = None if letter.isspace() else place(text.get_charbox(index, loose=True))
                    letters.append(Letter("\u00ad" if code in (0x02, 0xFFFE) else letter, box))
            finally:
                text.close()
        return TextLayer(tuple(letters))

    def covered_pictures(self, number: int) -> list["Image"]:
        """The pictures of the page that the rendered page may not show whole; none for a plain scan."""
        from pypdfium2 import PdfiumError, raw

        with self._pdf.page(number) as page:
            objects = list(page.get_objects(max_depth=8))
            pictures = [item for item in objects if item.type == raw.FPDF_PAGEOBJ_IMAGE]
            others = [item for item in objects if item.type not in (raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_FORM)]
            if len(others) == 1 and pictures and _shown_whole(pictures[0], page):
                return []
            shown = []
            for picture in pictures:
                width, height = picture.get_px_size()
                if width * height <= self._max_pixels:
                    try:
                        shown.append(_picture(picture.get_bitmap(render=False)))
                    except (PdfiumError, ValueError, NotImplementedError) as exc:
                        raise DAMAGED_FILE(name=self._name) from exc
            return shown

    def has_pictures(self, number: int) -> bool:
        """Whether there is any picture on the page."""
        from pypdfium2 import raw

        with self._pdf.page(number) as page:
            return any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=8))

    def _scale(self, page: Any) -> float:
        width, height = page.get_size()
        wanted = self._dpi / 72
        return float(min(wanted, (self._max_pixels / max(width * height, 1)) ** 0.5))


class _Places:
    """From boxes in the page's own coordinates to pixels, with its rotation and crop."""

    def __init__(self, page: Any, scale: float) -> None:
        width, height = page.get_size()
        self._page, self._size = page, (round(width * scale * 8), round(height * scale * 8))

    def __call__(self, box: tuple[float, float, float, float]) -> Box | None:
        left, bottom, right, top = box
        corners = [self._pixel(x, y) for x, y in ((left, bottom), (right, top))]
        xs, ys = sorted(x for x, _ in corners), sorted(y for _, y in corners)
        found = (xs[0] // 8, ys[0] // 8, -(-xs[1] // 8), -(-ys[1] // 8))
        return found if found[2] > found[0] and found[3] > found[1] else None

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        from ctypes import byref, c_int

        from pypdfium2 import raw

        across, down = c_int(), c_int()
        raw.FPDF_PageToDevice(self._page, 0, 0, *self._size, 0, x, y, byref(across), byref(down))
        return across.value, down.value


def flatten(path: Path, target: Path, name: str) -> None:
    """Turn annotations and form fields into page content, so that what is seen is searched like everything else."""
    from pypdfium2 import PdfiumError, raw

    with PDFIUM:
        pdf = open_pdfium(path, name)
        try:
            pdf.init_forms()
            for page in pdf:
                if raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_FAIL:
                    raise DAMAGED_FILE(name=name)
                page.close()
            pdf.save(target)
        except PdfiumError as exc:
            raise DAMAGED_FILE(name=name) from exc
        finally:
            pdf.close()


def poppler_texts(path: Path, pages: int, name: str) -> list[str]:
    """The text of each page as pdftotext reads it. Raises `PDFTOTEXT_MISSING`, `DAMAGED_FILE`."""
    program = shutil.which("pdftotext")
    if program is None:
        raise PDFTOTEXT_MISSING()
    try:
        done = subprocess.run(  # noqa: S603 — the program's own path, our options and a file name of ours
            [program, "-enc", "UTF-8", str(path), "-"], capture_output=True, timeout=PDFTOTEXT_SECONDS, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as exc:
        raise DAMAGED_FILE(name=name) from exc
    texts = done.stdout.decode("utf-8", "replace").split("\f")
    return (texts + [""] * pages)[:pages]


def pixels_digest(image: "Image") -> bytes:
    """The same for equal pixels."""
    return hashlib.sha256(image.mode.encode() + repr(image.size).encode() + image.tobytes()).digest()


def _picture(bitmap: Any) -> "Image":
    """The pixels of `bitmap`, in grey where it has no colours; its memory is freed at once."""
    from PIL.Image import fromarray

    try:
        pixels = bitmap.to_numpy()
        if pixels.ndim == 3 and _has_colours(pixels):
            colour: Image = bitmap.to_pil().convert("RGB")
            return colour
        grey = pixels if pixels.ndim == 2 else pixels[:, :, 0]
        return fromarray(grey.copy())
    finally:
        bitmap.close()


def _has_colours(pixels: "NDArray[np.uint8]") -> bool:
    """Whether any pixel has other than equal colours; by strips, so that no second picture comes into memory."""
    return any(
        bool((strip[:, :, :1] != strip[:, :, 1:3]).any())
        for strip in (pixels[top : top + STRIP] for top in range(0, len(pixels), STRIP))
    )


def _shown_whole(picture: Any, page: Any) -> bool:
    """Whether all of the picture lies on the page, with nothing that cuts it."""
    from pypdfium2 import raw

    left, bottom, right, top = picture.get_bounds()
    page_left, page_bottom, page_right, page_top = page.get_bbox()
    inside = left >= page_left - 2 and bottom >= page_bottom - 2 and right <= page_right + 2 and top <= page_top + 2
    return bool(inside and raw.FPDFClipPath_CountPaths(raw.FPDFPageObj_GetClipPath(picture)) <= 0)


def _on_one_line(first: Box, second: Box) -> bool:
    overlap = min(first[3], second[3]) - max(first[1], second[1])
    gap = max(second[0] - first[2], first[0] - second[2])
    return overlap * 2 > min(first[3] - first[1], second[3] - second[1]) and gap < 3 * (second[3] - second[1])


def _around(first: Box, second: Box) -> Box:
    return min(first[0], second[0]), min(first[1], second[1]), max(first[2], second[2]), max(first[3], second[3])


def _overlap(first: Box, second: Box) -> bool:
    across = min(first[2], second[2]) - max(first[0], second[0])
    down = min(first[3], second[3]) - max(first[1], second[1])
    return across > 1 and down > (min(first[3] - first[1], second[3] - second[1])) // 3
