"""The Solution Center summary: what one organization used, or a partner with all its customers (SQ-93…SQ-95).

It is made from the ledger, whose entries carry who, when and from where it was; names are looked up at the time of
reading, so that a deleted person's is gone from old reports too (AC-83).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from connectors.messages import Message
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, User, UserStatus
from domain.people.deletion import pseudonym
from domain.quotas.models import LedgerEntry
from domain.quotas.report_scope import Period, ReportScope, Uses, organization_scope, organizations_scope
from domain.tenancy import system_session
from steps.contract import Service


@dataclass
class Sums:
    """What was used: operations and pages by service, and how many printers it came from."""

    operations: dict[Service, int] = field(default_factory=lambda: dict.fromkeys(Service, 0))
    pages: dict[Service, int] = field(default_factory=lambda: dict.fromkeys(Service, 0))
    printers: int = 0


@dataclass(frozen=True, slots=True)
class ReportLine:
    """What one person or one organization used (SQ-94). `email` is empty for organizations and deleted people."""

    id: str
    name: str | Message
    email: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class Report:
    """What the whole used, and the lines it consists of (SQ-93). Its organization is the one that reports."""

    organization_id: str
    organization_name: str
    period: Period
    sums: Sums
    lines: tuple[ReportLine, ...]


def organization_report(actor: Actor, period: Period, organization_id: str | None = None, search: str = "") -> Report:
    """What the people of one organization used: that in which the actor works, or a customer of theirs.

    `search` narrows the lines to e-mail addresses (SQ-95). Raises `NOT_FOUND`, `ROLE_MISSING` and the period's faults.
    """
    wanted = search.strip().casefold()
    with system_session(read_only=True) as session:
        scope = organization_scope(session, actor, period, organization_id)
        found = _sums(session, scope.uses, LedgerEntry.user_id)
        query = scope.uses.with_only_columns(LedgerEntry.user_id)
        people = {user.id: user for user in session.scalars(select(User).where(User.id.in_(query)))}
        lines = (_person_line(user_id, people.get(user_id), sums) for user_id, sums in found.items())
        shown = sorted((line for line in lines if wanted in line.email.casefold()), key=lambda line: line.email)
        return _report(session, scope, period, shown)


def organizations_report(actor: Actor, period: Period, search: str = "") -> Report:
    """What the partner and each of its customers used; `search` narrows the lines by name.

    Raises `NO_CUSTOMER_USED_ANY`, `ROLE_MISSING` and the period's faults.
    """
    wanted = search.strip().casefold()
    with system_session(read_only=True) as session:
        scope = organizations_scope(session, actor, period)
        found = _sums(session, scope.uses, LedgerEntry.organization_id)
        members = session.scalars(select(Organization).where(Organization.id.in_(scope.member_ids)))
        lines = [
            ReportLine(one.id, one.name, "", found.get(one.id) or Sums())
            for one in sorted(members, key=lambda one: one.name.casefold())
            if wanted in one.name.casefold()
        ]
        return _report(session, scope, period, lines)


def _sums(session: Session, uses: Uses, column: InstrumentedAttribute[str]) -> Mapping[str, Sums]:
    """What was used, for each value of the column."""
    sums: dict[str, Sums] = defaultdict(Sums)
    by_service = uses.with_only_columns(column, LedgerEntry.service, func.count(), func.sum(LedgerEntry.pages))
    for key, service, count, pages in session.execute(by_service.group_by(column, LedgerEntry.service)):
        line = sums[key]  # also for who used nothing but unmetered steps
        if service is not None:
            line.operations[Service(service)], line.pages[Service(service)] = count, pages
    printers = uses.with_only_columns(column, func.count(distinct(LedgerEntry.printer_id)))
    for key, count in session.execute(printers.where(LedgerEntry.printer_id != "").group_by(column)):
        sums[key].printers = count
    return sums


def _person_line(user_id: str, user: User | None, sums: Sums) -> ReportLine:
    if user is None or user.status == UserStatus.DELETED:
        return ReportLine(user_id, pseudonym(user_id), "", sums)
    return ReportLine(user_id, user.name, user.email, sums)


def _report(session: Session, scope: ReportScope, period: Period, lines: list[ReportLine]) -> Report:
    whole = Sums()
    for sums in _sums(session, scope.uses, LedgerEntry.organization_id).values():
        for service in Service:
            whole.operations[service] += sums.operations[service]
            whole.pages[service] += sums.pages[service]
    printers = scope.uses.with_only_columns(func.count(distinct(LedgerEntry.printer_id)))
    whole.printers = session.scalar(printers.where(LedgerEntry.printer_id != "")) or 0
    return Report(scope.organization.id, scope.organization.name, period, whole, tuple(lines))
