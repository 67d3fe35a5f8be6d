"""Personal data that has a form: one search over facts, from `recognizers.csv` and from Presidio's recognisers.

A row of the table names either a Presidio recogniser (its patterns, checksum and context words are used) or a pattern
of ours, with the module (mostly of python-stdnum) that knows the checksum. The search itself is ours and not the one of
`PatternRecognizer`, because that takes a time-out of 60 s for “nothing found”, joins context by a language model that
patterns have no need of, and gives up where two numbers overlap.

How sure a match must be:

* what a checksum accepts is personal data, and what it refuses is not;
* a pattern that says enough by itself (an e-mail address, `AB 12 34 56 C`) stands alone;
* a pattern that says little (nine digits) counts only near one of its context words, in the same text: give the cells
  of a table's row as one text, so that a label and its number are together.
"""

import csv
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from connectors.errors import Fault
from connectors.messages import N_

SELF_EVIDENT = 0.35
"""Presidio's scores from here on are taken for patterns that stand alone."""
SECONDS = 10.0
"""Processor time for one recogniser on one text."""
WORDS_BEFORE, WORDS_AFTER = 90, 45
"""How far from a match, in characters, its context words may stand."""
SHORT_WORD = 3
_SHORTENINGS = 3

TIMEOUT = Fault(
    "redact.search_timeout",
    422,
    N_("The document holds a text in which searching for “{entity}” takes too long; nothing was redacted."),
    N_("Remove “{entity}” from the selection, or correct the part of the document that holds endless characters."),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of `recognizers.csv`. `proof` marks patterns so strict that a match in the output is a leak."""

    entity: str
    presidio: str
    checksum: str
    pattern: str
    needs_context: bool
    context: tuple[str, ...]
    proof: bool


@dataclass(frozen=True, slots=True)
class Match:
    """A half-open range of the searched text; `proven` if a checksum or the pattern alone excludes a coincidence."""

    start: int
    end: int
    proven: bool


class Recognizer(Protocol):
    """What is used of Presidio's `PatternRecognizer`."""

    patterns: Any
    global_regex_flags: int

    def validate_result(self, pattern_text: str) -> bool | None: ...

    def invalidate_result(self, pattern_text: str) -> bool | None: ...


@dataclass(frozen=True)
class Search:
    """One recogniser made ready."""

    entity: str
    recognizer: Recognizer
    context: Any
    needs_context: bool
    proof: bool

    def matches(self, text: str) -> Iterator[Match]:
        """The places in `text`, which has one blank for each white space character. Raises `redact.search_timeout`."""
        deadline = time.process_time() + SECONDS
        try:
            for pattern in self.recognizer.patterns:
                compiled = _compiled(pattern.regex, self.recognizer.global_regex_flags)
                yield from self._matches(text, compiled, pattern.score >= SELF_EVIDENT, deadline)
        except TimeoutError as exc:
            raise TIMEOUT(entity=self.entity) from exc

    def _matches(self, text: str, pattern: Any, sure: bool, deadline: float) -> Iterator[Match]:
        position = 0
        while match := pattern.search(text, position, timeout=max(deadline - time.process_time(), 0.001)):
            start, end, verdict = self._verdict(match)
            if start == end or verdict is False:
                position = match.start() + 1
                continue
            position = end
            needs_context = self.needs_context or (verdict is None and not sure)
            if not needs_context or self._has_context(text, start, end):
                yield Match(start, end, self.proof or (verdict is True and not needs_context))

    def _verdict(self, match: Any) -> tuple[int, int, bool | None]:
        """The range that the checksum accepts: all of it, or all but the last groups, which may be a neighbour's."""
        start, end = match.span()
        verdict = self._accepts(match["number"] if match.re.groupindex and match["number"] else match[0])
        shorter = match[0]
        for _ in range(_SHORTENINGS):
            if verdict is not False or " " not in shorter:
                break
            shorter = shorter[: shorter.rindex(" ")]
            if match.re.fullmatch(shorter) and self._accepts(shorter):
                return start, start + len(shorter), True
        return start, end, verdict

    def _accepts(self, number: str) -> bool | None:
        """What the checksum says of `number`; None where there is no checksum."""
        return False if self.recognizer.invalidate_result(number) else self.recognizer.validate_result(number)

    def _has_context(self, text: str, start: int, end: int) -> bool:
        if self.context is None:
            return False
        around = text[max(start - WORDS_BEFORE, 0) : start] + "\n" + text[end : end + WORDS_AFTER]
        return self.context.search(around) is not None


@lru_cache(maxsize=1)
def facts() -> tuple[Fact, ...]:
    """The rows of `recognizers.csv`."""
    with (Path(__file__).parent / "recognizers.csv").open(encoding="utf-8", newline="") as table:
        return tuple(
            Fact(
                row["entity"],
                row["presidio"],
                row["checksum"],
                row["pattern"],
                needs_context=row["needs_context"] == "yes",
                context=tuple(word for word in row["context"].split("|") if word),
                proof=row["proof"] == "yes",
            )
            for row in csv.DictReader(table)
        )


@lru_cache(maxsize=256)
def searches(entity: str, language: str) -> tuple[Search, ...]:
    """The searches for `entity` in texts of `language`, kept for the life of the process."""
    return tuple(_search(fact, language) for fact in facts() if fact.entity == entity)


def _search(fact: Fact, language: str) -> Search:
    recognizer: Any
    if fact.presidio:
        logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL)  # it would log numbers that it cannot check
        from presidio_analyzer import predefined_recognizers

        recognizer = getattr(predefined_recognizers, fact.presidio)(supported_language=language)
    else:
        from connectors.pii.table_recognizer import TableRecognizer

        recognizer = TableRecognizer(fact.entity, language, fact.pattern, fact.checksum, fact.needs_context)
    words = dict.fromkeys((*fact.context, *(recognizer.context or ())))
    return Search(fact.entity, recognizer, _any_word(tuple(words)), fact.needs_context, fact.proof)


@lru_cache(maxsize=1024)
def _compiled(pattern: str, flags: int) -> Any:
    import regex

    return regex.compile(pattern, flags)


@lru_cache(maxsize=256)
def _any_word(words: tuple[str, ...]) -> Any:
    """An expression for any of `words` at the start of a word, so that “Kontonummer” counts as “Konto”.

    The short ones must be the whole word: “ID” is not meant in “idea”.
    """
    import regex

    if not words:
        return None
    parts = [regex.escape(word.strip()) + (r"(?![^\W_])" if len(word.strip()) <= SHORT_WORD else "") for word in words]
    return regex.compile(r"(?<![^\W_])(?:" + "|".join(parts) + ")", regex.IGNORECASE)
