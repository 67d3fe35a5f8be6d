"""Runs that are put together at printers: what was chosen, the scan or the printer's own document, Send."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path as FilePath
from tempfile import NamedTemporaryFile
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from connectors.settings import get_settings
from domain.panel_solutions.drafts import BEING_SENT, SENT_ALREADY, Chosen, DraftView, find_draft, open_draft
from domain.panel_solutions.keeping import discard_draft, kept_drafts
from domain.panel_solutions.parts import INCOMPLETE, NO_DOCUMENT, WRONG_OFFSET, add_part, check_total
from domain.panel_solutions.printers import PRINTER_LACKS
from domain.panel_solutions.scan_files import (
    BAD_FILE_NAME,
    BAD_SETTING,
    FILE_NAME_LOCKED,
    SETTINGS_LOCKED,
    WRONG_FORMAT,
    FileChoice,
)
from domain.panel_solutions.scans import scan_of, scan_original
from domain.panel_solutions.sending import send_draft
from domain.quotas.standing import QUOTA_REFUSALS
from domain.runs.planning import INPUT_FORMAT, LOCKED_VALUE, TOO_LARGE, UNKNOWN_VALUE, WRONG_SURFACE
from domain.runs.service import SOLUTION_CHANGED
from domain.scanning.finishing import NO_PAGES
from domain.scanning.finishing import TOO_LARGE as SCAN_TOO_LARGE
from domain.scanning.jobs import ENDED_SCAN, WRONG_STATE, is_thought_lost
from domain.scanning.service import BUSY, open_preview
from portal_api.api.at_printer import AtPrinter, PersonAtPrinter
from portal_api.api.run_events import EVENT_STREAM, HEADERS, STREAM_SECONDS
from portal_api.api.run_models import RunPublic
from portal_api.api.solution_center import NOT_HERE
from portal_api.api.solution_center_models import DraftChosen, RunDraftPublic
from portal_api.problems import documented
from portal_api.uploads import append

router = APIRouter(prefix="/run-drafts", tags=["solutions at printers"])
DraftId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
MOST_BYTES = 1 << 40
LOOK_SECONDS, QUIET_SECONDS = 0.3, 15.0
JPEG_TYPE, BYTES = "image/jpeg", "application/octet-stream"
BINARY = {"type": "string", "format": "binary"}
CHOICES = (
    *(PRINTER_LACKS, WRONG_SURFACE, LOCKED_VALUE, UNKNOWN_VALUE, SOLUTION_CHANGED, FILE_NAME_LOCKED, SETTINGS_LOCKED),
    *(BAD_FILE_NAME, BAD_SETTING, WRONG_FORMAT, *QUOTA_REFUSALS),
)
SENDING = (
    *(BEING_SENT, SOLUTION_CHANGED, PRINTER_LACKS, NO_DOCUMENT, INCOMPLETE, INPUT_FORMAT, TOO_LARGE, SCAN_TOO_LARGE),
    *(NO_PAGES, *QUOTA_REFUSALS),
)
SCANNING = (SENT_ALREADY, BUSY, WRONG_STATE, ENDED_SCAN)


class ScanWanted(BaseModel):
    """Where the original lies; with `auto` the printer takes the feeder if there is something in it."""

    source: Literal["auto", "feeder", "glass"] = "auto"


class DocumentReceived(BaseModel):
    """How much of the document is there, and the run that was started with it."""

    draft: RunDraftPublic
    run: RunPublic | None = Field(description="Where `send` was asked for and the document is complete.")


@router.post("", operation_id="create_run_draft", status_code=201, responses=documented(*NOT_HERE, *CHOICES))
def create_run_draft(at: AtPrinter, given: DraftChosen) -> RunDraftPublic:
    """Keep what was chosen for a run, before anything is scanned; what can be refused now is refused now."""
    return _public(at, open_draft(at.actor, at.printer, _chosen(given)))


@router.get("", operation_id="list_run_drafts", responses=documented(*NOT_HERE))
def list_run_drafts(at: AtPrinter) -> list[RunDraftPublic]:
    """Scans that were not sent, newest first: from any printer, from before a session ended or a network went."""
    return [_public(at, draft) for draft in kept_drafts(at.actor)]


@router.get("/{draft_id}", operation_id="get_run_draft", responses=documented(*NOT_HERE))
def get_run_draft(at: AtPrinter, draft_id: DraftId) -> RunDraftPublic:
    """One draft, with its scan as it is now."""
    return _public(at, find_draft(at.actor, draft_id))


@router.put(
    "/{draft_id}", operation_id="update_run_draft", responses=documented(*NOT_HERE, *CHOICES, SENT_ALREADY, BEING_SENT)
)
def update_run_draft(at: AtPrinter, draft_id: DraftId, given: DraftChosen) -> RunDraftPublic:
    """Choose anew for a scan that is kept: other values, the solution as it is by now, or another solution."""
    return _public(at, open_draft(at.actor, at.printer, _chosen(given), draft_id))


@router.delete(
    "/{draft_id}", operation_id="discard_run_draft", status_code=204, responses=documented(*NOT_HERE, BEING_SENT)
)
def discard_run_draft(at: AtPrinter, draft_id: DraftId) -> None:
    """Throw the scan away for good."""
    discard_draft(at.actor, draft_id)


@router.post("/{draft_id}/scan", operation_id="scan_for_run_draft", responses=documented(*NOT_HERE, *SCANNING))
def scan_for_run_draft(at: AtPrinter, draft_id: DraftId, given: ScanWanted) -> RunDraftPublic:
    """Scan what lies in the printer: the first pages, or the next ones."""
    scan_original(at.actor, at.printer, draft_id, given.source)
    return _public(at, find_draft(at.actor, draft_id))


@router.get(
    "/{draft_id}/events",
    operation_id="watch_run_draft",
    response_class=StreamingResponse,
    responses={200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}, **documented(*NOT_HERE)},
)
def watch_run_draft(at: AtPrinter, draft_id: DraftId) -> StreamingResponse:
    """Follow the scan as server-sent events: `draft`, whenever a page has come, and `end` when the printer is done.

    A printer that has gone silent (`scan.printer_lost`) may show itself again: the stream goes on until it has.
    """
    find_draft(at.actor, draft_id)  # one that is not theirs is a 404, not a broken stream
    return StreamingResponse(_events(at, draft_id), headers=HEADERS, media_type=EVENT_STREAM)


@router.get(
    "/{draft_id}/pages/{number}/preview",
    operation_id="get_scanned_page",
    response_class=StreamingResponse,
    responses={200: {"content": {JPEG_TYPE: {"schema": BINARY}}}, **documented(*NOT_HERE, ENDED_SCAN)},
)
def get_scanned_page(at: AtPrinter, draft_id: DraftId, number: Annotated[int, Path(ge=1)]) -> StreamingResponse:
    """A small picture of a scanned page."""
    draft = find_draft(at.actor, draft_id)
    with open_preview(at.actor, draft.scan_id, number) as (document, stream):
        content = stream.read()
    return StreamingResponse(iter([content]), media_type=document.media_type, headers={"Cache-Control": "no-store"})


@router.put(
    "/{draft_id}/document",
    operation_id="send_document_part",
    openapi_extra={"requestBody": {"required": True, "content": {BYTES: {"schema": BINARY}}}},
    responses=documented(*NOT_HERE, *SENDING, WRONG_OFFSET, SENT_ALREADY),
)
async def send_document_part(
    request: Request,
    at: AtPrinter,
    draft_id: DraftId,
    upload_offset: Annotated[int, Header(ge=0, le=MOST_BYTES, description="Where this part begins, in bytes.")],
    upload_length: Annotated[int, Header(ge=1, le=MOST_BYTES, description="Bytes of the whole document.")],
    *,
    send: Annotated[bool, Query(description="Start the run as soon as the document is complete.")] = False,
) -> DocumentReceived:
    """Send a document that the printer scanned by itself, in one or several parts.

    After a connection that broke, `received` of the draft says where to go on: what had arrived by then is kept.
    """
    check_total(await run_in_threadpool(find_draft, at.actor, draft_id), upload_length)
    path = await run_in_threadpool(_working_file)
    try:
        is_whole = await _receive(request, path)
        draft = await run_in_threadpool(add_part, at.actor, draft_id, upload_offset, upload_length, path)
        run = None
        if send and is_whole and draft.received == upload_length:
            run = await run_in_threadpool(lambda: send_draft(at.actor, at.printer, draft_id, path))
            request.state.run_id = run.id
    finally:
        await run_in_threadpool(path.unlink)
    public = await run_in_threadpool(_public, at, draft)
    return DocumentReceived(draft=public, run=RunPublic.of(run, at.locale) if run else None)


@router.post(
    "/{draft_id}/send", operation_id="send_run_draft", status_code=202, responses=documented(*NOT_HERE, *SENDING)
)
def send_run_draft(at: AtPrinter, draft_id: DraftId) -> RunPublic:
    """Start the run; asked again it answers with the same one. Whatever is refused, the scan is kept."""
    return RunPublic.of(send_draft(at.actor, at.printer, draft_id), at.locale)


def _chosen(given: DraftChosen) -> Chosen:
    file = FileChoice(given.file.name, given.file.format, given.file.settings)
    return Chosen(given.solution_id, given.version, given.values, file)


def _seen(at: PersonAtPrinter, draft_id: str) -> tuple[RunDraftPublic, bool]:
    """The draft as it is now, and whether no more pages come by themselves (SCAN-117)."""
    draft = find_draft(at.actor, draft_id)
    scan = scan_of(at.actor, draft)
    is_over = scan is None or not (scan.state.is_at_printer or is_thought_lost(scan))
    return RunDraftPublic.of(draft, scan, at.locale), is_over


def _public(at: PersonAtPrinter, draft: DraftView) -> RunDraftPublic:
    return RunDraftPublic.of(draft, scan_of(at.actor, draft), at.locale)


def _working_file() -> FilePath:
    folder = get_settings().scratch_folder
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix="part-", delete=False) as file:
        return FilePath(file.name)


async def _receive(request: Request, path: FilePath) -> bool:
    """Write what comes to `path`; whether all came. Where the connection breaks, the bytes before that are good."""
    try:
        async for chunk in request.stream():
            if chunk:
                await run_in_threadpool(append, path, chunk)
    except ClientDisconnect:
        return False
    return True


async def _events(at: PersonAtPrinter, draft_id: str) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    told, spoke, ends = "", loop.time(), loop.time() + STREAM_SECONDS
    while loop.time() < ends:
        public, is_over = await run_in_threadpool(_seen, at, draft_id)
        shown = public.model_dump_json()
        if shown != told:
            told, spoke = shown, loop.time()
            yield f"event: draft\ndata: {shown}\n\n"
        elif loop.time() - spoke > QUIET_SECONDS:
            spoke = loop.time()
            yield ": waiting\n\n"
        if is_over:
            yield "event: end\ndata: {}\n\n"
            return
        await asyncio.sleep(LOOK_SECONDS)
