"""What agents that call in may ask and tell, each about itself and its own printers only (FL-15…FL-17).

Everything may be repeated: an answer that was lost on the way is asked for again and changes nothing a second time.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record_unattended
from domain.organizations.models import now
from domain.tenancy import NOT_FOUND, system_session, tenant_session
from fleet.agents.activation import CREDENTIAL_REFUSED, CallingAgent, renewed_credential
from fleet.agents.contact import heard_from
from fleet.agents.criteria import printers_within
from fleet.agents.models import Agent, AgentKind
from fleet.agents.settings import Search, settings_of
from fleet.agents.snmp_profiles import snmp_access
from fleet.enrolment.enrol import Circumstances, Enrolled, enrol
from fleet.operations.discover import take_in
from fleet.packages.offers import current_version
from fleet.printers.models import Communication, Printer
from fleet.printers.readings import store_readings
from fleet.printers.reports import observed
from fleet.printers.targets import keep_access, printer_target, snmp_accesses
from fleet.tasks.execution import for_agent, has_waiting_jobs, orders_in_hand, take_jobs
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.reporting import keep_reports
from fleet.tasks.status import JobStatus
from steps.agent_packages import PackageKind
from steps.found_printers import FoundPrinter
from steps.printer_work import Access, Order, Outcome, PrinterTarget, Report, SnmpAccess
from steps.printers.discover import Discover

MALFORMED = Fault(
    "agent.malformed_report",
    422,
    N_("The agent's report is not as it should be."),
    N_("Update the agent."),
)
MOST_ORDERS = 200
LONGEST_TEXT = 64


@dataclass(frozen=True, slots=True)
class Told:
    """What an agent tells of itself: versions and the system it runs on."""

    version: str = ""
    library_version: str = ""
    host: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Greeting:
    """What an agent is told: who it is, how it is to work, and a new credential when the present one is old."""

    name: str
    settings: Mapping[str, Any]
    search: Discover | None
    snmp: SnmpAccess
    current_version: str
    current_library: str
    printers: int
    credential: str = ""


@dataclass(frozen=True, slots=True)
class OwnPrinter:
    """A printer that the agent manages, by our id, and how to reach it."""

    id: str
    target: PrinterTarget


def greet(calling: CallingAgent, told: Told) -> Greeting:
    """The agent says hello, when it starts and every few minutes. Raises `CREDENTIAL_REFUSED`."""
    with tenant_session(calling.organization_id) as session:
        agent = _agent(session, calling)
        heard_from(session, agent)
        if told.version:
            agent.version = told.version[:32]
        if told.library_version:
            agent.library_version = told.library_version[:32]
        if told.host:
            agent.host = {str(name)[:LONGEST_TEXT]: str(value)[:255] for name, value in list(told.host.items())[:20]}
        settings = settings_of(agent)
        access = snmp_access(session, agent.organization_id, settings.snmp_profile_id)
        return Greeting(
            name=agent.name,
            settings=settings.model_dump(mode="json"),
            search=_search(agent),
            snmp=access,
            current_version=current_version(PackageKind.AGENT),
            current_library=current_version(PackageKind.LIBRARY),
            printers=session.scalar(select(func.count(Printer.id)).where(Printer.agent_id == agent.id)) or 0,
            credential=renewed_credential(agent),
        )


def has_orders(calling: CallingAgent) -> bool:
    """Whether something waits for the agent; cheap, for long polls. Raises `CREDENTIAL_REFUSED`."""
    with tenant_session(calling.organization_id, read_only=True) as session:
        _agent(session, calling)
        return has_waiting_jobs(session, for_agent(calling.id))


def orders(calling: CallingAgent, in_hand: Sequence[int], limit: int) -> list[Order]:
    """Orders for the agent: first those it once took and does not have (`in_hand`), then new ones."""
    with tenant_session(calling.organization_id) as session:
        heard_from(session, _agent(session, calling))
        mine = for_agent(calling.id)
        lost = [order for order in orders_in_hand(session, mine) if order.job_id not in set(in_hand)]
        if len(lost) >= limit:
            return lost[:limit]
        return lost + take_jobs(session, mine, limit - len(lost)).orders


def report(calling: CallingAgent, reports: Sequence[tuple[int, Report]]) -> int:
    """Keep what came of the agent's jobs; returns how many were new. Raises `NOT_FOUND` for one that is not its own."""
    ids = {job_id for job_id, _ in reports}
    with tenant_session(calling.organization_id) as session:
        heard_from(session, _agent(session, calling))
        own = set(session.scalars(select(Job.id).where(Job.id.in_(ids), Job.agent_id == calling.id)))
        if own != ids:
            raise NOT_FOUND(what="order")
    with _well_formed():
        return keep_reports(calling.organization_id, reports)


def readings(calling: CallingAgent, told: Sequence[tuple[str, Report]]) -> int:
    """Keep what the agent has read of its own printers unasked (F-11); returns how many they were.

    Printers that it does not manage (any more) are passed over: it learns that with its list. Raises `MALFORMED`.
    """
    with _well_formed(), tenant_session(calling.organization_id) as session:
        agent = _agent(session, calling)
        heard_from(session, agent)
        agent.last_refresh = now()
        ids = [printer_id for printer_id, _ in told]
        query = select(Printer).where(Printer.id.in_(ids), Printer.agent_id == agent.id)
        own = {printer.id: printer for printer in session.scalars(query)}
        seen = [(own[printer_id], one) for printer_id, one in told if printer_id in own]
        for printer, one in seen:
            if one.outcome is Outcome.NOT_COMMUNICATING:
                printer.communication = Communication.SILENT
        store_readings(session, [observed(printer, one) for printer, one in seen if one.outcome is Outcome.COMPLETED])
        return len(seen)


def take_in_found(calling: CallingAgent, found: Sequence[FoundPrinter], job_id: int | None) -> list[Enrolled]:
    """Enrol what the agent found: for an order to search, or by its own interval, which moves nothing (F-3, F-8).

    Raises `NOT_FOUND` where the order is not the agent's or has ended.
    """
    with system_session() as session:
        agent = session.get(Agent, calling.id)
        if agent is None or agent.deactivated is not None:
            raise CREDENTIAL_REFUSED()
        heard_from(session, agent)
        allowed = [_allowed(agent, one) for one in found]
        if job_id is None:
            agent.last_discovery = now()
            return enrol(session, agent, allowed, Circumstances())
        job = session.get(Job, job_id)
        if job is None or job.agent_id != calling.id or job.status != JobStatus.IN_PROGRESS:
            raise NOT_FOUND(what="order")
        return take_in(session, session.get_one(FleetTask, job.task_id), job, allowed)


def own_printers(calling: CallingAgent) -> list[OwnPrinter]:
    """The printers that the agent reads by itself.

    One that is missing was unenrolled or taken over (FL-618), or taken out of a fleet agent's criteria (FL-170).
    """
    with tenant_session(calling.organization_id, read_only=True) as session:
        agent = _agent(session, calling)
        printers = printers_within(session, agent)
        snmp = snmp_accesses(session, printers)
        return [OwnPrinter(one.id, printer_target(one, snmp.get(one.snmp_profile_id or ""))) for one in printers]


def keep_credentials(calling: CallingAgent, printer_id: str, access: Access) -> None:
    """Keep how the agent on a printer signs in to it; it has tried that itself (FL-102, FL-106).

    Raises `NOT_FOUND` for a printer that is not the agent's own, and for agents that are not on a printer.
    """
    with tenant_session(calling.organization_id) as session:
        agent = _agent(session, calling)
        query = select(Printer).where(Printer.id == printer_id, Printer.agent_id == agent.id)
        printer = session.scalar(query) if agent.kind in (AgentKind.NATIVE, AgentKind.PRINTER) else None
        if printer is None:
            raise NOT_FOUND(what="printer")
        keep_access(printer, access)
        printer.communication, printer.last_contact = Communication.COMMUNICATING, now()
        facts = {"serial_number": printer.serial_number}
        record_unattended(session, printer.organization_id, "printer.credentials_given", "printer", printer.id, facts)


def order_in_hand(calling: CallingAgent, job_id: int) -> Order:
    """An order that the agent has taken and not reported; raises `NOT_FOUND`."""
    with tenant_session(calling.organization_id) as session:
        _agent(session, calling)
        found = orders_in_hand(session, and_(for_agent(calling.id), Job.id == job_id))
    if not found:
        raise NOT_FOUND(what="order")
    return found[0]


def file_of_order(calling: CallingAgent, job_id: int, key: str) -> str:
    """The SHA-256 of a file that the order names by its key; raises `NOT_FOUND` for any other file."""
    sha256 = _named_files(order_in_hand(calling, job_id).parameters).get(key)
    if sha256 is None:
        raise NOT_FOUND(what="file")
    return sha256


@contextmanager
def _well_formed() -> Iterator[None]:
    """What an agent tells is checked by the models of readings; what does not fit them is refused."""
    try:
        yield
    except ValidationError as error:
        raise MALFORMED() from error


def _named_files(value: Any) -> dict[str, str]:
    """The file references anywhere in an order's parameters: SHA-256 by key."""
    found: dict[str, str] = {}
    if isinstance(value, dict):
        if isinstance(value.get("key"), str) and isinstance(value.get("sha256"), str):
            found[value["key"]] = value["sha256"]
        for inner in value.values():
            found |= _named_files(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            found |= _named_files(inner)
    return found


def _allowed(agent: Agent, found: FoundPrinter) -> FoundPrinter:
    """Agents on printers enrol that printer only: whatever else they claim has no serial number here."""
    single = agent.kind in (AgentKind.NATIVE, AgentKind.PRINTER) and found.serial_number != agent.name
    return found.model_copy(update={"serial_number": ""}) if single else found


def _search(agent: Agent) -> Discover | None:
    if agent.kind != AgentKind.FLEET:
        return None
    settings = settings_of(agent)
    return Discover(
        local=settings.search is Search.LOCAL,
        include=settings.include,
        exclude=settings.exclude,
        delay=settings.delay,
        http_port=settings.http_port,
        snmp_port=settings.snmp_port,
    )


def _agent(session: Session, calling: CallingAgent) -> Agent:
    agent = session.scalar(select(Agent).where(Agent.id == calling.id))
    if agent is None or agent.deactivated is not None:
        raise CREDENTIAL_REFUSED()
    return agent
