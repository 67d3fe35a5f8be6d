"""The phone in place of a small panel: a session at the printer, one person at a time (PR-223, PR-225)."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.printer_login.configuration import settings_of
from domain.printer_login.models import PrinterSession
from domain.printer_login.printer_sessions import (
    Panel,
    open_printer_session,
    sign_out_at_printer,
    visitor_at_printer,
)
from domain.printer_login.rules import LoginMethod, Screen
from fleet.releasing.printers import ReleasePrinter, release_printer
from fleet.releasing.queue import need_release

IDLE = timedelta(minutes=3)
PRINTER_IN_USE = Fault(
    "mobile_panel.in_use",
    409,
    N_("Somebody else is using the printer {printer} just now."),
    N_("Wait until they are done; a session ends by itself after three minutes without use."),
    spec="PR-223",
)


@dataclass(frozen=True, slots=True)
class MobileVisit:
    """Somebody's turn at a printer; the token is known to their page only."""

    printer: ReleasePrinter
    token: str


def enter_printer(actor: Actor, named: str) -> MobileVisit:
    """Take one's turn at the printer of that id or serial number.

    Raises `ROLE_MISSING`, `NOT_FOUND`, and `PRINTER_IN_USE` while somebody else has theirs.
    """
    need_release(actor)
    with actor.session() as session:
        printer = release_printer(session, named)
        others = select(PrinterSession.token_hash).where(
            PrinterSession.printer_id.in_((printer.id, printer.serial_number)),
            PrinterSession.user_id != actor.user_id,
            PrinterSession.last_seen > now() - IDLE,
        )
        if session.scalar(others.limit(1)) is not None:
            raise PRINTER_IN_USE(printer=printer.name)
        panel = Panel(actor.organization_id, printer.serial_number, Screen.SMALL, address=actor.address)
        settings = settings_of(session, actor.organization_id)
        opened = open_printer_session(session, panel, actor, LoginMethod.SECURE_LOGIN, settings)
        return MobileVisit(printer, opened.token)


def touch_printer(actor: Actor, token: str) -> None:
    """Something was done: the turn goes on. Raises `SESSION_ENDED` where it is over."""
    visitor_at_printer(actor.organization_id, token, actor.address)


def leave_printer(actor: Actor, token: str) -> None:
    """End the turn: the printer is free for the next person."""
    sign_out_at_printer(actor.organization_id, token)
