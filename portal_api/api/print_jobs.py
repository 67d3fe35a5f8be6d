"""Print queues: handing documents in, looking at jobs, their settings, deletion, defaults, history (PR-105…PR-116)."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError

from connectors.documents.inspection_faults import EMPTY
from connectors.documents.store import DAMAGED, MISSING
from connectors.errors import Fault, PressroomError
from connectors.ipp.ticket import JobTicket
from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.actor import Actor, CredentialKind
from domain.organizations.permissions import Permission
from domain.printing import changes, history, queue
from domain.printing.arriving import submission_key
from domain.printing.changes import COPIES_FIXED, SETTING_UNAVAILABLE, JobChange
from domain.printing.contents import open_original, open_preview
from domain.printing.formats import FORMAT_NOT_SUPPORTED
from domain.printing.jobs import WRONG_STATE
from domain.printing.queue_pages import QueueFilter, QueueSort, key_of_job
from domain.printing.states import JobSource, JobState
from domain.printing.submission import MB, TOO_LARGE, Client, Submission, submit_file
from domain.printing.views import JobView
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate_error
from portal_api.access import needs
from portal_api.api.cursor import BAD_CURSOR, cursor, key_of
from portal_api.api.error_models import ErrorPublic
from portal_api.api.print_job_models import (
    PrintJobDeletion,
    PrintJobPage,
    PrintJobPublic,
    PrintJobsChosen,
    PrintJobUpdate,
    QueueOwnerPublic,
    ReleasePage,
    ReleasePublic,
    UploadedFile,
    UploadResult,
)
from portal_api.api.reader import ReaderLocale
from portal_api.downloads import DocumentResponse
from portal_api.file_streams import TOO_MANY_FILES, FileStream, ReceivedFile
from portal_api.multipart_form import BAD_FORM, FILE_MISSING
from portal_api.problems import documented
from portal_api.sign_in import client_address

BAD_TICKET = Fault(
    "print_job.bad_settings",
    422,
    N_("The field “ticket” holds no settings of a print job: {problem}."),
    N_("Send a JSON object as the API description shows it, before the files."),
)
SOURCES_OF_PROGRAMS = {one.value: one for one in (JobSource.API, JobSource.COMMAND_LINE, JobSource.PRINT_CLIENT)}
"""How programs may say that a job came in; what a browser sends came by the web."""
router = APIRouter(prefix="/print-jobs", tags=["print jobs"])
Submitter = Annotated[Actor, needs(Permission.PRINT_SUBMIT)]
Owner = Annotated[Actor, needs(Permission.OWN_ACCOUNT)]
Manager = Annotated[Actor, needs(Permission.PRINT_QUEUES_MANAGE)]
Id = Annotated[str, Path(max_length=32)]
Whose = Annotated[str, Query(max_length=32, description="Whose queue, for administrators; empty: one's own.")]
After = Annotated[str, Query(max_length=2000, description="The `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200)]
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "ticket": {"type": "string", "description": "Settings of the jobs, a JSON object."},
                        "description": {"type": "string", "maxLength": 1000},
                        "source": {"enum": ["api", "command_line", "print_client"], "description": "Of programs."},
                        "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
                    },
                }
            }
        },
    }
}
CONTENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.post(
    "",
    operation_id="submit_print_jobs",
    status_code=201,
    openapi_extra=FORM,
    responses=documented(TOO_LARGE, FORMAT_NOT_SUPPORTED, EMPTY, TOO_MANY_FILES, FILE_MISSING, BAD_FORM, BAD_TICKET),
)
async def submit(
    request: Request,
    actor: Submitter,
    locale: ReaderLocale,
    idempotency_key: Annotated[str, Header(max_length=128, description="Makes sending it again safe.")] = "",
) -> UploadResult:
    """Hand in one or more files for one's own queue; each becomes a job of its own (PR-108).

    Fields come before the files. One file that cannot be taken in keeps no other; if it is the only one, that is the
    answer.
    """
    settings = get_settings()
    stream = FileStream(request, settings.scratch_folder, settings.print_max_mb * MB, settings.print_max_files)
    items: list[UploadedFile] = []
    errors: list[PressroomError] = []
    async for file in stream.files():
        try:
            submission = _submission(actor, file, stream.fields, idempotency_key, len(items))
            submission = replace(submission, client=client_of(request))
            job = await run_in_threadpool(_submit, actor, submission, file)
        except PressroomError as error:
            errors.append(error)
            message, remedy = translate_error(error, locale)
            shown = ErrorPublic(code=error.code, message=message, remedy=remedy)
            items.append(UploadedFile(name=file.name, job=None, error=shown))
        else:
            items.append(UploadedFile(name=job.name, job=PrintJobPublic.of(job, locale), error=None))
    if errors and len(items) == 1:
        raise errors[0]
    return UploadResult(items=items)


@router.get("", operation_id="list_held_print_jobs", responses=documented(BAD_CURSOR, NOT_FOUND))
def list_jobs(
    actor: Owner,
    locale: ReaderLocale,
    user_id: Whose = "",
    search: Annotated[str, Query(max_length=255, description="Words of the name or the description.")] = "",
    state: Annotated[list[JobState] | None, Query()] = None,
    sort: Annotated[QueueSort, Query()] = QueueSort.SUBMITTED,
    descending: Annotated[bool | None, Query(description="Left out: as the organization wants it (PR-31).")] = None,
    after: After = "",
    limit: Limit = 50,
) -> PrintJobPage:
    """The jobs of a queue that wait or are being printed, and those not accepted within the last day."""
    last = key_of(after)
    chosen = QueueFilter(user_id, search, frozenset(state or ()), sort, descending, last, limit)
    try:
        jobs = queue.list_queue(actor, chosen)
    except ValueError as error:
        raise BAD_CURSOR() from error
    following = cursor(key_of_job(jobs[-1], sort)) if len(jobs) == limit else None
    return PrintJobPage(items=[PrintJobPublic.of(job, locale) for job in jobs], next=following)


@router.get("/users", operation_id="list_print_queue_owners")
def list_owners(
    actor: Manager,
    search: Annotated[str, Query(max_length=255, description="Also finds people without jobs.")] = "",
    limit: Limit = 50,
) -> list[QueueOwnerPublic]:
    """Whose queues there are (PR-106)."""
    return [QueueOwnerPublic.of(one) for one in queue.list_queue_owners(actor, search, limit)]


@router.get("/history", operation_id="list_print_history", responses=documented(BAD_CURSOR, NOT_FOUND))
def list_history(actor: Owner, user_id: Whose = "", after: After = "", limit: Limit = 50) -> ReleasePage:
    """What was printed within the history period, the latest first (PR-179)."""
    last = key_of(after)
    try:
        key = (datetime.fromisoformat(last[0]), last[1]) if last else None
    except ValueError as error:
        raise BAD_CURSOR() from error
    found = history.list_releases(actor, user_id, key, limit)
    following = cursor((found[-1].released.isoformat(), found[-1].id)) if len(found) == limit else None
    return ReleasePage(items=[ReleasePublic.of(one) for one in found], next=following)


@router.get("/defaults", operation_id="get_print_defaults", responses=documented(NOT_FOUND))
def read_defaults(actor: Owner, user_id: Whose = "") -> JobTicket:
    """What incoming jobs get where they choose nothing (PR-111)."""
    return changes.get_defaults(actor, user_id)


@router.put("/defaults", operation_id="set_print_defaults", responses=documented(NOT_FOUND))
def change_defaults(actor: Owner, defaults: JobTicket, user_id: Whose = "") -> JobTicket:
    """Set what incoming jobs get from now on; jobs in the queue stay as they are (PR-112)."""
    return changes.set_defaults(actor, defaults, user_id)


@router.post("/delete", operation_id="delete_print_jobs")
def delete_several(actor: Owner, chosen: PrintJobsChosen, locale: ReaderLocale) -> list[PrintJobDeletion]:
    """Delete several jobs with their content; one that cannot be deleted keeps no other."""
    return [PrintJobDeletion.of(one, locale) for one in changes.delete_jobs(actor, chosen.ids)]


@router.get("/{job_id}", operation_id="get_print_job", responses=documented(NOT_FOUND))
def read(actor: Owner, job_id: Id, locale: ReaderLocale) -> PrintJobPublic:
    """One job."""
    return PrintJobPublic.of(queue.get_job(actor, job_id), locale)


@router.patch(
    "/{job_id}",
    operation_id="change_print_job",
    responses=documented(NOT_FOUND, WRONG_STATE, COPIES_FIXED, SETTING_UNAVAILABLE),
)
def change(actor: Owner, job_id: Id, changed: PrintJobUpdate, locale: ReaderLocale) -> PrintJobPublic:
    """Change the description or the settings of a job while it is held (PR-113)."""
    job = changes.change_job(actor, job_id, JobChange(changed.description, changed.ticket))
    return PrintJobPublic.of(job, locale)


@router.delete(
    "/{job_id}", operation_id="delete_print_job", status_code=204, responses=documented(NOT_FOUND, WRONG_STATE)
)
def delete_one(actor: Owner, job_id: Id) -> None:
    """Delete a job and its content at once."""
    changes.delete_job(actor, job_id)


@router.get(
    "/{job_id}/content",
    operation_id="read_print_job",
    response_class=Response,
    responses={**CONTENT, **documented(NOT_FOUND, MISSING, DAMAGED)},
)
def read_content(
    actor: Owner,
    job_id: Id,
    inline: Annotated[bool, Query(description="For display, where the type is harmless in a browser.")] = False,
) -> DocumentResponse:
    """The document as it was handed in."""
    return DocumentResponse(open_original(actor, job_id), inline=inline)


@router.get(
    "/{job_id}/preview",
    operation_id="read_print_job_preview",
    response_class=Response,
    responses={**PICTURE, **documented(NOT_FOUND, MISSING, DAMAGED)},
)
def read_preview(actor: Owner, job_id: Id) -> DocumentResponse:
    """A picture of the first page, at most 400 pixels long."""
    return DocumentResponse(open_preview(actor, job_id), inline=True)


def _submit(actor: Actor, submission: Submission, file: ReceivedFile) -> JobView:
    if file.is_too_large:
        limit = get_settings().print_max_mb
        raise TOO_LARGE(name=submission.name, size=f"{file.size / MB:.1f}", limit=limit)
    return submit_file(actor, submission, FilePath(file.path))


def client_of(request: Request) -> Client:
    """What sent it, as it says itself (PR-296)."""
    name, _, version = request.headers.get("user-agent", "").partition(" ")[0].partition("/")
    return Client(name, version, client_address(request))


def _submission(actor: Actor, file: ReceivedFile, fields: dict[str, str], key: str, number: int) -> Submission:
    is_session = actor.credential is not None and actor.credential.kind is CredentialKind.SESSION
    try:
        ticket = JobTicket.model_validate_json(fields.get("ticket") or "{}")
    except ValidationError as error:
        raise BAD_TICKET(problem=error.errors()[0]["msg"]) from error
    named = SOURCES_OF_PROGRAMS.get(fields.get("source", ""), JobSource.API)
    return Submission(
        file.name,
        JobSource.WEB if is_session else named,
        ticket,
        key=submission_key(actor.user_id, key, number),
        description=fields.get("description", "")[:1000],
    )
