"""Collected logs of printers and agents: listed, and downloaded by File Service Administrators (F-19, FL-235)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from connectors.documents.store import DAMAGED, MISSING
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.printer_logs import service
from fleet.printer_logs.service import LogView
from portal_api.access import needs
from portal_api.downloads import DocumentResponse
from portal_api.problems import documented

router = APIRouter(prefix="/printer-logs", tags=["firmware and apps"])
Reader = Annotated[Actor, needs(Permission.FLEET_VIEW)]
Downloader = Annotated[Actor, needs(Permission.FLEET_LOGS_DOWNLOAD)]


class LogPublic(BaseModel):
    """A collected log; request one by a fleet task of the kind `printer_log` or `mib_walk`.

    Those of agents themselves have the kind `agent` and come by an agent task of the kind `agent_log`.
    """

    id: str
    printer_id: str | None
    subject: str
    kind: str
    file_name: str
    media_type: str
    size: int = Field(description="In bytes.")
    requester: str = Field(description="Empty for who is gone.")
    requested: datetime
    collected: datetime

    @classmethod
    def of(cls, view: LogView) -> "LogPublic":
        return cls.model_validate(view, from_attributes=True)


@router.get("", operation_id="list_printer_logs")
def list_printer_logs(
    actor: Reader,
    printer_id: Annotated[str, Query(max_length=32, description="Only those of this printer.")] = "",
    agent_id: Annotated[str, Query(max_length=32, description="Only those that this agent keeps of itself.")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[LogPublic]:
    """The logs that were collected, newest first."""
    return [LogPublic.of(view) for view in service.list_logs(actor, printer_id, limit, agent_id=agent_id)]


@router.get(
    "/{log_id}/content",
    operation_id="download_printer_log",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
        **documented(NOT_FOUND, MISSING, DAMAGED),
    },
)
def download_printer_log(actor: Downloader, log_id: str) -> DocumentResponse:
    """The file itself (FL-534)."""
    return DocumentResponse(service.open_log(actor, log_id), once=True)
