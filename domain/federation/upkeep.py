"""Once a day: read again what providers publish, warn before something expires, forget sign-ins that never ended."""

from datetime import UTC, date, datetime, time, timedelta

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connectors.errors import PressroomError
from domain.federation.models import AuthenticationProvider, PendingSignIn, Slot, UsedAssertion
from domain.federation.notices import tell_of_expiry
from domain.federation.published import fetch_published
from domain.organizations.models import now
from domain.tenancy import system_session

WARNING_DAYS = (30, 7, -1)
"""How many days before something expires its organization is warned (AC-131); the last time when it has expired."""

log = structlog.get_logger(__name__)


def refresh_providers() -> int:
    """Keep up with new keys and certificates of every active provider; returns how many answered.

    One that does not answer, or says what cannot be used, goes on as it was known.
    """
    with system_session(read_only=True) as session:
        providers = list(
            session.scalars(select(AuthenticationProvider).where(AuthenticationProvider.slot == Slot.ACTIVE))
        )
    answered = 0
    for provider in providers:
        try:
            found = fetch_published(provider)
        except PressroomError as error:
            log.warning("an identity provider could not be read again", provider_id=provider.id, code=error.code)
            continue
        with system_session() as session:
            row = session.get(AuthenticationProvider, provider.id)
            if row is not None:
                row.published, row.certificate_expires, row.checked = (
                    found.description,
                    found.certificate_expires,
                    now(),
                )
                answered += 1
    return answered


def warn_of_expiries() -> int:
    """Tell administrators what expires within 30 days, once a stage; returns how many warnings were sent."""
    count = 0
    with system_session() as session:
        for provider in session.scalars(
            select(AuthenticationProvider).where(AuthenticationProvider.slot == Slot.ACTIVE)
        ):
            count += _warn(session, provider)
    return count


def forget_old_sign_ins() -> None:
    """Remove sign-ins that were never finished, and assertions that cannot be used any more anyway."""
    with system_session() as session:
        session.execute(delete(PendingSignIn).where(PendingSignIn.expires < now()))
        session.execute(delete(UsedAssertion).where(UsedAssertion.until < now()))


def _warn(session: Session, provider: AuthenticationProvider) -> int:
    certificate = provider.certificate_expires.date() if provider.certificate_expires else None
    ends = {"secret": provider.secret_expires, "certificate": certificate}
    due = [(what, last_day) for what, last_day in ends.items() if last_day and _is_due(last_day, provider.warned)]
    for what, last_day in due:
        tell_of_expiry(session, provider, what, last_day, (last_day - now().date()).days)
    if due:
        provider.warned = now()
    return len(due)


def _is_due(last_day: date, warned: datetime | None) -> bool:
    """Whether a stage has been reached that nobody was warned at."""
    begins = [datetime.combine(last_day - timedelta(days=days), time(), UTC) for days in WARNING_DAYS]
    reached = [begin for begin in begins if begin <= now()]
    return bool(reached) and (warned is None or warned < max(reached))
