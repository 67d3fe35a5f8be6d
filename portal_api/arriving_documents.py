"""Documents that workstations send in pieces, at /client/v1/documents/{key}: what is here, a piece, the job (PR-331).

The key is the workstation's own, the same for each attempt to hand in the same document.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, StringConstraints

from connectors.errors import Fault
from connectors.ipp.ticket import JobTicket
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.printing.arriving import MOST_IN_PIECE, Whole, keep_piece, received, submit_pieces
from domain.printing.states import JobSource
from domain.printing.submission import Submission
from portal_api.access import needs
from portal_api.api.print_job_models import PrintJobPublic
from portal_api.api.print_jobs import SOURCES_OF_PROGRAMS, client_of
from portal_api.api.reader import ReaderLocale

router = APIRouter(prefix="/documents/{key}")
Submitter = Annotated[Actor, needs(Permission.PRINT_SUBMIT)]
Key = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{16,128}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Bytes = Annotated[int, Field(ge=1, le=2**50)]
PIECE_TOO_LARGE = Fault(
    "print_job.piece_too_large",
    413,
    N_("A piece of a document may have {limit} bytes."),
    N_("Send smaller pieces."),
)


class ArrivedPublic(BaseModel):
    """How many bytes are here, from the beginning without a gap: the next piece begins there."""

    received: int


class WholeGiven(BaseModel):
    """The document that the pieces make, and how it is to be printed."""

    name: Name
    size: Bytes
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    ticket: JobTicket = JobTicket()
    description: Annotated[str, StringConstraints(max_length=1000)] = ""
    source: JobSource = JobSource.COMMAND_LINE


@router.get("", operation_id="find_document")
def find_document(actor: Submitter, key: Key) -> ArrivedPublic:
    """How much of a document is here."""
    return ArrivedPublic(received=received(actor, key))


@router.put("/{offset}", operation_id="put_piece")
async def put_piece(
    request: Request,
    actor: Submitter,
    key: Key,
    offset: Annotated[int, Path(ge=0, le=2**50)],
    size: Annotated[Bytes, Query(description="Of the whole document.")],
    name: Annotated[Name, Query()],
) -> ArrivedPublic:
    """Take a piece. One that is not the next is not kept; the answer says which is."""
    content = bytearray()
    async for block in request.stream():
        content += block
        if len(content) > MOST_IN_PIECE:
            raise PIECE_TOO_LARGE(limit=MOST_IN_PIECE)
    submission = Submission(name, JobSource.COMMAND_LINE, key=key)
    here = await run_in_threadpool(keep_piece, actor, submission, offset, bytes(content), size)
    return ArrivedPublic(received=here)


@router.post("", operation_id="hand_in_document", status_code=201)
def hand_in_document(
    request: Request, actor: Submitter, key: Key, given: WholeGiven, locale: ReaderLocale
) -> PrintJobPublic:
    """Make a job of the pieces; done again under the same key, it is the same job."""
    source = SOURCES_OF_PROGRAMS.get(given.source, JobSource.COMMAND_LINE)
    submission = Submission(
        given.name, source, given.ticket, client_of(request), key=key, description=given.description
    )
    return PrintJobPublic.of(submit_pieces(actor, submission, Whole(given.size, given.sha256)), locale)
