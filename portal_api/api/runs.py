"""Runs: start, list, read, cancel, run again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from connectors.documents.inspection import DAMAGED_FILE, EMPTY, ENCRYPTED, UNSUPPORTED, WRONG_EXTENSION, ZIP_BOMB
from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.actor import ROLE_MISSING
from domain.quotas.checks import NOT_ENTITLED
from domain.quotas.standing import QUOTA_REFUSALS
from domain.runs.models import ClientType, RunState
from domain.runs.planning import (
    INPUT_FORMAT,
    LOCKED_VALUE,
    TOO_LARGE,
    UNKNOWN_VALUE,
    WRONG_SURFACE,
    Overrides,
    size_limit,
)
from domain.runs.service import (
    DOCUMENTS_GONE,
    NOT_RUNNING,
    NOTHING_FAILED,
    STILL_RUNNING,
    HandIn,
    RunFilter,
    cancel_run,
    get_run,
    list_runs,
    run_again,
    start_run,
)
from domain.solutions.service import get_solution
from domain.tenancy import NOT_FOUND
from portal_api.access import Follower, Runner
from portal_api.api.reader import ReaderLocale
from portal_api.api.run_models import RunDetailsPublic, RunPage, RunPublic
from portal_api.multipart_form import BAD_FORM, FILE_MISSING
from portal_api.problems import documented
from portal_api.uploads import Upload, received_upload

router = APIRouter(tags=["runs"])

BAD_OVERRIDES = Fault(
    "run.bad_overrides",
    422,
    N_("The field “overrides” could not be read."),
    N_("Send a JSON object: the step's position in the editor's order, then the value's name, then the value."),
)
BAD_DRY_RUN = Fault(
    "run.bad_dry_run", 422, N_("The field “dry_run” is neither true nor false."), N_("Send “true” or “false”.")
)
_OVERRIDES: TypeAdapter[dict[int, dict[str, Any]]] = TypeAdapter(dict[int, dict[str, Any]])
_BOOLEAN: TypeAdapter[bool] = TypeAdapter(bool)

START_FORM: Mapping[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "overrides": {
                            "type": "string",
                            "contentMediaType": "application/json",
                            "description": 'Values for this run: {"1": {"text": "…"}} sets the value “text” of the '
                            "second step in the editor's order (SC-112).",
                        },
                        "dry_run": {
                            "type": "boolean",
                            "default": False,
                            "description": "Run every step, but deliver nothing.",
                        },
                    },
                }
            }
        },
    }
}
REFUSALS = documented(
    NOT_FOUND,
    ROLE_MISSING,
    TOO_LARGE,
    INPUT_FORMAT,
    UNSUPPORTED,
    WRONG_SURFACE,
    LOCKED_VALUE,
    UNKNOWN_VALUE,
    BAD_OVERRIDES,
    FILE_MISSING,
    BAD_FORM,
    EMPTY,
    DAMAGED_FILE,
    ENCRYPTED,
    WRONG_EXTENSION,
    ZIP_BOMB,
    NOT_ENTITLED,
    *QUOTA_REFUSALS,
)


@router.post(
    "/solutions/{solution_id}/runs",
    operation_id="start_run",
    status_code=202,
    openapi_extra=dict(START_FORM),
    responses=REFUSALS,
)
async def start(
    request: Request, actor: Runner, solution_id: str, locale: ReaderLocale, response: Response
) -> RunPublic:
    """Hand in a document for a solution. The run is queued; follow it at the address in Location."""
    limit = await run_in_threadpool(lambda: size_limit(get_solution(actor, solution_id).definition))
    async with received_upload(request, get_settings().scratch_folder, limit) as upload:
        hand_in = HandIn(upload.path, upload.name, _client_type(request), dry_run=_dry_run(upload))
        run = await run_in_threadpool(start_run, actor, solution_id, hand_in, _overrides(upload))
    request.state.run_id = run.id
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return RunPublic.of(run, locale)


@router.get("/runs", operation_id="list_runs")
def list_all(
    actor: Follower,
    locale: ReaderLocale,
    state: Annotated[RunState | None, Query()] = None,
    solution_id: Annotated[str | None, Query(max_length=32)] = None,
    search: Annotated[str, Query(max_length=255, description="Part of the solution's name.")] = "",
    since: Annotated[AwareDatetime | None, Query(description="Not older than this.")] = None,
    before: Annotated[AwareDatetime | None, Query(description="The `next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RunPage:
    """The actor's runs, newest first; administrators see those of the whole organization."""
    chosen = RunFilter(state, solution_id, search, since, before, limit)
    runs = list_runs(actor, chosen)
    following: datetime | None = runs[-1].created if len(runs) == limit else None
    return RunPage(items=[RunPublic.of(run, locale) for run in runs], next=following)


@router.get("/runs/{run_id}", operation_id="get_run", responses=documented(NOT_FOUND))
def read(actor: Follower, run_id: Annotated[str, Path(max_length=64)], locale: ReaderLocale) -> RunDetailsPublic:
    """One run with its steps, their reports, and the deliveries."""
    return RunDetailsPublic.of(get_run(actor, run_id), locale)


@router.post("/runs/{run_id}/cancel", operation_id="cancel_run", responses=documented(NOT_FOUND, NOT_RUNNING))
def cancel(actor: Follower, run_id: str, locale: ReaderLocale) -> RunPublic:
    """Ask the run to stop: a queued one ends at once, a running one at its next sign of progress."""
    return RunPublic.of(cancel_run(actor, run_id), locale)


@router.post(
    "/runs/{run_id}/run-again",
    operation_id="run_again",
    status_code=202,
    responses=documented(NOT_FOUND, ROLE_MISSING, STILL_RUNNING, NOTHING_FAILED, DOCUMENTS_GONE),
)
def again(actor: Follower, run_id: str, locale: ReaderLocale) -> RunPublic:
    """Continue an ended run from its failed step; finished steps keep their results."""
    return RunPublic.of(run_again(actor, run_id), locale)


def _client_type(request: Request) -> ClientType:
    return ClientType.API if "authorization" in request.headers else ClientType.BROWSER


def _overrides(upload: Upload) -> Overrides:
    try:
        return _OVERRIDES.validate_json(upload.fields.get("overrides") or "{}")
    except ValidationError as error:
        raise BAD_OVERRIDES() from error


def _dry_run(upload: Upload) -> bool:
    try:
        return _BOOLEAN.validate_python(upload.fields.get("dry_run") or "false")
    except ValidationError as error:
        raise BAD_DRY_RUN() from error
