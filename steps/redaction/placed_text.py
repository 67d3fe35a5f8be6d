"""Text that knows where its words stand, packed: a document is read whole before anything is removed from it."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels."""

NUMBERS = 6
"""A word's beginning and end in the text, and its box."""


@dataclass(frozen=True, slots=True)
class PlacedText:
    """`text`, and for each word in it six numbers: where it begins and ends, and its box.

    As objects, the words of 300 pages would take more than 100 MB; so they take 4.
    """

    text: str = ""
    numbers: "array[int]" = field(default_factory=lambda: array("i"))

    @classmethod
    def of(cls, words: Iterable[tuple[str, str, Box]]) -> Self:
        """Of words, each with what stands before it and with its box."""
        texts: list[str] = []
        numbers, end = array("i"), 0
        for before, text, box in words:
            start = end + len(before)
            end = start + len(text)
            texts += (before, text)
            numbers.extend((start, end, *box))
        return cls("".join(texts), numbers)

    @property
    def words(self) -> Iterator[tuple[str, Box]]:
        """The words with their boxes."""
        return ((self.text[start:end], box) for start, end, box in self._placed())

    def boxes(self, spans: Iterable[tuple[int, int]]) -> list[Box]:
        """The boxes of all words that the half-open ranges `spans` of `text` touch, whole."""
        ranges = list(spans)
        return [
            box for start, end, box in self._placed() if any(first < end and start < last for first, last in ranges)
        ]

    def _placed(self) -> Iterator[tuple[int, int, Box]]:
        for at in range(0, len(self.numbers), NUMBERS):
            start, end, left, top, right, bottom = self.numbers[at : at + NUMBERS]
            yield start, end, (left, top, right, bottom)
