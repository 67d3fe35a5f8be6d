"""The Presidio recogniser whose facts are a row of our table.

A module of its own because importing Presidio takes seconds: it is imported when the first such row is needed.
"""

import importlib
from collections.abc import Callable

from presidio_analyzer import Pattern, PatternRecognizer

_WEAK, _STRONG = 0.1, 0.6
_WHOLE = r"(?<![^\W_])(?:{})(?![^\W_])"
"""A pattern does not begin or end within a word; underscores part words."""


class TableRecognizer(PatternRecognizer):
    """`pattern` for `entity`; `checksum` names the module with `is_valid`, or is empty."""

    def __init__(self, entity: str, language: str, pattern: str, checksum: str, weak: bool) -> None:
        super().__init__(
            supported_entity=entity,
            supported_language=language,
            patterns=[Pattern(entity, _WHOLE.format(pattern), _WEAK if weak else _STRONG)],
        )
        self._is_valid: Callable[[str], bool] | None = None
        if checksum:
            self._is_valid = importlib.import_module(checksum).is_valid

    def validate_result(self, pattern_text: str) -> bool | None:
        """What the checksum says of the number as it is written, or of its letters and digits alone."""
        if self._is_valid is None:
            return None
        bare = "".join(character for character in pattern_text if character.isalnum()).upper()
        return self._is_valid(pattern_text) or self._is_valid(bare)
