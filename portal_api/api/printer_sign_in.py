"""Signing people in at printers, for the programs of printers: their application has the scope badges-auth (PR-293)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, Field, SecretStr, StringConstraints

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.printer_login import at_printers, badge_registration, printer_sessions
from domain.printer_login.at_printers import (
    BADGE_EXPIRED,
    CODE_REFUSED,
    METHOD_OFF,
    NO_READER,
    NOT_POSSIBLE,
    PIN_EXPIRED,
    PIN_MISSING,
    PIN_REFUSED,
    Asked,
    BadgeProof,
    CodeProof,
    PinProof,
)
from domain.printer_login.badge_registration import APP_CODE_NEEDED, CREDENTIALS_REFUSED, PasswordProof
from domain.printer_login.badges import BADGE_TAKEN
from domain.printer_login.card_numbers import CARD_UNREADABLE, LONGEST_NUMBER
from domain.printer_login.guards import PERSON_LOCKED, PRINTER_LOCKED
from domain.printer_login.login_codes import SECURE_LOGIN_OFF
from domain.printer_login.printer_sessions import (
    OTHER_BADGE,
    PERSON_REFUSED,
    SESSION_ENDED,
    Panel,
    PrinterVisitor,
    SignedIn,
)
from domain.printer_login.rules import LONGEST_PIN, LoginMethod, Screen
from fleet.capabilities.login_methods import methods_at_printer
from portal_api.access import needs
from portal_api.problems import documented

Device = Annotated[Actor, needs(Permission.BADGES_AUTH)]
PrinterId = Annotated[str, StringConstraints(pattern=r"^[\w.:-]{1,64}$")]
ANY_PRINTER = "-"
"""In place of a printer that nobody named: its model is unknown then."""
Token = Annotated[str, Header(alias="Pressroom-Printer-Session", max_length=64)]
CardOutput = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NUMBER)]
router = APIRouter(prefix="/printer-login", tags=["signing in at printers"])


class PrinterMethods(BaseModel):
    """What a panel offers to begin with, and what it needs to know for it."""

    methods: list[LoginMethod]
    asks_pin_after_badge: bool
    pin_length: int
    session_seconds: int = Field(description="Seconds without a touch after which a session ends.")


class AtPrinter(BaseModel):
    """The printer that people stand at."""

    printer_id: PrinterId
    screen: Screen = Screen.FULL


class BadgeSignIn(AtPrinter):
    """A badge as the card reader sends it, with the PIN once it was asked for."""

    method: Literal["badge"]
    badge: CardOutput
    pin: SecretStr | None = Field(None, max_length=LONGEST_PIN)


class PinSignIn(AtPrinter):
    """A PIN by itself."""

    method: Literal["pin"]
    pin: SecretStr = Field(max_length=LONGEST_PIN)


class CodeSignIn(AtPrinter):
    """A login code of the page “Login code”."""

    method: Literal["secure_login"]
    code: SecretStr = Field(max_length=16)


SignInAttempt = Annotated[BadgeSignIn | PinSignIn | CodeSignIn, Field(discriminator="method")]


class BadgeRegistration(AtPrinter):
    """A badge to register, and what its owner signs in with at the portal, or a login code."""

    badge: CardOutput
    email: str = Field("", max_length=255)
    password: SecretStr = Field(SecretStr(""), max_length=1024)
    app_code: SecretStr = Field(SecretStr(""), max_length=32, description="Where an authenticator app is in use.")
    code: SecretStr | None = Field(None, max_length=16, description="A login code, in place of all the others.")


class PrinterPerson(BaseModel):
    """Who is signed in at a printer."""

    id: str
    name: str
    email: str
    locale: str
    time_zone: str

    @classmethod
    def of(cls, actor: Actor) -> "PrinterPerson":
        return cls(id=actor.user_id, name=actor.name, email=actor.email, locale=actor.locale, time_zone=actor.time_zone)


class PrinterSessionOpened(BaseModel):
    """A session at a printer. The token is told only here; send it as Pressroom-Printer-Session."""

    token: str
    person: PrinterPerson
    method: LoginMethod
    idle_seconds: int
    ends: datetime
    pin_must_be_reset: bool


class Outcome(StrEnum):
    """How an attempt ended that was not refused."""

    SIGNED_IN = "signed_in"
    PIN_NEEDED = "pin_needed"
    REGISTRATION_NEEDED = "registration_needed"


_ASKED = {Asked.PIN: Outcome.PIN_NEEDED, Asked.REGISTRATION: Outcome.REGISTRATION_NEEDED}


class SignInOutcome(BaseModel):
    """A session, or what the panel is to ask for next."""

    outcome: Outcome
    session: PrinterSessionOpened | None = None

    @classmethod
    def of(cls, outcome: SignedIn | Asked) -> "SignInOutcome":
        if isinstance(outcome, Asked):
            return cls(outcome=_ASKED[outcome])
        session = PrinterSessionOpened(
            token=outcome.token,
            person=PrinterPerson.of(outcome.actor),
            method=outcome.method,
            idle_seconds=outcome.idle_seconds,
            ends=outcome.ends,
            pin_must_be_reset=outcome.pin_must_be_reset,
        )
        return cls(outcome=Outcome.SIGNED_IN, session=session)


class PrinterVisitorPublic(BaseModel):
    """Who is signed in at which printer."""

    person: PrinterPerson
    printer_id: str
    method: LoginMethod
    ends: datetime

    @classmethod
    def of(cls, visitor: PrinterVisitor) -> "PrinterVisitorPublic":
        person = PrinterPerson.of(visitor.actor)
        return cls(person=person, printer_id=visitor.printer_id, method=visitor.method, ends=visitor.ends)


class BadgeOut(BaseModel):
    """A badge as the card reader sends it."""

    badge: CardOutput


@router.get("/methods", operation_id="get_printer_methods")
def get_printer_methods(
    device: Device, screen: Screen = Screen.FULL, printer_id: Annotated[PrinterId | None, Query()] = None
) -> PrinterMethods:
    """What panels of this size offer people to sign in with; with `printer_id`, at that printer's model (PR-186)."""
    panel = _panel(device, AtPrinter(printer_id=printer_id or ANY_PRINTER, screen=screen))
    settings = at_printers.settings_at(panel)
    return PrinterMethods(
        methods=list(settings.offered_with(panel.possible)),
        asks_pin_after_badge=settings.needs_second_factor,
        pin_length=settings.pin_length,
        session_seconds=settings.session_seconds,
    )


@router.post(
    "/sign-ins",
    operation_id="sign_in_at_printer",
    responses=documented(
        METHOD_OFF, NO_READER, NOT_POSSIBLE, CARD_UNREADABLE, BADGE_EXPIRED, PIN_REFUSED, PIN_EXPIRED, PIN_MISSING,
        CODE_REFUSED, PERSON_REFUSED, PRINTER_LOCKED, PERSON_LOCKED,
    ),
)  # fmt: skip
def sign_in_at_printer(device: Device, given: SignInAttempt) -> SignInOutcome:
    """Sign somebody in, or learn what to ask for next."""
    proof: at_printers.Proof
    if isinstance(given, BadgeSignIn):
        proof = BadgeProof(given.badge, given.pin.get_secret_value() if given.pin else None)
    elif isinstance(given, PinSignIn):
        proof = PinProof(given.pin.get_secret_value())
    else:
        proof = CodeProof(given.code.get_secret_value())
    return SignInOutcome.of(at_printers.sign_in_at_printer(_panel(device, given), proof))


@router.post(
    "/badge-registrations",
    operation_id="register_badge_at_printer",
    responses=documented(
        METHOD_OFF, NO_READER, CARD_UNREADABLE, BADGE_TAKEN, CREDENTIALS_REFUSED, APP_CODE_NEEDED, CODE_REFUSED,
        SECURE_LOGIN_OFF, PERSON_REFUSED, PRINTER_LOCKED,
    ),
)  # fmt: skip
def register_badge_at_printer(device: Device, given: BadgeRegistration) -> SignInOutcome:
    """Register an unknown badge for its owner, who proves who they are, and sign them in."""
    proof: PasswordProof | CodeProof
    if given.code is not None:
        proof = CodeProof(given.code.get_secret_value())
    else:
        proof = PasswordProof(given.email, given.password.get_secret_value(), given.app_code.get_secret_value())
    return SignInOutcome.of(badge_registration.register_at_printer(_panel(device, given), given.badge, proof))


@router.get("/session", operation_id="get_printer_session", responses=documented(SESSION_ENDED, PERSON_REFUSED))
def get_printer_session(device: Device, token: Token) -> PrinterVisitorPublic:
    """Who is signed in; counts as a touch, so that the session does not end."""
    return PrinterVisitorPublic.of(printer_sessions.visitor_at_printer(device.organization_id, token, device.address))


@router.delete("/session", operation_id="end_printer_session", status_code=204)
def end_printer_session(device: Device, token: Token) -> None:
    """Sign out at the printer; a session that has ended already is no fault."""
    printer_sessions.sign_out_at_printer(device.organization_id, token)


@router.post(
    "/session/badge-out",
    operation_id="badge_out_at_printer",
    status_code=204,
    responses=documented(SESSION_ENDED, OTHER_BADGE, CARD_UNREADABLE),
)
def badge_out_at_printer(device: Device, token: Token, given: BadgeOut) -> None:
    """Sign out by the badge of the person who is signed in."""
    printer_sessions.badge_out(device.organization_id, token, given.badge)


def _panel(device: Actor, given: AtPrinter) -> Panel:
    takes = methods_at_printer(device.organization_id, given.printer_id)
    return Panel(device.organization_id, given.printer_id, given.screen, device.application_id, device.address, takes)
