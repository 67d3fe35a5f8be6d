"""What release adapters call, at /adapter/v1 (section 22): a swipe, the documents, and what became of them.

An adapter shows the access token of the client application of the organization's printers (scope `badges-auth`).
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, FastAPI, Query
from fastapi import Path as PathValue
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, StringConstraints

from connectors.settings import get_settings
from domain.printing.states import BatchState
from fleet.releasing.adapter import Swipe, fetch_document, swipe, take_result
from portal_api.api.printer_sign_in import CardOutput, Device, PrinterId
from portal_api.problems import answer_with_problems
from steps.print_release import End

router = APIRouter(tags=["release adapters"])
AttemptId = Annotated[str, PathValue(pattern=r"^[0-9a-f]{32}$")]
Plain = Annotated[str, StringConstraints(max_length=64, pattern=r"^[\w.:\- ]*$")]
MediaType = Annotated[str, StringConstraints(max_length=64, pattern=r"^[\w.+-]+/[\w.+-]+$")]
PIECE = 1 << 18


class SwipeGiven(BaseModel):
    """A badge at an adapter. What it cannot read of its printer stays empty and is kept as unknown (PR-218)."""

    adapter_id: PrinterId
    badge: CardOutput
    firmware: Plain = ""
    mac: Plain = ""
    printer_address: Plain = ""
    printer_serial_number: Plain = ""
    limit: int = Field(10, ge=1, le=100, description="Most jobs of one swipe (PR-216).")
    formats: list[MediaType] = Field(default=[], max_length=50, description="What the printer takes; none: PDF.")


class AdapterDocumentPublic(BaseModel):
    """A document to print; `url` is valid for ten minutes."""

    id: str
    name: str
    copies: int
    url: str


class SwipeAnswer(BaseModel):
    """What to print, in this order; `left` jobs wait for the next swipe."""

    release_id: str
    person: str
    documents: list[AdapterDocumentPublic]
    left: int


class DocumentResult(BaseModel):
    """What became of one document."""

    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    result: Literal["printed", "failed", "cancelled", "unknown"]


class AdapterResult(BaseModel):
    """What became of documents of a release."""

    release_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    documents: list[DocumentResult] = Field(min_length=1, max_length=100)


class AdapterResultAnswer(BaseModel):
    """How the release stands now."""

    state: BatchState


@router.post("/swipe")
def swipe_badge(device: Device, given: SwipeGiven) -> SwipeAnswer:
    """Release the first jobs of whoever's badge it is, first in, first out."""
    asked = Swipe(
        adapter_id=given.adapter_id,
        badge=given.badge,
        firmware=given.firmware,
        mac=given.mac,
        address=given.printer_address,
        serial_number=given.printer_serial_number,
        limit=given.limit,
        formats=tuple(given.formats),
    )
    release = swipe(device, asked)
    documents = []
    for one in release.documents:
        query = urlencode({"expires": one.expires, "signature": one.signature})
        url = f"{get_settings().public_url}/adapter/v1/documents/{one.attempt_id}?{query}"
        documents.append(AdapterDocumentPublic(id=one.attempt_id, name=one.name, copies=one.copies, url=url))
    return SwipeAnswer(release_id=release.id, person=release.person, documents=documents, left=release.left)


@router.get("/documents/{attempt_id}", response_class=StreamingResponse)
def fetch_adapter_document(
    device: Device,
    attempt_id: AttemptId,
    expires: Annotated[int, Query(ge=0, le=1 << 40)],
    signature: Annotated[str, Query(pattern=r"^[0-9a-f]{64}$")],
) -> StreamingResponse:
    """A document in a format that the printer takes, streamed: the adapter stores nothing (PR-215)."""
    root = get_settings().scratch_folder
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix="adapter-", dir=root))
    try:
        ready = fetch_document(device.organization_id, attempt_id, expires, signature, folder)
    except BaseException:
        shutil.rmtree(folder)
        raise
    return StreamingResponse(_pieces(ready.path, folder), media_type=ready.media_type)


@router.post("/result")
def report_adapter_result(device: Device, given: AdapterResult) -> AdapterResultAnswer:
    """Say what became of documents; printed ones leave the queue, all others stay."""
    results = {one.id: End(one.result) for one in given.documents}
    return AdapterResultAnswer(state=take_result(device, given.release_id, results))


def create_adapter_protocol() -> FastAPI:
    """The application to be mounted at /adapter/v1."""
    protocol = FastAPI(title="Pressroom for release adapters", version="1", docs_url=None, redoc_url=None)
    protocol.include_router(router)
    answer_with_problems(protocol)
    return protocol


def _pieces(path: Path, folder: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as source:
            while piece := source.read(PIECE):
                yield piece
    finally:
        shutil.rmtree(folder)
