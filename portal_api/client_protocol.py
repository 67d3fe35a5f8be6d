"""What workstations call: /client/v1, with the token that their person's sign-in gave them (PR-331, F-26).

An application of its own, apart from the API for people and programs. Everything happens as the person who is signed in
at the workstation.
"""

from datetime import time
from typing import Annotated, Literal

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, Field, StringConstraints

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.print_clients.checkin import CHECK_IN_EVERY, CheckedIn, Status, check_in, check_out, note_contact
from domain.print_clients.updates import UpdateState
from fleet.packages.offers import signing_key
from fleet.print_assignments.evaluation import own_assignments, own_printers
from fleet.print_packages.updates import workstation_package
from portal_api import arriving_documents
from portal_api.access import needs
from portal_api.ipp.public_addresses import queue_addresses
from portal_api.problems import answer_with_problems
from portal_api.ranged_files import ranged_file
from steps.agent_packages import OfferedPackage

Person = Annotated[Actor, needs(Permission.OWN_ACCOUNT)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{32,128}$")]
Line = Annotated[str, StringConstraints(max_length=255)]


class CheckInAsked(BaseModel):
    """What a workstation says of itself; `key` is a secret of its own making.

    `update_problem` says why the version that it is to have could not be installed (PR-303).
    """

    key: Key
    host: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    system: Line = ""
    kind: Line = "printctl"
    version: Line = ""
    addresses: list[Line] = Field(default=[], max_length=50)
    queues: list[Line] = Field(default=[], max_length=50)
    update_problem: Line = ""


class KeyAsked(BaseModel):
    """A workstation that says that it is there, or whose person signs out."""

    key: Key


class PersonPublic(BaseModel):
    """Who is signed in at the workstation."""

    id: str
    name: str
    email: str
    organization_id: str
    organization: str


class UpdatePublic(BaseModel):
    """Which version the workstation is to have: within `days`, or at a time of its day.

    `is_automatic`: it installs it by itself; else its person is told where there is one that is too old.
    """

    state: UpdateState
    version: str
    days: int
    at: time | None
    is_automatic: bool


class PrinterPublic(BaseModel):
    """A printer that the person prints to directly or offline, by its queue on the workstation (PR-228)."""

    id: str
    queue: str
    name: str
    address: str
    host_name: str
    model: str
    location: str
    is_color: bool | None


class ContactAnswer(BaseModel):
    """The version of the settings that count now: another one than before asks for a check-in."""

    settings_version: int


class CheckInAnswer(BaseModel):
    """What the workstation may do until its next check-in. `queue` is the address of the cloud queue for IPP.

    `signing_key` is the public key by which update packages are checked; workstations keep the first one they get.
    """

    client_id: str
    person: PersonPublic
    modes: list[Literal["cloud", "direct", "hybrid", "offline"]]
    queue: str
    settings_version: int
    hours: float
    update: UpdatePublic
    printers: list[PrinterPublic]
    signing_key: str


def create_client_protocol() -> FastAPI:
    """The application to be mounted at /client/v1."""
    protocol = FastAPI(title="Pressroom for workstations", version="1", docs_url=None, redoc_url=None)
    protocol.post("/checkin", operation_id="check_in")(check_in_workstation)
    protocol.post("/contact", operation_id="note_contact")(note_workstation)
    protocol.post("/checkout", operation_id="check_out", status_code=204)(check_out_workstation)
    protocol.get("/updates/{target}/{version}", operation_id="find_update")(find_update)
    protocol.get("/updates/{target}/{version}/file", operation_id="fetch_update")(fetch_update)
    protocol.include_router(arriving_documents.router)
    answer_with_problems(protocol)
    return protocol


def check_in_workstation(actor: Person, asked: CheckInAsked) -> CheckInAnswer:
    """Keep the status of the workstation, and answer its settings (F-26)."""
    status = Status(
        asked.key,
        asked.host,
        asked.system,
        asked.kind,
        asked.version,
        tuple(asked.addresses),
        tuple(asked.queues),
        asked.update_problem,
    )
    return _answer(actor, check_in(actor, status))


def note_workstation(actor: Person, asked: KeyAsked) -> ContactAnswer:
    """Say that the workstation is there (PR-277)."""
    return ContactAnswer(settings_version=note_contact(actor, asked.key))


def check_out_workstation(actor: Person, asked: KeyAsked) -> None:
    """Forget the workstation, whose person signs out (PR-304)."""
    check_out(actor, asked.key)


def find_update(_actor: Person, target: Line, version: Line) -> OfferedPackage:
    """The package of a version for a system, as it was signed (PR-303)."""
    return workstation_package(version, target)


def fetch_update(request: Request, _actor: Person, target: Line, version: Line) -> Response:
    """Its file, or the rest of it from `Range: bytes=N-`."""
    file = workstation_package(version, target).file
    return ranged_file(request, file.key, file.sha256)


def _answer(actor: Actor, told: CheckedIn) -> CheckInAnswer:
    person = PersonPublic(
        id=actor.user_id,
        name=actor.name,
        email=actor.email,
        organization_id=actor.organization_id,
        organization=actor.organization_name,
    )
    return CheckInAnswer.model_validate(
        {
            "client_id": told.client_id,
            "person": person,
            "modes": sorted(told.modes),
            "queue": queue_addresses(actor.organization_id).ipps,
            "settings_version": told.settings_version,
            "update": UpdatePublic.model_validate(told.update, from_attributes=True),
            "printers": [
                PrinterPublic.model_validate(one, from_attributes=True)
                for one in own_printers(own_assignments(actor))
                if told.modes & {"direct", "offline"}
            ],
            "hours": CHECK_IN_EVERY.total_seconds() / 3600,
            "signing_key": signing_key(),
        }
    )
