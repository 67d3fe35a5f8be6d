"""What goes: hits of the detector, and every other place where a text that was hit stands again."""

from collections import Counter
from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Protocol

from connectors.errors import Fault
from connectors.messages import N_
from connectors.pii import Detector, Hit
from connectors.pii.hits import merged
from steps.contract import Finding

MASK = "█"
COVERS = "█■¤*"

SURVIVED = Fault(
    "redact.survived",
    422,
    N_("The check of the redacted file found text that should be gone ({where}). The file was not handed on."),
    N_("Nothing was delivered. Convert the document with the OCR step first, or redact that place by hand."),
)


class Passage(Protocol):
    """A stretch of text that belongs together, and the way to cover parts of it for good."""

    @property
    def text(self) -> str: ...

    @property
    def where(self) -> str: ...

    def mask(self, spans: Sequence[tuple[int, int]]) -> None:
        """Remove the half-open ranges `spans` of `text` from the file."""
        ...


class Sweep:
    """One redaction's memory: the texts found so far, and what was removed where.

    First `learn` from all of a document, then `clear` it: a name that was recognised in a sentence also goes where
    it stands alone, in a file property or an address. Pages that are cleared in parallel may share it.
    """

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._removed: Counter[tuple[str, str]] = Counter()
        self._hits: dict[str, list[Hit]] = {}
        self._lock = Lock()

    @property
    def total(self) -> int:
        """How many passages of text were removed."""
        return self._removed.total()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was removed, how often and where, never the text."""
        return tuple(
            Finding(what=what, count=count, where=where) for (what, where), count in sorted(self._removed.items())
        )

    def learn(self, text: str) -> None:
        """Search `text`; what is found here goes everywhere in the document."""
        if text.strip() and text not in self._hits:
            with self._lock:
                self._hits[text] = _still_legible(self._detector.find(text), text)

    def clear(self, passage: Passage) -> bool:
        """Remove from `passage` what was found in it and elsewhere; True when anything went."""
        hits = self.hits(passage.text)
        if hits:
            passage.mask([(hit.start, hit.end) for hit in hits])
            self.count(hits, passage.where)
        return bool(hits)

    def count(self, hits: Iterable[Hit], where: str) -> None:
        """Record `hits` that were removed by other means than a passage."""
        with self._lock:
            self._removed.update((hit.what, where) for hit in hits)

    def hits(self, text: str) -> list[Hit]:
        """All that must go from `text`, in reading order, without overlaps."""
        return merged([*self._hits.get(text, ()), *self.survivors(text)])

    def survivors(self, text: str) -> list[Hit]:
        """What a loose search still finds in `text`."""
        if not text.strip():
            return []
        with self._lock:
            return _still_legible(self._detector.survivors(text), text)

    def check(self, text: str, where: str) -> None:
        """Raise `SURVIVED` when anything that should be gone is in `text`, a part of the finished file."""
        if self.survivors(text):
            raise SURVIVED(where=where)


def covered(text: str, spans: Iterable[tuple[int, int]], cover: str = MASK) -> str:
    """`text` with the half-open ranges `spans` replaced by `cover`; tabs and line ends keep the layout."""
    characters = list(text)
    for start, end in spans:
        for index in range(max(start, 0), min(end, len(characters))):
            if characters[index] not in "\t\n\r":
                characters[index] = cover
    return "".join(characters)


def _still_legible(hits: Iterable[Hit], text: str) -> list[Hit]:
    """`hits` without those that consist of blocks or blanks, which recognisers may take for a name."""
    return [hit for hit in hits if _legible(text[hit.start : hit.end])]


def _legible(found: str) -> bool:
    if any(cover in found for cover in COVERS):
        return any(character.isalnum() for character in found)
    return bool(found.strip())
