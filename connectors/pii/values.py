"""A loose search for values that were found in a document: the proof that they are gone from its output.

Other readers of a file put blanks, hyphens and word boundaries elsewhere. So values are compared by their letters and
digits alone, in any case; numbers may have separators between any two characters, words may be glued to each other,
hyphenated at the end of a line or letter-spaced.

“Smith” must not be missed in “Smithand”, where a reader lost a blank, and not be seen in “Smithson”, which is another
name: a value that is glued to its neighbours counts unless the whole word was read like that in the source.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from connectors.pii.folding import Folded, fold
from connectors.pii.hits import Hit
from connectors.pii.words import is_word_character, is_word_end, is_word_start

FEWEST_DIGITS = 4
DISTINCTIVE = 7
"""A number, or several words, with so many letters and digits is no coincidence, whatever it is glued to."""
_LINE_BREAK = r"(?:-\s*\n\s*)?"


@dataclass(frozen=True)
class Value:
    """Something that must be gone.

    `same_case` wants it as it was written; `capital` refuses places that begin with a small letter (the name “Will” is
    not the word “will”); `anywhere` takes it also within words. `part` marks a surname out of a longer name: it counts
    as a whole word, and not if the document also has it as an ordinary word in small letters.
    """

    text: str
    what: str
    same_case: bool = False
    capital: bool = False
    anywhere: bool = False
    part: bool = False

    @cached_property
    def key(self) -> str:
        return "".join(self._runs)

    @cached_property
    def _runs(self) -> tuple[str, ...]:
        return tuple(_runs(fold(self.text, ignore_case=True).text))

    @cached_property
    def is_number(self) -> bool:
        """Whether digits carry the value, with at most a few letters such as a country code among them."""
        letters = max((len(part) for part in _letter_runs(self.key)), default=0)
        return letters < FEWEST_DIGITS <= sum(character.isdigit() for character in self.key)

    @cached_property
    def is_telling(self) -> bool:
        """Whether meeting it elsewhere means anything: not so for “5”, “26” or a single letter."""
        return self.is_number or len([character for character in self.key if not character.isdigit()]) > 1

    @cached_property
    def is_distinctive(self) -> bool:
        return self.anywhere or (len(self.key) >= DISTINCTIVE and (self.is_number or len(self._runs) > 1))

    @cached_property
    def pattern(self) -> Any:
        """An expression for the value in a text whose case is folded."""
        import regex

        if self.is_number:
            return regex.compile(r"[\W_]{0,3}".join(map(regex.escape, self.key)))
        words = r"[\W_]{0,4}".join(_LINE_BREAK.join(map(regex.escape, run)) for run in self._runs)
        spaced = r"[\W_]{1,4}".join(map(regex.escape, self.key))
        return regex.compile(f"{words}|{spaced}")


class FoundValues:
    """The values found in one document, and the words read in it."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, bool, bool, bool, bool], Value] = {}
        self._words: set[str] = set()
        self._ordinary: set[str] = set()

    def add(self, value: Value) -> None:
        """Remember `value`, if meeting it again would mean anything."""
        if value.is_telling:
            key = value.text if value.same_case else value.key
            self._values.setdefault((key, value.same_case, value.capital, value.anywhere, value.part), value)

    def read(self, text: str) -> None:
        """Remember the words of a text of the source."""
        self._words.update(_runs(fold(text, ignore_case=True).text))
        self._ordinary.update(word for word in _runs(fold(text).text) if word.islower())

    def survivors(self, text: str) -> Iterator[Hit]:
        """Where a remembered value still stands in `text`."""
        folded = fold(text, ignore_case=True)
        bare = "".join(_runs(folded.text))
        for value in list(self._values.values()):
            if value.key not in bare:
                continue
            for match in value.pattern.finditer(folded.text, overlapped=True):
                start, end = folded.original(*match.span())
                if self._counts(value, folded, match.span(), text[start:end]):
                    yield Hit(start, end, value.what)

    def _counts(self, value: Value, folded: Folded, span: tuple[int, int], written: str) -> bool:
        if value.capital and written[:1].islower():
            return False
        if value.same_case and _bare(written) != _bare(value.text):
            return False
        if value.is_distinctive:
            return True
        start, end = span
        glued = [
            word
            for word, is_free in (
                (_word_at(folded.text, start), is_word_start(folded.text, start)),
                (_word_at(folded.text, end - 1), is_word_end(folded.text, end)),
            )
            if not is_free
        ]
        if value.part:
            return not glued and value.key not in self._ordinary
        return not any(word in self._words for word in glued)


def _bare(text: str) -> str:
    return "".join(_runs(fold(text).text))


def _runs(text: str) -> list[str]:
    """The words of `text`: its unbroken runs of letters and digits."""
    import regex

    words: list[str] = regex.findall(r"[\p{L}\p{N}\p{M}]+", text)
    return words


def _letter_runs(text: str) -> list[str]:
    return "".join(" " if character.isdigit() else character for character in text).split()


def _word_at(text: str, index: int) -> str:
    start, end = index, index + 1
    while start and is_word_character(text[start - 1]):
        start -= 1
    while end < len(text) and is_word_character(text[end]):
        end += 1
    return text[start:end]
