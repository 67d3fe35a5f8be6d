"""Sessions at printers: one at a time at each, ended by time, by the badge, or by the next person who signs in."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import ACCOUNT_ENDED, Actor, actor_for, guest_actor
from domain.organizations.models import User, UserStatus, now
from domain.printer_login.badges import badge_fingerprint
from domain.printer_login.card_numbers import card_number
from domain.printer_login.configuration import settings_of
from domain.printer_login.models import Badge, PrinterSession
from domain.printer_login.rules import METHODS_OF_SCREEN, LoginMethod, PrinterLoginSettings, Screen
from domain.printing.settings import print_settings
from domain.sign_in.sessions import token_hash
from domain.tenancy import tenant_session

SESSION_ENDED = Fault(
    "printer_session.ended",
    403,
    N_("Nobody is signed in at this printer any more."),
    N_("Sign in at the printer again."),
)
PERSON_REFUSED = Fault(
    "printer_login.person_refused",
    403,
    N_("This account cannot be used at printers."),
    N_("Ask your organization's administrator."),
)
OTHER_BADGE = Fault(
    "printer_session.other_badge",
    409,
    N_("This is not the badge of the person who is signed in."),
    N_("Sign out first, or let the other person sign out."),
)
LONGEST_SESSION = timedelta(hours=4)
TOUCH_INTERVAL = timedelta(seconds=5)
"""How exactly the last touch is kept: not every request writes."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Where somebody stands: a printer of an organization, the size of its screen, and what its model takes (PR-186).

    `application_id` and `address` are those of the program that speaks for the printer.
    """

    organization_id: str
    printer_id: str
    screen: Screen = Screen.FULL
    application_id: str = ""
    address: str = ""
    takes: frozenset[LoginMethod] = frozenset(LoginMethod)

    @property
    def possible(self) -> frozenset[LoginMethod]:
        """What people can sign in with here, as far as the printer is concerned."""
        return self.takes & METHODS_OF_SCREEN[self.screen]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody signed in at a printer. The token is told only here; the session ends `idle_seconds` after a touch."""

    token: str
    actor: Actor
    method: LoginMethod
    idle_seconds: int
    ends: datetime
    pin_must_be_reset: bool = False


@dataclass(frozen=True, slots=True)
class PrinterVisitor:
    """Who is signed in at a printer, and how."""

    actor: Actor
    printer_id: str
    method: LoginMethod
    ends: datetime


def person_at(session: Session, panel: Panel, user_id: str) -> Actor:
    """The person as they count now, or the guest, while guests may print (PR-50).

    Raises `PERSON_REFUSED` for a deactivated or deleted account.
    """
    user = session.get(User, user_id)
    if user is None or user.organization_id != panel.organization_id:
        raise PERSON_REFUSED()
    try:
        if user.status == UserStatus.GUEST:
            if not print_settings(session, panel.organization_id).email.guests_enabled:
                raise PERSON_REFUSED()
            return guest_actor(session, user, address=panel.address)
        return actor_for(session, user, address=panel.address)
    except PressroomError as error:
        if error.fault is ACCOUNT_ENDED:
            raise PERSON_REFUSED() from error
        raise


def open_printer_session(
    session: Session, panel: Panel, actor: Actor, method: LoginMethod, settings: PrinterLoginSettings, token: str = ""
) -> SignedIn:
    """Sign `actor` in at the printer, in place of whoever was there; `token` empty: a fresh one."""
    session.execute(
        delete(PrinterSession).where(
            PrinterSession.organization_id == panel.organization_id, PrinterSession.printer_id == panel.printer_id
        )
    )
    token, moment = token or secrets.token_urlsafe(32), now()
    session.add(
        PrinterSession(
            organization_id=panel.organization_id,
            token_hash=token_hash(token),
            user_id=actor.user_id,
            printer_id=panel.printer_id,
            method=method,
            created=moment,
            last_seen=moment,
        )
    )
    facts = {"method": method.value, "application": panel.application_id}
    record(session, actor, "printer.signed_in", "printer", panel.printer_id, facts)
    return SignedIn(token, actor, method, settings.session_seconds, moment + LONGEST_SESSION)


def visitor_at_printer(organization_id: str, token: str, address: str = "") -> PrinterVisitor:
    """Who is signed in with this token; counts as a touch. Raises `SESSION_ENDED` or `PERSON_REFUSED`."""
    return visitor_by_key(organization_id, token_hash(token), address)


def visitor_by_key(organization_id: str, key: str, address: str = "") -> PrinterVisitor:
    """The same for what keeps the hash of the token only."""
    with tenant_session(organization_id, read_only=True) as session:
        row = _living(session, organization_id, key)
        panel = Panel(organization_id, row.printer_id, address=address)
        actor = person_at(session, panel, row.user_id)
    if now() - row.last_seen > TOUCH_INTERVAL:
        with tenant_session(organization_id) as session:
            touched = update(PrinterSession).where(PrinterSession.token_hash == key)
            session.execute(touched.values(last_seen=now()))
    return PrinterVisitor(actor, row.printer_id, LoginMethod(row.method), row.created + LONGEST_SESSION)


def sign_out_at_printer(organization_id: str, token: str) -> None:
    """End the session at once; one that has ended already is no fault."""
    with tenant_session(organization_id) as session:
        session.execute(delete(PrinterSession).where(PrinterSession.token_hash == token_hash(token)))


def badge_out(organization_id: str, token: str, sent: str) -> None:
    """End the session by the badge of the person who is signed in; raises `SESSION_ENDED` or `OTHER_BADGE`."""
    badge_out_by_key(organization_id, token_hash(token), sent)


def badge_out_by_key(organization_id: str, key: str, sent: str) -> None:
    """The same for what keeps the hash of the token only."""
    with tenant_session(organization_id) as session:
        row = _living(session, organization_id, key)
        number = card_number(settings_of(session, organization_id).card_reader, sent)
        is_theirs = (Badge.fingerprint == badge_fingerprint(organization_id, number)) & (Badge.user_id == row.user_id)
        if session.scalar(select(Badge.id).where(is_theirs)) is None:
            raise OTHER_BADGE()
        session.delete(row)


def _living(session: Session, organization_id: str, key: str) -> PrinterSession:
    row = session.get(PrinterSession, key)
    if row is None:
        raise SESSION_ENDED()
    idle = timedelta(seconds=settings_of(session, organization_id).session_seconds)
    if now() - row.last_seen > idle + TOUCH_INTERVAL or now() - row.created > LONGEST_SESSION:
        raise SESSION_ENDED()
    return row
