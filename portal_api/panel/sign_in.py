"""Signing in and out on the panel's page: PIN, login code, the PIN after a badge, registering a badge, a new PIN.

Badges come from the printer's reader (`portal_api.panel.device`); everything else is typed here.
"""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field, SecretStr

from connectors.errors import Fault
from connectors.messages import N_
from domain.panels.sessions import PANEL_ENDED, forget_badge, set_person, sign_person_out, waiting_badge
from domain.printer_login import at_printers, badge_registration
from domain.printer_login.at_printers import (
    CODE_REFUSED,
    METHOD_OFF,
    NOT_POSSIBLE,
    PIN_EXPIRED,
    PIN_REFUSED,
    Asked,
    BadgeProof,
    CodeProof,
    PinProof,
    Proof,
)
from domain.printer_login.badge_registration import APP_CODE_NEEDED, CREDENTIALS_REFUSED, PasswordProof
from domain.printer_login.badges import BADGE_TAKEN
from domain.printer_login.guards import PERSON_LOCKED, PIN_CHANGES_LOCKED, PRINTER_LOCKED
from domain.printer_login.own import set_own_pin
from domain.printer_login.pins import NOT_DIGITS, PIN_TAKEN, SET_BY_ADMINISTRATORS, TRIVIAL, WRONG_LENGTH
from domain.printer_login.printer_sessions import PERSON_REFUSED, SignedIn
from domain.printer_login.rules import LONGEST_PIN, PIN_SETTERS, PinWay
from fleet.panels.places import PanelPlace, place_at_printer
from portal_api.panel.access import NOBODY, PanelHere, PanelVisitor, visitor_at
from portal_api.panel.apps import opened_at_sign_in
from portal_api.panel.events import hub
from portal_api.panel.home import Home, home_or_nobody
from portal_api.problems import documented

router = APIRouter(prefix="/api")
BADGE_FORGOTTEN = Fault(
    "panel.badge_forgotten",
    409,
    N_("The badge was held to the reader too long ago."),
    N_("Hold it to the reader again."),
)
Secret = Annotated[SecretStr, Field(max_length=LONGEST_PIN)]


class PinTyped(BaseModel):
    """A PIN by itself."""

    method: Literal["pin"]
    pin: Secret


class CodeTyped(BaseModel):
    """A login code."""

    method: Literal["secure_login"]
    code: SecretStr = Field(max_length=16)


class PinAfterBadge(BaseModel):
    """The PIN that was asked for after the badge."""

    method: Literal["badge"]
    pin: Secret


class Registration(BaseModel):
    """Who the badge that waits belongs to: credentials of the portal, or a login code in place of them."""

    email: str = Field("", max_length=255)
    password: SecretStr = Field(SecretStr(""), max_length=1024)
    app_code: SecretStr = Field(SecretStr(""), max_length=32)
    code: SecretStr | None = Field(None, max_length=16)


class NewPin(BaseModel):
    """A PIN of one's own choice; empty: have one made and mailed."""

    pin: SecretStr | None = Field(None, max_length=LONGEST_PIN)


class Signed(BaseModel):
    """Somebody is signed in: their home screen, whether they are to set a new PIN, and how they can (None: cannot).

    `open` is the page that is shown at once in place of the home screen.
    """

    home: Home
    open: str
    pin_must_be_reset: bool
    pin_way: PinWay | None


class PanelState(BaseModel):
    """The home screen of who is signed in, and what a badge that was held to the reader is asked for."""

    home: Home | None
    asked: Asked | None


Typed = Annotated[PinTyped | CodeTyped | PinAfterBadge, Field(discriminator="method")]


@router.post(
    "/sign-ins",
    responses=documented(
        PANEL_ENDED, METHOD_OFF, NOT_POSSIBLE, PIN_REFUSED, PIN_EXPIRED, CODE_REFUSED, PERSON_REFUSED, PRINTER_LOCKED,
        PERSON_LOCKED, BADGE_FORGOTTEN,
    ),
)  # fmt: skip
def sign_in(place: PanelHere, given: Typed) -> Signed:
    """Sign in by what was typed; the PIN after a badge goes with the badge that waits."""
    outcome = at_printers.sign_in_at_printer(place.panel, _proof(place, given))
    if isinstance(outcome, Asked):  # the badge was removed, or the settings were changed, while the PIN was typed
        raise BADGE_FORGOTTEN()
    return signed_in_at(place, outcome)


@router.post(
    "/badge-registrations",
    responses=documented(
        PANEL_ENDED, METHOD_OFF, BADGE_TAKEN, CREDENTIALS_REFUSED, APP_CODE_NEEDED, CODE_REFUSED, PERSON_REFUSED,
        PRINTER_LOCKED, BADGE_FORGOTTEN,
    ),
)  # fmt: skip
def register_badge(place: PanelHere, given: Registration) -> Signed:
    """Register the badge that waits for its owner, and sign them in (AC-163)."""
    badge = _waiting(place)
    proof: PasswordProof | CodeProof
    if given.code is not None:
        proof = CodeProof(given.code.get_secret_value())
    else:
        proof = PasswordProof(given.email, given.password.get_secret_value(), given.app_code.get_secret_value())
    return signed_in_at(place, badge_registration.register_at_printer(place.panel, badge, proof))


@router.get("/state", responses=documented(PANEL_ENDED))
def get_state(place: PanelHere) -> PanelState:
    """What the page is to show: after something was done at the panel by another process of the portal."""
    badge = waiting_badge(place.organization_id, place.id)
    return PanelState(home=home_or_nobody(place), asked=badge.asked if badge else None)


@router.delete("/waiting-badge", status_code=204, responses=documented(PANEL_ENDED))
def put_badge_aside(place: PanelHere) -> None:
    """Go back to the beginning."""
    forget_badge(place.organization_id, place.id)


@router.delete("/session", status_code=204, responses=documented(PANEL_ENDED))
def sign_out(place: PanelHere) -> None:
    """Sign out; the panel stays open for the next person."""
    sign_out_at(place)


@router.put(
    "/pin",
    status_code=204,
    responses={
        **NOBODY,
        **documented(NOT_DIGITS, WRONG_LENGTH, TRIVIAL, PIN_TAKEN, SET_BY_ADMINISTRATORS, PIN_CHANGES_LOCKED),
    },
)
def change_pin(at: PanelVisitor, given: NewPin) -> None:
    """Set a new PIN, or have one mailed, as the organization lets people do (AC-154, AC-176)."""
    set_own_pin(at.actor, given.pin.get_secret_value() if given.pin else None)


def signed_in_at(place: PanelPlace, signed_in: SignedIn) -> Signed:
    """Let whoever has signed in be the one at the panel."""
    hub.forget(place.id)
    hub.know(place.id, set_person(place.organization_id, place.id, signed_in.token))
    at = visitor_at(place_at_printer(place.organization_id, place.printer_id))
    opened = opened_at_sign_in(at)
    way = PIN_SETTERS[at_printers.settings_at(place.panel).pin_generation].owner
    return Signed(home=Home.of(at), open=opened, pin_must_be_reset=signed_in.pin_must_be_reset, pin_way=way)


def sign_out_at(place: PanelPlace) -> None:
    """End the session of whoever is at the panel."""
    hub.forget(place.id)
    hub.know(place.id, sign_person_out(place.organization_id, place.id))


def _proof(place: PanelPlace, given: PinTyped | CodeTyped | PinAfterBadge) -> Proof:
    if isinstance(given, PinTyped):
        return PinProof(given.pin.get_secret_value())
    if isinstance(given, CodeTyped):
        return CodeProof(given.code.get_secret_value())
    return BadgeProof(_waiting(place), given.pin.get_secret_value())


def _waiting(place: PanelPlace) -> str:
    badge = waiting_badge(place.organization_id, place.id)
    if badge is None:
        raise BADGE_FORGOTTEN()
    return badge.number
