"""Texts and expressions that a person wants masked (SC-82, SC-82c…SC-82j)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from connectors.errors import Fault
from connectors.messages import N_
from connectors.pii.expressions import compile_expression
from connectors.pii.folding import fold
from connectors.pii.words import any_case_word, containing_word, exact_word

EMPTY = Fault(
    "redact.empty_text",
    422,
    N_("Custom text {number} is empty."),
    N_("Type the text to redact, or remove the entry."),
)


class MatchMode(StrEnum):
    """How a custom text is compared with the document (SC-82c)."""

    WHOLE_WORD = "WHOLE_WORD"
    CONTAINS = "CONTAINS"
    EXACT = "EXACT"
    ADVANCED = "ADVANCED"


@dataclass(frozen=True)
class CustomText:
    """One entry of a Redact step; `text` is an expression when `mode` is `ADVANCED`, and is never trimmed then."""

    text: str
    mode: MatchMode


class Matcher(Protocol):
    """A custom text made ready for searching."""

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """The half-open ranges of `text` to mask."""
        ...


def compile_custom_text(custom: CustomText, number: int = 1) -> Matcher:
    """`custom`, the entry with this `number`, made ready; the check at save (SC-82j).

    Raises `redact.empty_text`, and for expressions `redact.bad_expression`, `redact.expression_too_long` and
    `redact.expression_matches_empty`.
    """
    if custom.mode is MatchMode.ADVANCED:
        return compile_expression(custom.text, number)
    if not fold(custom.text).text.strip():
        raise EMPTY(number=number)
    return _BUILD[custom.mode](custom.text)


_BUILD = {MatchMode.WHOLE_WORD: any_case_word, MatchMode.CONTAINS: containing_word, MatchMode.EXACT: exact_word}
