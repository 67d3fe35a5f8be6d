"""A run's log and progress as it happens: server-sent events (WHATWG HTML §9.2), read from the tables.

Events: `log` (a line of the log; its id is the cursor for Last-Event-ID), `step` (a step whose state or progress
changed), `run` (the run changed its state) and `end`, after which the stream closes. A stream also closes after some
minutes: browsers open it again by themselves, and whoever was signed out meanwhile gets no new one.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from domain.organizations.actor import Actor
from domain.runs.service import get_run, run_events
from domain.runs.views import EventView, RunDetails
from domain.tenancy import NOT_FOUND
from portal_api.access import Follower
from portal_api.api.reader import ReaderLocale
from portal_api.api.run_models import EventPublic, RunPublic, StepPublic
from portal_api.problems import documented

router = APIRouter(prefix="/runs/{run_id}", tags=["runs"])

POLL_SECONDS, IDLE_POLL_SECONDS, IDLE_SECONDS = 0.3, 1.0, 5.0
"""The tables are read often while something happens, and seldom while nothing has for some seconds."""
QUIET_SECONDS = 15.0
STREAM_SECONDS = 600.0
EVENT_STREAM = "text/event-stream"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get("/log", operation_id="list_run_events", responses=documented(NOT_FOUND))
def list_run_events(
    actor: Follower, run_id: str, locale: ReaderLocale, after: Annotated[int, Query(ge=0)] = 0
) -> list[EventPublic]:
    """The run's log as far as it goes, from the line after `after`."""
    return [EventPublic.of(event, locale) for event in run_events(actor, run_id, after)]


@router.get(
    "/events",
    operation_id="watch_run",
    response_class=StreamingResponse,
    responses={200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}, **documented(NOT_FOUND)},
)
async def watch_run(
    actor: Follower,
    run_id: str,
    locale: ReaderLocale,
    last_event_id: Annotated[str, Header(max_length=20)] = "",
    after: Annotated[int, Query(ge=0, description="Like Last-Event-ID, for the first connection.")] = 0,
) -> StreamingResponse:
    """Follow the run as server-sent events: `log`, `step`, `run`, and at last `end`."""
    seen = int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() else after
    await run_in_threadpool(get_run, actor, run_id)  # a run that the actor cannot see is a 404, not a broken stream
    return StreamingResponse(RunStream(actor, run_id, locale, seen).lines(), headers=HEADERS, media_type=EVENT_STREAM)


class RunStream:
    """One reader's view of a run: what was told already, and therefore what is new."""

    def __init__(self, actor: Actor, run_id: str, locale: str, seen: int) -> None:
        self._actor, self._run_id, self._locale, self._seen = actor, run_id, locale, seen
        self._told: dict[tuple[int, str], StepPublic] = {}
        self._state = ""

    async def lines(self) -> AsyncIterator[str]:
        """The stream's text until the run ends or the stream has lasted long enough."""
        ends = time.monotonic() + STREAM_SECONDS
        spoke = changed = time.monotonic()
        while time.monotonic() < ends:
            details, events = await run_in_threadpool(self._read)
            for text in self._news(details, events):
                spoke = changed = time.monotonic()
                yield text
            if details.run.state.is_final:
                yield _event("end", RunPublic.of(details.run, self._locale))
                return
            if time.monotonic() - spoke > QUIET_SECONDS:  # keeps proxies from closing a quiet connection
                spoke = time.monotonic()
                yield ": waiting\n\n"
            is_idle = time.monotonic() - changed > IDLE_SECONDS
            await asyncio.sleep(IDLE_POLL_SECONDS if is_idle else POLL_SECONDS)

    def _read(self) -> tuple[RunDetails, list[EventView]]:
        # The run first: once it has ended, every line of its log is there to be read.
        details = get_run(self._actor, self._run_id)
        return details, run_events(self._actor, self._run_id, self._seen)

    def _news(self, details: RunDetails, events: list[EventView]) -> list[str]:
        news = []
        for event in events:
            self._seen = event.id
            news.append(_event("log", EventPublic.of(event, self._locale), event.id))
        for step in (StepPublic.of(view, self._locale) for view in details.steps):
            if self._told.get((step.position, step.branch)) != step:
                self._told[step.position, step.branch] = step
                news.append(_event("step", step))
        if self._state != details.run.state:
            self._state = details.run.state
            news.append(_event("run", RunPublic.of(details.run, self._locale)))
        return news


def _event(kind: str, content: BaseModel, id_: int | None = None) -> str:
    cursor = f"id: {id_}\n" if id_ is not None else ""
    return f"{cursor}event: {kind}\ndata: {content.model_dump_json()}\n\n"
