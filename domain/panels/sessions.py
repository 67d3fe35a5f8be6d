"""Sessions of panels: opened by the printer itself with a ticket that counts once, ended by time or by the next one.

A printer has one panel: whoever opens it anew ends the session before, and with it the session of a person there.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from connectors.secrets import decrypt, encrypt
from domain.organizations.models import now
from domain.panels.models import PanelSession
from domain.printer_login.at_printers import Asked
from domain.printer_login.models import PrinterSession
from domain.sign_in.sessions import token_hash
from domain.tenancy import system_session, tenant_session

TICKET_REFUSED = Fault(
    "panel.ticket_refused",
    403,
    N_("This address opens the panel once, within a minute of being asked for."),
    N_("Open the panel at the printer again."),
)
PANEL_ENDED = Fault(
    "panel.ended",
    401,
    N_("This panel is not connected any more."),
    N_("Open the panel at the printer again."),
)
TICKET_LIFE = timedelta(minutes=1)
LONGEST_PANEL = timedelta(hours=24)
"""After it a printer opens its panel anew, so that no cookie is good for ever."""
PENDING_LIFE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class PanelOpening:
    """Which printer opens its panel, how large its screen is, and what other site shows the pages in a frame."""

    organization_id: str
    printer_id: str
    width: int
    height: int
    frame_origin: str = ""


@dataclass(frozen=True, slots=True)
class OpenedPanel:
    """A panel whose ticket was taken; the token is told only here."""

    id: str
    token: str
    frame_origin: str
    ends: datetime


def issue_ticket(opening: PanelOpening) -> str:
    """A ticket with which the printer's browser opens the panel, once, within a minute."""
    ticket = secrets.token_urlsafe(32)
    with tenant_session(opening.organization_id) as session:
        _forget_old(session)
        session.add(
            PanelSession(
                printer_id=opening.printer_id,
                ticket_hash=token_hash(ticket),
                width=opening.width,
                height=opening.height,
                frame_origin=opening.frame_origin,
            )
        )
    return ticket


def open_panel(ticket: str, address: str) -> OpenedPanel:
    """Take a ticket; raises `TICKET_REFUSED`. What was open at the printer before is ended."""
    token, moment = secrets.token_urlsafe(32), now()
    with system_session() as session:
        taken = session.execute(
            update(PanelSession)
            .where(PanelSession.ticket_hash == token_hash(ticket), PanelSession.created > moment - TICKET_LIFE)
            .values(ticket_hash=None, token_hash=token_hash(token), address=address, created=moment, changed=moment)
            .returning(
                PanelSession.id, PanelSession.organization_id, PanelSession.printer_id, PanelSession.frame_origin
            )
        ).one_or_none()
        if taken is None:
            raise TICKET_REFUSED()
        here = (
            PanelSession.organization_id == taken.organization_id,
            PanelSession.printer_id == taken.printer_id,
            PanelSession.id != taken.id,
            PanelSession.token_hash.is_not(None),
        )
        people = list(session.scalars(select(PanelSession.person_hash).where(*here)))
        session.execute(delete(PrinterSession).where(PrinterSession.token_hash.in_(filter(None, people))))
        session.execute(delete(PanelSession).where(*here))
        return OpenedPanel(taken.id, token, taken.frame_origin, moment + LONGEST_PANEL)


def close_panel(organization_id: str, panel_id: str) -> None:
    """End the session of the panel and that of the person there; one that has ended already is no fault."""
    with tenant_session(organization_id) as session:
        panel = session.get(PanelSession, panel_id)
        if panel is not None:
            _end_person(session, panel)
            session.delete(panel)


def set_person(organization_id: str, panel_id: str, token: str) -> datetime:
    """Let the person whose session at the printer has that token be the one at the panel; when it changed."""
    with tenant_session(organization_id) as session:
        panel = _panel(session, panel_id)
        panel.person_hash, panel.pending, panel.pending_until = token_hash(token), "", None
        panel.changed = now()
        return panel.changed


def sign_person_out(organization_id: str, panel_id: str) -> datetime | None:
    """End the session of whoever is at the panel; when it changed, None where there is no such panel any more.

    What was chosen there is forgotten.
    """
    with tenant_session(organization_id) as session:
        panel = session.get(PanelSession, panel_id)
        if panel is None:
            return None
        _end_person(session, panel)
        return panel.changed


@dataclass(frozen=True, slots=True)
class WaitingBadge:
    """A badge that was held to the reader, and what the page asks for next: its PIN or its registration."""

    number: str
    asked: Asked


def keep_badge_waiting(organization_id: str, panel_id: str, badge: WaitingBadge) -> datetime:
    """Keep the badge until what was asked for follows; when the panel changed."""
    with tenant_session(organization_id) as session:
        panel = _panel(session, panel_id)
        panel.pending, panel.pending_until = (
            encrypt({"badge": badge.number, "asked": badge.asked.value}),
            now() + PENDING_LIFE,
        )
        panel.changed = now()
        return panel.changed


def waiting_badge(organization_id: str, panel_id: str) -> WaitingBadge | None:
    """The badge that waits; None where there is none or it has waited too long."""
    with tenant_session(organization_id, read_only=True) as session:
        panel = _panel(session, panel_id)
        if not panel.pending or panel.pending_until is None or panel.pending_until <= now():
            return None
        kept = decrypt(panel.pending)
        return WaitingBadge(kept["badge"], Asked(kept["asked"]))


def forget_badge(organization_id: str, panel_id: str) -> None:
    """The badge that waits was put aside."""
    with tenant_session(organization_id) as session:
        panel = _panel(session, panel_id)
        panel.pending, panel.pending_until = "", None


def choose(organization_id: str, panel_id: str, *, locale: str | None = None, contrast: bool | None = None) -> None:
    """Keep what was chosen at the panel for as long as the person is there."""
    with tenant_session(organization_id) as session:
        panel = _panel(session, panel_id)
        panel.locale = panel.locale if locale is None else locale
        panel.contrast = panel.contrast if contrast is None else contrast


def forget_old_panels() -> None:
    """Remove panels and tickets that are over."""
    with system_session() as session:
        _forget_old(session)


def _panel(session: Session, panel_id: str) -> PanelSession:
    panel = session.get(PanelSession, panel_id)
    if panel is None:
        raise PANEL_ENDED()
    return panel


def _end_person(session: Session, panel: PanelSession) -> None:
    if panel.person_hash:
        session.execute(delete(PrinterSession).where(PrinterSession.token_hash == panel.person_hash))
    panel.person_hash, panel.pending, panel.pending_until = None, "", None
    panel.locale, panel.contrast, panel.changed = "", False, now()


def _forget_old(session: Session) -> None:
    moment = now()
    session.execute(delete(PanelSession).where(PanelSession.created < moment - LONGEST_PANEL))
    stale = PanelSession.token_hash.is_(None) & (PanelSession.created < moment - TICKET_LIFE)
    session.execute(delete(PanelSession).where(stale))
