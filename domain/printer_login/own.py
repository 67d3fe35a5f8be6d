"""What people see and do of their own on the page “My printer login”: PIN and badges (AC-32, AC-163, AC-176).

Their own are those of their own organization, also while they work in a customer's.
"""

from dataclasses import dataclass

from sqlalchemy import select

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.printer_login.badges import (
    BadgeView,
    NewBadge,
    badges_of,
    keep_badge,
    note_badge,
)
from domain.printer_login.badges import view_of as badge_view
from domain.printer_login.configuration import settings_of
from domain.printer_login.guards import Guarded, count_attempt
from domain.printer_login.holders import home_of, person_by_id
from domain.printer_login.models import Badge, Origin, Pin
from domain.printer_login.pins import (
    PINS_OFF,
    SET_BY_ADMINISTRATORS,
    PinView,
    note_pin,
    pin_of,
    put_pin,
)
from domain.printer_login.rules import PIN_SETTERS, LoginMethod, PinWay, PrinterLoginSettings
from domain.tenancy import NOT_FOUND, tenant_session

BADGES_OFF = Fault(
    "badge.off",
    409,
    N_("Printers of your organization take no badges."),
    N_("Administrators: select badge on the page “Printer login”."),
)


@dataclass(frozen=True, slots=True)
class OwnPrinterLogin:
    """How one can sign in at printers, and what one has for it."""

    settings: PrinterLoginSettings
    pin: PinView | None
    badges: tuple[BadgeView, ...]

    @property
    def pin_way(self) -> PinWay | None:
        """How one may set one's own PIN."""
        return PIN_SETTERS[self.settings.pin_generation].owner if self.settings.takes(LoginMethod.PIN) else None


def own_printer_login(actor: Actor) -> OwnPrinterLogin:
    """The actor's own."""
    actor.need(Permission.OWN_ACCOUNT)
    with tenant_session(home_of(actor), read_only=True) as session:
        settings = settings_of(session, home_of(actor))
        pin = pin_of(session, actor.user_id, settings)
        return OwnPrinterLogin(settings, pin, tuple(badges_of(session, actor.user_id)))


def set_own_pin(actor: Actor, pin: str | None = None) -> PinView:
    """Set one's own PIN, or have one mailed, as the organization lets people do (AC-176).

    Every try counts: the answer that a PIN is taken tells somebody's PIN (raises `PIN_CHANGES_LOCKED`).
    """
    actor.need(Permission.OWN_PIN)
    home = home_of(actor)
    with tenant_session(home, read_only=True) as session:
        settings = settings_of(session, home)
    if not settings.takes(LoginMethod.PIN):
        raise PINS_OFF()
    way = PIN_SETTERS[settings.pin_generation].owner
    if way is None:
        raise SET_BY_ADMINISTRATORS()
    count_attempt(home, Guarded.PIN_CHANGES, actor.user_id)
    with tenant_session(home) as session:
        person = person_by_id(session, actor.user_id)
        return put_pin(session, actor, person, settings, way, pin, Origin.OWNER)


def remove_own_pin(actor: Actor) -> None:
    """Have no PIN any more; raises `NOT_FOUND` where there is none."""
    actor.need(Permission.OWN_PIN)
    with tenant_session(home_of(actor)) as session:
        pin = session.scalar(select(Pin).where(Pin.user_id == actor.user_id))
        if pin is None:
            raise NOT_FOUND(what="PIN")
        note_pin(session, actor, "pin.removed", pin)
        session.delete(pin)


def register_own_badge(actor: Actor, number: str, description: str = "") -> BadgeView:
    """Register a badge for oneself before its first use at a printer; raises `BADGE_TAKEN`."""
    actor.need(Permission.OWN_BADGE)
    home = home_of(actor)
    with tenant_session(home) as session:
        if not settings_of(session, home).takes(LoginMethod.BADGE):
            raise BADGES_OFF()
        person = person_by_id(session, actor.user_id)
        badge = keep_badge(session, person, NewBadge(number, description, show_number=False), Origin.OWNER)
        note_badge(session, actor, "badge.registered", badge)
        return badge_view(badge, person)


def remove_own_badge(actor: Actor, badge_id: str) -> None:
    """Remove one of one's own badges, such as a lost one; raises `NOT_FOUND`."""
    actor.need(Permission.OWN_BADGE)
    with tenant_session(home_of(actor)) as session:
        badge = session.get(Badge, badge_id)
        if badge is None or badge.user_id != actor.user_id:
            raise NOT_FOUND(what="badge")
        note_badge(session, actor, "badge.removed", badge)
        session.delete(badge)
