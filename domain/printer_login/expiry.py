"""What ends by time at printers. Look-ups check the time themselves; this notes it and clears away (accounts §26)."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.audit.service import record_unattended
from domain.organizations.models import now
from domain.panels.sessions import forget_old_panels
from domain.printer_login.configuration import settings_of
from domain.printer_login.guards import forget_old_guards
from domain.printer_login.imports import forget_ended_imports
from domain.printer_login.models import Badge, LoginCode, Pin, PrinterSession
from domain.printer_login.printer_sessions import LONGEST_SESSION
from domain.printer_login.rules import PrinterLoginSettings
from domain.printer_login.unknown_badges import forget_unknown_badges
from domain.tenancy import system_session

BATCH = 500
EXPIRED_BADGES_KEPT = timedelta(days=7)
"""So long lists still show an expired badge, for whoever wonders why it does not work."""


@dataclass(frozen=True, slots=True)
class Expired:
    """How many badges and PINs were found to have expired just now."""

    badges: int = 0
    pins: int = 0


def expire_printer_logins() -> Expired:
    """Note badges and PINs that have expired, and delete old ones, used-up codes, ended sessions and old guards."""
    _clear_away()
    badges = pins = 0
    while count := _note_badges():
        badges += count
    while count := _note_pins():
        pins += count
    return Expired(badges, pins)


def _note_badges() -> int:
    with system_session() as session:
        due = select(Badge).where(Badge.expires <= now(), Badge.expiry_noted.is_(False)).limit(BATCH)
        found = session.scalars(due.with_for_update(skip_locked=True)).all()
        for badge in found:
            badge.expiry_noted = True
            record_unattended(
                session, badge.organization_id, "badge.expired", "badge", badge.id, {"person": badge.user_id}
            )
        return len(found)


def _note_pins() -> int:
    """PINs of organizations that let PINs expire; others keep an expiry that does not count (AC-153)."""
    with system_session() as session:
        due = select(Pin).where(Pin.expires <= now(), Pin.expiry_noted.is_(False)).limit(BATCH)
        found = session.scalars(due.with_for_update(skip_locked=True)).all()
        settings: dict[str, PrinterLoginSettings] = {}
        for pin in found:
            pin.expiry_noted = True
            if pin.organization_id not in settings:
                settings[pin.organization_id] = settings_of(session, pin.organization_id)
            if settings[pin.organization_id].pins_expire and pin.user_id:
                record_unattended(session, pin.organization_id, "pin.expired", "pin", pin.id, {"person": pin.user_id})
        return len(found)


def _clear_away() -> None:
    forget_old_panels()
    with system_session() as session:
        _clear(session)


def _clear(session: Session) -> None:
    moment = now()
    session.execute(delete(Badge).where(Badge.expires < moment - EXPIRED_BADGES_KEPT))
    session.execute(delete(LoginCode).where(LoginCode.expires <= moment))
    session.execute(delete(PrinterSession).where(PrinterSession.last_seen < moment - LONGEST_SESSION))
    forget_old_guards(session)
    forget_unknown_badges(session)
    forget_ended_imports(session)
