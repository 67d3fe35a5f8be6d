"""Printers that enrol themselves, by the agent in their firmware or on their panel (F-5, FL-142…FL-154).

Two codes that must not be mixed (A-9): the organization's code is typed at the printer and counts for pre-registered
serial numbers only; the printer's own code is typed in the portal.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, OrganizationStatus, now
from domain.organizations.permissions import Permission
from domain.sign_in.sessions import token_hash
from domain.tenancy import system_session
from fleet.agents.activation import Activated, begin
from fleet.agents.codes import code_fingerprint
from fleet.agents.models import Agent, AgentKind
from fleet.capabilities.levels import is_at_least
from fleet.enrolment.enrol import Circumstances, Result, enrol
from fleet.enrolment.models import EnrolmentCode, PreRegistration, PrinterAnnouncement
from fleet.printers.models import Printer
from steps.found_printers import FoundPrinter

UNKNOWN_CODE = Fault(
    "enrolment.unknown_code",
    404,
    N_("The enrolment code is not known, or it has expired."),
    N_("Type it as it is shown. A printer's code is valid for 72 hours: get a new one at the printer."),
    spec="FL-152",
)
NOT_PRE_REGISTERED = Fault(
    "enrolment.not_pre_registered",
    409,
    N_("The serial number {serial} is not pre-registered in the organization of this code."),
    N_("Pre-register it in the portal, or let the printer make a code and type that in the portal."),
    spec="FL-154",
)
ENROLLED_ALREADY = Fault(
    "enrolment.enrolled_already",
    409,
    N_("The printer {serial} is pre-registered or enrolled already."),
    N_("Enrol a pre-registered printer with the organization's code; unenrol an enrolled one first."),
    spec="FL-150",
)
FIRMWARE_TOO_OLD = Fault(
    "enrolment.firmware_too_old",
    422,
    N_("The printer's firmware {level} is too old for its agent."),
    N_("Update the firmware at the printer's web page; {lowest} or later is needed."),
    spec="FL-99",
)
NOT_ENROLLED = Fault(
    "enrolment.refused",
    409,
    N_("The printer was not enrolled: {reason}"),
    N_("See what is said about this printer in the organization that has it."),
)
UNKNOWN_TICKET = Fault(
    "enrolment.unknown_ticket",
    404,
    N_("This printer waits for no enrolment any more."),
    N_("Get a new enrolment code at the printer."),
)
LOWEST_FIRMWARE, LOWEST_FRAMEWORK = "075.001", "3.0"
CODE_HOURS = 72
SELF_ENROLLING = frozenset({AgentKind.NATIVE, AgentKind.PRINTER})


@dataclass(frozen=True, slots=True)
class Announced:
    """A printer waits for its code to be typed in the portal; `ticket` is what it asks with."""

    ticket: str
    expires: datetime


def enrol_by_organization_code(code: str, kind: AgentKind, found: FoundPrinter, address: str) -> Activated:
    """The printer shows the code of an organization that has pre-registered it (FL-146, FL-154).

    Raises `UNKNOWN_CODE`, `NOT_PRE_REGISTERED`, `FIRMWARE_TOO_OLD`, `NOT_ENROLLED`.
    """
    _require_capable(kind, found)
    with system_session() as session:
        query = (
            select(EnrolmentCode.organization_id)
            .join(Organization, Organization.id == EnrolmentCode.organization_id)
            .where(
                EnrolmentCode.fingerprint == code_fingerprint("organization", code),
                Organization.status == OrganizationStatus.ACTIVE,
            )
        )
        organization_id = session.scalar(query)
        if organization_id is None:
            raise UNKNOWN_CODE()
        waiting = select(PreRegistration.id).where(
            PreRegistration.organization_id == organization_id, PreRegistration.serial_number == found.serial_number
        )
        if session.scalar(waiting) is None:
            raise NOT_PRE_REGISTERED(serial=found.serial_number)
        return _enrol(session, organization_id, kind, found, address, "")


def announce(code: str, kind: AgentKind, found: FoundPrinter) -> Announced:
    """A printer shows a code of its own and waits (FL-151); a former announcement of it is forgotten."""
    _require_capable(kind, found)
    ticket = secrets.token_urlsafe(32)
    expires = now() + timedelta(hours=CODE_HOURS)
    mark = code_fingerprint("printer", code)
    with system_session() as session:
        session.execute(delete(PrinterAnnouncement).where(PrinterAnnouncement.expires <= now()))
        session.execute(
            delete(PrinterAnnouncement).where(
                PrinterAnnouncement.serial_number == found.serial_number, PrinterAnnouncement.claimed_by.is_(None)
            )
        )
        if session.scalar(select(PrinterAnnouncement.id).where(PrinterAnnouncement.fingerprint == mark)):
            raise UNKNOWN_CODE()
        kept: Mapping[str, Any] = {"kind": kind.value, "found": found.model_dump(mode="json")}
        session.add(
            PrinterAnnouncement(
                serial_number=found.serial_number,
                fingerprint=mark,
                ticket_hash=token_hash(ticket),
                printer=dict(kept),
                expires=expires,
            )
        )
    return Announced(ticket, expires)


def claim_printer(actor: Actor, code: str) -> str:
    """Somebody types a printer's code in the portal (FL-152); returns its serial number.

    The printer is enrolled when it next asks. Raises `UNKNOWN_CODE`, `ENROLLED_ALREADY`.
    """
    actor.need(Permission.FLEET_ENROL)
    with system_session() as session:
        query = select(PrinterAnnouncement).where(
            PrinterAnnouncement.fingerprint == code_fingerprint("printer", code),
            PrinterAnnouncement.expires > now(),
            PrinterAnnouncement.claimed_by.is_(None),
        )
        waiting = session.scalar(query)
        if waiting is None:
            raise UNKNOWN_CODE()
        serial = waiting.serial_number
        if _is_known(session, actor.organization_id, serial):
            raise ENROLLED_ALREADY(serial=serial)
        waiting.claimed_by, waiting.claimer_id = actor.organization_id, actor.user_id
        record(session, actor, "printer.code_claimed", "printer", "", {"serial_number": serial})
        return serial


def ask_for_enrolment(ticket: str, address: str) -> Activated | None:
    """The waiting printer asks; None: nobody has typed its code yet. Raises `UNKNOWN_TICKET`, `NOT_ENROLLED`."""
    with system_session() as session:
        query = select(PrinterAnnouncement).where(PrinterAnnouncement.ticket_hash == token_hash(ticket))
        waiting = session.scalar(query)
        if waiting is None or waiting.expires <= now():
            raise UNKNOWN_TICKET()
        if waiting.claimed_by is None:
            return None
        if session.get(Organization, waiting.claimed_by) is None:  # deleted since it has typed the code
            raise UNKNOWN_TICKET()
        found = FoundPrinter.model_validate(waiting.printer["found"])
        kind = AgentKind(waiting.printer["kind"])
        activated = _enrol(session, waiting.claimed_by, kind, found, address, waiting.claimer_id or "")
        session.delete(waiting)
        return activated


def _enrol(
    session: Session, organization_id: str, kind: AgentKind, found: FoundPrinter, address: str, user_id: str
) -> Activated:
    query = select(Agent).where(
        Agent.organization_id == organization_id, Agent.kind == kind, Agent.name == found.serial_number
    )
    agent = session.scalar(query)
    if agent is None:
        agent = Agent(organization_id=organization_id, kind=kind, name=found.serial_number)
        session.add(agent)
        session.flush()
    agent.version = found.firmware_level if kind is AgentKind.NATIVE else found.agent_version
    agent.host = {"printer": found.model, "address": found.address}
    credential = begin(session, agent, address)
    result = enrol(session, agent, [found], Circumstances(deliberate=True, user_id=user_id))[0]
    if result.result is Result.SKIPPED:
        raise NOT_ENROLLED(reason=str(result.reason))
    return Activated(agent.id, organization_id, kind, credential)


def _is_known(session: Session, organization_id: str, serial: str) -> bool:
    waiting = select(PreRegistration.id).where(
        PreRegistration.organization_id == organization_id, PreRegistration.serial_number == serial
    )
    enrolled = select(Printer.id).where(
        Printer.organization_id == organization_id,
        Printer.serial_number == serial,
        Printer.agent_kind == AgentKind.NATIVE,
    )
    return session.scalar(waiting) is not None or session.scalar(enrolled) is not None


def _require_capable(kind: AgentKind, found: FoundPrinter) -> None:
    if kind is AgentKind.NATIVE and not is_at_least(found.firmware_level, LOWEST_FIRMWARE):
        raise FIRMWARE_TOO_OLD(level=found.firmware_level or "?", lowest=LOWEST_FIRMWARE)
    if kind is AgentKind.PRINTER and not is_at_least(found.framework_version, LOWEST_FRAMEWORK):
        raise FIRMWARE_TOO_OLD(level=found.framework_version or "?", lowest=LOWEST_FRAMEWORK)
