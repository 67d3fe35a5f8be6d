"""PINs: who may set them and how, what a good one is, and that nobody else has it (AC-172…AC-178)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.secrets import fingerprint
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.grants import check_power_over
from domain.organizations.models import User, now
from domain.organizations.permissions import Permission
from domain.printer_login.configuration import settings_of
from domain.printer_login.holders import person_by_email
from domain.printer_login.models import Origin, Pin
from domain.printer_login.pin_mail import mail_pin
from domain.printer_login.rules import (
    LONGEST_PIN,
    PIN_SETTERS,
    SHORTEST_PIN,
    LoginMethod,
    PinWay,
    PrinterLoginSettings,
    is_trivial,
)
from domain.tenancy import NOT_FOUND

PINS_OFF = Fault(
    "pin.off",
    409,
    N_("Printers of your organization take no PIN."),
    N_("Administrators: select PIN, or badge and PIN, on the page “Printer login”."),
    spec="AC-82",
)
SET_BY_OWNERS = Fault(
    "pin.set_by_owners",
    409,
    N_("In this organization people set their PINs themselves."),
    N_("Ask the person to set it on the page “My printer login”. You can remove it."),
    spec="AC-176",
)
SET_BY_ADMINISTRATORS = Fault(
    "pin.set_by_administrators",
    409,
    N_("In your organization administrators set the PINs."),
    N_("Ask your administrator for a new PIN."),
    spec="AC-176",
)
NOT_DIGITS = Fault("pin.not_digits", 422, N_("A PIN consists of digits only."), N_("Type {length} digits."))
WRONG_LENGTH = Fault(
    "pin.wrong_length",
    422,
    N_("A PIN of your organization has {length} digits."),
    N_("Type a PIN with {length} digits."),
)
TRIVIAL = Fault(
    "pin.trivial",
    422,
    N_("This PIN is easy to guess."),
    N_("Choose one that is not the same digit repeated and does not count up."),
)
PIN_TAKEN = Fault(
    "pin.taken",
    409,
    N_("This PIN cannot be used."),
    N_("Choose another one."),
    spec="AC-177",
)
GENERATED_HERE = Fault(
    "pin.generated",
    422,
    N_("PINs of your organization are generated and sent by e-mail."),
    N_("Ask for a new PIN without typing one."),
)
NONE_LEFT = Fault(
    "pin.none_left",
    409,
    N_("There are hardly any PINs of {length} digits left."),
    N_("Let an administrator choose longer PINs on the page “Printer login”."),
)
ATTEMPTS = 50


class PinState(StrEnum):
    """Where a PIN is in its life (accounts §22). `MUST_RESET` still works (AC-154)."""

    SET = "set"
    MUST_RESET = "must_reset"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class PinView:
    """That a person has a PIN; never the PIN."""

    id: str
    user_id: str
    email: str
    name: str
    state: PinState
    origin: Origin
    since: datetime
    expires: datetime | None


def pin_fingerprint(organization_id: str, pin: str) -> str:
    """By what a PIN is found."""
    return fingerprint("pin", organization_id, pin)


def pin_expiry(pin: Pin, settings: PrinterLoginSettings) -> datetime | None:
    """When it ends; what is kept does not count as long as PINs are generated (AC-153), except for guests (AM-26)."""
    return pin.expires if settings.pins_expire or pin.guest_id else None


def pin_state(pin: Pin, settings: PrinterLoginSettings) -> PinState:
    """What it is worth now; one from the directory is as long as it is there."""
    expires = pin_expiry(pin, settings)
    if expires is not None and expires <= now():
        return PinState.EXPIRED
    is_right = pin.length == settings.pin_length or pin.origin == Origin.DIRECTORY or pin.guest_id is not None
    return PinState.SET if is_right else PinState.MUST_RESET


def check_pin(settings: PrinterLoginSettings, pin: str, *, is_typed: bool = True) -> None:
    """Raise what is wrong with a new PIN; typed ones must not be easy to guess."""
    if not (pin.isascii() and pin.isdigit()):
        raise NOT_DIGITS(length=settings.pin_length)
    if len(pin) != settings.pin_length:
        raise WRONG_LENGTH(length=settings.pin_length)
    if is_typed and is_trivial(pin):
        raise TRIVIAL()


def set_pin(actor: Actor, email: str, pin: str | None = None) -> PinView:
    """Give the person with that address a PIN: the one typed, or one that is made and mailed (AC-82, AC-173)."""
    actor.need(Permission.PINS_MANAGE)
    with actor.session() as session:
        settings = settings_of(session, actor.organization_id)
        person = person_by_email(session, email)
        way = PIN_SETTERS[settings.pin_generation].administrator
        if way is None:
            raise SET_BY_OWNERS()
        if way is PinWay.TYPED:  # whoever types it can sign in as that person
            check_power_over(session, actor, [person.id])
        return put_pin(session, actor, person, settings, way, pin, Origin.ADMINISTRATOR)


def put_pin(
    session: Session,
    actor: Actor,
    person: User,
    settings: PrinterLoginSettings,
    way: PinWay,
    pin: str | None,
    origin: Origin,
) -> PinView:
    """Check and keep a PIN that was set in that way, and note who did it; raises what is wrong with it."""
    if not settings.takes(LoginMethod.PIN):
        raise PINS_OFF()
    if way is PinWay.MAILED:
        if pin:
            raise GENERATED_HERE()
        kept = _generate(session, person, settings)
    else:
        check_pin(settings, pin or "")
        kept = keep_pin(session, person, settings, pin or "", origin)
    note_pin(session, actor, "pin.set", kept)
    return view_of(kept, person, settings)


def list_pins(actor: Actor, *, search: str = "", limit: int = 100, after: str = "") -> list[PinView]:
    """Who has a PIN, by address, from the one after the PIN `after` on; `search` is a complete address."""
    actor.need(Permission.PINS_VIEW)
    with actor.session(read_only=True) as session:
        settings = settings_of(session, actor.organization_id)
        query = select(Pin, User).join(User, User.id == Pin.user_id).order_by(User.email).limit(limit)
        if search.strip():
            query = query.where(User.email == search.strip().lower())
        if after:
            last = select(User.email).join(Pin, Pin.user_id == User.id).where(Pin.id == after)
            query = query.where(User.email > last.scalar_subquery())
        return [view_of(pin, person, settings) for pin, person in session.execute(query)]


def pin_of(session: Session, user_id: str, settings: PrinterLoginSettings) -> PinView | None:
    """One person's PIN."""
    found = session.execute(select(Pin, User).join(User, User.id == Pin.user_id).where(Pin.user_id == user_id)).first()
    return view_of(found[0], found[1], settings) if found else None


def remove_pins(actor: Actor, pin_ids: Sequence[str]) -> None:
    """Remove one or several, all or none (AC-174); raises `NOT_FOUND`."""
    actor.need(Permission.PINS_MANAGE)
    with actor.session() as session:
        for pin_id in dict.fromkeys(pin_ids):
            pin = session.get(Pin, pin_id)
            if pin is None or pin.user_id is None:
                raise NOT_FOUND(what="PIN")
            note_pin(session, actor, "pin.removed", pin)
            session.delete(pin)


def keep_pin(session: Session, person: User, settings: PrinterLoginSettings, pin: str, origin: Origin) -> Pin:
    """The row of the person's PIN, which is `pin` from now on; the unique constraint decides who is first.

    Raises `PIN_TAKEN`. Its expiry begins now (AC-178); the identity provider's PINs expire there, not here.
    """
    lifetime = None if origin is Origin.DIRECTORY else settings.effective_expiry
    for _ in range(3):
        row = session.scalar(select(Pin).where(Pin.user_id == person.id).with_for_update())
        row = row or Pin(organization_id=person.organization_id, user_id=person.id)
        try:
            with session.begin_nested():
                row.fingerprint = pin_fingerprint(person.organization_id, pin)
                row.length, row.origin, row.expiry_noted = len(pin), origin, False
                row.since = now()
                row.expires = row.since + lifetime if lifetime else None
                session.add(row)
        except IntegrityError as error:
            if _is_taken(session, person, pin):
                raise PIN_TAKEN() from error
            continue  # the same person's PIN was set by another transaction in this moment
        return row
    raise PIN_TAKEN()


def note_pin(session: Session, actor: Actor, action: str, pin: Pin) -> None:
    """Write to the audit trail whose PIN it was, without the PIN."""
    facts: Facts = {"person": pin.user_id, "origin": str(pin.origin)}
    record(session, actor, action, "pin", pin.id, facts, organization_id=pin.organization_id)


def is_possible_pin(pin: str) -> bool:
    """Whether it could be a PIN of some organization (README, decision 4)."""
    return pin.isascii() and pin.isdigit() and SHORTEST_PIN <= len(pin) <= LONGEST_PIN


def view_of(pin: Pin, person: User, settings: PrinterLoginSettings) -> PinView:
    """What lists show of a PIN."""
    return PinView(
        id=pin.id,
        user_id=person.id,
        email=person.email,
        name=person.name,
        state=pin_state(pin, settings),
        origin=Origin(pin.origin),
        since=pin.since,
        expires=pin_expiry(pin, settings),
    )


def _generate(session: Session, person: User, settings: PrinterLoginSettings) -> Pin:
    """Make a PIN that nobody has, and mail it; nobody else ever sees it."""
    for _ in range(ATTEMPTS):
        pin = f"{secrets.randbelow(10**settings.pin_length):0{settings.pin_length}}"
        if is_trivial(pin) or _is_taken(session, person, pin):
            continue
        try:
            kept = keep_pin(session, person, settings, pin, Origin.GENERATED)
        except PressroomError as error:
            if error.fault is not PIN_TAKEN:
                raise
            continue
        mail_pin(session, person, pin)
        return kept
    raise NONE_LEFT(length=settings.pin_length)


def _is_taken(session: Session, person: User, pin: str) -> bool:
    query = select(Pin.id).where(
        Pin.organization_id == person.organization_id,
        Pin.fingerprint == pin_fingerprint(person.organization_id, pin),
        Pin.user_id.is_distinct_from(person.id),
    )
    return session.scalar(query) is not None
