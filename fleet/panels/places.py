"""Where somebody stands: the panel that a browser's cookie names, its printer, and who is signed in there.

Every request of a panel looks here anew, in one query: so a panel ends at once when its printer is unenrolled or its
organization is no longer active.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from domain.organizations.models import Organization, OrganizationStatus, now
from domain.panels.models import PanelSession
from domain.panels.sessions import LONGEST_PANEL, PANEL_ENDED
from domain.printer_login.printer_sessions import SESSION_ENDED, Panel, PrinterVisitor, visitor_by_key
from domain.printer_login.rules import Screen
from domain.sign_in.sessions import token_hash
from domain.tenancy import system_session, tenant_session
from fleet.capabilities.login_methods import methods_of_model
from fleet.printers.models import Printer, PrinterApp

SMALL_WIDTH, SMALL_HEIGHT = 480, 272
"""Up to this size a screen is a small one: 2.8 inches have 320 × 240 (AC-156)."""


@dataclass(frozen=True, slots=True)
class PanelPlace:
    """A panel that is open. `locale` is empty until a language was chosen; `person_key` while nobody is signed in.

    `time_zone` is where the printer stands, or else where its organization is.
    """

    id: str
    organization_id: str
    organization_name: str
    printer_id: str
    printer_name: str
    model: str
    time_zone: str
    width: int
    height: int
    frame_origin: str
    locale: str
    contrast: bool
    person_key: str
    address: str
    changed: datetime

    @property
    def screen(self) -> Screen:
        return screen_of(self.width, self.height)

    @property
    def panel(self) -> Panel:
        """The place as signing in knows it."""
        takes = methods_of_model(self.model)
        return Panel(self.organization_id, self.printer_id, self.screen, address=self.address, takes=takes)


def screen_of(width: int, height: int) -> Screen:
    """What a screen of that many pixels has room for."""
    return Screen.SMALL if width <= SMALL_WIDTH and height <= SMALL_HEIGHT else Screen.FULL


def place_of_token(token: str, address: str) -> PanelPlace:
    """The panel with that cookie, from the network address that opened it; raises `PANEL_ENDED`."""
    with system_session(read_only=True) as session:
        place = _place(session, PanelSession.token_hash == token_hash(token))
    if place is None or place.address != address:
        raise PANEL_ENDED()
    return place


def place_at_printer(organization_id: str, printer_id: str) -> PanelPlace:
    """The panel that is open at a printer; raises `PANEL_ENDED`."""
    with tenant_session(organization_id, read_only=True) as session:
        place = _place(session, (PanelSession.printer_id == printer_id) & PanelSession.token_hash.is_not(None))
    if place is None:
        raise PANEL_ENDED()
    return place


def person_at(place: PanelPlace) -> PrinterVisitor:
    """Who is signed in at the panel; counts as a touch. Raises `SESSION_ENDED` or `PERSON_REFUSED`."""
    if not place.person_key:
        raise SESSION_ENDED()
    return visitor_by_key(place.organization_id, place.person_key, place.address)


def started_apps(organization_id: str, printer_id: str) -> Mapping[str, str]:
    """The panel apps that are started on a printer: versions by id."""
    with tenant_session(organization_id, read_only=True) as session:
        query = select(PrinterApp.app_id, PrinterApp.version)
        wanted = query.where(PrinterApp.printer_id == printer_id, PrinterApp.is_started.is_(True))
        return dict(session.execute(wanted).tuples().all())


def _place(session: Session, condition: ColumnElement[bool]) -> PanelPlace | None:
    query = (
        select(PanelSession, Printer, Organization)
        .join(Printer, Printer.id == PanelSession.printer_id)
        .join(Organization, Organization.id == PanelSession.organization_id)
        .where(
            condition,
            Printer.organization_id == PanelSession.organization_id,
            Organization.status == OrganizationStatus.ACTIVE,
            PanelSession.created > now() - LONGEST_PANEL,
        )
        .order_by(PanelSession.created.desc())
        .limit(1)
    )
    found = session.execute(query).tuples().one_or_none()
    if found is None:
        return None
    panel, printer, organization = found
    return PanelPlace(
        id=panel.id,
        organization_id=panel.organization_id,
        organization_name=organization.name,
        printer_id=printer.id,
        printer_name=printer.name or printer.host_name or printer.serial_number,
        model=printer.model,
        time_zone=printer.time_zone or organization.time_zone,
        width=panel.width,
        height=panel.height,
        frame_origin=panel.frame_origin,
        locale=panel.locale,
        contrast=panel.contrast,
        person_key=panel.person_hash or "",
        address=panel.address,
        changed=panel.changed,
    )
