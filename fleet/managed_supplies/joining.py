"""Adding printers to the programme: who may, under which terms, and what becomes of the request (F-40, FL-463…)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.outbox.service import enqueue
from domain.tenancy import NOT_FOUND, new_id
from fleet.agents.models import Agent
from fleet.managed_supplies.models import DeliveryContact, MembershipRequestRow
from fleet.managed_supplies.programme import IN_A_PARENT, NOT_ENTITLED, STANDARD_TERMS, Programme, programme_of
from fleet.managed_supplies.rules import Eligibility, eligibility
from fleet.printers.models import MspStatus, Printer

ADD = "add-to-managed-supplies/add-to-managed-supplies"
CHUNK = 500
NO_CONTACTS = Fault(
    "managed_supplies.no_contacts",
    409,
    N_("There is no delivery contact yet."),
    N_("Make one on the page “Delivery contacts”, then assign it to the printers."),
    spec="FL-452",
)
NOT_THESE_TERMS = Fault(
    "managed_supplies.terms",
    409,
    N_("The terms of the programme were not accepted, or have changed since."),
    N_("Read the terms as they are now and accept them."),
    spec="FL-463",
)
NONE_ELIGIBLE = Fault(
    "managed_supplies.none_eligible",
    409,
    N_("None of these printers can be added."),
    N_("See how each stands, and what helps."),
    spec="FL-463",
)


@dataclass(frozen=True, slots=True)
class ChosenPrinter:
    """A printer as the groups name it."""

    id: str
    serial_number: str
    model: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody has to know before printers are added; `terms` is empty for the standard ones."""

    terms: str
    terms_version: str
    groups: Mapping[Eligibility, tuple[ChosenPrinter, ...]]

    @property
    def shown_terms(self) -> str:
        """The terms, of which the standard ones are translated."""
        return self.terms or STANDARD_TERMS


@dataclass(frozen=True, slots=True)
class ProgrammeStanding:
    """How an organization stands with the programme: whether it may be in it, and how many printers are."""

    is_entitled: bool
    has_partner: bool
    members: int
    pending: int
    contacts: int
    terms: str
    terms_version: str

    @property
    def shown_terms(self) -> str:
        """The terms, of which the standard ones are translated."""
        return self.terms or STANDARD_TERMS


def programme_standing(actor: Actor) -> ProgrammeStanding:
    """How the organization stands."""
    actor.need(Permission.FLEET_MANAGE)
    programme, has_partner = _programme_or_none(actor)
    counted = select(Printer.msp, func.count()).where(Printer.msp.is_not(None)).group_by(Printer.msp)
    with actor.session(read_only=True) as session:
        printers: dict[MspStatus | None, int] = dict(session.execute(counted).tuples().all())
        contacts = session.scalar(select(func.count()).select_from(DeliveryContact)) or 0
    return ProgrammeStanding(
        is_entitled=programme is not None,
        has_partner=has_partner,
        members=printers.get(MspStatus.MEMBER, 0),
        pending=printers.get(MspStatus.PENDING, 0),
        contacts=contacts,
        terms=programme.settings.terms if programme else "",
        terms_version=programme.settings.terms_version if programme else "",
    )


def check_eligibility(actor: Actor, printer_ids: Sequence[str]) -> Standing:
    """How each of these printers stands, by the outcome (FL-464…FL-472).

    The prerequisites are checked in turn (FL-452): raises `IN_A_PARENT`, `NOT_ENTITLED`, `NO_CONTACTS`, and
    `NOT_FOUND` for what is no printer of the organization.
    """
    actor.need(Permission.FLEET_MANAGE)
    programme = programme_of(actor.organization_id)
    with actor.session(read_only=True) as session:
        _check_contacts(session)
        groups = _groups(session, programme, printer_ids)
    found = {
        one: tuple(ChosenPrinter(printer.id, printer.serial_number, printer.model) for printer in printers)
        for one, printers in groups.items()
    }
    return Standing(programme.settings.terms, programme.settings.terms_version, found)


def add_printers(actor: Actor, printer_ids: Sequence[str], terms_version: str) -> int:
    """Have those of the printers that are eligible ask to be taken in; returns how many.

    They are pending until the programme answers, and there is no way back (FL-473). Raises as `check_eligibility`,
    `NOT_THESE_TERMS` and `NONE_ELIGIBLE`.
    """
    actor.need(Permission.FLEET_MANAGE)
    programme = programme_of(actor.organization_id)
    programme.check_reachable()
    if terms_version != programme.settings.terms_version:
        raise NOT_THESE_TERMS()
    with actor.session() as session:
        _check_contacts(session)
        eligible = _groups(session, programme, printer_ids, for_change=True)[Eligibility.ELIGIBLE]
        if not eligible:
            raise NONE_ELIGIBLE()
        for printer in eligible:
            printer.msp = MspStatus.PENDING
            session.add(
                MembershipRequestRow(printer_id=printer.id, requester_id=actor.user_id or None, terms=terms_version)
            )
        facts: Facts = {
            "count": len(eligible),
            "serial_numbers": [printer.serial_number for printer in eligible[:CHUNK]],
            "terms": terms_version,
        }
        record(session, actor, "managed_supplies.requested", "organization", actor.organization_id, facts)
        hand_over(session, actor.organization_id)
        return len(eligible)


def hand_over(session: Session, organization_id: str) -> None:
    """Have the requests that wait handed to the programme once this transaction is committed."""
    enqueue(
        session,
        organization_id,
        ADD,
        key=f"{ADD}/{organization_id}/{new_id()}",
        name="add to managed supplies",
        parameters={"organization_id": organization_id},
    )


def _programme_or_none(actor: Actor) -> tuple[Programme | None, bool]:
    try:
        return programme_of(actor.organization_id), True
    except PressroomError as error:
        if error.fault not in (IN_A_PARENT, NOT_ENTITLED):
            raise
        return None, error.fault is NOT_ENTITLED


def _check_contacts(session: Session) -> None:
    if session.scalar(select(DeliveryContact.id).limit(1)) is None:
        raise NO_CONTACTS()


def _groups(
    session: Session, programme: Programme, printer_ids: Sequence[str], *, for_change: bool = False
) -> dict[Eligibility, list[Printer]]:
    groups: dict[Eligibility, list[Printer]] = {one: [] for one in Eligibility}
    ids = list(dict.fromkeys(printer_ids))
    settings = programme.settings
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        query = select(Printer).where(Printer.id.in_(part)).order_by(Printer.serial_number)
        printers = session.scalars(query.with_for_update() if for_change else query).all()
        if len(printers) != len(part):
            raise NOT_FOUND(what="printer")
        wanted = {printer.agent_id for printer in printers if printer.agent_id}
        agents = {agent.id: agent for agent in session.scalars(select(Agent).where(Agent.id.in_(wanted)))}
        for printer in printers:
            agent = agents.get(printer.agent_id or "")
            groups[eligibility(printer, agent, settings.models, settings.most_pages)].append(printer)
    return groups
