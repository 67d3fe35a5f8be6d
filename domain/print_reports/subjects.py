"""What a report can be about, to choose from: departments, people, printers of the facts, and a partner's customers."""

from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import select

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, OrganizationStatus, now
from domain.organizations.permissions import Permission
from domain.print_reports.scope import LONGEST_DAYS, ReportScope
from domain.print_reports.sums import GROUPS, By, Fact, ReportRow, add_up
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
    names = {row.key: row.label for row in _of_two_years(actor, GROUP[level]) if row.key and row.label}
    return dict(sorted(names.items(), key=lambda one: one[1].casefold()))


def deleted_people(actor: Actor) -> list[str]:
    """The ids of people who have printed within two years and were deleted since; they have no names (TS-59)."""
    actor.need(Permission.PRINT_REPORTS)
    return sorted({row.key for row in _of_two_years(actor, By.PERSON) if row.key and not row.label})


def is_subject_empty(actor: Actor, fact: Fact, scope: ReportScope) -> bool:
    """Whether an empty report is so because of whom it is about: others have something in its days (TS-56)."""
    if not scope.is_narrow or not actor.may(Permission.PRINT_REPORTS):
        return False
    everybody = ReportScope(customer_id=scope.customer_id, first=scope.first, last=scope.last)
    return bool(add_up(actor, fact, By.MONTH, everybody))


def first_day(actor: Actor) -> date:
    """The first day on which a report may begin (TS-63)."""
    return now().astimezone(ZoneInfo(actor.time_zone)).date() - timedelta(days=LONGEST_DAYS - 1)


def _of_two_years(actor: Actor, by: By) -> list[ReportRow]:
    first = first_day(actor)
    scope = ReportScope(first=first, last=first + timedelta(days=LONGEST_DAYS - 1))
    facts = [fact for fact in (Fact.RELEASED, Fact.SUBMITTED) if by in GROUPS[fact]]
    return [row for fact in facts for row in add_up(actor, fact, by, scope)]


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
