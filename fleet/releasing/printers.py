"""Printers as release sees them: where they take jobs, and what their panels offer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.organizations.models import Organization
from domain.printing.evaluation import PrinterFacts
from domain.tenancy import NOT_FOUND
from fleet.agents.models import AgentKind
from fleet.printers.models import Printer, PrinterApp
from fleet.releasing.features import Feature, PanelFacts, features_of
from steps.print_release import PrinterAddress

IPP_PATH = "/ipp/print"
IPP_PORT, RAW_PORT, LPR_PORT = 631, 9100, 515
MOST_LISTED = 100
SNAPSHOT = ("name", "address", "serial_number", "model")
"""What a release keeps of its printer, as it was then."""


@dataclass(frozen=True, slots=True)
class ReleasePrinter:
    """A printer of an organization at which jobs can be released."""

    id: str
    name: str
    location: str
    address: str
    serial_number: str
    model: str
    mac: str
    is_color: bool | None
    time_zone: str
    ports: dict[str, Any] = field(default_factory=dict)
    features: frozenset[Feature] = frozenset()

    @property
    def facts(self) -> PrinterFacts:
        """What rules need to know of it."""
        return PrinterFacts(self.id, self.name, self.time_zone, self.is_color)

    @property
    def delivery(self) -> PrinterAddress:
        """Where it takes jobs (PR-197)."""
        raw, lpr = int(self.ports.get("raw", RAW_PORT)), int(self.ports.get("lpr", LPR_PORT))
        return PrinterAddress(self.name, ipp_addresses(self.address, self.ports), self.address, raw, lpr)

    @property
    def snapshot(self) -> dict[str, Any]:
        """What a release keeps of it."""
        return {name: getattr(self, name) for name in SNAPSHOT}

    @classmethod
    def gone(cls, printer_id: str, known: Mapping[str, Any]) -> "ReleasePrinter":
        """A printer that is not enrolled any more, or never was, from what a release kept of it."""
        name, address, serial_number, model = (str(known.get(one, "")) for one in SNAPSHOT)
        return cls(printer_id, name, "", address, serial_number, model, mac="", is_color=None, time_zone="UTC")

    @classmethod
    def of(cls, printer: Printer, apps: dict[str, str], time_zone: str) -> "ReleasePrinter":
        """`time_zone` is the organization's, for printers that have none of their own (PR-91)."""
        panel = PanelFacts(
            model=printer.model,
            firmware=printer.firmware_level,
            framework=printer.framework_version,
            agent_kind=AgentKind(printer.agent_kind),
            is_vendor=printer.is_vendor,
            apps=apps,
        )
        return cls(
            id=printer.id,
            name=printer.name or printer.host_name or printer.serial_number,
            location=printer.location,
            address=printer.address,
            serial_number=printer.serial_number,
            model=printer.model,
            mac=printer.mac,
            is_color=printer.is_color,
            time_zone=printer.time_zone or time_zone,
            ports=dict(printer.ports or {}),
            features=features_of(panel),
        )


def ipp_addresses(host: str, ports: dict[str, Any]) -> tuple[str, ...]:
    """Where a printer is tried by IPP, encrypted first (PR-197).

    IPP is HTTP: a printer whose web server has a port of its own answers IPP there, unless an IPP port is known.
    """
    host = f"[{host}]" if ":" in host else host
    secure = ports.get("ipps") or ports.get("https")
    plain = ports.get("ipp") or ports.get("http")
    if secure is None and plain is None:
        secure = IPP_PORT
    found = [f"ipps://{host}:{secure}{IPP_PATH}"] if secure else []
    return (*found, f"ipp://{host}:{plain or IPP_PORT}{IPP_PATH}")


def release_printer(session: Session, named: str) -> ReleasePrinter:
    """The printer of that id or serial number in the session's organization; raises `NOT_FOUND`."""
    printer = session.scalar(select(Printer).where(or_(Printer.id == named, Printer.serial_number == named)))
    if printer is None:
        raise NOT_FOUND(what="printer")
    return _seen(session, [printer])[0]


def release_printers(session: Session, search: str = "") -> list[ReleasePrinter]:
    """Printers whose name, place, address, model or serial number holds `search`, for choosing one on a phone."""
    query = select(Printer).order_by(Printer.name, Printer.host_name, Printer.serial_number, Printer.id)
    if wanted := search.strip().casefold():
        query = query.where(Printer.search_key.contains(wanted, autoescape=True))
    return _seen(session, list(session.scalars(query.limit(MOST_LISTED))))


def _seen(session: Session, printers: Sequence[Printer]) -> list[ReleasePrinter]:
    if not printers:
        return []
    ids = [printer.id for printer in printers]
    apps: dict[str, dict[str, str]] = {one: {} for one in ids}
    query = select(PrinterApp).where(PrinterApp.printer_id.in_(ids), PrinterApp.is_started.is_(True))
    for app in session.scalars(query):
        apps[app.printer_id][app.app_id] = app.version
    zone = session.get_one(Organization, printers[0].organization_id).time_zone
    return [ReleasePrinter.of(printer, apps[printer.id], zone) for printer in printers]
