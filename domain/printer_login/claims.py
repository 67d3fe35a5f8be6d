"""Badges and PINs that an identity provider sends with a sign-in: they win over what was registered here (AMB-24)."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from domain.audit.service import record_unattended
from domain.organizations.models import User
from domain.printer_login.badges import NewBadge, badge_fingerprint, keep_badge
from domain.printer_login.configuration import settings_of
from domain.printer_login.models import Badge, Origin, Pin
from domain.printer_login.pins import is_possible_pin, keep_pin, pin_fingerprint


def apply_claims(session: Session, user: User, badge: str | None = None, pin: str | None = None) -> list[Message]:
    """Let the person's badge and PIN be those of the directory (AC-145, AC-146); returns what could not be taken over.

    None: the provider sent no such claim, so nothing changes. Empty: the directory knows none, so the one that came
    from it goes. A badge from the directory replaces the former one from there; others stay, a person may have several
    (AC-170). Nothing here stops the sign-in: what belongs to somebody else is refused and noted in the audit trail.
    """
    problems = []
    if badge is not None and not _take_badge(session, user, badge.strip()):
        problems.append(Message.of(N_("The badge of the identity provider is registered for somebody else.")))
    if pin is not None and not _take_pin(session, user, pin.strip()):
        problems.append(Message.of(N_("The PIN of the identity provider is no PIN, or it belongs to somebody else.")))
    return problems


def _take_badge(session: Session, user: User, number: str) -> bool:
    print_ = badge_fingerprint(user.organization_id, number)
    from_directory = (Badge.user_id == user.id) & (Badge.origin == Origin.DIRECTORY)
    session.execute(delete(Badge).where(from_directory, Badge.fingerprint != print_))
    if not number or session.scalar(select(Badge.id).where(from_directory)) is not None:
        return True
    try:
        kept = keep_badge(session, user, NewBadge(number), Origin.DIRECTORY)
    except PressroomError as error:
        _note(session, user, "badge.claim_refused", error.code)
        return False
    _note(session, user, "badge.registered", target_id=kept.id)
    return True


def _take_pin(session: Session, user: User, pin: str) -> bool:
    present = session.scalar(select(Pin).where(Pin.user_id == user.id))
    if not pin:
        if present is not None and present.origin == Origin.DIRECTORY:
            session.delete(present)
        return True
    is_known = present is not None and present.fingerprint == pin_fingerprint(user.organization_id, pin)
    if present is not None and is_known and present.origin == Origin.DIRECTORY:
        return True
    if not is_possible_pin(pin):
        _note(session, user, "pin.claim_refused", "pin.not_digits")
        return False
    try:
        kept = keep_pin(session, user, settings_of(session, user.organization_id), pin, Origin.DIRECTORY)
    except PressroomError as error:
        _note(session, user, "pin.claim_refused", error.code)
        return False
    _note(session, user, "pin.set", target_id=kept.id)
    return True


def _note(session: Session, user: User, action: str, reason: str = "", target_id: str = "") -> None:
    facts = {"person": user.id, "origin": Origin.DIRECTORY.value} | ({"reason": reason} if reason else {})
    kind = action.partition(".")[0]
    record_unattended(session, user.organization_id, action, kind, target_id, facts, user_id=user.id)
