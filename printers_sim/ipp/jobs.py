"""A print job of a printer, and what IPP says of it (RFC 8011 §5.3)."""

import time
import uuid
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from connectors.ipp.values import enums, integers, keywords, moment, names, nothing, texts, uris
from connectors.ipp.wire import Attribute, Attributes
from printers_sim.ipp.ticket import Ticket


class JobState(IntEnum):
    """RFC 8011 §5.3.7."""

    PENDING = 3
    HELD = 4
    PROCESSING = 5
    STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9


FINISHED = frozenset({JobState.CANCELED, JobState.ABORTED, JobState.COMPLETED})
DESCRIPTION = frozenset({"job-id", "job-uri"})
"""What Get-Jobs gives without being asked for more."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was sent, as a file."""

    path: Path
    media_type: str
    name: str
    octets: int


@dataclass(slots=True)
class Job:
    """A job. It is `open` until its last document has come; times are seconds since 1970.

    `impressions` are all sides, `toner_sides` those that carry toner and `color_sides` those with colour (PR-338).
    """

    id: int
    name: str
    user: str
    ticket: Ticket
    folder: Path
    open: bool = True
    documents: list[Document] = field(default_factory=list)
    state: JobState = JobState.HELD
    reasons: list[str] = field(default_factory=lambda: ["job-incoming"])
    message: str = ""
    created: float = field(default_factory=time.time)
    touched: float = field(default_factory=time.monotonic)
    started: float | None = None
    ended: float | None = None
    impressions: int = 0
    sheets: int = 0
    toner_sides: int = 0
    color_sides: int = 0

    @property
    def is_finished(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state in FINISHED

    def change(self, state: JobState, *reasons: str, message: str = "") -> None:
        """Bring it into a state."""
        self.state, self.reasons, self.message = state, list(reasons) or ["none"], message
        if state is JobState.PROCESSING and self.started is None:
            self.started = time.time()
        if state in FINISHED:
            self.ended = time.time()


def job_attributes(job: Job, printer_uri: str, web: str, switched_on: float, ahead: int) -> Attributes:
    """Everything about a job; `switched_on` is when the printer's uptime began, `ahead` how many jobs come before."""
    octets = sum(document.octets for document in job.documents)
    described: Attributes = {
        "job-id": integers(job.id),
        "job-uri": uris(f"{printer_uri}/{job.id}"),
        "job-uuid": uris(uuid.uuid5(uuid.NAMESPACE_URL, f"{printer_uri}/{job.id}/{job.created}").urn),
        "job-printer-uri": uris(printer_uri),
        "job-more-info": uris(f"{web}/jobs"),
        "job-name": names(job.name),
        "job-originating-user-name": names(job.user),
        "job-state": enums(job.state),
        "job-state-reasons": keywords(*job.reasons),
        "job-state-message": texts(job.message),
        "number-of-documents": integers(len(job.documents)),
        "number-of-intervening-jobs": integers(ahead),
        "time-at-creation": integers(_ticks(job.created, switched_on)),
        "time-at-processing": _time(job.started, switched_on),
        "time-at-completed": _time(job.ended, switched_on),
        "date-time-at-creation": moment(job.created),
        "date-time-at-processing": moment(job.started),
        "date-time-at-completed": moment(job.ended),
        "job-printer-up-time": integers(_ticks(time.time(), switched_on)),
        "job-k-octets": integers((octets + 1023) // 1024),
        "job-impressions": integers(job.impressions) if job.is_finished else nothing(),
        "job-impressions-completed": integers(job.impressions),
        "job-media-sheets-completed": integers(job.sheets),
    }
    return described | dict(job.ticket.attributes)


def _time(at: float | None, switched_on: float) -> Attribute:
    return nothing() if at is None else integers(_ticks(at, switched_on))


def _ticks(at: float, switched_on: float) -> int:
    return max(0, int(at - switched_on)) + 1
