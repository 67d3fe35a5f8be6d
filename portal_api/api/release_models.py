"""Releases as the API shows them, to panels and to people alike; and how one is watched."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Literal

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, StringConstraints

from connectors.ipp.ticket import MOST_COPIES, Finishing, JobTicket, Sides
from domain.organizations.actor import Actor
from domain.printing.evaluation import Changes
from domain.printing.states import AttemptState, BatchMode, BatchState, JobKind, JobState
from domain.printing.views import JobView
from domain.texts.catalogue import translate_message
from fleet.releasing.batches import MOST_JOBS, find_release
from fleet.releasing.views import AttemptView, BatchView
from portal_api.api.error_models import ErrorPublic

JobId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
POLL_SECONDS, QUIET_SECONDS, STREAM_SECONDS = 0.3, 15.0, 900.0
EVENT_STREAM = "text/event-stream"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class ReleaseChanges(BaseModel):
    """What is changed of a job at its release (PR-192); what is absent stays. “none” takes staples or holes away."""

    copies: int | None = Field(None, ge=1, le=MOST_COPIES)
    color_mode: Literal["auto", "color", "monochrome"] | None = None
    sides: Sides | None = None
    staple: Finishing | Literal["none"] | None = None
    punch: Finishing | Literal["none"] | None = None

    def changes(self) -> Changes:
        return Changes.model_validate(self.model_dump())


class ReleasableJob(BaseModel):
    """A job that can be released. `ticket` are its settings by their IPP names."""

    id: str
    name: str
    description: str
    kind: JobKind
    state: JobState
    pages: int | None
    is_color: bool | None
    sides: str
    ticket: JobTicket
    submitted: datetime
    expires_at: datetime | None

    @classmethod
    def of(cls, job: JobView) -> "ReleasableJob":
        return cls.model_validate(job, from_attributes=True)


class ForcedSetting(BaseModel):
    """A setting that a rule changed, and why."""

    setting: str
    value: str
    reason: str


class ReleasedJob(BaseModel):
    """One job of a release. `impressions` are the sides printed so far; `trouble` is what the printer waits for."""

    job_id: str
    name: str
    job_state: JobState
    state: AttemptState
    impressions: int
    forced: list[ForcedSetting]
    trouble: ErrorPublic | None
    error: ErrorPublic | None
    sent: datetime | None
    ended: datetime | None

    @classmethod
    def of(cls, attempt: AttemptView, locale: str) -> "ReleasedJob":
        forced = [
            ForcedSetting(setting=one.setting, value=one.value, reason=translate_message(one.reason, locale))
            for one in attempt.forced
        ]
        return cls(
            job_id=attempt.job_id,
            name=attempt.name,
            job_state=attempt.job_state,
            state=attempt.state,
            impressions=attempt.impressions,
            forced=forced,
            trouble=ErrorPublic.of(attempt.trouble, locale),
            error=ErrorPublic.of(attempt.error, locale),
            sent=attempt.sent,
            ended=attempt.ended,
        )


class Release(BaseModel):
    """A release of one or several jobs at a printer, in the order in which they are printed.

    Until `grace_until` it can be cancelled without anything having happened.
    """

    id: str
    printer_id: str
    printer_name: str
    mode: BatchMode
    state: BatchState
    is_being_cancelled: bool
    grace_until: datetime | None
    created: datetime
    ended: datetime | None
    jobs: list[ReleasedJob]

    @classmethod
    def of(cls, batch: BatchView, locale: str) -> "Release":
        return cls(
            id=batch.id,
            printer_id=batch.printer_id,
            printer_name=str(batch.printer.get("name", "")),
            mode=batch.mode,
            state=batch.state,
            is_being_cancelled=batch.is_being_cancelled,
            grace_until=batch.grace_until,
            created=batch.created,
            ended=batch.ended,
            jobs=[ReleasedJob.of(attempt, locale) for attempt in batch.attempts],
        )


class Wanted(BaseModel):
    """What is to be printed: jobs that were chosen, or all of one's own."""

    job_ids: list[JobId] = Field(default=[], max_length=MOST_JOBS)
    changes: ReleaseChanges = ReleaseChanges()
    keep: bool = Field(False, description="Keep the jobs in the queue after they are printed (PR-194).")


def watched(actor: Actor, batch_id: str, locale: str) -> StreamingResponse:
    """A stream of `release` events, each the whole release, whenever something changed; `end` is the last."""
    return StreamingResponse(_events(actor, batch_id, locale), headers=HEADERS, media_type=EVENT_STREAM)


async def _events(actor: Actor, batch_id: str, locale: str) -> AsyncIterator[str]:
    told, ends = "", time.monotonic() + STREAM_SECONDS
    spoke = time.monotonic()
    while time.monotonic() < ends:
        batch = await run_in_threadpool(find_release, actor, batch_id)
        shown = Release.of(batch, locale).model_dump_json()
        if shown != told:
            told, spoke = shown, time.monotonic()
            yield f"event: release\ndata: {shown}\n\n"
        elif time.monotonic() - spoke > QUIET_SECONDS:
            spoke = time.monotonic()
            yield ": waiting\n\n"
        if batch.state.is_final:
            yield "event: end\ndata: {}\n\n"
            return
        await asyncio.sleep(POLL_SECONDS)
