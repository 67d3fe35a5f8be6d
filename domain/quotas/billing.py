"""Billing cycles of a partner: which one it is, which comes next, and what its customers used (SQ-8, SQ-70, SQ-84).

Billing follows use. The end of a cycle changes no limits: it only decides which use is reported together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, OrganizationStatus, now
from domain.organizations.permissions import Permission
from domain.quotas.models import BillingCycle, EntryState, LedgerEntry
from domain.quotas.reach import within_reach
from domain.quotas.report_scope import midnight
from domain.tenancy import NOT_FOUND, system_session
from steps.contract import Service

LENGTHS = (1, 2, 3, 6, 12)
LAST_DAY = 28
MONTHS = 12

BAD_CYCLE = Fault(
    "quota.bad_cycle",
    422,
    N_("This is no billing cycle."),
    N_("Choose 1, 2, 3, 6 or 12 months, a first month from 1 to 12, and a day from 1 to 28."),
    spec="SQ-70",
)

Used = Mapping[Service, int]
"""Pages charged, by service."""


@dataclass(frozen=True, slots=True)
class CycleRule:
    """Cycles of `months` that begin on `day`, one of them in `first_month`; the calendar month if nothing is set."""

    months: int = 1
    first_month: int = 1
    day: int = 1


@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle by its first and last day, both inclusive."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class CustomerBilling:
    """What one customer used in the cycle before, in this one so far, and when the next one begins."""

    organization_id: str
    organization_name: str
    previous: Cycle
    previous_used: Used
    current: Cycle
    current_used: Used
    upcoming: Cycle


def cycle_of(rule: CycleRule, day: date) -> Cycle:
    """The cycle that `day` is in."""
    month = day.year * MONTHS + day.month - 1 - (day.day < rule.day)
    month -= (month - (rule.first_month - 1)) % rule.months
    return Cycle(_day_in(month, rule.day), _day_in(month + rule.months, rule.day) - timedelta(days=1))


def cycle_before(rule: CycleRule, cycle: Cycle) -> Cycle:
    """The cycle that ends where `cycle` begins."""
    return cycle_of(rule, cycle.first - timedelta(days=1))


def cycle_after(rule: CycleRule, cycle: Cycle) -> Cycle:
    """The cycle that begins where `cycle` ends."""
    return cycle_of(rule, cycle.last + timedelta(days=1))


def billing_rule(actor: Actor) -> CycleRule:
    """How the actor's own organization bills its customers."""
    actor.need(Permission.QUOTAS_BILLING_VIEW)
    with system_session(read_only=True) as session:
        return _rule(session, actor.home_organization_id)


def set_billing_rule(actor: Actor, rule: CycleRule) -> None:
    """Change it; what was used before is from then on reported in the new cycles. Raises `BAD_CYCLE`."""
    actor.need(Permission.QUOTAS_DISTRIBUTIONS_MANAGE)
    if rule.months not in LENGTHS or not 1 <= rule.first_month <= MONTHS or not 1 <= rule.day <= LAST_DAY:
        raise BAD_CYCLE()
    home = actor.home_organization_id
    with system_session() as session:
        session.get(Organization, home, with_for_update=True)
        row = session.scalar(select(BillingCycle).where(BillingCycle.organization_id == home))
        if row is None:
            row = BillingCycle(organization_id=home)
            session.add(row)
        row.months, row.first_month, row.day = rule.months, rule.first_month, rule.day
        session.flush()
        facts = {"months": rule.months, "first_month": rule.first_month, "day": rule.day}
        record(session, actor, "quota_billing_cycle.set", "quota_billing_cycle", row.id, facts, organization_id=home)


def customers_billing(actor: Actor) -> list[CustomerBilling]:
    """Every customer within reach, by name (SQ-32)."""
    actor.need(Permission.QUOTAS_BILLING_VIEW)
    with system_session(read_only=True) as session:
        customers = select(Organization).where(
            Organization.parent_id == actor.home_organization_id, Organization.status == OrganizationStatus.ACTIVE
        )
        if actor.is_visiting:
            customers = customers.where(Organization.id == actor.organization_id)
        found = sorted(session.scalars(customers), key=lambda one: one.name.casefold())
        return _billing(session, actor, found)


def customer_billing(actor: Actor, organization_id: str) -> CustomerBilling:
    """One customer (SQ-84); raises `NOT_FOUND`."""
    actor.need(Permission.QUOTAS_BILLING_VIEW)
    with system_session(read_only=True) as session:
        organization = within_reach(session, actor, organization_id)
        if organization.parent_id != actor.home_organization_id:
            raise NOT_FOUND(what="organization")
        return _billing(session, actor, [organization])[0]


def _billing(session: Session, actor: Actor, customers: list[Organization]) -> list[CustomerBilling]:
    partner = session.get_one(Organization, actor.home_organization_id)
    zone, rule = ZoneInfo(partner.time_zone), _rule(session, partner.id)
    current = cycle_of(rule, now().astimezone(zone).date())
    previous, upcoming = cycle_before(rule, current), cycle_after(rule, current)
    ids = [one.id for one in customers]
    used_before, used_now = _used(session, ids, previous, zone), _used(session, ids, current, zone)
    return [
        CustomerBilling(
            one.id,
            one.name,
            previous,
            {service: used_before.get((one.id, service), 0) for service in Service},
            current,
            {service: used_now.get((one.id, service), 0) for service in Service},
            upcoming,
        )
        for one in customers
    ]


def _used(session: Session, ids: list[str], cycle: Cycle, zone: ZoneInfo) -> dict[tuple[str, Service], int]:
    """Pages charged in the cycle, by organization and service."""
    query = (
        select(LedgerEntry.organization_id, LedgerEntry.service, func.sum(LedgerEntry.pages))
        .where(
            LedgerEntry.organization_id.in_(ids),
            LedgerEntry.state == EntryState.SETTLED,
            LedgerEntry.service.is_not(None),
            LedgerEntry.closed >= midnight(cycle.first, zone),
            LedgerEntry.closed < midnight(cycle.last + timedelta(days=1), zone),
        )
        .group_by(LedgerEntry.organization_id, LedgerEntry.service)
    )
    return {
        (organization_id, Service(str(service))): pages for organization_id, service, pages in session.execute(query)
    }


def _rule(session: Session, partner_id: str) -> CycleRule:
    row = session.scalar(select(BillingCycle).where(BillingCycle.organization_id == partner_id))
    return CycleRule(row.months, row.first_month, row.day) if row else CycleRule()


def _day_in(month: int, day: int) -> date:
    """`day` of the month that is so many months after the year 0."""
    return date(month // MONTHS, month % MONTHS + 1, day)
