"""Plain custom texts: whole words, words that contain a text, and words exactly as typed (SC-82c)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from connectors.pii.folding import fold

_HYPHENATED = r"(?:-[^\S\n]*\n\s*)?"
_JOINTS = "'-_"


@dataclass(frozen=True)
class WordMatcher:
    """Finds `text` in any layout: its words may stand apart by any white space, line breaks included, and a word may
    be hyphenated at the end of a line.

    `ignore_case` compares without case, `whole` wants word boundaries at both ends, `grow` takes in the whole word
    (with its inner hyphens and apostrophes) around the place.
    """

    text: str
    ignore_case: bool = True
    whole: bool = True
    grow: bool = False

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(fold(self.text, ignore_case=self.ignore_case).text.split())

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """The half-open ranges of `text` that read like the custom text."""
        folded = fold(text, ignore_case=self.ignore_case)
        for start, end in self.folded_spans(folded.text):
            if self.whole and not (is_word_start(folded.text, start) and is_word_end(folded.text, end)):
                continue
            if self.grow:
                start, end = containing(folded.text, start, end)
            yield folded.original(start, end)

    def folded_spans(self, folded: str) -> Iterator[tuple[int, int]]:
        """Where the words stand in an already folded text, whatever is around them; overlapping places included."""
        if not all(word in folded for word in self.words) and "-" not in folded:
            return
        pattern = self._across_hyphens if "\n" in folded and "-" in folded else self._plain
        for match in pattern.finditer(folded, overlapped=True):
            yield match.span()

    @cached_property
    def _plain(self) -> Any:
        import regex

        return regex.compile(r"\s+".join(regex.escape(word) for word in self.words))

    @cached_property
    def _across_hyphens(self) -> Any:
        import regex

        return regex.compile(r"\s+".join(_HYPHENATED.join(map(regex.escape, word)) for word in self.words))


def any_case_word(text: str) -> WordMatcher:
    """`text` as a complete word, in any case."""
    return WordMatcher(text)


def containing_word(text: str) -> WordMatcher:
    """Every word that contains `text`, in any case, whole."""
    return WordMatcher(text, whole=False, grow=True)


def exact_word(text: str) -> WordMatcher:
    """`text` as a complete word in exactly this case."""
    return WordMatcher(text, ignore_case=False)


def is_word_character(character: str) -> bool:
    """Letters, digits and the marks on them; the underscore parts words, so that `smith_john` is two."""
    if character.isascii():
        return character.isalnum()
    import unicodedata

    return unicodedata.category(character)[0] in "LNM"


def is_word_start(text: str, start: int) -> bool:
    """Whether no word runs across `start`; a text that begins with punctuation may stand anywhere."""
    return start == 0 or not (is_word_character(text[start - 1]) and is_word_character(text[start]))


def is_word_end(text: str, end: int) -> bool:
    """Whether no word runs across `end`."""
    return end == len(text) or not (is_word_character(text[end - 1]) and is_word_character(text[end]))


def containing(text: str, start: int, end: int) -> tuple[int, int]:
    """The range of the whole words around `[start, end)`, with their inner hyphens, apostrophes and underscores."""
    while start and (is_word_character(text[start - 1]) or _is_joint(text, start - 1)):
        start -= 1
    while end < len(text) and (is_word_character(text[end]) or _is_joint(text, end)):
        end += 1
    return start, end


def _is_joint(text: str, index: int) -> bool:
    return (
        text[index] in _JOINTS
        and 0 < index < len(text) - 1
        and is_word_character(text[index - 1])
        and is_word_character(text[index + 1])
    )
