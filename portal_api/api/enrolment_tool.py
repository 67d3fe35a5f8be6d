"""For the enrolment tool: its version, which printers are known, and the printer agent to install (section 6)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from connectors.documents import open_store
from connectors.documents.document import Document
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from fleet.agents.models import AgentKind
from fleet.enrolment.tool import MOST_AT_ONCE, NO_PRINTER_AGENT, KnownPrinter, known_printers, printer_agent_package
from fleet.packages.offers import current_version
from fleet.panel_apps.catalogue import CatalogueApp
from portal_api.access import needs
from portal_api.downloads import DocumentResponse
from portal_api.problems import documented
from steps.agent_packages import PackageKind

router = APIRouter(prefix="/enrolment-tool", tags=["agents"])
Enroller = Annotated[Actor, needs(Permission.FLEET_ENROL)]
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


class ToolFacts(BaseModel):
    """The version that the tool has to have (FL-77), and where it works."""

    version: str
    organization: str


class Serials(BaseModel):
    """Serial numbers of printers that were found."""

    serial_numbers: list[str] = Field(max_length=MOST_AT_ONCE)


class KnownPublic(BaseModel):
    """A printer that is enrolled in the organization."""

    id: str
    serial_number: str
    agent_kind: AgentKind

    @classmethod
    def of(cls, known: KnownPrinter) -> "KnownPublic":
        return cls(id=known.id, serial_number=known.serial_number, agent_kind=known.agent_kind)


@router.get("", operation_id="get_enrolment_tool")
def get_enrolment_tool(actor: Enroller) -> ToolFacts:
    """Which version of the tool is current."""
    return ToolFacts(version=current_version(PackageKind.AGENT), organization=actor.organization_name)


@router.post("/known-printers", operation_id="find_known_printers")
def find_known_printers(actor: Enroller, given: Serials) -> list[KnownPublic]:
    """Which of these printers are enrolled in the organization, and through which kind of agent (FL-91)."""
    return [KnownPublic.of(one) for one in known_printers(actor, given.serial_numbers)]


@router.get(
    "/printer-agent",
    operation_id="download_printer_agent",
    response_class=Response,
    responses={**FILE, **documented(NO_PRINTER_AGENT)},
)
def download_printer_agent(actor: Enroller, framework: str) -> Response:
    """The package of the printer agent for printers with that app framework (FL-70)."""
    return DocumentResponse(_opened(printer_agent_package(actor, framework)))


@contextmanager
def _opened(app: CatalogueApp) -> Iterator[tuple[Document, BinaryIO]]:
    file = app.file
    document = Document(key=file.key, name=file.name, media_type="application/zip", size=file.size, sha256=file.sha256)
    with open_store(get_settings()).open(file.key, file.sha256) as stream:
        yield document, stream
