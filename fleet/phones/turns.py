"""Whose turn it is at a printer with the phone: one person at a time, free again after three minutes (MOB-5)."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from connectors.secrets import fingerprint
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.printer_login.configuration import settings_of
from domain.printer_login.models import PrinterSession
from domain.printer_login.printer_sessions import (
    LONGEST_SESSION,
    Panel,
    open_printer_session,
    sign_out_at_printer,
)
from domain.printer_login.rules import LoginMethod, Screen
from domain.sign_in.sessions import token_hash
from domain.tenancy import NOT_FOUND
from fleet.phones.codes import Ticket, check_sticker
from fleet.printers.models import Printer
from fleet.releasing.printers import ReleasePrinter, release_printer

IDLE = timedelta(minutes=3)
"""So long without use until somebody else can have the printer (PR-225)."""
PRINTER_IN_USE = Fault(
    "mobile_panel.in_use",
    409,
    N_("Somebody else is using the printer {printer} just now."),
    N_("Wait until they are done; a session ends by itself after three minutes without use."),
    spec="PR-223",
)
TURN_OVER = Fault(
    "phone.turn_over",
    403,
    N_("Your session at the printer has ended."),
    N_("Scan the code at the printer again."),
    spec="MOB-5",
)


@dataclass(frozen=True, slots=True)
class PhoneVisit:
    """Somebody's turn at a printer; the token is known to their phone only."""

    printer: ReleasePrinter
    token: str


def enter_printer(actor: Actor, at: Ticket) -> PhoneVisit:
    """Take one's turn at the printer whose code was scanned, or go on with it.

    Raises `ROLE_MISSING`, `NOT_FOUND`, `STICKERS_OFF`; `PRINTER_IN_USE` while somebody else has theirs; `TURN_OVER`
    where one's own has ended and the scan is too old for another.
    """
    if not actor.may(Permission.PRINT_SUBMIT):
        actor.need(Permission.SOLUTIONS_RUN)
    if at.organization_id != actor.organization_id:
        raise NOT_FOUND(what="printer")
    token = fingerprint("turn at a printer with the phone", at.text, actor.user_id)
    with actor.session() as session:
        printer = release_printer(session, at.printer_id)
        if at.is_sticker:
            check_sticker(session, actor)
        # two who come at the same moment: the second one waits here and finds the first one's session
        session.scalars(select(Printer.id).where(Printer.id == printer.id).with_for_update()).one()
        if (row := _living(session, token)) is not None:
            row.last_seen = now()
        elif at.is_fresh:
            _begin(session, actor, printer, token)
        else:
            raise TURN_OVER()
        return PhoneVisit(printer, token)


def touch_printer(actor: Actor, token: str) -> None:
    """Something was done: the turn goes on. Raises `TURN_OVER` where it has ended."""
    with actor.session() as session:
        row = _living(session, token)
        if row is None or row.user_id != actor.user_id:
            raise TURN_OVER()
        row.last_seen = now()


def seconds_left(actor: Actor, token: str) -> int:
    """After so many seconds without use the turn ends; 0: it has. Asking is no use."""
    with actor.session(read_only=True) as session:
        row = _living(session, token)
        return max(1, int((row.last_seen + IDLE - now()).total_seconds())) if row is not None else 0


def leave_printer(actor: Actor, token: str) -> None:
    """End the turn: the printer is free for the next person (MOB-9)."""
    sign_out_at_printer(actor.organization_id, token)


def leave_with(actor: Actor, at: Ticket) -> None:
    """End the actor's turn that was begun with this ticket, if there is one."""
    leave_printer(actor, fingerprint("turn at a printer with the phone", at.text, actor.user_id))


def _living(session: Session, token: str) -> PrinterSession | None:
    row = session.get(PrinterSession, token_hash(token))
    is_over = row is None or now() - row.last_seen > IDLE or now() - row.created > LONGEST_SESSION
    return None if is_over else row


def _begin(session: Session, actor: Actor, printer: ReleasePrinter, token: str) -> None:
    others = select(PrinterSession.token_hash).where(
        PrinterSession.printer_id.in_((printer.id, printer.serial_number)),
        PrinterSession.user_id != actor.user_id,
        PrinterSession.last_seen > now() - IDLE,
    )
    if session.scalar(others.limit(1)) is not None:
        raise PRINTER_IN_USE(printer=printer.name)
    panel = Panel(actor.organization_id, printer.serial_number, Screen.SMALL, address=actor.address)
    settings = settings_of(session, actor.organization_id)
    open_printer_session(session, panel, actor, LoginMethod.SECURE_LOGIN, settings, token)
