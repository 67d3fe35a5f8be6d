"""The agent protocol: agents in customers' networks call in here, with JSON over HTTPS (docs/agent-protocol.md).

An application of its own at /agent/v1, apart from the API for people and programs: whoever calls shows the credential
that activation gave it (`Authorization: Bearer …`). Routes without one are those by which it is got; attempts at codes
are counted by network address.
"""

import hashlib
import time
from typing import Annotated, Any
from uuid import uuid4

import anyio
from fastapi import FastAPI, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, SecretStr

from connectors.documents import open_store
from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import get_settings
from fleet.agents import activation, calls
from fleet.agents.activation import Activated
from fleet.agents.models import AgentKind
from fleet.enrolment import native
from fleet.enrolment.enrol import Enrolled
from fleet.packages.offers import signing_key
from portal_api import agent_scans
from portal_api.agent_callers import Caller, counted
from portal_api.problems import answer_with_problems
from portal_api.ranged_files import ranged_file
from portal_api.sign_in import client_address
from steps.found_printers import FoundPrinter
from steps.printer_work import Access, AuthenticationType, Report
from steps.revealed import revealed

LONGEST_WAIT = 60.0
LOOK_EVERY = 1.0
MOST_AT_ONCE = 500
LARGEST_LOG = 64 << 20
LOG_TOO_LARGE = Fault(
    "agent_protocol.log_too_large",
    413,
    N_("The log is larger than {limit} MB."),
    N_("Send its newest part."),
)
JobId = Annotated[int, Field(ge=1, le=2**62)]
PrinterId = Annotated[str, Path(max_length=32)]


class ActivationAsked(BaseModel):
    """An agent's code, and who asks."""

    code: str = Field(max_length=64)
    name: str = Field(min_length=1, max_length=200)
    version: str = Field("", max_length=32)
    host: dict[str, str] = {}


class ActivatedPublic(BaseModel):
    """The lasting identity; the credential is told only here."""

    agent_id: str
    kind: AgentKind
    credential: str
    signing_key: str

    @classmethod
    def of(cls, activated: Activated) -> "ActivatedPublic":
        return cls(
            agent_id=activated.agent_id,
            kind=activated.kind,
            credential=activated.credential,
            signing_key=signing_key(),
        )


class SelfEnrolment(BaseModel):
    """A printer that enrols itself by a code: `kind` is native or printer."""

    code: str = Field(min_length=6, max_length=64)
    kind: AgentKind = AgentKind.NATIVE
    printer: FoundPrinter


class Ticket(BaseModel):
    """What a printer asks with while its code waits to be typed in the portal."""

    ticket: str = Field(max_length=64)


class Hello(BaseModel):
    """What an agent tells of itself."""

    version: str = Field("", max_length=32)
    library_version: str = Field("", max_length=32)
    host: dict[str, str] = {}


class Wanted(BaseModel):
    """A long poll: `in_hand` are the orders that the agent has; `wait` in seconds."""

    in_hand: list[JobId] = Field([], max_length=5000)
    wait: float = Field(0, ge=0, le=LONGEST_WAIT)
    limit: int = Field(20, ge=1, le=calls.MOST_ORDERS)


class OneReport(BaseModel):
    """What came of one order."""

    job_id: JobId
    report: Report


class Reports(BaseModel):
    """What came of several orders."""

    reports: list[OneReport] = Field(max_length=MOST_AT_ONCE)


class OneReading(BaseModel):
    """What was read of one printer, as a report of a refresh."""

    printer_id: str = Field(max_length=32)
    report: Report


class Readings(BaseModel):
    """What was read of several printers."""

    readings: list[OneReading] = Field(max_length=MOST_AT_ONCE)


class Found(BaseModel):
    """Printers that the agent found, for an order to search or by its own interval."""

    found: list[FoundPrinter] = Field(max_length=MOST_AT_ONCE)
    job_id: JobId | None = None


class CredentialsGiven(BaseModel):
    """How the agent on a printer signs in to it."""

    type: AuthenticationType
    user: str = Field("", max_length=128)
    secret: SecretStr = Field(SecretStr(""), max_length=255)


def create_agent_protocol() -> FastAPI:
    """The application, to be mounted at /agent/v1."""
    app = FastAPI(title="Pressroom agents", openapi_url=None, docs_url=None, redoc_url=None)
    app.post("/activations", status_code=201)(activate)
    app.post("/enrolments", status_code=201)(enrol)
    app.post("/announcements", status_code=201)(announce)
    app.post("/announcements/claim")(claim)
    app.post("/hello")(hello)
    app.post("/orders")(orders)
    app.post("/reports")(reports)
    app.post("/found")(found)
    app.post("/readings")(readings)
    app.get("/printers")(printers)
    app.put("/printers/{printer_id}/credentials", status_code=204)(credentials)
    app.get("/orders/{job_id}/file")(order_file)
    app.put("/orders/{job_id}/log", status_code=201)(keep_log)
    app.include_router(agent_scans.router)
    answer_with_problems(app)
    return app


def activate(request: Request, asked: ActivationAsked) -> ActivatedPublic:
    """A fleet agent or a local agent shows its activation code (F-7)."""
    with counted(request):
        address = client_address(request)
        return ActivatedPublic.of(activation.activate(asked.code, asked.name, asked.host, asked.version, address))


def enrol(request: Request, asked: SelfEnrolment) -> ActivatedPublic:
    """A pre-registered printer shows the code of its organization (F-5)."""
    with counted(request):
        address = client_address(request)
        return ActivatedPublic.of(
            native.enrol_by_organization_code(asked.code, _self_enrolling(asked.kind), asked.printer, address)
        )


def announce(asked: SelfEnrolment) -> dict[str, Any]:
    """A printer shows a code of its own (FL-151)."""
    announced = native.announce(asked.code, _self_enrolling(asked.kind), asked.printer)
    return {"ticket": announced.ticket, "expires": announced.expires.isoformat()}


def claim(request: Request, response: Response, asked: Ticket) -> ActivatedPublic | None:
    """The printer asks whether its code was typed; 202 while it was not."""
    with counted(request):
        activated = native.ask_for_enrolment(asked.ticket, client_address(request))
    if activated is None:
        response.status_code = 202
        return None
    return ActivatedPublic.of(activated)


def hello(caller: Caller, told: Hello) -> dict[str, Any]:
    """Who the agent is and how it is to work."""
    greeting = calls.greet(caller, calls.Told(told.version, told.library_version, told.host))
    return {
        "agent_id": caller.id,
        "kind": caller.kind.value,
        "name": greeting.name,
        "settings": dict(greeting.settings),
        "search": greeting.search.model_dump(mode="json") if greeting.search else None,
        "snmp": revealed(greeting.snmp),
        "current_version": greeting.current_version,
        "current_library": greeting.current_library,
        "printers": greeting.printers,
        "credential": greeting.credential,
        "signing_key": signing_key(),
    }


async def orders(request: Request, caller: Caller, wanted: Wanted) -> dict[str, Any]:
    """Orders for the agent; waits up to `wait` seconds for the first one (FL-17)."""
    until = time.monotonic() + wanted.wait
    while True:
        given = await run_in_threadpool(calls.orders, caller, wanted.in_hand, wanted.limit)
        if given or time.monotonic() >= until:
            return {"orders": [revealed(order) for order in given]}
        while not await run_in_threadpool(calls.has_orders, caller):
            if time.monotonic() >= until or await request.is_disconnected():
                return {"orders": []}
            await anyio.sleep(min(LOOK_EVERY, max(0.0, until - time.monotonic())))


def reports(caller: Caller, told: Reports) -> dict[str, int]:
    """What came of orders; a report that was sent before counts once."""
    return {"taken": calls.report(caller, [(one.job_id, one.report) for one in told.reports])}


def found(caller: Caller, told: Found) -> dict[str, Any]:
    """Printers that were found are enrolled (F-3, F-8)."""
    return {"results": [_result(one) for one in calls.take_in_found(caller, told.found, told.job_id)]}


def readings(caller: Caller, told: Readings) -> dict[str, int]:
    """What the agent read of its printers by its interval (F-11)."""
    return {"taken": calls.readings(caller, [(one.printer_id, one.report) for one in told.readings])}


def printers(caller: Caller) -> dict[str, Any]:
    """The printers that the agent manages now, with the way in to each."""
    return {"printers": [{"id": one.id, **revealed(one.target)} for one in calls.own_printers(caller)]}


def credentials(caller: Caller, printer_id: PrinterId, given: CredentialsGiven) -> None:
    """How the agent on a printer signs in to it, as somebody said at the printer (FL-102)."""
    calls.keep_credentials(caller, printer_id, Access(type=given.type, user=given.user, secret=given.secret))


def order_file(request: Request, caller: Caller, job_id: JobId, key: str) -> Response:
    """A file that an order names, or its rest from `Range: bytes=N-`."""
    sha256 = calls.file_of_order(caller, job_id, key)
    return ranged_file(request, key, sha256)


async def keep_log(request: Request, caller: Caller, job_id: JobId, name: str, media_type: str) -> dict[str, str]:
    """A file that was fetched for an order; sent again, it takes the place of the former one."""
    await run_in_threadpool(calls.order_in_hand, caller, job_id)
    mark = hashlib.sha256(name.encode()).hexdigest()[:16]
    key = f"{caller.organization_id}/fleet/logs/{job_id}-{mark}"
    folder = get_settings().scratch_folder
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"log-{uuid4().hex}"
    try:
        size = 0
        async with await anyio.open_file(path, "wb") as file:
            async for piece in request.stream():
                size += len(piece)
                if size > LARGEST_LOG:
                    raise LOG_TOO_LARGE(limit=LARGEST_LOG >> 20)
                await file.write(piece)
        await run_in_threadpool(_keep, key, path, media_type)
    finally:
        path.unlink(missing_ok=True)
    return {"key": key}


def _keep(key: str, path: Any, media_type: str) -> None:
    with path.open("rb") as source:
        open_store(get_settings()).put(key, source, media_type)


def _result(one: Enrolled) -> dict[str, Any]:
    return {
        "serial_number": one.found.serial_number,
        "address": one.found.address,
        "result": one.result.value,
        "reason": str(one.reason) if one.reason else "",
        "printer_id": one.printer_id,
    }


def _self_enrolling(kind: AgentKind) -> AgentKind:
    if kind not in native.SELF_ENROLLING:
        raise native.UNKNOWN_CODE()
    return kind
