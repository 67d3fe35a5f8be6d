"""Which paragraphs are headings, by their size and weight beside those of the running text."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connectors.ocr.layout import PageText, Paragraph

LARGER = 1.15
SAME_SIZE = 1.12
MOST_LINES = 3
MOST_CHARACTERS = 140
LEAST_LETTERS = 3
LEVELS = 3


@dataclass(frozen=True, slots=True)
class Scale:
    """The sizes of one document: `body` of the running text, `steps` of its headings, the largest first, in points.

    `bold_tells`: the running text is not bold, so that a bold line is a heading even in the same size.
    """

    body: float
    steps: tuple[float, ...]
    bold_tells: bool

    def level(self, paragraph: Paragraph) -> int:
        """1 for the largest headings, 0 for running text."""
        if not _could_be_heading(paragraph):
            return 0
        if paragraph.size >= LARGER * self.body:
            return min(LEVELS, 1 + sum(paragraph.size * SAME_SIZE < step for step in self.steps))
        return min(LEVELS, 1 + len(self.steps)) if paragraph.bold and self.bold_tells else 0


def scale_of(pages: Iterable[PageText]) -> Scale:
    """The scale of `pages`, which must all have been recognised or all have carried their text: sizes are measured
    differently."""
    paragraphs = [paragraph for page in pages for paragraph in page.paragraphs]
    weights = Counter[float]()
    for paragraph in paragraphs:
        weights[paragraph.size] += len(paragraph.text)
    body = _middle(weights)
    larger = (p.size for p in paragraphs if p.size >= LARGER * body and _could_be_heading(p))
    bold = sum(len(paragraph.text) for paragraph in paragraphs if paragraph.bold)
    return Scale(body, _steps(larger), bold_tells=bold < weights.total() / 2)


def heading_levels(pages: Sequence[PageText]) -> list[list[int]]:
    """The heading level of each paragraph of each page; 0: running text."""
    scales = {kind: scale_of(page for page in pages if page.recognised is kind) for kind in (True, False)}
    return [[scales[page.recognised].level(paragraph) for paragraph in page.paragraphs] for page in pages]


def _could_be_heading(paragraph: Paragraph) -> bool:
    """Few words that begin like a title and do not end like a sentence."""
    text = paragraph.text
    letters = sum(character.isalpha() for character in text)
    return (
        len(paragraph.lines) <= MOST_LINES
        and letters >= LEAST_LETTERS
        and len(text) <= min(MOST_CHARACTERS, 2 * letters)
        and (text[0].isupper() or text[0].isdigit())
        and text[-1] not in ".,;!"
    )


def _middle(weights: Counter[float]) -> float:
    """The size that half of the characters reach."""
    passed = 0
    for size in sorted(weights):
        passed += weights[size]
        if passed * 2 >= weights.total():
            return size
    return 0.0


def _steps(sizes: Iterable[float]) -> tuple[float, ...]:
    """The sizes without those that differ from a larger one by no more than recognition's inexactness."""
    steps: list[float] = []
    for size in sorted(sizes, reverse=True):
        if not steps or size * SAME_SIZE < steps[-1]:
            steps.append(size)
    return tuple(steps)
