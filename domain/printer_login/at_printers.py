"""Signing in at a printer: by badge, by badge and PIN, by PIN, by login code (AC-147…AC-162).

`sign_in_at_printer` answers with a session, or with what is asked for next: the panel then calls again with the badge
and the PIN, or registers the badge with its owner's credentials (`badge_registration`).
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.organizations.models import now
from domain.printer_login.badges import badge_fingerprint
from domain.printer_login.card_numbers import card_number
from domain.printer_login.configuration import settings_of
from domain.printer_login.guards import Guarded, count_attempt, give_back
from domain.printer_login.login_codes import use_code
from domain.printer_login.models import Badge, Pin
from domain.printer_login.pins import PinState, pin_fingerprint, pin_state
from domain.printer_login.printer_sessions import Panel, SignedIn, open_printer_session, person_at
from domain.printer_login.rules import LoginMethod, PrinterLoginSettings
from domain.printer_login.unknown_badges import note_unknown
from domain.tenancy import tenant_session

METHOD_OFF = Fault(
    "printer_login.method_off",
    403,
    N_("Your organization does not let people sign in at printers with {method} alone."),
    N_("Sign in another way, or ask your administrator."),
    spec="AC-147",
)
NO_READER = Fault(
    "printer_login.no_reader",
    403,
    N_("This printer takes no badges."),
    N_("Sign in with a PIN or a login code, as far as your organization allows it, or use another printer."),
    spec="AC-156",
)
NOT_POSSIBLE = Fault(
    "printer_login.not_possible",
    403,
    N_("People cannot sign in at this printer with {method}: its model does not take it."),
    N_("Sign in another way, as far as your organization allows it, or use another printer."),
    spec="PR-186",
)
BADGE_EXPIRED = Fault(
    "badge.expired",
    403,
    N_("This temporary badge has expired."),
    N_("Register it again with your e-mail address and password, or ask your administrator for a new one."),
    spec="AC-171",
)
PIN_REFUSED = Fault("pin.refused", 403, N_("The PIN is wrong."), N_("Type it again."))
PIN_EXPIRED = Fault(
    "pin.expired",
    403,
    N_("Your PIN has expired."),
    N_("Set a new one on the page “My printer login”, or ask your administrator."),
    spec="AC-178",
)
GUEST_PIN_EXPIRED = Fault(
    "pin.guest_expired",
    403,
    N_("Your PIN has expired, and what you sent was deleted with it."),
    N_("Send your document once more: the answer has a new PIN."),
    spec="PR-155",
)
PIN_MISSING = Fault(
    "pin.missing",
    403,
    N_("You have no PIN yet, and this printer asks for one after the badge."),
    N_("Set one on the page “My printer login”, or ask your administrator."),
)
CODE_REFUSED = Fault(
    "login_code.refused",
    403,
    N_("This login code is wrong, used or expired."),
    N_("Get a new one at “{address}”."),
    spec="AC-160",
)
METHOD_NAMES = {
    LoginMethod.BADGE: N_("a badge"),
    LoginMethod.PIN: N_("a PIN"),
    LoginMethod.SECURE_LOGIN: N_("a login code"),
}


class Asked(StrEnum):
    """What the panel is to ask for next."""

    PIN = "pin"
    REGISTRATION = "registration"


@dataclass(frozen=True, slots=True)
class BadgeProof:
    """What the card reader sent, and the PIN where it was asked for."""

    badge: str
    pin: str | None = None


@dataclass(frozen=True, slots=True)
class PinProof:
    """A PIN by itself."""

    pin: str


@dataclass(frozen=True, slots=True)
class CodeProof:
    """A login code (AC-161)."""

    code: str


Proof = BadgeProof | PinProof | CodeProof


def sign_in_at_printer(panel: Panel, proof: Proof) -> SignedIn | Asked:
    """Sign in whoever shows `proof` at `panel`; raises why not, and a fault of `guards` after too many failures."""
    settings = settings_at(panel)
    if isinstance(proof, BadgeProof):
        check_offered(panel, settings, LoginMethod.BADGE)
        return _by_badge(panel, settings, proof)
    if isinstance(proof, PinProof):
        check_offered(panel, settings, LoginMethod.PIN)
        return _by_pin(panel, settings, proof.pin)
    check_offered(panel, settings, LoginMethod.SECURE_LOGIN)
    return _by_code(panel, settings, proof.code)


def settings_at(panel: Panel) -> PrinterLoginSettings:
    """The settings that hold at this printer; they override the printer's own (AC-147)."""
    with tenant_session(panel.organization_id, read_only=True) as session:
        return settings_of(session, panel.organization_id)


@dataclass(frozen=True, slots=True)
class _KnownBadge:
    """A registered badge as it was found. `pin` is its owner's, where they have one."""

    badge_id: str
    user_id: str
    is_expired: bool
    pin: PinState | None


def _by_badge(panel: Panel, settings: PrinterLoginSettings, proof: BadgeProof) -> SignedIn | Asked:
    number = card_number(settings.card_reader, proof.badge)
    count_attempt(panel.organization_id, Guarded.UNKNOWN_BADGES, panel.printer_id)
    known = _known_badge(panel, settings, number)
    if known is None:
        with tenant_session(panel.organization_id) as session:
            note_unknown(session, panel, number)
        return Asked.REGISTRATION
    if known.is_expired:
        raise BADGE_EXPIRED()
    if not settings.needs_second_factor:
        return _sign_in_owner(panel, settings, known, None)
    if proof.pin is None:
        return _ask_pin(panel, known)
    count_attempt(panel.organization_id, Guarded.PRINTER, panel.printer_id)
    count_attempt(panel.organization_id, Guarded.PERSON, known.user_id)
    return _sign_in_owner(panel, settings, known, proof.pin)


def _ask_pin(panel: Panel, known: _KnownBadge) -> Asked:
    """The badge is good; say at once where no PIN could be right."""
    with tenant_session(panel.organization_id) as session:
        give_back(session, panel.organization_id, Guarded.UNKNOWN_BADGES, panel.printer_id)
        person_at(session, panel, known.user_id)
    if known.pin is None:
        raise PIN_MISSING()
    if known.pin is PinState.EXPIRED:
        raise PIN_EXPIRED()
    return Asked.PIN


def _sign_in_owner(panel: Panel, settings: PrinterLoginSettings, known: _KnownBadge, pin: str | None) -> SignedIn:
    with tenant_session(panel.organization_id) as session:
        actor = person_at(session, panel, known.user_id)
        give_back(session, panel.organization_id, Guarded.UNKNOWN_BADGES, panel.printer_id)
        state = None
        if pin is not None:
            state = _state_of(session, panel, settings, pin, known.user_id)
            give_back(session, panel.organization_id, Guarded.PRINTER, panel.printer_id)
            give_back(session, panel.organization_id, Guarded.PERSON, known.user_id)
        badge = session.get_one(Badge, known.badge_id)
        badge.last_used = now()
        signed_in = open_printer_session(session, panel, actor, LoginMethod.BADGE, settings)
        return replace(signed_in, pin_must_be_reset=state is PinState.MUST_RESET)


def _by_pin(panel: Panel, settings: PrinterLoginSettings, pin: str) -> SignedIn:
    count_attempt(panel.organization_id, Guarded.PRINTER, panel.printer_id)
    with tenant_session(panel.organization_id) as session:
        row = _pin_row(session, panel, pin)
        if row is None:
            raise PIN_REFUSED()
        state = pin_state(row, settings)
        if state is PinState.EXPIRED:
            raise GUEST_PIN_EXPIRED() if row.guest_id else PIN_EXPIRED()
        actor = person_at(session, panel, row.user_id or row.guest_id or "")
        give_back(session, panel.organization_id, Guarded.PRINTER, panel.printer_id)
        signed_in = open_printer_session(session, panel, actor, LoginMethod.PIN, settings)
        return replace(signed_in, pin_must_be_reset=state is PinState.MUST_RESET)


def _by_code(panel: Panel, settings: PrinterLoginSettings, code: str) -> SignedIn:
    count_attempt(panel.organization_id, Guarded.PRINTER, panel.printer_id)
    with tenant_session(panel.organization_id) as session:
        user_id = use_code(session, panel.organization_id, code)
        if user_id is None:
            raise CODE_REFUSED(address=f"{get_settings().public_url}/device")
        actor = person_at(session, panel, user_id)
        give_back(session, panel.organization_id, Guarded.PRINTER, panel.printer_id)
        return open_printer_session(session, panel, actor, LoginMethod.SECURE_LOGIN, settings)


def check_offered(panel: Panel, settings: PrinterLoginSettings, method: LoginMethod) -> None:
    """Raise `NO_READER`, `NOT_POSSIBLE` or `METHOD_OFF` where people cannot begin with `method` at this printer."""
    if method not in panel.possible:
        raise NO_READER() if method is LoginMethod.BADGE else NOT_POSSIBLE(method=Message.of(METHOD_NAMES[method]))
    if method not in settings.offered_with(panel.possible):
        raise METHOD_OFF(method=Message.of(METHOD_NAMES[method]))


def _known_badge(panel: Panel, settings: PrinterLoginSettings, number: str) -> _KnownBadge | None:
    with tenant_session(panel.organization_id, read_only=True) as session:
        print_ = badge_fingerprint(panel.organization_id, number)
        badge = session.scalar(select(Badge).where(Badge.fingerprint == print_))
        if badge is None:
            return None
        pin = session.scalar(select(Pin).where(Pin.user_id == badge.user_id))
        is_expired = badge.expires is not None and badge.expires <= now()
        return _KnownBadge(badge.id, badge.user_id, is_expired, pin_state(pin, settings) if pin else None)


def _pin_row(session: Session, panel: Panel, pin: str) -> Pin | None:
    return session.scalar(select(Pin).where(Pin.fingerprint == pin_fingerprint(panel.organization_id, pin)))


def _state_of(session: Session, panel: Panel, settings: PrinterLoginSettings, pin: str, user_id: str) -> PinState:
    """The state of a right PIN; raises `PIN_REFUSED` for a wrong one and `PIN_EXPIRED`."""
    row = _pin_row(session, panel, pin)
    if row is None or row.user_id != user_id:
        raise PIN_REFUSED()
    state = pin_state(row, settings)
    if state is PinState.EXPIRED:
        raise PIN_EXPIRED()
    return state
