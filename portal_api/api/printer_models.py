"""Printers as the API takes and shows them."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from domain.texts.catalogue import translate_message
from fleet.agents.communication import CommunicationFaults
from fleet.agents.models import AgentKind
from fleet.printers.columns import Column
from fleet.printers.details import AppView, DayView, EventView, PrinterDetails
from fleet.printers.filters import Id, PrinterFilter
from fleet.printers.home_screens import HomeScreenView
from fleet.printers.kept_reading import KeptAlert, KeptSupply, KeptTray
from fleet.printers.models import Communication, Compliance, MspStatus, Severity
from fleet.printers.rows import PrinterView
from fleet.printers.selection import PrinterSelection
from fleet.tasks.kinds import TaskKind
from fleet.tasks.status import JobStatus

Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Text = Annotated[str, StringConstraints(max_length=1000)]
ZoneName = Annotated[str, StringConstraints(max_length=64)]
MOST_PRINTERS = 100_000


class Selection(BaseModel):
    """Printers that a command is about: those of `printer_ids`, or with `chosen` all that the filter lets through."""

    printer_ids: list[Id] = Field([], max_length=MOST_PRINTERS)
    chosen: PrinterFilter | None = Field(None, description="All printers that this filter lets through now.")

    def selection(self, *, across: bool = False) -> PrinterSelection:
        """As the services take it."""
        return PrinterSelection(tuple(self.printer_ids), self.chosen, across)


class TagOfPrinter(BaseModel):
    """A tag that a printer carries."""

    id: str
    name: str


class LastTaskPublic(BaseModel):
    """The newest job of a printer."""

    task_id: str
    kind: TaskKind
    status: JobStatus


class DiagnosticPublic(BaseModel):
    """A diagnostic event that has not expired (FL-245)."""

    id: int
    severity: Severity
    is_of_supply: bool
    text: str
    made: datetime
    expires: datetime
    cleared: datetime | None = Field(description="When the alert was gone; null while it is there.")


NESTED = ("tags", "last_task", "diagnostics")


class PrinterPublic(BaseModel):
    """A printer as lists show it. Counts that it does not report are null."""

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
    time_zone: str = Field(description="IANA time zone, such as Europe/Stockholm; empty: the organization's.")
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
    firmware_update: str = Field(description="The level that is offered; empty where there is none.")
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
    delivery_contact: str = Field(description="Their name; empty where none is assigned.")
    company_name: str = Field(description="The delivery contact's company.")
    tags: list[TagOfPrinter]
    last_task: LastTaskPublic | None
    diagnostics: list[DiagnosticPublic]
    supplies: list[KeptSupply]
    alerts: list[KeptAlert]

    @classmethod
    def of(cls, view: PrinterView) -> "PrinterPublic":
        values = {name: getattr(view, name) for name in cls.model_fields if name not in NESTED}
        task = view.last_task
        return cls(
            **values,
            tags=[TagOfPrinter(id=tag.id, name=tag.name) for tag in view.tags],
            diagnostics=[DiagnosticPublic.model_validate(one, from_attributes=True) for one in view.diagnostics],
            last_task=LastTaskPublic(task_id=task.task_id, kind=task.kind, status=task.status) if task else None,
        )


class PrinterPage(BaseModel):
    """Some printers. `next` is the `after` of the following page, null on the last."""

    items: list[PrinterPublic]
    next: str | None


class PrinterCountPublic(BaseModel):
    """How many the filters let through; `is_capped`: more than that."""

    count: int
    is_capped: bool


class CommunicationPublic(BaseModel):
    """Who does not communicate: printers, agents, and agents whose credentials printers refuse (FL-249)."""

    silent_printers: PrinterCountPublic
    silent_agents: int
    agents_needing_credentials: int

    @classmethod
    def of(cls, faults: CommunicationFaults) -> "CommunicationPublic":
        """What is shown of them."""
        printers = faults.silent_printers
        return cls(
            silent_printers=PrinterCountPublic(count=printers.count, is_capped=printers.is_capped),
            silent_agents=faults.silent_agents,
            agents_needing_credentials=faults.agents_needing_credentials,
        )


class AppPublic(BaseModel):
    """A panel app on a printer."""

    app_id: str
    name: str
    version: str
    is_started: bool
    is_built_in: bool

    @classmethod
    def of(cls, app: AppView) -> "AppPublic":
        return cls(**{name: getattr(app, name) for name in cls.model_fields})


class AgentOfPrinter(BaseModel):
    """The agent that manages a printer."""

    id: str
    kind: AgentKind
    name: str
    version: str
    last_contact: datetime | None


class PrinterDetailsPublic(PrinterPublic):
    """One printer with everything that is known of it."""

    agent: AgentOfPrinter | None
    read_at: datetime | None = Field(description="When it was last read.")
    forecast_at: datetime | None = Field(description="When the days left of its supplies were computed.")
    pages_per_minute: int | None
    console: list[str] = Field(description="The lines of its panel.")
    counters: dict[str, int]
    trays: list[KeptTray]
    apps: list[AppPublic]

    @classmethod
    def of_details(cls, details: PrinterDetails) -> "PrinterDetailsPublic":
        agent = details.agent
        return cls(
            **PrinterPublic.of(details.view).model_dump(),
            agent=AgentOfPrinter(
                id=agent.id, kind=agent.kind, name=agent.name, version=agent.version, last_contact=agent.last_contact
            )
            if agent
            else None,
            read_at=details.read_at,
            forecast_at=details.forecast_at,
            pages_per_minute=details.pages_per_minute,
            console=list(details.reading.console),
            counters=dict(details.reading.counters),
            trays=list(details.reading.trays),
            apps=[AppPublic.of(app) for app in details.apps],
        )


class HomeScreenPublic(BaseModel):
    """A home screen as it was read: pages of the items' ids, `blank` for an empty place."""

    pages: list[list[str]]
    items_per_page: int
    is_default: bool
    offered: dict[str, str] = Field(description="What can be shown: names by id.")
    read_at: datetime

    @classmethod
    def of(cls, screen: HomeScreenView) -> "HomeScreenPublic":
        return cls(
            pages=screen.pages,
            items_per_page=screen.items_per_page,
            is_default=screen.is_default,
            offered=dict(screen.names),
            read_at=screen.read_at,
        )


class PrinterUpdate(BaseModel):
    """What people write down about a printer; what is left out stays."""

    asset_tag: Text | None = None
    location: Text | None = None
    contact: Text | None = None
    name: Text | None = None
    description: Text | None = None
    time_zone: ZoneName | None = Field(None, description="IANA time zone; empty: the organization's.")


class PrinterEventPublic(BaseModel):
    """One line of the history."""

    id: int
    kind: str
    message: str
    status: str
    at: datetime
    ended: datetime | None

    @classmethod
    def of(cls, event: EventView, locale: str) -> "PrinterEventPublic":
        message = translate_message(event.message, locale)
        return cls(id=event.id, kind=event.kind, message=message, status=event.status, at=event.at, ended=event.ended)


class DayPublic(BaseModel):
    """Counters at the end of a day (UTC), and percent of the supplies by their keys."""

    day: date
    counters: dict[str, int]
    supplies: dict[str, int]

    @classmethod
    def of(cls, day: DayView) -> "DayPublic":
        return cls(day=day.day, counters=dict(day.counters), supplies=dict(day.supplies))


class TagsOfPrinters(Selection):
    """Tags to give to printers and to take from them."""

    give: list[Id] = Field([], max_length=100)
    take: list[Id] = Field([], max_length=100)


class TimeZoneOfPrinters(Selection):
    """Where printers stand."""

    time_zone: ZoneName = Field(description="IANA time zone, such as Europe/Stockholm; empty: the organization's.")


class ViewForm(BaseModel):
    """A view: its name and columns, the first of which leads to the printer."""

    name: Name
    columns: list[Column] = Field([Column.ADDRESS], max_length=len(Column))
