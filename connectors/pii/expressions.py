"""Regular expressions that people type (SC-82d, SC-82j): checked at save, and never able to stall a worker.

An expression means what it means to the `regex` module. Google's RE2 does the search wherever it means the same
there, because its time grows only with the length of the text; the rest (look-around, back references, word
boundaries beside letters that RE2 takes for none) runs in `regex` under a time limit. Running out of time is a fault
and never “nothing found”.
"""

import re
import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from connectors.errors import Fault
from connectors.messages import N_
from connectors.pii.expression_size import least_elements
from connectors.pii.folding import fold

MAX_LENGTH = 512
MAX_ELEMENTS = 20_000
SECONDS_PER_TEXT = 2.0
SECONDS_PER_DOCUMENT = 20.0
"""Processor time, which is what `regex` counts: a busy machine makes no expression guilty."""
_PROBES = ("", "\ue000", "\ue000 \n1-")
_NARROWER_IN_RE2 = ("\\b", "\\B", "\\w", "\\W", "\\d", "\\D", "\\s", "\\S", "[[:", "(?i")
"""What RE2 takes to be about ASCII: the same in plain English texts, and not beside an “é”."""
_OTHER_IN_RE2 = re.compile(r"\$|\{(?!\d)|.\(\?[a-z]*i")
"""What RE2 reads otherwise: `$` before a last line break, `{,3}`, fuzzy matching, flags in the middle."""
_GROUP_CALL = re.compile(r"(?<!\\)\(\?(?:R|[+-]?\d+|&|P>)")
"""Recursion takes all memory before any time limit is reached."""
_SURROGATE = re.compile("[\ud800-\udfff]")
"""Halves of characters, from broken files, which RE2 cannot read."""
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
    spec="SC-E11",
)
TOO_LARGE = Fault(
    "redact.expression_too_large",
    422,
    N_("“{expression}” asks for more than {limit} characters in one match."),
    N_("Use smaller numbers in the braces."),
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
        self._only_ascii = any(token in source for token in _NARROWER_IN_RE2)
        self.stands_alone = not any(token in source for token in _NEIGHBOURS)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """The non-empty ranges that match in `text` as it is, or as it reads (see `folding`).

        Raises `redact.expression_timeout`.
        """
        yield from self._search(_SURROGATE.sub("\ufffd", text))
        folded = fold(text)
        if folded.text != text:
            for start, end in self._search(folded.text):
                yield folded.original(start, end)

    def _search(self, text: str) -> list[tuple[int, int]]:
        if self._linear is not None and (text.isascii() or not self._only_ascii):
            return [match.span() for match in self._linear.finditer(text) if match.end() > match.start()]
        began = time.process_time()
        try:
            matches = self._backtracking.finditer(text, timeout=min(SECONDS_PER_TEXT, self._left))
            return [match.span() for match in matches if match.end() > match.start()]
        except TimeoutError as exc:
            raise TIMEOUT(number=self.number) from exc
        finally:
            self._left = max(self._left - (time.process_time() - began), 0.001)


def compile_expression(source: str, number: int = 1) -> Expression:
    """`source` ready for searching, neither trimmed nor anchored (SC-82d).

    Raises `redact.expression_too_long`, `redact.expression_too_large`, `redact.bad_expression` and
    `redact.expression_matches_empty`.
    """
    if len(source) > MAX_LENGTH:
        raise TOO_LONG(length=len(source), limit=MAX_LENGTH)
    if least_elements(source) > MAX_ELEMENTS:
        raise TOO_LARGE(expression=source, limit=MAX_ELEMENTS)
    if _GROUP_CALL.search(source):
        raise BAD(expression=source, reason="calls of groups, such as (?R), are not supported")
    expression = Expression(source, number)
    if _finds_only_nothing(expression):
        raise MATCHES_EMPTY(expression=source)
    return expression


def _finds_only_nothing(expression: Expression) -> bool:
    """Whether all that the expression finds, in texts that it was not made for, are places without characters."""
    try:
        spans = [match.span() for text in _PROBES for match in expression._backtracking.finditer(text, timeout=1)]
    except TimeoutError as exc:
        raise TIMEOUT(number=expression.number) from exc
    return bool(spans) and all(start == end for start, end in spans)


@lru_cache(maxsize=256)
def _engines(source: str) -> tuple[Any, Any]:
    """The expression in `regex` and, where RE2 takes it, in RE2. Raises `redact.bad_expression`."""
    import re2
    import regex

    try:
        backtracking = regex.compile(source)
    except regex.error as exc:
        raise BAD(expression=source, reason=str(exc)) from exc
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    if _OTHER_IN_RE2.search(source):
        return backtracking, None
    try:
        return backtracking, re2.compile(source, options)
    except re2.error:
        return backtracking, None
