"""Runs at printers: the person's own, and how they go, by server-sent events that hundreds of panels can follow."""

import time
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from connectors.messages import N_
from domain.runs.models import RunState, StepState
from domain.runs.service import NOT_RUNNING, RunFilter, cancel_run, get_run, list_runs
from domain.runs.views import RunDetails, RunView, StepView
from domain.texts.catalogue import translate, translate_message
from portal_api.api.at_printer import AtPrinter
from portal_api.api.error_models import ErrorPublic
from portal_api.api.run_events import EVENT_STREAM, HEADERS, QUIET_SECONDS, STREAM_SECONDS
from portal_api.api.run_models import step_title
from portal_api.api.solution_center import NOT_HERE
from portal_api.problems import documented
from portal_api.run_watch import run_watch
from steps.registry import step_kinds

router = APIRouter(prefix="/panel-runs", tags=["solutions at printers"])
RunId = Annotated[str, Path(max_length=32)]
MOST_LISTED = 20
STATES = {
    RunState.QUEUED: N_("Waits for its turn"),
    RunState.RUNNING: N_("Is running"),
    RunState.COMPLETED: N_("Done"),
    RunState.COMPLETED_WITH_ERRORS: N_("Done, but not everything was delivered"),
    RunState.FAILED: N_("Failed"),
    RunState.CANCELLED: N_("Cancelled"),
}
_ORDER = (StepState.FAILED, StepState.CANCELLED, StepState.RUNNING, StepState.PENDING, StepState.COMPLETED)
"""What a step that works on several documents is as a whole: the first of these that one of them is."""


class RunLine(BaseModel):
    """A run in the list."""

    id: str
    solution_name: str
    document: str
    state: RunState
    state_title: str
    is_final: bool
    created: datetime

    @classmethod
    def of(cls, run: RunView, locale: str) -> "RunLine":
        return cls(
            id=run.id,
            solution_name=run.solution_name,
            document=run.original.name,
            state=run.state,
            state_title=translate(STATES[run.state], locale),
            is_final=run.state.is_final,
            created=run.created,
        )


class StepProgress(BaseModel):
    """One step on all its documents. `message` is what it reports, or what it waits for."""

    title: str
    icon: str
    state: StepState
    done: int
    total: int
    message: str
    error: ErrorPublic | None

    @classmethod
    def of(cls, kind: str, views: list[StepView], locale: str) -> "StepProgress":
        states = {view.state for view in views}
        summary = next((v.result.report.summary for v in views if v.result and v.result.report.summary), None)
        message = next((view.message for view in views if view.message), None) or summary
        return cls(
            title=step_title(kind, locale),
            icon=step_kinds()[kind].icon if kind in step_kinds() else "help",
            state=next((state for state in _ORDER if state in states), StepState.PENDING),
            done=sum(view.done for view in views),
            total=sum(view.total for view in views),
            message=translate_message(message, locale) if message else "",
            error=next((ErrorPublic.of(view.error, locale) for view in views if view.error), None),
        )


class RunProgress(RunLine):
    """How far a run is, step by step."""

    steps: list[StepProgress]
    error: ErrorPublic | None
    is_being_cancelled: bool

    @classmethod
    def of_details(cls, details: RunDetails, locale: str) -> "RunProgress":
        by_position: dict[int, list[StepView]] = defaultdict(list)
        for view in details.steps:
            by_position[view.position].append(view)
        run = details.run
        return cls(
            **RunLine.of(run, locale).model_dump(),
            steps=[StepProgress.of(step.kind, by_position[step.position], locale) for step in run.plan],
            error=ErrorPublic.of(run.error, locale),
            is_being_cancelled=run.cancel_requested and not run.state.is_final,
        )


@router.get("", operation_id="list_runs_at_printer", responses=documented(*NOT_HERE))
def list_runs_at_printer(at: AtPrinter) -> list[RunLine]:
    """The person's own newest runs, from wherever they started them."""
    return [RunLine.of(run, at.locale) for run in list_runs(at.actor, RunFilter(limit=MOST_LISTED, own=True))]


@router.get("/{run_id}", operation_id="get_run_at_printer", responses=documented(*NOT_HERE))
def get_run_at_printer(at: AtPrinter, run_id: RunId) -> RunProgress:
    """How far a run is."""
    return RunProgress.of_details(get_run(at.actor, run_id), at.locale)


@router.post("/{run_id}/cancel", operation_id="cancel_run_at_printer", responses=documented(*NOT_HERE, NOT_RUNNING))
def cancel_run_at_printer(at: AtPrinter, run_id: RunId) -> RunProgress:
    """Ask a run to stop."""
    cancel_run(at.actor, run_id)
    return RunProgress.of_details(get_run(at.actor, run_id), at.locale)


@router.get(
    "/{run_id}/events",
    operation_id="watch_run_at_printer",
    response_class=StreamingResponse,
    responses={200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}, **documented(*NOT_HERE)},
)
def watch_run_at_printer(at: AtPrinter, run_id: RunId) -> StreamingResponse:
    """Follow a run as server-sent events: `run` whenever something changed, and `end` after the last."""
    get_run(at.actor, run_id)  # one that they cannot see is a 404, not a broken stream
    return StreamingResponse(_events(run_id, at.locale), headers=HEADERS, media_type=EVENT_STREAM)


async def _events(run_id: str, locale: str) -> AsyncIterator[str]:
    ends = time.monotonic() + STREAM_SECONDS
    async for details in run_watch().follow(run_id, QUIET_SECONDS):
        if details is None:
            yield ": waiting\n\n"
        else:
            yield f"event: run\ndata: {RunProgress.of_details(details, locale).model_dump_json()}\n\n"
            if details.run.state.is_final:
                yield "event: end\ndata: {}\n\n"
                return
        if time.monotonic() > ends:
            return
