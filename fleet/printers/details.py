"""Everything about one printer: identity, state, counters with their history, supplies, alerts, events (FL-213…)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.messages import Message
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from fleet.agents.models import Agent, AgentKind
from fleet.printers.columns import Column
from fleet.printers.identification import printer_row
from fleet.printers.kept_reading import KeptReading, kept_reading
from fleet.printers.models import DailySample, Printer, PrinterApp, PrinterEvent, PrinterForecast, PrinterReadingRow
from fleet.printers.rows import PrinterView, printer_views
from fleet.printers.scope import Scope

LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class AgentName:
    """The agent that manages a printer (FL-221)."""

    id: str
    kind: AgentKind
    name: str
    version: str
    last_contact: datetime | None
    is_built_in: bool


@dataclass(frozen=True, slots=True)
class AppView:
    """A panel app on a printer (FL-220)."""

    app_id: str
    name: str
    version: str
    is_started: bool
    is_built_in: bool


@dataclass(frozen=True, slots=True)
class PrinterDetails:
    """One printer. `reading` is the last one, taken at `read_at`; both are empty before the first.

    `forecast_at` is when the days that supplies last were computed (FL-237), None without a forecast.
    """

    view: PrinterView
    agent: AgentName | None
    reading: KeptReading
    read_at: datetime | None
    forecast_at: datetime | None
    pages_per_minute: int | None
    apps: tuple[AppView, ...]


@dataclass(frozen=True, slots=True)
class EventView:
    """One line of the history: what it was, when, how long, how it ended (FL-224)."""

    id: int
    kind: str
    message: Message
    status: str
    at: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class DayView:
    """The counters and supply levels at the end of a day (UTC)."""

    day: date
    counters: Mapping[str, int]
    supplies: Mapping[str, int]


def get_printer(actor: Actor, printer_id: str, permission: Permission = Permission.FLEET_VIEW) -> PrinterDetails:
    """One printer of the organization; raises `NOT_FOUND`. Whoever has changed it sees it by that `permission`."""
    actor.need(permission)
    with actor.session(read_only=True) as session:
        printer = printer_row(session, printer_id)
        scope = Scope(session, {actor.organization_id: actor.organization_name})
        kept, computed = session.get(PrinterReadingRow, printer_id), session.get(PrinterForecast, printer_id)
        view = printer_views(scope, [printer], frozenset(Column))[0]
        forecast = {supply.key: supply.days_left for supply in view.supplies if supply.days_left is not None}
        return PrinterDetails(
            view=view,
            agent=_agent(session, printer),
            reading=kept_reading(kept.reading, forecast) if kept else KeptReading(),
            read_at=kept.at if kept else None,
            forecast_at=computed.at if forecast and computed else None,
            pages_per_minute=printer.pages_per_minute,
            apps=tuple(_apps(session, printer_id)),
        )


def printer_events(actor: Actor, printer_id: str, before: int | None = None, limit: int = 50) -> list[EventView]:
    """The history, newest first; `before` is the id of the last event of the page before. Raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_VIEW)
    with actor.session(read_only=True) as session:
        printer_row(session, printer_id)
        query = select(PrinterEvent).where(PrinterEvent.printer_id == printer_id)
        if before is not None:
            query = query.where(PrinterEvent.id < before)
        rows = session.scalars(query.order_by(PrinterEvent.id.desc()).limit(min(limit, LARGEST_PAGE)))
        return [
            EventView(row.id, row.kind, Message.model_validate(row.message), row.status, row.at, row.ended)
            for row in rows
        ]


def printer_history(actor: Actor, printer_id: str, days: int = 90) -> list[DayView]:
    """The last days that were sampled, oldest first, for graphs; raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_VIEW)
    since = now().date() - timedelta(days=days)
    with actor.session(read_only=True) as session:
        printer_row(session, printer_id)
        query = select(DailySample).where(DailySample.printer_id == printer_id, DailySample.day > since)
        return [
            DayView(row.day, _numbers(row.counters), _levels(row.supplies))
            for row in session.scalars(query.order_by(DailySample.day))
        ]


def _agent(session: Session, printer: Printer) -> AgentName | None:
    agent = session.scalar(select(Agent).where(Agent.id == printer.agent_id)) if printer.agent_id else None
    if agent is None:
        return None
    version = printer.agent_version or agent.version
    return AgentName(agent.id, AgentKind(agent.kind), agent.name, version, agent.last_contact, agent.is_built_in)


def _apps(session: Session, printer_id: str) -> Sequence[AppView]:
    query = select(PrinterApp).where(PrinterApp.printer_id == printer_id).order_by(PrinterApp.name, PrinterApp.app_id)
    return [
        AppView(app.app_id, app.name, app.version, app.is_started, app.is_built_in) for app in session.scalars(query)
    ]


def _numbers(kept: Mapping[str, object]) -> dict[str, int]:
    return {name: value for name, value in kept.items() if isinstance(value, int)}


def _levels(kept: Mapping[str, Mapping[str, object]]) -> dict[str, int]:
    """Percent by the key of the supply."""
    return {key: level for key, supply in kept.items() if isinstance(level := supply.get("percent"), int)}
