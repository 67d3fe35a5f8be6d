"""Releases as the rest of the house sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.messages import Message
from domain.printing.models import PrintJob, ReleaseAttempt, ReleaseBatch
from domain.printing.states import AttemptState, BatchMode, BatchState, JobState
from domain.recorded_errors import ErrorView


@dataclass(frozen=True, slots=True)
class ForcedView:
    """A setting that was changed whatever the person wanted, and why."""

    setting: str
    value: str
    reason: Message


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One job of a release. `impressions` are sides printed so far; `trouble` is what the printer waits for."""

    id: str
    job_id: str
    name: str
    job_state: JobState
    state: AttemptState
    impressions: int
    forced: tuple[ForcedView, ...]
    trouble: ErrorView | None
    error: ErrorView | None
    sent: datetime | None
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class BatchView:
    """One release with its jobs in order; `printer` as it was known when it began."""

    id: str
    printer_id: str
    printer: dict[str, Any]
    mode: BatchMode
    state: BatchState
    is_being_cancelled: bool
    grace_until: datetime | None
    created: datetime
    ended: datetime | None
    attempts: tuple[AttemptView, ...]

    @classmethod
    def of(cls, batch: ReleaseBatch, attempts: Sequence[tuple[ReleaseAttempt, PrintJob]]) -> "BatchView":
        return cls(
            id=batch.id,
            printer_id=batch.printer_id,
            printer=batch.printer,
            mode=BatchMode(batch.mode),
            state=BatchState(batch.state),
            is_being_cancelled=batch.cancel_requested,
            grace_until=batch.grace_until if batch.state == BatchState.WAITING_CANCEL else None,
            created=batch.created,
            ended=batch.ended,
            attempts=tuple(_attempt(attempt, job) for attempt, job in attempts),
        )


def _attempt(attempt: ReleaseAttempt, job: PrintJob) -> AttemptView:
    seen = attempt.printer_state or {}
    measures = attempt.measures or {}
    return AttemptView(
        id=attempt.id,
        job_id=job.id,
        name=job.name,
        job_state=JobState(job.state),
        state=AttemptState(attempt.state),
        impressions=int(measures.get("impressions", seen.get("impressions", 0)) or 0),
        forced=tuple(
            ForcedView(one["setting"], one["value"], Message.model_validate(one["reason"])) for one in attempt.forced
        ),
        trouble=None if attempt.ended else ErrorView.of(seen.get("trouble")),
        error=ErrorView.of(attempt.error),
        sent=attempt.sent,
        ended=attempt.ended,
    )
