"""Diagnostic events: switched on by the operator, made, kept until they expire, made again (F-38, FL-244…FL-246)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import get_settings
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, now
from domain.tenancy import NOT_FOUND, system_session
from fleet.diagnostics.models import DiagnosticEvent, DiagnosticFleet
from fleet.printers.alert_events import PRINTER_ALERT, SUPPLY_ALERT
from fleet.printers.models import PrinterEvent, Severity

OPERATOR_NEEDED = Fault(
    "diagnostics.operator_needed",
    403,
    N_("Only the operator switches diagnostic events on or off."),
    N_("Ask the operator of this installation."),
    spec="FL-244",
)
OF_PARTNER = Fault(
    "diagnostics.of_partner",
    409,
    N_("Diagnostic events are switched for the fleet of a partner as a whole."),
    N_("Name the partner of this organization."),
    spec="FL-244",
)


@dataclass(frozen=True, slots=True)
class DiagnosticView:
    """An event as lists and pages show it."""

    id: int
    severity: Severity
    is_of_supply: bool
    text: str
    made: datetime
    expires: datetime
    cleared: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What one run has done."""

    expired: int
    made: int


def switch_diagnostics(actor: Actor, organization: str, *, enabled: bool) -> str:
    """Switch events on or off for an organization of the first level and its customers; returns its name.

    `organization` is its id or its name. Switched off, its events are deleted. Raises `OPERATOR_NEEDED`, `NOT_FOUND`,
    and `OF_PARTNER` for a customer.
    """
    if not actor.is_operator:
        raise OPERATOR_NEEDED()
    with system_session() as session:
        named = or_(Organization.id == organization, Organization.name == organization)
        found = session.scalars(select(Organization).where(named).order_by(Organization.parent_id.is_not(None))).first()
        if found is None:
            raise NOT_FOUND(what="organization")
        if found.parent_id is not None:
            raise OF_PARTNER()
        fleet = session.scalar(select(DiagnosticFleet).where(DiagnosticFleet.organization_id == found.id))
        if enabled and fleet is None:
            newest = session.scalar(select(func.max(PrinterEvent.id))) or 0
            session.add(DiagnosticFleet(organization_id=found.id, last_event=newest))
        elif not enabled and fleet is not None:
            session.delete(fleet)
            events = delete(DiagnosticEvent).where(DiagnosticEvent.organization_id.in_(_family(session, found.id)))
            session.execute(events)
        facts = {"enabled": str(enabled)}
        record(session, actor, "diagnostics.switched", "organization", found.id, facts, organization_id=found.id)
        return found.name


def keep_diagnostics(session: Session, moment: datetime | None = None) -> Kept:
    """Expire events, and make those that are due, in all fleets that have them; `session` sees all organizations."""
    moment = moment or now()
    gone = delete(DiagnosticEvent).where(DiagnosticEvent.expires <= moment).returning(DiagnosticEvent.id)
    expired = len(session.scalars(gone).all())
    newest = session.scalar(select(func.max(PrinterEvent.id))) or 0
    made = 0
    for fleet in session.scalars(select(DiagnosticFleet)).all():
        organizations = _family(session, fleet.organization_id)
        _note_cleared(session, organizations)
        made += _make(session, organizations, fleet.last_event, moment)
        fleet.last_event = newest
    return Kept(expired, made)


def diagnostics_of(session: Session, ids: Sequence[str]) -> Mapping[str, Sequence[DiagnosticView]]:
    """By printer id, the events that have not expired, newest first."""
    query = select(DiagnosticEvent).where(DiagnosticEvent.printer_id.in_(ids), DiagnosticEvent.expires > now())
    found: dict[str, list[DiagnosticView]] = {}
    for row in session.scalars(query.order_by(DiagnosticEvent.id.desc())):
        view = DiagnosticView(
            row.id, Severity(row.severity), row.is_of_supply, row.text, row.made, row.expires, row.cleared
        )
        found.setdefault(row.printer_id, []).append(view)
    return found


def _family(session: Session, organization_id: str) -> Sequence[str]:
    its = or_(Organization.id == organization_id, Organization.parent_id == organization_id)
    return session.scalars(select(Organization.id).where(its)).all()


def _make(session: Session, organizations: Sequence[str], last_event: int, moment: datetime) -> int:
    """For alerts that are there and have no event, or none any more, and for those that came and went since."""
    known = select(DiagnosticEvent.source_id).where(DiagnosticEvent.organization_id.in_(organizations))
    alerts = select(PrinterEvent).where(
        PrinterEvent.organization_id.in_(organizations),
        PrinterEvent.kind.in_((PRINTER_ALERT, SUPPLY_ALERT)),
        or_(PrinterEvent.ended.is_(None), PrinterEvent.id > last_event),
        PrinterEvent.id.not_in(known),
    )
    expires = moment + timedelta(days=get_settings().fleet_diagnostic_days)
    rows = [_row(alert, moment, expires) for alert in session.scalars(alerts.order_by(PrinterEvent.id))]
    if rows:
        session.execute(insert(DiagnosticEvent), rows)
    return len(rows)


def _row(alert: PrinterEvent, moment: datetime, expires: datetime) -> dict[str, Any]:
    facts = alert.message["facts"]
    return {
        "organization_id": alert.organization_id,
        "printer_id": alert.printer_id,
        "source_id": alert.id,
        "severity": Severity.ERROR if alert.status == Severity.ERROR else Severity.WARNING,
        "is_of_supply": alert.kind == SUPPLY_ALERT,
        "text": str(facts["text"])[:500],
        "code": facts["code"],
        "made": moment,
        "expires": expires,
        "cleared": alert.ended,
    }


def _note_cleared(session: Session, organizations: Sequence[str]) -> None:
    ended = select(PrinterEvent.ended).where(PrinterEvent.id == DiagnosticEvent.source_id).scalar_subquery()
    open_ones = DiagnosticEvent.organization_id.in_(organizations), DiagnosticEvent.cleared.is_(None)
    session.execute(
        update(DiagnosticEvent).where(*open_ones).values(cleared=ended),
        execution_options={"synchronize_session": False},
    )
