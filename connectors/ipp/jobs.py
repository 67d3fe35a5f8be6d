"""Printers and jobs as the client reports them, free of the wire and of the network."""

from dataclasses import dataclass
from enum import IntEnum


class JobState(IntEnum):
    """`job-state` (RFC 8011, 5.3.7)."""

    PENDING = 3
    HELD = 4
    PROCESSING = 5
    STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9

    @property
    def final(self) -> bool:
        return self >= JobState.CANCELED


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """What a printer says of itself. `most_copies` is 1 where it does not say that it can make more."""

    name: str
    accepting: bool
    reasons: tuple[str, ...]
    formats: tuple[str, ...]
    most_copies: int


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the printer sees it; `impressions` and `sheets` are what was printed so far, if it counts them."""

    id: int
    name: str
    state: JobState
    reasons: tuple[str, ...]
    impressions: int
    substituted: bool = False
    sheets: int = 0
