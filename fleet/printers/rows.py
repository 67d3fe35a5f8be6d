"""A printer as lists show it, with what stands beside it in other tables, asked for once for a whole page."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fleet.agents.models import AgentKind
from fleet.configurations.models import Configuration
from fleet.diagnostics.service import DiagnosticView, diagnostics_of
from fleet.managed_supplies.models import DeliveryContact
from fleet.printers.columns import COLUMNS, Column
from fleet.printers.kept_reading import KeptAlert, KeptReading, KeptSupply, kept_reading
from fleet.printers.models import (
    Communication,
    Compliance,
    MspStatus,
    Printer,
    PrinterForecast,
    PrinterReadingRow,
    Severity,
    Tag,
    TaggedPrinter,
)
from fleet.printers.scope import Scope
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.status import JobStatus

CONTACT_COLUMNS = frozenset({Column.DELIVERY_CONTACT, Column.COMPANY_NAME})
READING_COLUMNS = frozenset({Column.DAYS_LEFT, Column.COVERAGE, Column.SUPPLY_ALERTS, Column.PRINTER_ALERTS})


@dataclass(frozen=True, slots=True)
class TagName:
    """A tag as it stands beside a printer."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class LastTask:
    """The newest job of a printer."""

    task_id: str
    kind: TaskKind
    status: JobStatus


@dataclass(frozen=True, slots=True)
class PrinterView:
    """A printer as lists show it; `key` is its place in the list that it was read for.

    Counts that a printer does not report are None. `company_name` is that of the delivery contact. `supplies` and
    `alerts` are of the last reading.
    """

    id: str
    organization_id: str
    organization: str
    serial_number: str
    address: str
    host_name: str
    mac: str
    name: str
    description: str
    asset_tag: str
    location: str
    contact: str
    time_zone: str
    manufacturer: str
    model: str
    is_vendor: bool
    is_color: bool | None
    agent_kind: AgentKind
    agent_version: str
    communication: Communication
    state: str
    last_contact: datetime | None
    last_refresh: datetime | None
    last_restart: datetime | None
    enrolled: datetime
    firmware_level: str
    framework_version: str
    firmware_update: str
    last_configuration: str
    assigned_configuration_id: str
    assigned_configuration: str
    compliance: Compliance | None
    compliance_at: datetime | None
    supply_severity: Severity | None
    alert_severity: Severity | None
    life_pages: int | None
    mono_copies: int | None
    color_copies: int | None
    copies: int | None
    scans: int | None
    faxes: int | None
    msp: MspStatus | None
    delivery_contact_id: str
    delivery_contact: str
    company_name: str
    tags: tuple[TagName, ...]
    last_task: LastTask | None
    diagnostics: tuple[DiagnosticView, ...]
    supplies: tuple[KeptSupply, ...]
    alerts: tuple[KeptAlert, ...]
    key: tuple[str, str]


def printer_views(
    scope: Scope, printers: Sequence[Printer], columns: Collection[Column], sort: Column = Column.ADDRESS
) -> list[PrinterView]:
    """What lists show of these printers, as far as `columns` need it; `sort` makes their `key`."""
    ids = [printer.id for printer in printers]
    tags = tags_of(scope.session, ids) if Column.TAGS in columns else {}
    tasks = _last_tasks(scope.session, ids) if Column.LAST_TASK in columns else {}
    readings = readings_of(scope.session, ids) if READING_COLUMNS & frozenset(columns) else {}
    diagnostics = diagnostics_of(scope.session, ids) if Column.DIAGNOSTIC_EVENTS in columns else {}
    configurations = _configurations(scope.session, printers)
    contacts = _contacts(scope.session, printers) if CONTACT_COLUMNS & frozenset(columns) else {}
    nothing = KeptReading()
    return [
        _view(
            printer,
            scope.organizations.get(printer.organization_id, ""),
            tags.get(printer.id, ()),
            tasks.get(printer.id),
            diagnostics.get(printer.id, ()),
            readings.get(printer.id, nothing),
            configurations,
            contacts.get(printer.delivery_contact_id or "", ("", "")),
            sort,
        )
        for printer in printers
    ]


def tags_of(session: Session, ids: Sequence[str]) -> Mapping[str, Sequence[TagName]]:
    """The tags of each of these printers, by name."""
    query = select(TaggedPrinter.printer_id, Tag.id, Tag.name).join(Tag, Tag.id == TaggedPrinter.tag_id)
    found: dict[str, list[TagName]] = {}
    for printer_id, tag_id, name in session.execute(
        query.where(TaggedPrinter.printer_id.in_(ids)).order_by(Tag.name_key)
    ):
        found.setdefault(printer_id, []).append(TagName(tag_id, name))
    return found


def readings_of(session: Session, ids: Sequence[str]) -> Mapping[str, KeptReading]:
    """The last reading of each of these printers that has been read, with the last forecast."""
    forecasts = select(PrinterForecast.printer_id, PrinterForecast.days).where(PrinterForecast.printer_id.in_(ids))
    days: dict[str, dict[str, int]] = dict(session.execute(forecasts).tuples().all())
    query = select(PrinterReadingRow.printer_id, PrinterReadingRow.reading)
    rows = session.execute(query.where(PrinterReadingRow.printer_id.in_(ids)))
    return {printer_id: kept_reading(reading, days.get(printer_id, {})) for printer_id, reading in rows}


def _configurations(session: Session, printers: Sequence[Printer]) -> Mapping[str, str]:
    wanted = {printer.assigned_configuration_id for printer in printers if printer.assigned_configuration_id}
    query = select(Configuration.id, Configuration.name).where(Configuration.id.in_(wanted))
    return dict(session.execute(query).tuples().all()) if wanted else {}


def _contacts(session: Session, printers: Sequence[Printer]) -> Mapping[str, tuple[str, str]]:
    """Name and company of the printers' delivery contacts."""
    wanted = {printer.delivery_contact_id for printer in printers if printer.delivery_contact_id}
    query = select(DeliveryContact).where(DeliveryContact.id.in_(wanted))
    found = session.scalars(query) if wanted else ()
    return {one.id: (f"{one.first_name} {one.last_name}", one.company) for one in found}


def _last_tasks(session: Session, ids: Sequence[str]) -> Mapping[str, LastTask]:
    newest = select(func.max(Job.id)).where(Job.printer_id.in_(ids)).group_by(Job.printer_id)
    query = select(Job.printer_id, Job.task_id, FleetTask.kind, Job.status).join(FleetTask, FleetTask.id == Job.task_id)
    rows = session.execute(query.where(Job.id.in_(session.scalars(newest).all())))
    return {
        printer_id: LastTask(task_id, TaskKind(kind), JobStatus(status)) for printer_id, task_id, kind, status in rows
    }


def _view(
    printer: Printer,
    organization: str,
    tags: Sequence[TagName],
    last_task: LastTask | None,
    diagnostics: Sequence[DiagnosticView],
    reading: KeptReading,
    configurations: Mapping[str, str],
    contact: tuple[str, str],
    sort: Column,
) -> PrinterView:
    return PrinterView(
        id=printer.id,
        organization_id=printer.organization_id,
        organization=organization,
        serial_number=printer.serial_number,
        address=printer.address,
        host_name=printer.host_name,
        mac=printer.mac,
        name=printer.name,
        description=printer.description,
        asset_tag=printer.asset_tag,
        location=printer.location,
        contact=printer.contact,
        time_zone=printer.time_zone,
        manufacturer=printer.manufacturer,
        model=printer.model,
        is_vendor=printer.is_vendor,
        is_color=printer.is_color,
        agent_kind=AgentKind(printer.agent_kind),
        agent_version=printer.agent_version,
        communication=Communication(printer.communication),
        state=printer.state,
        last_contact=printer.last_contact,
        last_refresh=printer.last_refresh,
        last_restart=printer.last_restart,
        enrolled=printer.enrolled,
        firmware_level=printer.firmware_level,
        framework_version=printer.framework_version,
        firmware_update=printer.offered_firmware,
        last_configuration=printer.last_configuration,
        assigned_configuration_id=printer.assigned_configuration_id or "",
        assigned_configuration=configurations.get(printer.assigned_configuration_id or "", ""),
        compliance=Compliance(printer.compliance) if printer.compliance else None,
        compliance_at=printer.compliance_at,
        supply_severity=Severity(printer.supply_severity) if printer.supply_severity else None,
        alert_severity=Severity(printer.alert_severity) if printer.alert_severity else None,
        life_pages=printer.life_pages,
        mono_copies=printer.mono_copies,
        color_copies=printer.color_copies,
        copies=printer.copies,
        scans=printer.scans,
        faxes=printer.faxes,
        msp=MspStatus(printer.msp) if printer.msp else None,
        delivery_contact_id=printer.delivery_contact_id or "",
        delivery_contact=contact[0],
        company_name=contact[1],
        tags=tuple(tags),
        last_task=last_task,
        diagnostics=tuple(diagnostics),
        supplies=reading.supplies,
        alerts=reading.alerts,
        key=(organization if sort is Column.ORGANIZATION else _key_text(printer, sort), printer.id),
    )


def _key_text(printer: Printer, sort: Column) -> str:
    value = getattr(printer, COLUMNS[sort].key)
    return value.isoformat() if isinstance(value, datetime) else "" if value is None else str(value)
