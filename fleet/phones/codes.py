"""Codes by which a phone finds the printer that it is held to: one that a panel shows, one on a sticker (MOB-1, MOB-4).

What a panel shows changes every minute and is good for two at most, so that a photograph of it does not serve later.
A sticker's never changes; it counts only where the organization wants that. Either is signed, and becomes a ticket:
what the phone keeps while its owner signs in. Only whoever scanned a code has one.
"""

import base64
import hmac
import io
import secrets
import struct
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from connectors.secrets import derived_key
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.printing.settings import print_settings
from fleet.releasing.features import Feature
from fleet.releasing.printers import ReleasePrinter, release_printer

CODE_PATH = "/at/"
PERIOD = timedelta(seconds=60)
"""How often a panel's code changes; the one before is good for as long, for who began to scan it."""
TICKET_FRESH = timedelta(minutes=5)
"""So long one has for signing in after the scan."""
_LAYOUT, _SIGNATURE = struct.Struct(">B16s16sI8s"), 16
_MOST_TEXT = 128

CODE_UNKNOWN = Fault(
    "phone.code_unknown",
    404,
    N_("This is no code of a printer."),
    N_("Scan the code that the printer shows on its panel."),
    spec="MOB-4",
)
CODE_OLD = Fault(
    "phone.code_old",
    410,
    N_("This code is not valid any more."),
    N_("Scan the code that the printer shows now: it changes every minute."),
    spec="MOB-4",
)
NO_PHONE_HERE = Fault(
    "phone.not_supported",
    409,
    N_("The printer {printer} has no code for phones."),
    N_(
        "Codes are shown by printers with a small screen, firmware 081 or later and their native agent. "
        "At other printers a sticker can be used."
    ),
    spec="MOB-2",
)
STICKERS_OFF = Fault(
    "phone.stickers_off",
    403,
    N_("Codes on stickers are switched off in your organization."),
    N_("Scan the code that the printer shows on its panel, or ask an administrator to allow stickers."),
)


class _Kind(IntEnum):
    PANEL = 1
    STICKER = 2
    TICKET = 3
    STICKER_TICKET = 4


@dataclass(frozen=True, slots=True)
class PhoneCode:
    """A code as an address to open with the phone; a panel asks for the next one after `seconds`, a sticker never."""

    printer: ReleasePrinter
    address: str
    seconds: int | None

    def png(self, scale: int = 5) -> bytes:
        """The picture, with the quiet zone that readers need."""
        return self._drawn("png", scale)

    def svg(self, scale: int = 5) -> bytes:
        """The picture for printing at any size."""
        return self._drawn("svg", scale)

    def _drawn(self, kind: str, scale: int) -> bytes:
        import segno  # draws QR codes (ISO/IEC 18004); pure Python, BSD

        picture = io.BytesIO()
        segno.make(self.address, error="m", micro=False).save(picture, kind=kind, scale=scale, border=4, light="#fff")
        return picture.getvalue()


@dataclass(frozen=True, slots=True)
class Ticket:
    """A scanned code. `text` is what the phone keeps, `is_fresh` whether it still lets somebody begin."""

    text: str
    organization_id: str
    printer_id: str
    is_sticker: bool
    is_fresh: bool


def panel_code(actor: Actor, named: str) -> PhoneCode:
    """The code that the panel of the printer of that id or serial number shows now.

    Raises `NOT_FOUND`, and `NO_PHONE_HERE` for a printer that has none (MOB-2).
    """
    with actor.session(read_only=True) as session:
        printer = release_printer(session, named)
    if Feature.MOBILE_PANEL not in printer.features:
        raise NO_PHONE_HERE(printer=printer.name)
    moment = int(now().timestamp())
    period = int(PERIOD.total_seconds())
    seconds = period - moment % period
    return PhoneCode(printer, _address(actor, printer, _Kind.PANEL, moment - moment % period), seconds)


def sticker_code(actor: Actor, printer_id: str) -> PhoneCode:
    """The code for a sticker on a printer; raises `ROLE_MISSING`, `NOT_FOUND`, or `STICKERS_OFF`."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session(read_only=True) as session:
        printer = release_printer(session, printer_id)
        check_sticker(session, actor)
    return PhoneCode(printer, _address(actor, printer, _Kind.STICKER, 0), None)


def check_sticker(session: Session, actor: Actor) -> None:
    """Raise `STICKERS_OFF` unless the actor's organization takes codes that never change."""
    if not print_settings(session, actor.organization_id).jobs.phone_stickers_enabled:
        raise STICKERS_OFF()


def scanned(code: str) -> Ticket:
    """The ticket for a code that was scanned just now; raises `CODE_UNKNOWN` or `CODE_OLD`."""
    kind, organization, printer, moment = _opened(code)
    if kind not in (_Kind.PANEL, _Kind.STICKER):
        raise CODE_UNKNOWN()
    if kind is _Kind.PANEL and now() - moment > 2 * PERIOD:
        raise CODE_OLD()
    made = _Kind.STICKER_TICKET if kind is _Kind.STICKER else _Kind.TICKET
    return ticket(_signed(made, organization, printer, int(now().timestamp()), secrets.token_bytes(8)))


def ticket(text: str) -> Ticket:
    """What a phone kept; raises `CODE_UNKNOWN` for anything else."""
    kind, organization, printer, moment = _opened(text)
    if kind not in (_Kind.TICKET, _Kind.STICKER_TICKET):
        raise CODE_UNKNOWN()
    is_fresh = now() - moment <= TICKET_FRESH
    return Ticket(text, organization.hex(), printer.hex(), kind is _Kind.STICKER_TICKET, is_fresh)


def _address(actor: Actor, printer: ReleasePrinter, kind: _Kind, moment: int) -> str:
    code = _signed(kind, bytes.fromhex(actor.organization_id), bytes.fromhex(printer.id), moment, bytes(8))
    return get_settings().public_url.rstrip("/") + CODE_PATH + code


def _signed(kind: _Kind, organization: bytes, printer: bytes, moment: int, nonce: bytes) -> str:
    content = _LAYOUT.pack(kind, organization, printer, moment, nonce)
    return base64.urlsafe_b64encode(content + _signature(content)).decode().rstrip("=")


def _opened(text: str) -> tuple[_Kind, bytes, bytes, datetime]:
    try:
        if len(text) > _MOST_TEXT:
            raise CODE_UNKNOWN()
        content = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        signed, signature = content[: _LAYOUT.size], content[_LAYOUT.size :]
        if not hmac.compare_digest(_signature(signed), signature):
            raise CODE_UNKNOWN()
        kind, organization, printer, moment, _ = _LAYOUT.unpack(signed)
    except (Base64Error, ValueError, struct.error) as error:
        raise CODE_UNKNOWN() from error
    return _Kind(kind), organization, printer, datetime.fromtimestamp(moment, UTC)


def _signature(content: bytes) -> bytes:
    return hmac.digest(derived_key("pressroom codes for phones"), content, "sha256")[:_SIGNATURE]
