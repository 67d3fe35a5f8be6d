"""One printer: state, identity, supplies, counters with history, alerts, what was done with it (FL-213…FL-226)."""

from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui

from connectors.errors import PressroomError
from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.agents.models import AgentKind
from fleet.diagnostics.service import DiagnosticView
from fleet.printers.cells import (
    AGENT_KINDS,
    COMMUNICATION,
    capacity_text,
    is_of_supply,
    supply_name,
    supply_state,
)
from fleet.printers.details import DayView, EventView, PrinterDetails, get_printer, printer_events, printer_history
from fleet.printers.identification import LIMITS, TITLES, change_identification
from fleet.printers.kept_reading import KeptAlert
from fleet.printers.time_zones import set_time_zone
from fleet.tasks.status import JobStatus
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.printer_actions import (
    MENU_TITLES,
    ChosenPrinters,
    Menu,
    printer_actions,
    printer_sections,
)
from portal_api.pages.printer_menu.firmware import update_firmware
from portal_api.pages.visit import ask, faults_shown, look_again, show_fault, tell, visitor, when
from portal_api.pages.widgets.event_history import event_history
from portal_api.pages.widgets.history_graph import history_graph
from portal_api.pages.widgets.printer_cells import COMMUNICATION_LOOKS, INKS, SEVERITY_LOOKS, supply_bar
from portal_api.pages.widgets.run_steps import duration
from portal_api.pages.widgets.states import state_mark
from portal_api.pages.widgets.time_zone_choice import time_zone_choice
from portal_api.pages.words import _, message_text

EVERY = 5.0
"""Seconds between two looks at the printer."""
EVENTS = 20
STATES = {
    "idle": N_("Ready"),
    "printing": N_("Printing"),
    "warmup": N_("Warming up"),
    "down": N_("Cannot work"),
    "running": N_("Ready"),
    "warning": N_("Works, but wants attention"),
    "testing": N_("Testing"),
}
METERS = {
    "life_pages": N_("Life page count"),
    "copies": N_("Copies"),
    "mono_copies": N_("Copies, mono"),
    "color_copies": N_("Copies, colour"),
    "scans": N_("Scans"),
    "faxes": N_("Faxes printed"),
}
GRAPHS = {
    "life": N_("Life page count"),
    "copy_sides": N_("Copies"),
    "scans": N_("Scans"),
    "fax_sides": N_("Faxes printed"),
}


@portal_page("/printers/{printer_id}", N_("Printer"), Permission.FLEET_VIEW, "printers")
async def printer_page(printer_id: str) -> None:
    """The page of one printer."""
    await PrinterPage(await ask(get_printer, printer_id)).build()


class PrinterPage:
    """The open page; it looks again by itself."""

    def __init__(self, details: PrinterDetails) -> None:
        self._details = details
        self._events: list[EventView] = []
        self._days: list[DayView] = []
        self._is_last = True

    async def build(self) -> None:
        """Lay out the page."""
        printer_id = self._details.view.id
        self._days = await ask(printer_history, printer_id)
        await self._read_events()
        self._place = theme.box("dialogs")
        self._head()
        with theme.block("printer-page"):
            with theme.block("form-sheets"):
                self._status()
                self._supplies()
                self._meters()
                for section in printer_sections():
                    if visitor().may(section.permission):
                        await section.build(printer_id)
                self._history()
            with theme.block("form-sheets"):
                self._identification()
                self._agent()
                self._firmware()
        ui.timer(EVERY, self._look)

    async def _look(self) -> None:
        try:
            details = await look_again(get_printer, self._details.view.id)
        except PressroomError as error:
            if error.fault is NOT_FOUND:  # it was unenrolled, and has left the list (FL-323)
                ui.navigate.to("/printers")
            else:
                show_fault(error)
            return
        if details != self._details:
            is_renamed = _head_facts(details) != _head_facts(self._details)
            self._details = details
            await self._read_events()
            if is_renamed:  # not else: a menu that is open would close
                self._head.refresh()
            for part in (self._status, self._supplies, self._meters, self._history, self._firmware):
                part.refresh()

    async def _read_events(self) -> None:
        wanted = max(EVENTS, len(self._events))
        found = await look_again(printer_events, self._details.view.id, None, wanted + 1)
        self._is_last, self._events = len(found) <= wanted, found[:wanted]

    async def _more_events(self) -> None:
        with faults_shown():
            found = await ask(printer_events, self._details.view.id, self._events[-1].id, EVENTS + 1)
            self._is_last = len(found) <= EVENTS
            self._events += found[:EVENTS]
            self._history.refresh()

    def _chosen(self) -> ChosenPrinters:
        async def find() -> Sequence[str]:
            return [self._details.view.id]

        return ChosenPrinters(1, find, self._look)

    def _opener(self, open_dialog: Callable[[ChosenPrinters], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def go() -> None:
            with self._place:
                await open_dialog(self._chosen())

        return go

    @ui.refreshable_method
    def _head(self) -> None:
        view = self._details.view
        with theme.block("toolbar"):
            heading(
                view.name or view.address, " · ".join(filter(None, (view.model, view.serial_number, view.location)))
            )
            for tag in view.tags:
                theme.chip(tag.name, "quiet")
            ui.space()
        with theme.block("printer-menus", "nav", aria_label=_("Commands")):
            for menu in Menu:
                self._menu(menu)
            theme.plain_button(_("Open the printer's own page"), "open_in_new").props(
                f'href="http://{_host(view.address)}/" target=_blank rel=noreferrer'
            )

    def _menu(self, menu: Menu) -> None:
        actions = [
            one
            for one in printer_actions()
            if one.menu is menu
            and one.on_page
            and not one.across
            and one.is_open_to(visitor())
            and (one.for_managed or self._details.view.msp is None)  # FL-476
        ]
        if not actions:
            return
        title, icon = MENU_TITLES[menu]
        with theme.plain_button(_(title), icon).props("icon-right=arrow_drop_down"), ui.menu().classes("panel-menu"):
            for action in actions:
                with ui.menu_item(on_click=self._opener(action.open)).classes("menu-row").props("role=menuitem"):
                    theme.icon(action.icon).classes("menu-icon")
                    theme.text(_(action.title))

    @ui.refreshable_method
    def _status(self) -> None:
        view, reading = self._details.view, self._details.reading
        with theme.block("sheet settings", "section", aria_label=_("Status")):
            theme.text(_("Status"), "section-title", "h2")
            with theme.block("cell-slips"):
                icon, style = COMMUNICATION_LOOKS[view.communication]
                with theme.block(f"state {style}"):
                    theme.icon(icon)
                    theme.text(_(COMMUNICATION[view.communication]))
                if view.state:
                    theme.chip(_(STATES.get(view.state, view.state)), "quiet")
            _facts(
                {
                    _("Last communication"): when(view.last_contact),
                    _("Last data refresh"): when(view.last_refresh),
                    _("Last restart"): when(view.last_restart),
                    _("Enrolled"): when(view.enrolled),
                    _("Panel"): " · ".join(reading.console),
                }
            )
            if reading.alerts:
                theme.text(_("Alerts"), "field-title")
                with theme.block("verdict-lines", role="list"):
                    for alert in reading.alerts:
                        _alert(alert)
            if view.diagnostics:
                theme.text(_("Diagnostic events"), "field-title", "h3", id="diagnostics")
                with theme.block("verdict-lines", role="list", aria_label=_("Diagnostic events")):
                    for one in view.diagnostics:
                        _diagnostic(one)

    @ui.refreshable_method
    def _supplies(self) -> None:
        reading = self._details.reading
        if not reading.supplies:
            return
        with theme.block("sheet settings", "section", aria_label=_("Supplies")):
            theme.text(_("Supplies"), "section-title", "h2")
            with theme.block("table-scroll"), theme.block("report-table", "table"):
                with theme.block("", "thead"), theme.block("", "tr"):
                    for title in (
                        _("Supply"),
                        _("Level"),
                        _("State"),
                        _("Days left"),
                        _("Coverage"),
                        _("Serial number"),
                    ):
                        theme.text(title, "", "th", scope="col")
                with theme.block("", "tbody"):
                    for supply in reading.supplies:
                        with theme.block("", "tr"):
                            theme.text(supply_name(supply, _), "", "th", scope="row")
                            with theme.block("", "td"):
                                supply_bar(supply)
                                theme.text(capacity_text(supply, _), "hint")
                            theme.text(supply_state(supply, _), "", "td")
                            theme.text("–" if supply.days_left is None else str(supply.days_left), "count", "td")
                            covered = supply.coverage_lifetime
                            theme.text("–" if covered is None else f"{covered:g} %", "count", "td")
                            theme.text(supply.serial_number or "–", "", "td")
            if self._details.forecast_at:
                computed = when(self._details.forecast_at)
                theme.text(_("The days left were computed on {time}.", time=computed), "hint", "p")
            levels = {supply.key: supply for supply in reading.supplies}
            with theme.block("graphs"):
                for key, supply in levels.items():
                    points = [(day.day, day.supplies[key]) for day in self._days if key in day.supplies]
                    ink = supply.colour if supply.colour in INKS else "other"
                    history_graph(supply_name(supply, _), points, ink, " %")

    @ui.refreshable_method
    def _meters(self) -> None:
        view = self._details.view
        counted = {title: getattr(view, name) for name, title in METERS.items() if getattr(view, name) is not None}
        if not counted and not self._days:
            return
        with theme.block("sheet settings", "section", aria_label=_("Meters")):
            theme.text(_("Meters"), "section-title", "h2")
            with theme.block("report-sums", "dl"):
                for title, value in counted.items():
                    with theme.block("report-sum"):
                        theme.text(_(title), "hint", "dt")
                        theme.text(f"{value:,}".replace(",", "\u202f"), "report-number", "dd")
            with theme.block("graphs"):
                for name, title in GRAPHS.items():
                    points = [(day.day, day.counters[name]) for day in self._days if name in day.counters]
                    history_graph(_(title), points)
            if view.agent_kind == AgentKind.FLEET:  # FL-225
                theme.text(_("The fleet agent may count blank pages with mono pages."), "hint", "p")

    def _identification(self) -> None:
        view = self._details.view
        with theme.block("sheet settings", "section", aria_label=_("Identification")):
            theme.text(_("Identification"), "section-title", "h2")
            _facts(
                {
                    _("IP address"): view.address,
                    _("Host name"): view.host_name,
                    _("Hardware address"): view.mac,
                    _("Manufacturer"): view.manufacturer,
                    _("Model"): view.model,
                    _("Serial number"): view.serial_number,
                    _("Pages per minute"): str(self._details.pages_per_minute or ""),
                }
            )
            fields: dict[str, ui.input] = {}
            may_change = visitor().may(Permission.FLEET_MANAGE)
            for name, title in TITLES.items():
                field = ui.input(_(title), value=str(getattr(view, name)))
                field.props(f"outlined dense maxlength={LIMITS[name]}").set_enabled(may_change)
                fields[name] = field
            zone = time_zone_choice(view.time_zone)
            zone.set_enabled(may_change)
            if not may_change:
                return

            async def save() -> None:
                with faults_shown():
                    values = {name: field.value or "" for name, field in fields.items()}
                    await ask(change_identification, view.id, values)
                    if (chosen := str(zone.value or "")) != self._details.view.time_zone:
                        await ask(set_time_zone, [view.id], chosen)
                    tell(_("The changes are saved."))
                    await self._look()

            with theme.block("dialog-actions"):
                theme.main_button(_("Save"), "save").on_click(save)

    def _agent(self) -> None:
        agent = self._details.agent
        with theme.block("sheet settings", "section", aria_label=_("Agent")):
            theme.text(_("Agent"), "section-title", "h2")
            if agent is None:
                theme.text(_("No agent manages the printer now."), "muted")
                return
            if visitor().may(Permission.FLEET_MANAGE):
                with theme.block("person-link strong", "a", href=f"/agents/{agent.id}"):
                    theme.text(agent.name)
            _facts(
                {
                    _("Agent kind"): _(AGENT_KINDS[agent.kind]),
                    _("Name"): agent.name,
                    _("Version"): agent.version,
                    _("Last communication"): when(agent.last_contact) if agent.last_contact else "",
                }
            )

    @ui.refreshable_method
    def _firmware(self) -> None:
        view = self._details.view
        with theme.block("sheet settings", "section", aria_label=_("Firmware")):
            theme.text(_("Firmware"), "section-title", "h2")
            _facts(
                {
                    _("Firmware level"): view.firmware_level,
                    _("Update available"): view.firmware_update,
                    _("App framework"): view.framework_version,
                    _("Last configuration"): view.last_configuration,
                }
            )
            if view.firmware_update and visitor().may(Permission.FLEET_MANAGE):  # FL-219, FL-311
                theme.plain_button(_("Update firmware"), "upgrade").on_click(self._opener(update_firmware))

    @ui.refreshable_method
    def _history(self) -> None:
        event_history(self._events, _event, None if self._is_last else self._more_events)


def _head_facts(details: PrinterDetails) -> tuple[object, ...]:
    """What stands at the head of the page."""
    view = details.view
    return view.name, view.address, view.model, view.serial_number, view.location, view.tags


def _facts(facts: dict[str, str]) -> None:
    with theme.block("facts", "dl"):
        for title, value in facts.items():
            if value:
                theme.text(title, "ticket", "dt")
                theme.text(value, "", "dd")


def _alert(alert: KeptAlert) -> None:
    icon, style = SEVERITY_LOOKS[alert.severity]
    with theme.block(f"verdict-line {style}", role="listitem"):
        theme.icon(icon)
        with theme.block("record-words"):
            theme.text(alert.text or alert.keyword)
            theme.text(_("Supply alert") if is_of_supply(alert) else _("Printer alert"), "hint")
        if alert.since:
            theme.text(when(alert.since), "ticket")


def _diagnostic(event: DiagnosticView) -> None:
    icon, style = SEVERITY_LOOKS[event.severity]
    with theme.block(f"verdict-line {style}", role="listitem"):
        theme.icon(icon)
        with theme.block("record-words"):
            theme.text(event.text)
            state = _("cleared on {time}", time=when(event.cleared)) if event.cleared else _("still there")
            theme.text(f"{_('Supply alert') if event.is_of_supply else _('Printer alert')} · {state}", "hint")
        theme.text(_("{made}, until {expires}", made=when(event.made), expires=when(event.expires)), "ticket")


def _event(event: EventView) -> None:
    known = {status.value for status in JobStatus}
    with theme.block("record", role="listitem"):
        if event.status in known:
            state_mark(JobStatus(event.status))
        with theme.block("record-words"):
            theme.text(message_text(event.message), "strong")
            if event.status and event.status not in known:
                theme.text(_(event.status), "hint")
        with theme.block("record-when"):
            theme.text(when(event.at), "ticket")
            theme.text(duration(event.at, event.ended) if event.ended else "", "ticket")


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address
