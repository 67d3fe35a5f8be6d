"""What a partner's customers have printed, one line each, for partner administrators alone (AN-13, AN-61)."""

from pathlib import Path

from sqlalchemy import select

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, OrganizationStatus
from domain.organizations.permissions import Permission
from domain.print_reports.kinds import ReportFormat
from domain.print_reports.lines import lines_to
from domain.print_reports.scope import ReportScope, moments
from domain.print_reports.sums import By, Fact, ReportRow, row_of, summed
from domain.printing.models import PrintRelease
from domain.tenancy import NOT_FOUND, system_session

BAD_SUBJECT = Fault(
    "print_report.of_all_customers",
    422,
    N_("The comparison of customers is about all of them."),
    N_("Leave out the customer, person, department, cost centre and printer, or choose another report."),
)
HEADER = (
    *("customer", "jobs", "pages", "impressions", "color_impressions", "mono_impressions", "sheets"),
    *("duplex_jobs", "simplex_jobs"),
)


def check_comparison(actor: Actor, scope: ReportScope) -> None:
    """Raise `ROLE_MISSING`, `BAD_SUBJECT`, `BAD_PERIOD`, or `NOT_FOUND` for who works at a customer's now."""
    actor.need(Permission.REPORTS_PARTNER)
    if actor.is_visiting:
        raise NOT_FOUND(what="organization")
    if scope.is_narrow or scope.customer_id:
        raise BAD_SUBJECT()
    moments(actor, scope.first, scope.last)


def add_up_customers(actor: Actor, scope: ReportScope) -> list[ReportRow]:
    """A line for each customer of the actor's organization, the most pages first; raises as `check_comparison`."""
    check_comparison(actor, scope)
    start, end = moments(actor, scope.first, scope.last)
    customers = select(Organization.id, Organization.name).where(
        Organization.parent_id == actor.organization_id, Organization.status == OrganizationStatus.ACTIVE
    )
    with system_session(read_only=True) as session:
        names = {row.id: row.name for row in session.execute(customers)}
        printed = summed(Fact.RELEASED, By.PERSON, PrintRelease.organization_id).where(
            PrintRelease.organization_id.in_(customers.with_only_columns(Organization.id)),
            *(PrintRelease.released >= start, PrintRelease.released < end),
        )
        found = [row_of(one) for one in session.execute(printed.group_by(PrintRelease.organization_id))]
    rows = {customer_id: ReportRow(customer_id, name) for customer_id, name in names.items()}
    for row in found:
        rows[row.key].add(row)
    return sorted(rows.values(), key=lambda row: (-row.pages, row.label.casefold()))


def write_customers(actor: Actor, scope: ReportScope, target: Path, form: ReportFormat) -> int:
    """Write the lines to a file; how many customers have printed."""
    rows = add_up_customers(actor, scope)
    with lines_to(target, HEADER, "customers", form) as write:
        for row in rows:
            write((row.label, *(getattr(row, name) for name in HEADER[1:])))
    return sum(row.jobs > 0 for row in rows)
