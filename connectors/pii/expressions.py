"""Regular expressions that people type (SC-82d, SC-82j): checked at save, and never able to stall a worker.

An expression means what it means to the `regex` module. Google's RE2 does the search wherever it means the same
there, because its time grows only with the length of the text; the rest (look-around, back references, word
boundaries beside letters that RE2 takes for none) runs in `regex` under a time limit. Running out of time is a fault
and never “nothing found”.
"""

import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.pii.folding import fold

MAX_LENGTH = 512
SECONDS_PER_TEXT = 2.0
SECONDS_PER_DOCUMENT = 20.0
_ASCII_MEANING = ("\\b", "\\B", "\\w", "\\W", "\\d", "\\D", "\\s", "\\S", "[[:", "(?i", "$")
_NEIGHBOURS = ("^", "$", "\\b", "\\B", "\\A", "\\Z", "\\z", "\\G", "\\m", "\\M", "(?=", "(?!", "(?<=", "(?<!", "\\K")

BAD = Fault(
    "redact.bad_expression",
    422,
    N_("“{expression}” is not a valid regular expression: {reason}."),
    N_("Correct the expression. To find the text as it is, choose “whole word” or “contains” instead."),
)
TOO_LONG = Fault(
    "redact.expression_too_long",
    422,
    N_("A regular expression has {length} characters; {limit} are allowed."),
    N_("Shorten it or split it into several entries."),
)
MATCHES_EMPTY = Fault(
    "redact.expression_matches_empty",
    422,
    N_("“{expression}” finds nothing at all in every place, so there is nothing to mask."),
    N_("Ask for at least one character, for example with + instead of *."),
)
TIMEOUT = Fault(
    "redact.expression_timeout",
    422,
    N_("Custom text {number} is a regular expression that takes too long on this document; nothing was redacted."),
    N_("Make it simpler: avoid repetitions inside repetitions, such as (a+)+, and back references."),
)


class Expression:
    """A checked expression. One object serves one document: the time it may take in all is limited.

    `stands_alone`: whether it finds the same whatever is around, so that it may be searched again in the output.
    """

    def __init__(self, source: str, number: int = 1) -> None:
        self.source = source
        self.number = number
        self._left = SECONDS_PER_DOCUMENT
        self._backtracking, self._linear = _engines(source)
        self._means_ascii = any(token in source for token in _ASCII_MEANING)
        self.stands_alone = not any(token in source for token in _NEIGHBOURS)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """The non-empty ranges that match in `text` as it is, or as it reads (see `folding`).

        Raises `redact.expression_timeout`.
        """
        yield from self._search(text)
        folded = fold(text)
        if folded.text != text:
            for start, end in self._search(folded.text):
                yield folded.original(start, end)

    def _search(self, text: str) -> list[tuple[int, int]]:
        if self._linear is not None and (text.isascii() or not self._means_ascii):
            return [match.span() for match in self._linear.finditer(text) if match.end() > match.start()]
        began = time.monotonic()
        try:
            matches = self._backtracking.finditer(text, timeout=min(SECONDS_PER_TEXT, self._left))
            return [match.span() for match in matches if match.end() > match.start()]
        except TimeoutError as exc:
            raise TIMEOUT(number=self.number) from exc
        finally:
            self._left = max(self._left - (time.monotonic() - began), 0.001)


def compile_expression(source: str, number: int = 1) -> Expression:
    """`source` ready for searching, neither trimmed nor anchored (SC-82d).

    Raises `redact.expression_too_long`, `redact.bad_expression` and `redact.expression_matches_empty`.
    """
    if len(source) > MAX_LENGTH:
        raise TOO_LONG(length=len(source), limit=MAX_LENGTH)
    expression = Expression(source, number)
    if source == "" or (_takes_nothing(expression, "") and _takes_nothing(expression, "Ab 1.")):
        raise MATCHES_EMPTY(expression=source)
    return expression


def _takes_nothing(expression: Expression, text: str) -> bool:
    """Whether the expression is content with nothing at the start of `text`."""
    try:
        match = expression._backtracking.match(text, timeout=SECONDS_PER_TEXT)
    except TimeoutError as exc:
        raise TIMEOUT(number=expression.number) from exc
    return match is not None and match.end() == 0


@lru_cache(maxsize=256)
def _engines(source: str) -> tuple[Any, Any]:
    """The expression in `regex` and, where RE2 takes it, in RE2. Raises `redact.bad_expression`."""
    import re2
    import regex

    try:
        backtracking = regex.compile(source)
    except regex.error as exc:
        raise bad(source, exc) from exc
    options = re2.Options()
    options.log_errors = False
    try:
        return backtracking, re2.compile(source, options)
    except re2.error:
        return backtracking, None


def bad(source: str, reason: Exception) -> PressroomError:
    """The fault for an expression that does not compile."""
    return BAD(expression=source, reason=str(reason))
