"""What a report can be about, to choose from: departments, people, printers of the facts, and a partner's customers."""

from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import select

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, OrganizationStatus, now
from domain.organizations.permissions import Permission
from domain.print_reports.scope import LONGEST_DAYS, ReportScope
from domain.print_reports.sums import GROUPS, By, Fact, add_up
from domain.tenancy import NOT_FOUND, system_session

NOT_CHOSEN = Fault(
    "print_report.not_chosen",
    422,
    N_("It is not chosen what the report is about."),
    N_("Choose the customer, department, cost centre, person or printer, or report on the whole organization."),
)


class ReportLevel(StrEnum):
    """Whose printing a report is about (F-28, AN-24): everybody's, or that of one of these."""

    ORGANIZATION = "organization"
    CUSTOMER = "customer"
    DEPARTMENT = "department"
    COST_CENTER = "cost_center"
    PERSON = "person"
    PRINTER = "printer"


GROUP = {
    ReportLevel.DEPARTMENT: By.DEPARTMENT,
    ReportLevel.COST_CENTER: By.COST_CENTER,
    ReportLevel.PERSON: By.PERSON,
    ReportLevel.PRINTER: By.PRINTER,
}


def levels(actor: Actor) -> list[ReportLevel]:
    """The levels that the actor may choose (AN-21); who may report on nobody else gets their own."""
    return [
        level
        for level in ReportLevel
        if level is ReportLevel.ORGANIZATION
        or (actor.may(Permission.PRINT_REPORTS) if level in GROUP else may_choose_customers(actor))
    ]


def may_compare_customers(actor: Actor) -> bool:
    """Whether they may compare all customers, and are where these can be seen (AN-61)."""
    return actor.may(Permission.REPORTS_PARTNER) and not actor.is_visiting


def may_choose_customers(actor: Actor) -> bool:
    """Whether they may make reports of customers, and are where these can be seen."""
    return actor.may(Permission.REPORTS_CUSTOMERS) and not actor.is_visiting


def subjects(actor: Actor, level: ReportLevel) -> dict[str, str]:
    """What there is to choose of a level: names by what `ReportSubject` calls it, in the order of the names.

    A department that existed within the last two years is among them, removed or not (AN-37); deleted people are not.
    """
    if level is ReportLevel.CUSTOMER:
        return _customers(actor)
    if level is ReportLevel.ORGANIZATION:
        return {}
    actor.need(Permission.PRINT_REPORTS)
    today = now().astimezone(ZoneInfo(actor.time_zone)).date()
    scope = ReportScope(first=today - timedelta(days=LONGEST_DAYS - 1), last=today)
    by = GROUP[level]
    facts = [fact for fact in (Fact.RELEASED, Fact.SUBMITTED) if by in GROUPS[fact]]
    names = {row.key: row.label for fact in facts for row in add_up(actor, fact, by, scope) if row.key and row.label}
    return dict(sorted(names.items(), key=lambda one: one[1].casefold()))


def _customers(actor: Actor) -> dict[str, str]:
    actor.need(Permission.REPORTS_CUSTOMERS)
    if actor.is_visiting:
        raise NOT_FOUND(what="organization")
    query = (
        select(Organization.id, Organization.name)
        .where(Organization.parent_id == actor.organization_id, Organization.status == OrganizationStatus.ACTIVE)
        .order_by(Organization.sibling_key)
    )
    with system_session(read_only=True) as session:
        return {row.id: row.name for row in session.execute(query)}
