"""Installation packages of agents: which there are, downloading one, mailing a link to them (FL-123, FL-156)."""

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.packages import installation
from fleet.packages.installation import BAD_ADDRESS, LICENCE_NEEDED, NO_TARGET
from portal_api.access import needs
from portal_api.installation_links import package_response
from portal_api.problems import documented

router = APIRouter(tags=["agents"])
Viewer = Annotated[Actor, needs(Permission.FLEET_VIEW)]
Manager = Annotated[Actor, needs(Permission.FLEET_MANAGE)]
Enroller = Annotated[Actor, needs(Permission.FLEET_ENROL)]
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


class InstallationTargets(BaseModel):
    """The systems that there are packages for, such as `linux-x86_64-cp311`."""

    targets: list[str]


class LinkWish(BaseModel):
    """Who gets a link to the packages; `agent_id` of a fleet agent, empty for local agents."""

    agent_id: str = Field("", max_length=32)
    email: str = Field(min_length=3, max_length=255)


@router.get("/agent-packages", operation_id="list_agent_packages")
def list_agent_packages(actor: Viewer) -> InstallationTargets:
    """The systems that agents can be installed on."""
    return InstallationTargets(targets=list(installation.installation_targets(actor)))


@router.get(
    "/installation-package",
    operation_id="download_agent_package",
    response_class=Response,
    responses={**FILES, **documented(NO_TARGET, LICENCE_NEEDED)},
)
def download_agent_package(actor: Enroller, target: str, licences_accepted: bool = False) -> Response:
    """The installation package for a system: agent and enrolment tool. Its licences have to be accepted (FL-75)."""
    return package_response(installation.download_package(actor, target, licence_accepted=licences_accepted))


@router.post(
    "/installation-links",
    operation_id="mail_installation_link",
    status_code=204,
    responses=documented(NOT_FOUND, BAD_ADDRESS),
)
def mail_installation_link(actor: Manager, given: LinkWish) -> None:
    """Send somebody a link to the packages, valid for 72 hours; the activation code is not in the mail."""
    installation.mail_link(actor, given.agent_id or None, given.email)
