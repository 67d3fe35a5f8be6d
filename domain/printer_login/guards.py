"""Limits on attempts: at a printer, with a person's badge, with other people's PINs (AC-162).

An attempt is counted before it is made and given back when it succeeds, each in a transaction of its own; so attempts
that run at the same time cannot slip past the limit, and nothing is locked while one is examined.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.models import now
from domain.printer_login.models import LoginGuard
from domain.tenancy import tenant_session

PRINTER_LOCKED = Fault(
    "printer_login.printer_locked",
    429,
    N_("Too many sign-ins have failed at this printer."),
    N_("Wait {minutes} minutes, then try again, or use another printer."),
    spec="AC-162",
)
PERSON_LOCKED = Fault(
    "printer_login.person_locked",
    429,
    N_("Too many sign-ins with this badge have failed."),
    N_("Wait {minutes} minutes, then try again."),
)
PIN_CHANGES_LOCKED = Fault(
    "pin.too_many_changes",
    429,
    N_("Your PIN was changed too often."),
    N_("Wait {minutes} minutes, then try again."),
)


class Guarded(StrEnum):
    """What is limited."""

    PRINTER = "printer"
    UNKNOWN_BADGES = "unknown_badges"
    PERSON = "person"
    PIN_CHANGES = "pin_changes"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts within `window`; the last of them locks for `lock`."""

    attempts: int
    window: timedelta
    lock: timedelta
    fault: Fault


LIMITS: Mapping[Guarded, Limit] = {
    Guarded.PRINTER: Limit(5, timedelta(minutes=5), timedelta(minutes=5), PRINTER_LOCKED),
    # a badge that nobody registered is no mistake of anybody's: many on the first day, but not hundreds
    Guarded.UNKNOWN_BADGES: Limit(30, timedelta(minutes=5), timedelta(minutes=5), PRINTER_LOCKED),
    Guarded.PERSON: Limit(5, timedelta(minutes=5), timedelta(minutes=5), PERSON_LOCKED),
    # whoever hears that a PIN is taken has learned somebody's PIN
    Guarded.PIN_CHANGES: Limit(10, timedelta(hours=1), timedelta(hours=1), PIN_CHANGES_LOCKED),
}
FORGOTTEN_AFTER = timedelta(days=1)


def count_attempt(organization_id: str, kind: Guarded, subject: str) -> None:
    """Count one attempt; raises the limit's fault where there have been too many."""
    limit, moment = LIMITS[kind], now()
    with tenant_session(organization_id) as session:
        guard = _locked_guard(session, organization_id, kind, subject)
        if guard.locked_until is not None and guard.locked_until > moment:
            minutes = int((guard.locked_until - moment).total_seconds() // 60) + 1
            raise limit.fault(minutes=minutes)
        if guard.locked_until is not None or moment - guard.began > limit.window:
            guard.attempts, guard.began, guard.locked_until = 0, moment, None
        guard.attempts += 1
        if guard.attempts >= limit.attempts:
            guard.locked_until = moment + limit.lock


def give_back(session: Session, organization_id: str, kind: Guarded, subject: str) -> None:
    """The attempt was good: it does not count."""
    guard = _locked_guard(session, organization_id, kind, subject)
    guard.attempts = max(guard.attempts - 1, 0)
    if guard.attempts < LIMITS[kind].attempts:
        guard.locked_until = None


def forget_old_guards(session: Session) -> None:
    """Remove those that lock nothing any more."""
    session.execute(delete(LoginGuard).where(LoginGuard.began < now() - FORGOTTEN_AFTER))


def _locked_guard(session: Session, organization_id: str, kind: Guarded, subject: str) -> LoginGuard:
    query = (
        select(LoginGuard)
        .where(LoginGuard.organization_id == organization_id, LoginGuard.kind == kind, LoginGuard.subject == subject)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    guard = session.scalar(query)
    if guard is not None:
        return guard
    try:
        with session.begin_nested():
            session.add(LoginGuard(organization_id=organization_id, kind=kind.value, subject=subject))
    except IntegrityError:  # made by another transaction in this moment
        session.expire_all()
    return session.scalars(query).one()
