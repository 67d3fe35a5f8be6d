"""What somebody can sign in with at printers: a badge, a PIN, a login code."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.printer_login.at_printers import BADGE_EXPIRED, METHOD_NAMES, PIN_EXPIRED, PIN_MISSING
from domain.printer_login.configuration import settings_of
from domain.printer_login.models import Badge, Pin
from domain.printer_login.pins import PinState, pin_state
from domain.printer_login.rules import LoginMethod, PrinterLoginSettings
from domain.what_works.areas import Area, AreaState

NO_PIN = Fault(
    "pin.none",
    403,
    N_("You have no PIN yet."),
    N_("Set one on the page “My printer login”, or ask your administrator."),
)
POSSIBLE = N_("You can sign in at printers with {method}.")
FIRST_USE = N_("A new badge is registered when you hold it to a printer's reader for the first time.")


def printer_login(session: Session, person: Actor) -> AreaState:
    """By the organization's settings; what a single printer's model does not take is told at that printer."""
    settings = settings_of(session, person.organization_id)
    pin = _pin_problem(session, person, settings)
    problems: dict[LoginMethod, PressroomError | None] = {}
    for method in settings.methods:
        if method is LoginMethod.PIN and settings.needs_second_factor:
            continue  # asked for after the badge only
        needs_pin = method is LoginMethod.PIN or (method is LoginMethod.BADGE and settings.needs_second_factor)
        problems[method] = pin if needs_pin else None
    hints = [problem for problem in problems.values() if problem is not None]
    possible = [method for method, problem in problems.items() if problem is None]
    facts = [Message.of(POSSIBLE, method=METHOD_NAMES[method]) for method in possible]
    if LoginMethod.BADGE in possible:
        hints += _expired_badges(session, person)
        facts += [] if _has_badge(session, person) else [Message.of(FIRST_USE)]
    if not possible:
        return AreaState(Area.PRINTER_LOGIN, hints[0] if hints else None)
    return AreaState(Area.PRINTER_LOGIN, None, tuple(hints), tuple(facts))


def _pin_problem(session: Session, person: Actor, settings: PrinterLoginSettings) -> PressroomError | None:
    pin = session.scalar(select(Pin).where(Pin.user_id == person.user_id))
    if pin is None:
        return PIN_MISSING() if settings.needs_second_factor else NO_PIN()
    return PIN_EXPIRED() if pin_state(pin, settings) is PinState.EXPIRED else None


def _expired_badges(session: Session, person: Actor) -> list[PressroomError]:
    ended = select(Badge.id).where(Badge.user_id == person.user_id, Badge.expires <= now())
    return [BADGE_EXPIRED()] if session.scalar(ended.limit(1)) is not None else []


def _has_badge(session: Session, person: Actor) -> bool:
    return session.scalar(select(Badge.id).where(Badge.user_id == person.user_id).limit(1)) is not None
