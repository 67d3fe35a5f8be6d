"""Words in a picture and where they stand, read by Tesseract (one thread a process: see the engineering notes)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connectors.errors import Fault
from connectors.messages import N_
from connectors.ocr.languages import LANGUAGE_MISSING, debian_package, tesseract_name_of
from connectors.ocr.tesseract import LAUNCHER, installed_languages
from steps.redaction.placed_text import Box, PlacedText

if TYPE_CHECKING:
    from PIL.Image import Image

OCR_FAILED = Fault(
    "redact.ocr_failed",
    500,
    N_("The text recognition that searches pictures failed."),
    N_("Try again. Administrators: run “pressroom doctor”."),
)

LAYOUT = 3
"""Page segmentation: fully automatic."""
SPARSE = 11
"""Page segmentation: as much text as possible, in no order. The second, independent look."""
SECONDS = 300
"""Longest time for one look at one picture."""
LEGIBLE = 65.0
"""Confidence in percent below which a reading may be no more than noise."""
SMALLEST = 12
"""Sides in pixels below which nothing legible fits."""


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word: its box in pixels (left, top, right, bottom) and the engine's confidence (0–100)."""

    text: str
    box: Box
    confidence: float
    line: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in one picture, with a line for each line of the picture.

    `confidence` is the mean of the words', 0–100; 100 where there are none.
    """

    placed: PlacedText = field(default_factory=PlacedText)
    confidence: float = 100.0

    @property
    def text(self) -> str:
        return self.placed.text

    def boxes(self, spans: Iterable[tuple[int, int]]) -> list[Box]:
        """The boxes of all words that the half-open ranges `spans` of `text` touch, whole."""
        return self.placed.boxes(spans)


def read_words(image: "Image", language: str, layout: int = LAYOUT) -> Reading:
    """Read `image` in `language` (BCP 47), turned by quarters where it is hardly legible as it lies.

    Raises `OCR_FAILED`, `LANGUAGE_MISSING`, `ENGINE_MISSING`.
    """
    if min(image.size) < SMALLEST or _is_blank(image):
        return Reading()
    data = _language_data(language)
    best = _look(image, data, layout)
    if best and _confidence(best) >= LEGIBLE:
        return _reading(best)
    for turn in _likely_turns(image):
        turned = _look(_turned(image, turn), data, layout)
        best = max(
            best, [replace(word, box=_turned_back(word.box, turn, image)) for word in turned], key=_legible_letters
        )
    return _reading(best)


def _reading(words: Sequence[Word]) -> Reading:
    return Reading(PlacedText.of(_flow(words)), _confidence(words))


def _flow(words: Sequence[Word]) -> Iterator[tuple[str, str, Box]]:
    previous: Word | None = None
    for word in words:
        yield "" if previous is None else " " if previous.line == word.line else "\n", word.text, word.box
        previous = word


def _confidence(words: Sequence[Word]) -> float:
    return sum(word.confidence for word in words) / len(words) if words else 100.0


def _look(image: "Image", data: str, layout: int) -> list[Word]:
    from pytesseract import Output, TesseractError, pytesseract

    pytesseract.tesseract_cmd = str(LAUNCHER)
    try:
        table = pytesseract.image_to_data(
            image, lang=data, config=f"--psm {layout}", output_type=Output.DICT, timeout=SECONDS
        )
    except (TesseractError, RuntimeError) as exc:
        raise OCR_FAILED() from exc
    rows = zip(
        table["text"],
        table["conf"],
        *(table[name] for name in ("left", "top", "width", "height", "block_num", "par_num", "line_num")),
        strict=True,
    )
    return [
        Word(text, (left, top, left + width, top + height), float(confidence), (block, paragraph, line))
        for text, confidence, left, top, width, height, block, paragraph, line in rows
        if text.strip()
    ]


def _likely_turns(image: "Image") -> tuple[int, ...]:
    """By how many degrees clockwise the text may have to be turned; all quarters where that cannot be told."""
    from pytesseract import Output, pytesseract

    try:
        found = pytesseract.image_to_osd(image, config="--dpi 300", output_type=Output.DICT, timeout=SECONDS)
    except RuntimeError:  # TesseractError is one too: there are too few letters to tell
        return 90, 270, 180
    return (int(found["rotate"]),) if int(found["rotate"]) % 360 else ()


def _turned(image: "Image", turn: int) -> "Image":
    from PIL.Image import Transpose

    # Pillow turns the other way round
    return image.transpose({90: Transpose.ROTATE_270, 180: Transpose.ROTATE_180, 270: Transpose.ROTATE_90}[turn])


def _turned_back(box: Box, turn: int, image: "Image") -> Box:
    """`box` in the turned picture as a box in `image`."""
    left, top, right, bottom = box
    width, height = image.size
    if turn == 180:
        return width - right, height - bottom, width - left, height - top
    if turn == 90:
        return top, height - right, bottom, height - left
    return width - bottom, left, width - top, right


def _legible_letters(words: Sequence[Word]) -> int:
    return sum(len(word.text) for word in words if word.confidence >= LEGIBLE)


def _language_data(language: str) -> str:
    data, installed = tesseract_name_of(language), installed_languages()
    if data not in installed:
        available = ", ".join(sorted(installed - {"osd"}))
        raise LANGUAGE_MISSING(language=language, available=available, package=debian_package(data))
    return data


def _is_blank(image: "Image") -> bool:
    extremes = image.convert("L").getextrema()
    return extremes[1] - extremes[0] < 8  # type: ignore[operator]
