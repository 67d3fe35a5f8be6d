"""What a fleet agent asks and tells about scans at its own printers, whose scanners it reaches by eSCL.

The pages come as they come from printers that scan by themselves (`domain.scanning.pages`). What is wrong with a page
itself ends the batch here, where it is known; what the scanner did wrong the agent tells by the code of its fault.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Select, select

from connectors.errors import Fault, PressroomError
from connectors.escl import faults
from domain.scanning import orders, pages
from domain.scanning.jobs import PRINTER_LOST, WRONG_STATE, living_scan, takes_pages
from domain.scanning.models import ScanJob
from domain.scanning.orders import SCANNER_FAILED, ScanOrder
from domain.scanning.pages import PageProgress
from domain.scanning.states import ScanState, ScanWay
from domain.tenancy import NOT_FOUND, system_session, tenant_session
from fleet.agents.activation import CREDENTIAL_REFUSED, CallingAgent
from fleet.agents.models import Agent, AgentKind
from fleet.printers.models import Printer
from fleet.scanning.network import scan_at
from steps.scan_pages import NetworkScan

TOLD: Mapping[str, Fault] = {one.code: one for one in (*vars(faults).values(), PRINTER_LOST) if isinstance(one, Fault)}
"""What an agent may say of a batch that ended early, by code."""


@dataclass(frozen=True, slots=True)
class AgentScan:
    """An order, and how the agent carries it out."""

    order: ScanOrder
    scan: NetworkScan


@dataclass(frozen=True, slots=True)
class BatchEnd:
    """How a batch ended: the code of the fault that ended it early, if one did, and its facts."""

    batch: int
    code: str = ""
    facts: Mapping[str, str | int] | None = None
    ignored: Collection[str] = ()


def agents_with_orders() -> set[tuple[str, str]]:
    """Organization and id of every agent at whose printers an order waits; cheap, for long polls."""
    waiting = (ScanJob.state == ScanState.WAITING) & (ScanJob.way != ScanWay.DEVICE)
    query = select(Printer.organization_id, Printer.agent_id).join(ScanJob, ScanJob.printer_id == Printer.id)
    with system_session(read_only=True) as session:
        found = session.execute(query.where(waiting, Printer.agent_id.is_not(None)).distinct()).all()
        return {(organization_id, agent_id) for organization_id, agent_id in found if agent_id}


def take_orders(calling: CallingAgent, in_hand: Collection[str]) -> list[AgentScan]:
    """The orders that wait for the agent, which has them then. Raises `CREDENTIAL_REFUSED`."""
    if calling.kind != AgentKind.FLEET:
        return []
    with tenant_session(calling.organization_id) as session:
        agent = session.get(Agent, calling.id)
        if agent is None or agent.deactivated is not None:
            raise CREDENTIAL_REFUSED()
        taken = orders.take_for_agent(session, _own_printers(calling), in_hand)
        return [AgentScan(one, scan_at(session.get_one(Printer, one.printer_id), one)) for one in taken]


def printer_of_scan(calling: CallingAgent, scan_id: str, batch: int) -> str:
    """The printer of a batch that the agent has; raises `NOT_FOUND`, `ENDED_SCAN`, or `WRONG_STATE` after the batch."""
    with tenant_session(calling.organization_id, read_only=True) as session:
        scan = living_scan(session, scan_id)
        if scan.printer_id not in session.scalars(_own_printers(calling).where(Printer.id == scan.printer_id)).all():
            raise NOT_FOUND(what="scan")
        if scan.batch != batch or scan.way != ScanWay.AGENT:
            raise WRONG_STATE(state=str(scan.state))
        return scan.printer_id


def page_progress(calling: CallingAgent, scan_id: str, batch: int, number: int) -> PageProgress:
    """How much of a page has come; raises also `WRONG_STATE` where no more of it is wanted."""
    printer_id = printer_of_scan(calling, scan_id, batch)
    progress = pages.page_progress(calling.organization_id, printer_id, scan_id, number)
    with tenant_session(calling.organization_id, read_only=True) as session:
        scan = living_scan(session, scan_id)
        if not progress.is_complete and not takes_pages(scan):
            raise WRONG_STATE(state=str(scan.state))
    return progress


def refuse_page(calling: CallingAgent, scan_id: str, batch: int, error: PressroomError) -> None:
    """A page is none, or one too many: the batch ends with the pages before it, and the person reads why."""
    orders.end_batch(calling.organization_id, printer_of_scan(calling, scan_id, batch), scan_id, batch, error)


def end_scan(calling: CallingAgent, scan_id: str, end: BatchEnd) -> ScanState:
    """The agent is done with a batch; said twice it changes nothing. Raises what `printer_of_scan` raises."""
    fault = TOLD.get(end.code, SCANNER_FAILED)
    problem = fault(**(end.facts or {})) if end.code else None
    printer_id = printer_of_scan(calling, scan_id, end.batch)
    return orders.end_batch(calling.organization_id, printer_id, scan_id, end.batch, problem, end.ignored)


def _own_printers(calling: CallingAgent) -> Select[tuple[str]]:
    return select(Printer.id).where(Printer.agent_id == calling.id)
