"""Enrolling found printers with the agent that found them: new ones, known ones, those of other agents (F-3, FL-175).

What follows from an enrolment — default configuration and first reading — is `fleet.enrolment.first_steps`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from domain.audit.service import record_unattended
from domain.organizations.models import now
from fleet.agents.models import Agent, AgentKind
from fleet.agents.settings import settings_of
from fleet.enrolment.first_steps import welcome
from fleet.enrolment.models import PreRegistration
from fleet.printers.models import Communication, Printer, PrinterEvent
from steps.found_printers import FoundPrinter

ENROLLED = N_("Enrolled by the agent “{agent}”")
TAKEN_OVER = N_("Taken over by the agent “{agent}”")
NO_SERIAL = N_("The printer does not tell its serial number, so it cannot be told from others.")
TWICE = N_("Another printer of this search has the same serial number.")
OTHER_AGENT = N_("Another agent manages the printer, and taking over is turned off.")
ELSEWHERE = N_("The printer is enrolled in another organization. Unenrol it there first.")
PROGRAMME = N_("The printer is in the supplies programme of another organization.")
CHUNK = 500


class Result(StrEnum):
    """What became of a found printer (F-3)."""

    ENROLLED = "enrolled"
    UPDATED = "updated"
    TAKEN_OVER = "taken_over"
    MOVED = "moved"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """One found printer, what became of it, why it was skipped, and its id where it is in the list now."""

    found: FoundPrinter
    result: Result
    reason: Message | None = None
    printer_id: str = ""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How it came about.

    `deliberate`: a person asked for it, so printers that our own worker has found may be moved here from other
    organizations (A-11). Intervals never move any, nor does what an agent elsewhere says: nobody could tell whether
    it has ever seen the printer. `user_id` is that person.
    """

    deliberate: bool = False
    user_id: str = ""


@dataclass(slots=True)
class _Work:
    session: Session
    agent: Agent
    how: Circumstances
    known: dict[str, Printer]
    foreign: dict[str, Printer]
    seen: set[str] = field(default_factory=set)


def enrol(session: Session, agent: Agent, found: Sequence[FoundPrinter], how: Circumstances) -> list[Enrolled]:
    """Enrol what the agent found, in its organization; returns what became of each, in order.

    `session` is the system's: a printer may leave another organization in the same transaction. Its tags, assignments
    and history stay behind; one of a supplies programme is not moved.
    """
    serials = {one.serial_number for one in found if one.serial_number}
    here, elsewhere = _known(session, agent.organization_id, serials)
    work = _Work(session, agent, how, here, elsewhere)
    results = [_one(work, each) for each in found]
    newcomers = [one.printer_id for one in results if one.result in (Result.ENROLLED, Result.MOVED)]
    if newcomers:
        _forget_pre_registrations(session, agent, {one.found.serial_number for one in results})
        welcome(session, agent, newcomers, how.user_id or None)
    return results


def counts(results: Iterable[Enrolled]) -> dict[str, int]:
    """How many printers ended in which way."""
    return dict(Counter(one.result.value for one in results))


def _known(
    session: Session, organization_id: str, serials: Iterable[str]
) -> tuple[dict[str, Printer], dict[str, Printer]]:
    here: dict[str, Printer] = {}
    elsewhere: dict[str, Printer] = {}
    wanted = sorted(serials)
    for start in range(0, len(wanted), CHUNK):
        query = select(Printer).where(Printer.serial_number.in_(wanted[start : start + CHUNK]))
        for printer in session.scalars(query):
            own = printer.organization_id == organization_id
            (here if own else elsewhere)[printer.serial_number] = printer
    return here, elsewhere


def _one(work: _Work, found: FoundPrinter) -> Enrolled:
    serial = found.serial_number
    if not serial:
        return _skipped(found, NO_SERIAL)
    if serial in work.seen:
        return _skipped(found, TWICE)
    work.seen.add(serial)
    if (printer := work.known.get(serial)) is not None:
        return _known_here(work, printer, found)
    if (printer := work.foreign.get(serial)) is not None:
        return _known_elsewhere(work, printer, found)
    return Enrolled(found, Result.ENROLLED, printer_id=_add(work, found).id)


def _known_here(work: _Work, printer: Printer, found: FoundPrinter) -> Enrolled:
    """Same agent: whatever it says of itself is brought up to date. Another: taken over or left alone (FL-108)."""
    if printer.agent_id == work.agent.id:
        _bring_up_to_date(printer, found)
        _seen(printer, found)
        return Enrolled(found, Result.UPDATED, printer_id=printer.id)
    if printer.agent_id is not None and not _takes_over(work):
        return _skipped(found, OTHER_AGENT, printer.id)
    printer.agent_id, printer.agent_kind = work.agent.id, work.agent.kind
    _bring_up_to_date(printer, found)
    _way_in(work.agent, printer, found)
    _seen(printer, found)
    _note(work, printer, TAKEN_OVER, "printer.taken_over")
    return Enrolled(found, Result.TAKEN_OVER, printer_id=printer.id)


def _known_elsewhere(work: _Work, printer: Printer, found: FoundPrinter) -> Enrolled:
    if printer.msp is not None:
        return _skipped(found, PROGRAMME)
    if not (work.how.deliberate and work.agent.is_built_in):
        return _skipped(found, ELSEWHERE)
    facts = {"serial_number": printer.serial_number, "address": printer.address}
    record_unattended(work.session, printer.organization_id, "printer.moved_away", "printer", printer.id, facts)
    work.session.execute(delete(Printer).where(Printer.id == printer.id))
    return Enrolled(found, Result.MOVED, printer_id=_add(work, found).id)


def _takes_over(work: _Work) -> bool:
    """Only fleet agents leave printers of others alone; the other kinds enrol one printer by somebody's decision."""
    return work.agent.kind != AgentKind.FLEET or settings_of(work.agent).take_over


def _add(work: _Work, found: FoundPrinter) -> Printer:
    agent = work.agent
    printer = Printer(
        organization_id=agent.organization_id,
        agent_id=agent.id,
        agent_kind=agent.kind,
        serial_number=found.serial_number,
        address=found.address,
        access="",
    )
    _bring_up_to_date(printer, found)
    _way_in(agent, printer, found)
    printer.communication = Communication.NEEDS_CREDENTIALS if found.needs_credentials else Communication.COMMUNICATING
    printer.last_contact = now()
    work.session.add(printer)
    work.session.flush()
    _note(work, printer, ENROLLED, "printer.enrolled")
    return printer


def _bring_up_to_date(printer: Printer, found: FoundPrinter) -> None:
    """Take over what the printer told; what it did not tell stays as it was."""
    printer.address = found.address
    printer.is_vendor = found.is_vendor
    for name in (
        "manufacturer", "model", "host_name", "mac", "location", "contact", "asset_tag", "firmware_level",
        "framework_version", "agent_version",
    ):  # fmt: skip
        if told := getattr(found, name):
            setattr(printer, name, told)
    if found.is_color is not None:
        printer.is_color = found.is_color
    if found.pages_per_minute is not None:
        printer.pages_per_minute = found.pages_per_minute
    parts = (
        printer.address, printer.serial_number, printer.model, printer.manufacturer, printer.host_name, printer.name,
        printer.asset_tag, printer.location, printer.contact,
    )  # fmt: skip
    printer.search_key = " ".join(part for part in parts if part).casefold()[:1500]


def _way_in(agent: Agent, printer: Printer, found: FoundPrinter) -> None:
    printer.ports = dict(found.ports)
    printer.snmp_profile_id = settings_of(agent).snmp_profile_id or None


def _seen(printer: Printer, found: FoundPrinter) -> None:
    printer.last_contact = now()
    if printer.communication == Communication.SILENT:
        printer.communication = Communication.COMMUNICATING
    if found.needs_credentials and not printer.access:
        printer.communication = Communication.NEEDS_CREDENTIALS


def _note(work: _Work, printer: Printer, text: str, action: str) -> None:
    message = Message.of(text, agent=work.agent.name)
    work.session.add(
        PrinterEvent(
            organization_id=printer.organization_id,
            printer_id=printer.id,
            kind="enrolment",
            status="completed",
            message=message.model_dump(),
            ended=now(),
        )
    )
    facts = {"serial_number": printer.serial_number, "address": printer.address, "agent": work.agent.name}
    record_unattended(
        work.session, printer.organization_id, action, "printer", printer.id, facts, user_id=work.how.user_id
    )


def _skipped(found: FoundPrinter, text: str, printer_id: str = "") -> Enrolled:
    return Enrolled(found, Result.SKIPPED, Message.of(text), printer_id)


def _forget_pre_registrations(session: Session, agent: Agent, serials: Iterable[str]) -> None:
    wanted = sorted(serial for serial in serials if serial)
    for start in range(0, len(wanted), CHUNK):
        session.execute(
            delete(PreRegistration).where(
                PreRegistration.organization_id == agent.organization_id,
                PreRegistration.serial_number.in_(wanted[start : start + CHUNK]),
            )
        )
