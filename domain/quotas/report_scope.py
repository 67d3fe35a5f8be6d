"""What a report is about: whose use, between which days, and whether the reader may see it (SQ-90, SQ-91, SQ-99)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import PERSON_NEEDED, Actor, actor_for
from domain.organizations.models import Organization, OrganizationStatus, User, now
from domain.organizations.permissions import Permission
from domain.quotas.models import EntryState, LedgerEntry

LONGEST_BACK_YEARS = 2

BAD_PERIOD = Fault(
    "report.bad_period",
    422,
    N_("The reporting period ends before it begins, or in the future."),
    N_("Choose a first day and a last day up to today."),
)
TOO_FAR_BACK = Fault(
    "report.too_far_back",
    422,
    N_("Reports reach back two years at most, to {first}."),
    N_("Choose a later first day."),
    spec="SQ-99",
)
NO_CUSTOMER_USED_ANY = Fault(
    "report.no_customer_used_any",
    409,
    N_("None of your customer organizations has used a solution yet."),
    N_("Make the report of your own organization, or wait until a customer has used one."),
    spec="SQ-90",
)

Uses = Select[tuple[LedgerEntry]]
"""The entries of the ledger that a report is made from."""


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, both inclusive, where the reporting organization is."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class ReportScope:
    """The organization that reports, those whose use it is, their entries, and the time zone of its days."""

    organization: Organization
    member_ids: tuple[str, ...]
    uses: Uses
    zone: ZoneInfo


def organization_scope(session: Session, actor: Actor, period: Period, organization_id: str | None) -> ReportScope:
    """One organization: that in which the actor works, or a customer of theirs.

    The actor needs the role as they count there (SQ-91). `session` sees all organizations. Raises `PERSON_NEEDED` for
    an application that asks for another organization than it works in: it says in its request's header where it works.
    """
    there = actor
    if organization_id not in (None, actor.organization_id):
        if actor.is_application:
            raise PERSON_NEEDED()
        user = session.get_one(User, actor.user_id)
        there = actor_for(session, user, organization_id, scopes=actor.scopes, address=actor.address)
    there.need(Permission.SOLUTIONS_REPORT)
    place = session.get_one(Organization, there.organization_id)
    zone = _zone(place, period)
    return ReportScope(place, (place.id,), _between(period, zone, LedgerEntry.organization_id == place.id), zone)


def organizations_scope(session: Session, actor: Actor, period: Period) -> ReportScope:
    """The actor's own organization and its customers, one of which must have used a solution (SQ-90)."""
    actor.need(Permission.SOLUTIONS_REPORT_ALL)
    partner = session.get_one(Organization, actor.home_organization_id)
    zone = _zone(partner, period)
    customers = select(Organization.id).where(
        Organization.parent_id == partner.id, Organization.status == OrganizationStatus.ACTIVE
    )
    ids = session.scalars(customers).all()
    used = select(LedgerEntry.id).where(LedgerEntry.organization_id.in_(ids), _DONE).limit(1)
    if session.scalar(used) is None:
        raise NO_CUSTOMER_USED_ANY()
    members = (partner.id, *ids)
    return ReportScope(partner, members, _between(period, zone, LedgerEntry.organization_id.in_(members)), zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which `day` begins in that time zone."""
    return datetime.combine(day, time(), zone)


_DONE = LedgerEntry.state == EntryState.SETTLED


def _between(period: Period, zone: ZoneInfo, whose: ColumnElement[bool]) -> Uses:
    return select(LedgerEntry).where(
        whose,
        _DONE,
        LedgerEntry.closed >= midnight(period.first, zone),
        LedgerEntry.closed < midnight(period.last + timedelta(days=1), zone),
    )


def _zone(organization: Organization, period: Period) -> ZoneInfo:
    """The organization's time zone, once the period was found good there."""
    zone = ZoneInfo(organization.time_zone)
    today = now().astimezone(zone).date()
    if not period.first <= period.last <= today:
        raise BAD_PERIOD()
    if period.first < (first := first_day(today)):
        raise TOO_FAR_BACK(first=first.isoformat())
    return zone


def first_day(today: date) -> date:
    """The earliest day that a report of today reaches (SQ-99)."""
    year = today.year - LONGEST_BACK_YEARS
    is_leap_day = (today.month, today.day) == (2, 29)
    return date(year, 2, 28) if is_leap_day else today.replace(year=year)
