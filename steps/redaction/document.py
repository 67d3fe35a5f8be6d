"""What every kind of file must be able to do to be redacted, and how its progress is shown."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from connectors.messages import Message
from steps.contract import StepContext
from steps.redaction.sweep import Sweep

STAGES = 4


class Pace:
    """Progress over the stages of a redaction (reading, learning, clearing, checking), each as long as the others.

    Calling it is also the point where a cancelled run stops.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._stage = 0

    def stage(self, number: int) -> None:
        """Stage `number` (0…3) begins."""
        self._stage = number
        self(0, 1)

    def __call__(self, done: int, total: int) -> None:
        self._context.progress(self._stage * 100 + 100 * done // max(total, 1), STAGES * 100)


class Redaction(Protocol):
    """A document opened for redaction; the methods are called in this order, each once."""

    def sample(self) -> str:
        """Some of its text, to tell its language by."""
        ...

    def learn(self, sweep: Sweep, language: str) -> None:
        """Let `sweep` see all of its text; pictures are read in `language` (ISO 639-1)."""
        ...

    def clear(self, sweep: Sweep) -> None:
        """Remove what `sweep` finds."""
        ...

    def save(self, target: Path) -> None:
        """Write the result to `target`."""
        ...

    def verify(self, sweep: Sweep, target: Path) -> None:
        """Read `target` back and raise `SURVIVED` or `UNVERIFIABLE` unless nothing is left."""
        ...

    @property
    def characters(self) -> int:
        """How many characters were searched (SQ-61)."""
        ...

    @property
    def pages(self) -> int | None:
        """How many pages it has, where its kind of file knows pages."""
        ...

    @property
    def warnings(self) -> Sequence[Message]:
        """What a person should know about the result."""
        ...
