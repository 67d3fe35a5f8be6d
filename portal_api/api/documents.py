"""What a run leaves: its documents, links to download them, and their deletion."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel
from starlette.background import BackgroundTask

from connectors.documents.store import DAMAGED, MISSING
from connectors.settings import get_settings
from domain.runs.documents import create_download_link, delete_documents, download_document, pack_downloads
from domain.runs.service import DOCUMENTS_GONE, STILL_RUNNING, get_run
from domain.tenancy import NOT_FOUND
from portal_api.access import Follower
from portal_api.api.document_models import DocumentPublic, key_of
from portal_api.downloads import DocumentResponse, content_disposition
from portal_api.problems import documented

router = APIRouter(prefix="/runs/{run_id}", tags=["documents"])
ZIP = "application/zip"


class DownloadLinkPublic(BaseModel):
    """An address that reads one document once, without a sign-in, until it expires (SC-116)."""

    url: str
    expires: datetime


@router.get("/documents", operation_id="list_run_documents", responses=documented(NOT_FOUND))
def list_documents(actor: Follower, run_id: str) -> list[DocumentPublic]:
    """Every document of the run, the original first."""
    return [DocumentPublic.of(document) for document in get_run(actor, run_id).documents]


@router.get(
    "/documents/{document_id}/content",
    operation_id="read_run_document",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
        **documented(NOT_FOUND, DOCUMENTS_GONE, MISSING, DAMAGED),
    },
)
def read_content(
    actor: Follower,
    run_id: str,
    document_id: str,
    inline: Annotated[bool, Query(description="For display, where the type is harmless in a browser.")] = False,
) -> DocumentResponse:
    """The document's bytes."""
    key = key_of(get_run(actor, run_id).documents, document_id)
    return DocumentResponse(download_document(actor, run_id, key), inline=inline)


@router.get(
    "/downloads",
    operation_id="read_run_downloads",
    response_class=Response,
    responses={
        200: {"content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}},
        **documented(NOT_FOUND, DOCUMENTS_GONE, MISSING, DAMAGED),
    },
)
def read_downloads(actor: Follower, run_id: str) -> FileResponse:
    """All documents that Download steps offer, as one ZIP file."""
    name, path = pack_downloads(actor, run_id)
    headers = {"Content-Disposition": content_disposition(name), "Cache-Control": "no-store"}
    return FileResponse(path, headers=headers, media_type=ZIP, background=BackgroundTask(path.unlink))


@router.post(
    "/documents/{document_id}/links",
    operation_id="create_download_link",
    status_code=201,
    responses=documented(NOT_FOUND),
)
def create_link(actor: Follower, run_id: str, document_id: str) -> DownloadLinkPublic:
    """A link for a document that a Download step offers."""
    token, expires = create_download_link(actor, run_id, key_of(get_run(actor, run_id).downloads, document_id))
    return DownloadLinkPublic(url=f"{get_settings().public_url}/d/{token}", expires=expires)


@router.delete(
    "/documents",
    operation_id="delete_run_documents",
    status_code=204,
    responses=documented(NOT_FOUND, STILL_RUNNING),
)
def delete_all(actor: Follower, run_id: str) -> None:
    """Delete the run's documents for good; its record and log stay."""
    delete_documents(actor, run_id)
