"""What workstations and storage nodes call, at /workstation/v1 (docs/hybrid-printing.md): JSON over HTTPS.

Whoever registers shows what they have: a person their token, a storage node an access token of the application
“Advanced hybrid storage”. From then on each calls with a credential of its own (`Authorization: Bearer prn_…`). Content
of jobs is neither sent nor taken here (PR-247).
"""

import time
from typing import Annotated, Any, Literal

import anyio
from fastapi import APIRouter, Depends, FastAPI, Path, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from connectors.errors import PressroomError
from connectors.ipp.ticket import JobTicket, Sides
from domain.workstation_printing import callers, commands, copies, jobs, registration
from domain.workstation_printing.authority import Signed
from domain.workstation_printing.callers import CREDENTIAL_REFUSED, CallingNode
from domain.workstation_printing.jobs import HybridSubmission
from domain.workstation_printing.registration import NodeStatus, Registered, Registration
from domain.workstation_printing.states import NodeState
from fleet.releasing import direct
from fleet.releasing.direct import DirectPrint
from fleet.releasing.late import note_late_end
from portal_api.problems import answer_with_problems
from portal_api.sign_in import CurrentActor, FailureCount, client_address
from steps.node_work import EndTold, FaultTold, NodeKind, PrinterPlace, SightTold, revealed_order

router = APIRouter(tags=["workstations"])
LONGEST_WAIT = 60.0
LOOK_EVERY = 0.25
"""Somebody stands at a printer: an order for a release must not lie about."""
refusals = FailureCount()
"""Credentials that were refused, by network address."""

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, StringConstraints(max_length=255)]
Version = Annotated[str, StringConstraints(max_length=32)]
Address = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[0-9A-Za-z.:_-]+$")]
LocalId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\w.-]+$")]
PathId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


def calling_node(request: Request) -> CallingNode:
    """Who calls; raises `CREDENTIAL_REFUSED`, or `TOO_MANY_SIGN_INS` after many that were refused."""
    address = client_address(request)
    refusals.check(address)
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer" or not credential:
            raise CREDENTIAL_REFUSED()
        return callers.node_of_credential(credential.strip())
    except PressroomError as error:
        if error.fault is CREDENTIAL_REFUSED:
            refusals.add(address)
        raise


Caller = Annotated[CallingNode, Depends(calling_node)]
"""A node that has shown its credential."""


class RegistrationGiven(BaseModel):
    """What a computer says of itself. `request` is a PKCS #10 request (PEM), `former` its last credential."""

    device_id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    request: Annotated[str, StringConstraints(max_length=8192)]
    kind: NodeKind = NodeKind.WORKSTATION
    addresses: list[Address] = Field([], max_length=20)
    port: int = Field(0, ge=0, le=65535)
    version: Version = ""
    system: Text = ""
    former: Annotated[str, StringConstraints(max_length=128)] = ""


class CertificateGiven(BaseModel):
    """A request for another certificate."""

    request: Annotated[str, StringConstraints(max_length=8192)]


class RegisteredPublic(BaseModel):
    """The lasting identity; the credential is told only here."""

    node_id: str
    credential: str
    certificate: str
    authority: str

    @classmethod
    def of(cls, registered: Registered) -> "RegisteredPublic":
        signed = registered.signed
        return cls(
            node_id=registered.node_id,
            credential=registered.credential,
            certificate=signed.certificate,
            authority=signed.authority,
        )


class CertificatePublic(BaseModel):
    """A certificate and that of the authority that signed it."""

    certificate: str
    authority: str

    @classmethod
    def of(cls, signed: Signed) -> "CertificatePublic":
        return cls(certificate=signed.certificate, authority=signed.authority)


class StatusGiven(BaseModel):
    """What a node tells every minute; sizes in bytes."""

    addresses: list[Address] = Field([], max_length=20)
    port: int = Field(0, ge=0, le=65535)
    free: int = Field(0, ge=0, le=2**60)
    reserve: int = Field(0, ge=0, le=2**60)
    version: Version = ""


class StatusAnswer(BaseModel):
    """How the node counts."""

    state: NodeState


class Wanted(BaseModel):
    """A long poll: `in_hand` are the orders that the node has; `wait` in seconds."""

    in_hand: list[Id] = Field([], max_length=1000)
    wait: float = Field(0, ge=0, le=LONGEST_WAIT)


class BeginGiven(BaseModel):
    """The node is about to send to the printer, by this protocol and with these settings."""

    protocol: Literal["ipp", "ipps", "raw", "lpr"]
    ticket: JobTicket = JobTicket()


class ProgressGiven(BaseModel):
    """How a release stands; None: still at work, nothing new."""

    sight: SightTold | None = None


class CopyEnded(BaseModel):
    """The sender is done with a copy."""

    error: FaultTold | None = None


class CopyAccepted(BaseModel):
    """What a node was offered by another, which showed the token."""

    token: Annotated[str, StringConstraints(max_length=128)]
    sender: Id


class CopyStored(BaseModel):
    """The SHA-256 of what was received."""

    sha256: Hash


class Inventory(BaseModel):
    """What a node holds: job → SHA-256 of the sealed content."""

    held: dict[Id, Hash] = Field(max_length=10_000)


class HybridJobGiven(BaseModel):
    """A job that waits at the workstation (PR-247); `key` (base64) opens it, `size` is that of what is sealed."""

    local_id: LocalId
    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    key: Annotated[str, StringConstraints(min_length=40, max_length=64)]
    size: int = Field(gt=0, le=2**50)
    sha256: Hash
    media_type: Annotated[str, StringConstraints(max_length=128)]
    pages: int = Field(ge=1, le=1_000_000)
    is_color: bool = True
    sides: Sides = "one-sided"
    ticket: JobTicket = JobTicket()
    client_version: Version = ""


class PrintGiven(BaseModel):
    """What a workstation printed directly or offline, or is about to (F-23, F-24). `mark` is in the job's name there.

    `impressions` and `sheets` are what the printer counted; without them they follow from the rest.
    """

    local_id: LocalId
    mark: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
    mode: Literal["direct", "offline"]
    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    printed: AwareDatetime
    pages: int = Field(ge=1, le=1_000_000)
    copies: int = Field(1, ge=1, le=999)
    is_color: bool = True
    sides: Sides = "one-sided"
    printer_id: Annotated[str, StringConstraints(max_length=32)] = ""
    address: Text = ""
    impressions: int | None = Field(None, ge=0, le=10**7)
    sheets: int | None = Field(None, ge=0, le=10**7)
    paper: Text = ""
    media_type: Annotated[str, StringConstraints(max_length=128)] = ""
    size: int = Field(0, ge=0, le=2**50)
    policy: Text = ""
    client_version: Version = ""

    def as_print(self) -> DirectPrint:
        """As the domain takes it."""
        return DirectPrint(**dict(self))


class PrintsGiven(BaseModel):
    """Several of them, the oldest first."""

    records: list[PrintGiven] = Field(max_length=100)


class PrintAsked(BaseModel):
    """What is about to be printed directly, and with which settings."""

    print: PrintGiven
    ticket: JobTicket = JobTicket()


class HybridJobPublic(BaseModel):
    """The job as it stands in the queue."""

    job_id: str
    state: str


@router.post("/registrations", status_code=201)
def register(actor: CurrentActor, given: RegistrationGiven) -> RegisteredPublic:
    """A workstation of whoever is signed in, or a storage node of the application that calls."""
    wanted = Registration(**given.model_dump(exclude={"addresses"}), addresses=tuple(given.addresses))
    if actor.is_application:
        return RegisteredPublic.of(registration.register_storage_node(actor, wanted))
    return RegisteredPublic.of(registration.register_workstation(actor, wanted))


@router.post("/certificates", status_code=201)
def renew_certificate(caller: Caller, given: CertificateGiven) -> CertificatePublic:
    """Another certificate before the present one ends."""
    return CertificatePublic.of(registration.renew_certificate(caller, given.request))


@router.post("/sign-out", status_code=204)
def sign_out(caller: Caller) -> None:
    """The workstation's person signs out: its jobs are deleted everywhere, its credential ends (PR-245)."""
    registration.sign_out(caller)


@router.post("/status")
def status(caller: Caller, given: StatusGiven) -> StatusAnswer:
    """Where the node listens and how much room it has (PR-256)."""
    told = NodeStatus(**given.model_dump(exclude={"addresses"}), addresses=tuple(given.addresses))
    return StatusAnswer(state=registration.report_status(caller, told))


@router.post("/orders")
async def orders(request: Request, caller: Caller, wanted: Wanted) -> dict[str, Any]:
    """Orders for the node; waits up to `wait` seconds for the first one."""
    until = time.monotonic() + wanted.wait
    while True:
        given = await run_in_threadpool(commands.take_orders, caller, wanted.in_hand)
        if given or time.monotonic() >= until:
            return {"orders": [revealed_order(order) for order in given]}
        while not await run_in_threadpool(commands.has_orders, caller, wanted.in_hand):
            if time.monotonic() >= until or await request.is_disconnected():
                return {"orders": []}
            await anyio.sleep(min(LOOK_EVERY, max(0.0, until - time.monotonic())))


@router.post("/orders/{command_id}/begin", status_code=204)
def begin(caller: Caller, command_id: PathId, given: BeginGiven) -> None:
    """Before the first byte goes to the printer; refused, nothing may be sent."""
    commands.begin(caller, command_id, given.protocol, given.ticket.chosen())


@router.post("/orders/{command_id}/progress")
def progress(caller: Caller, command_id: PathId, given: ProgressGiven) -> dict[str, bool]:
    """How a release stands; the answer says whether it is to be cancelled."""
    return {"cancel": commands.tell_sight(caller, command_id, given.sight)}


@router.post("/orders/{command_id}/end", status_code=204)
def end(caller: Caller, command_id: PathId, given: EndTold) -> None:
    """How a release ended at the printer; told twice, it counts once."""
    if not commands.tell_end(caller, command_id, given):
        note_late_end(caller.organization_id, command_id)


@router.post("/orders/{command_id}/copied", status_code=204)
def copied(caller: Caller, command_id: PathId, given: CopyEnded) -> None:
    """The sender of a copy is done, or could not hand it over."""
    copies.end_copy_order(caller, command_id, given.error)


@router.post("/orders/{command_id}/deleted", status_code=204)
def deleted(caller: Caller, command_id: PathId) -> None:
    """What was to be deleted is gone."""
    commands.confirm_deleted(caller, command_id)


@router.post("/copies/{copy_id}/accept")
def accept(caller: Caller, copy_id: PathId, given: CopyAccepted) -> dict[str, str | int]:
    """Whether to take what another node offers; the token counts once."""
    expected = copies.accept_copy(caller, copy_id, given.token, given.sender)
    return {"job_id": expected.job_id, "sha256": expected.sha256, "size": expected.size}


@router.post("/copies/{copy_id}/stored", status_code=204)
def stored(caller: Caller, copy_id: PathId, given: CopyStored) -> None:
    """The copy is there, and its hash is right."""
    copies.note_stored(caller, copy_id, given.sha256)


@router.post("/inventory")
def inventory(caller: Caller, given: Inventory) -> dict[str, list[str]]:
    """Compare what the node holds with what it should; the answer says what to delete (PR-256)."""
    return {"delete": copies.take_inventory(caller, given.held)}


@router.post("/hybrid-jobs", status_code=201)
def register_job(caller: Caller, given: HybridJobGiven) -> HybridJobPublic:
    """Put a job that waits at the workstation into its person's queue (F-17)."""
    job = jobs.register_hybrid_job(caller, HybridSubmission(**{**dict(given), "ticket": given.ticket}))
    return HybridJobPublic(job_id=job.id, state=job.state.value)


@router.post("/usage")
def take_usage(caller: Caller, given: PrintsGiven) -> dict[str, list[dict[str, str]]]:
    """What was printed directly or offline: accepted, duplicate or rejected, record by record (F-23, F-24)."""
    taken = direct.take_prints(caller, [one.as_print() for one in given.records])
    return {"results": [{"local_id": one.local_id, "status": one.status, "reason": one.reason} for one in taken]}


@router.post("/direct-prints/check")
def check_direct_print(caller: Caller, given: PrintAsked) -> dict[str, Any]:
    """How a direct print is done by the policies and the quota that count now (AM-14, AM-18)."""
    decision, printer = direct.check_print(caller, given.print.as_print(), given.ticket)
    return {
        "ticket": decision.ticket.chosen(),
        "is_color": decision.is_color,
        "forced": [one.setting for one in decision.forced],
        "printer": PrinterPlace.of(printer.delivery).model_dump(mode="json"),
    }


def create_workstation_protocol() -> FastAPI:
    """The application to be mounted at /workstation/v1."""
    protocol = FastAPI(title="Pressroom for workstations", version="1", openapi_url=None, docs_url=None, redoc_url=None)
    protocol.include_router(router)
    answer_with_problems(protocol)
    return protocol
