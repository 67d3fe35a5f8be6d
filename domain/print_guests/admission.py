"""Letting a guest in: the identifier, the PIN and until when both count (F-13, PR-154…PR-160)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from connectors.secrets import decrypt, encrypt, fingerprint
from domain.audit.service import record_unattended
from domain.organizations.actor import Actor, guest_actor
from domain.organizations.models import Organization, User, UserStatus, now
from domain.organizations.roles import Role
from domain.print_guests.models import GuestState, PrintGuest
from domain.printer_login.configuration import settings_of
from domain.printer_login.models import Origin, Pin
from domain.printer_login.pins import NONE_LEFT, pin_fingerprint
from domain.printer_login.rules import is_trivial
from domain.printing.settings import EmailSettings, print_settings
from domain.tenancy import new_id, tenant_session

LIFE = timedelta(days=14)
"""So long a guest reaches the same queue, and so long a PIN counts unless the organization's ends sooner (PR-159)."""
NOWHERE = "guest.invalid"
"""A domain that never exists (RFC 2606): guests have no address with us."""
ATTEMPTS = 50
GUEST_BLOCKED = Fault(
    "print_guest.blocked",
    403,
    N_("Nothing more is printed for this guest."),
    N_("Print administrators can let the guest in again on the page “Guests and mail”."),
)


@dataclass(frozen=True, slots=True)
class Admission:
    """A guest who may hand in; `expires` is the end of the PIN, and of the jobs at the latest."""

    guest_id: str
    actor: Actor
    expires: datetime


@dataclass(frozen=True, slots=True)
class GuestPin:
    """A guest's PIN and its end; `is_known`: it was sent before."""

    pin: str
    expires: datetime
    is_known: bool


def address_hash(organization_id: str, address: str) -> str:
    """What is kept of a guest's address: with it the guest is known again, and nobody can tell the address."""
    return fingerprint("print guest", organization_id, address.strip().lower())


def are_guests_welcome(organization_id: str) -> bool:
    """Whether people without an account may print there now (PR-148)."""
    with tenant_session(organization_id, read_only=True) as session:
        return print_settings(session, organization_id).email.guests_enabled


def admit_guest(session: Session, organization_id: str, address: str, settings: EmailSettings) -> Admission:
    """The guest with that address, known or new, with a PIN that counts; raises `GUEST_BLOCKED`.

    A mail that comes while the PIN is valid prolongs neither the PIN nor the guest's time (PR-160).
    """
    guest = _row(session, organization_id, address_hash(organization_id, address))
    if guest.state == GuestState.BLOCKED:
        raise GUEST_BLOCKED()
    user = session.get(User, guest.user_id) if guest.user_id and guest.expires > now() else None
    if user is None or user.ended is not None:
        user = _new_identifier(session, guest)
    user.cost_center, user.department = settings.guest_cost_center, settings.guest_department
    if not _has_valid_pin(session, guest):
        _make_pin(session, guest)
    guest.state = GuestState.ACTIVE
    session.flush()
    assert guest.pin_expires is not None
    return Admission(guest.id, guest_actor(session, user), guest.pin_expires)


def tell_pin(session: Session, organization_id: str, address: str) -> GuestPin | None:
    """The PIN of the guest with that address, to be sent to them; None once it is over."""
    known = PrintGuest.address_hash == address_hash(organization_id, address)
    guest = session.scalar(select(PrintGuest).where(known).with_for_update())
    if guest is None or guest.pin_expires is None or not _has_valid_pin(session, guest):
        return None
    told = GuestPin(decrypt(guest.pin)["pin"], guest.pin_expires, is_known=guest.pin_sent)
    guest.pin_sent = True
    return told


def _row(session: Session, organization_id: str, known_by: str) -> PrintGuest:
    query = select(PrintGuest).where(PrintGuest.address_hash == known_by).with_for_update()
    found = session.scalar(query)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            session.add(PrintGuest(organization_id=organization_id, address_hash=known_by))
    except IntegrityError:
        pass  # another mail of the same guest came in this moment
    return session.scalars(query).one()


def _new_identifier(session: Session, guest: PrintGuest) -> User:
    """A row of people that is no account: nobody can sign in with it (AC-185, AC-189)."""
    user_id = new_id()
    organization = session.get_one(Organization, guest.organization_id)
    language = (organization.announcement_languages or ["en"])[0]
    user = User(
        id=user_id,
        organization_id=guest.organization_id,
        email=f"{user_id}@{NOWHERE}",
        name=f"Guest {user_id[:8]}",
        status=UserStatus.GUEST,
        roles=[Role.PRINT_GUEST.value],
        locale=language,
        time_zone=organization.time_zone,
    )
    session.add(user)
    session.flush()
    guest.user_id, guest.created = user_id, now()
    guest.expires = guest.created + LIFE
    guest.pin, guest.pin_expires = "", None
    record_unattended(session, guest.organization_id, "print_guest.created", "print_guest", guest.id)
    return user


def _has_valid_pin(session: Session, guest: PrintGuest) -> bool:
    if not guest.pin or guest.pin_expires is None or guest.pin_expires <= now():
        return False
    known = pin_fingerprint(guest.organization_id, decrypt(guest.pin)["pin"])
    return session.scalar(select(Pin.id).where(Pin.guest_id == guest.user_id, Pin.fingerprint == known)) is not None


def _make_pin(session: Session, guest: PrintGuest) -> None:
    """A PIN of the organization's length that nobody has; raises `NONE_LEFT`."""
    settings = settings_of(session, guest.organization_id)
    row = session.scalar(select(Pin).where(Pin.guest_id == guest.user_id))
    row = row or Pin(organization_id=guest.organization_id, guest_id=guest.user_id)
    for _ in range(ATTEMPTS):
        pin = f"{secrets.randbelow(10**settings.pin_length):0{settings.pin_length}}"
        if is_trivial(pin):
            continue
        try:
            with session.begin_nested():
                row.fingerprint, row.length = pin_fingerprint(guest.organization_id, pin), len(pin)
                row.origin, row.since, row.expiry_noted = Origin.GENERATED, now(), False
                row.expires = min(row.since + (settings.effective_expiry or LIFE), guest.expires)
                session.add(row)
        except IntegrityError:
            continue  # somebody has it
        guest.pin, guest.pin_expires, guest.pin_sent = encrypt({"pin": pin}), row.expires, False
        return
    raise NONE_LEFT(length=settings.pin_length)
