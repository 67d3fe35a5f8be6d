"""What every file format is reduced to for translation: passages of text and a way to put the translation back."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from connectors.errors import Fault
from connectors.messages import N_, Message

UNREADABLE = Fault(
    "translate.unreadable",
    422,
    N_("“{name}” cannot be read: {reason}."),
    N_("Open it in the program it was made with, save it again and hand that in."),
)
ENCRYPTED = Fault(
    "translate.encrypted",
    422,
    N_("“{name}” is protected by a password."),
    N_("Remove the password and hand the document in again."),
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text in one formatting. Spans with equal `style` may take over each other's words."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """Text that is translated as one: a paragraph, a cell, an attribute.

    `write` takes one text for each span, in order, and puts them where the spans came from.
    """

    spans: tuple[Span, ...]
    write: Callable[[Sequence[str]], None]

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


class OpenFile(Protocol):
    """A file opened for one translation.

    `language` is what the file itself says it is in (BCP 47), where that can be relied on; `warnings` is what people
    must know of the way it was read.
    """

    language: str | None
    warnings: Sequence[Message]

    def passages(self) -> Iterable[Passage]:
        """Every passage, in reading order."""
        ...

    def save(self, target: Path, language: str) -> None:
        """Write the file with what was put into its passages, marked as being in `language` (BCP 47)."""
        ...


def whole(text: str, write: Callable[[str], None]) -> Passage:
    """A passage in a single formatting."""
    return Passage((Span(text),), lambda texts: write(texts[0]))
