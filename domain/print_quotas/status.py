"""Where everybody stands in a month (PR-73…PR-78): the list, the file, and the hourly look that is kept (F-27)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import User, UserStatus
from domain.organizations.permissions import Permission
from domain.print_definitions.resolution import DEFAULT, Person, Resolved, resolve
from domain.print_quotas.ledger import month_row
from domain.print_quotas.limits import STATUS_TITLES, MonthLimit, QuotaLimits, QuotaStatus, Standing
from domain.print_quotas.models import PrintQuotaMonth
from domain.print_quotas.notices import note_standing
from domain.print_quotas.standing import month_of, used_of
from domain.print_quotas.subject import QUOTAS
from domain.printing.models import PrintSettingsRow
from domain.printing.settings import PrintSettings, print_settings
from domain.tenancy import system_session, tenant_session

AT_A_TIME = 200
SOURCES = {
    "personal": N_("Personal"),
    "cost_center": N_("Cost centre"),
    "department": N_("Department"),
    DEFAULT: N_("Default"),
}
"""By what kind of assignment somebody has their quota (PR-76, AM-13)."""
UNLIMITED = N_("Unlimited")
COLUMNS = (
    N_("Person"),
    N_("Status"),
    N_("Total remaining"),
    N_("Colour remaining"),
    N_("Quota definition"),
    N_("Type"),
)
Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class StatusFilter:
    """Which people; empty parts let everybody through. `month` such as 2026-11, empty: the present one.

    `definition_id` may be `default`. `after` is the e-mail address that the page before ended with.
    """

    month: str = ""
    status: QuotaStatus | None = None
    definition_id: str = ""
    source: str = ""
    search: str = ""
    after: str = ""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class PersonStanding:
    """One person's line. `definition` is empty for the default."""

    user_id: str
    email: str
    name: str
    standing: Standing
    definition_id: str
    definition: str
    source: str


def list_status(actor: Actor, chosen: StatusFilter) -> list[PersonStanding]:
    """The people that the filter lets through, by e-mail address, at most `limit` of them."""
    actor.need(Permission.PRINT_QUOTA_STATUS_VIEW)
    found = (one for one in _everybody(actor, chosen.month) if _fits(one, chosen))
    return [one for one, _number in zip(found, range(chosen.limit), strict=False)]


def export_status(actor: Actor, chosen: StatusFilter, say: Say) -> tuple[Sequence[str], Iterator[Sequence[str]]]:
    """The titles and rows of the file: everybody whom the filter lets through (PR-77)."""
    actor.need(Permission.PRINT_QUOTA_STATUS_VIEW)
    everybody = _everybody(actor, chosen.month)
    with actor.session() as session:
        facts = {"month": chosen.month, "status": chosen.status.value if chosen.status else ""}
        record(session, actor, "print_quota.status_exported", "print_quota", facts=facts)
    rows = (_cells(one, say) for one in everybody if _fits(one, chosen))
    return [say(title) for title in COLUMNS], rows


def months_known(actor: Actor) -> list[str]:
    """The months of which something is known, the present one first."""
    actor.need(Permission.PRINT_QUOTA_STATUS_VIEW)
    with actor.session(read_only=True) as session:
        QUOTAS.open(actor, session)
        found = set(session.scalars(select(PrintQuotaMonth.month).distinct()))
        return sorted(found | {month_of(session, actor.organization_id)}, reverse=True)


def organizations_with_quotas() -> list[str]:
    """Ids of the organizations whose people have print quotas."""
    with system_session(read_only=True) as session:
        rows = session.scalars(select(PrintSettingsRow).order_by(PrintSettingsRow.organization_id))
        return [row.organization_id for row in rows if PrintSettings.model_validate(row.values).quotas.enabled]


def keep_status(organization_id: str) -> int:
    """Keep with everybody's row of the present month which quota they have and where they stand; how many changed.

    So a former month can be looked at with the limits that it had. Whom another limit gives another status is told.
    """
    with tenant_session(organization_id, read_only=True) as session:
        settings = print_settings(session, organization_id)
        month = month_of(session, organization_id)
        people = session.execute(_people()).all()
        resolved = resolve(session, QUOTAS, settings, [_person(one) for one in people])
        kept = {row.user_id: row for row in session.scalars(_rows(month))}
        stale = [one.id for one in people if _is_stale(kept.get(one.id), resolved[one.id], month)]
    for first in range(0, len(stale), AT_A_TIME):
        with tenant_session(organization_id) as session:
            for user_id in stale[first : first + AT_A_TIME]:
                note_standing(session, settings, month_row(session, organization_id, user_id, month), resolved[user_id])
    return len(stale)


def _everybody(actor: Actor, month: str) -> list[PersonStanding]:
    with actor.session(read_only=True) as session:
        settings = QUOTAS.open(actor, session)
        present = month_of(session, actor.organization_id)
        if month in ("", present):
            return _present(session, settings, present)
        return _former(session, month)


def _present(session: Session, settings: PrintSettings, month: str) -> list[PersonStanding]:
    """Everybody, by the quota that holds for them now."""
    people = session.execute(_people()).all()
    resolved = resolve(session, QUOTAS, settings, [_person(one) for one in people])
    kept = {row.user_id: row for row in session.scalars(_rows(month))}
    found = []
    for one in people:
        holds = resolved[one.id]
        standing = used_of(kept.get(one.id), holds.definition.content.of_month(month))
        definition = holds.definition
        found.append(
            PersonStanding(one.id, one.email, one.name, standing, definition.id, definition.name, holds.source)
        )
    return found


def _former(session: Session, month: str) -> list[PersonStanding]:
    """Whoever has a row of that month and is still here, by the quota that they had."""
    query = (
        select(PrintQuotaMonth, User.email, User.name)
        .join(User, User.id == PrintQuotaMonth.user_id)
        .where(PrintQuotaMonth.month == month, User.status != UserStatus.DELETED)
        .order_by(User.email)
    )
    return [
        PersonStanding(
            row.user_id,
            email,
            name,
            used_of(row, MonthLimit.model_validate(row.month_limit)),
            row.definition_id,
            row.definition,
            row.source,
        )
        for row, email, name in session.execute(query)
    ]


def _people() -> Select[tuple[str, str, str, str, str]]:
    columns = (User.id, User.email, User.name, User.cost_center, User.department)
    return select(*columns).where(User.status == UserStatus.ACTIVE).order_by(User.email)


def _rows(month: str) -> Select[tuple[PrintQuotaMonth]]:
    return select(PrintQuotaMonth).where(PrintQuotaMonth.month == month)


def _person(row: Row[tuple[str, str, str, str, str]]) -> Person:
    return Person(row.id, row.cost_center, row.department)


def _is_stale(row: PrintQuotaMonth | None, holds: Resolved[QuotaLimits], month: str) -> bool:
    if row is None:
        return True
    limit = holds.definition.content.of_month(month)
    seen = (row.month_limit, row.definition_id, row.definition, row.source, row.status)
    definition = holds.definition
    status = used_of(row, limit).status
    return seen != (limit.model_dump(mode="json"), definition.id, definition.name, holds.source, status)


def _fits(one: PersonStanding, chosen: StatusFilter) -> bool:
    wanted = chosen.search.strip().casefold()
    return (
        one.email > chosen.after
        and chosen.status in (None, one.standing.status)
        and chosen.definition_id in ("", one.definition_id or DEFAULT)
        and chosen.source in ("", one.source)
        and (wanted in one.email.casefold() or wanted in one.name.casefold())
    )


def _cells(one: PersonStanding, say: Say) -> list[str]:
    standing = one.standing
    return [
        one.email,
        say(STATUS_TITLES[standing.status]),
        say(UNLIMITED) if standing.left is None else str(standing.left),
        color_text(standing, say),
        one.definition or say(SOURCES[DEFAULT]),
        say(SOURCES[one.source]),
    ]


def color_text(standing: Standing, say: Say) -> str:
    """What is left of colour, in words where it is no number."""
    if standing.limit.color == "not_allowed" or standing.limit.total == "disabled":
        return say(N_("Not allowed"))
    return say(UNLIMITED) if standing.color_left is None else str(standing.color_left)
