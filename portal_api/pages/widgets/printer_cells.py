"""One cell of the list of printers: a link, a mark, small bars for supplies, or plain text."""

from nicegui import ui

from fleet.printers.cells import COMMUNICATION, COMPLIANCE, SEVERITIES, Words, cell_text, days_left, supply_name
from fleet.printers.columns import Column
from fleet.printers.kept_reading import KeptSupply
from fleet.printers.models import Communication, Compliance, Severity
from fleet.printers.rows import PrinterView
from fleet.tasks.kinds import KINDS
from portal_api.pages import theme
from portal_api.pages.visit import when
from portal_api.pages.widgets.states import state_mark
from portal_api.pages.widgets.workplace import enter
from portal_api.pages.words import _

COMMUNICATION_LOOKS = {
    Communication.COMMUNICATING: ("check_circle", "good"),
    Communication.SILENT: ("cloud_off", "bad"),
    Communication.NEEDS_CREDENTIALS: ("key_off", "warn"),
}
SEVERITY_LOOKS = {Severity.ERROR: ("error", "bad"), Severity.WARNING: ("warning", "warn")}
COMPLIANCE_LOOKS = {
    Compliance.COMPLIANT: ("verified", "good"),
    Compliance.NOT_COMPLIANT: ("gpp_bad", "bad"),
    Compliance.UNKNOWN: ("help", "warn"),
}
INKS = frozenset({"black", "cyan", "magenta", "yellow"})
LOW = 20
"""Percent from which a level is drawn as low."""


def page_words() -> Words:
    """How pages say things: in the visitor's language and time zone."""
    return Words(_, when)


def printer_cell(view: PrinterView, column: Column, *, across: bool) -> None:
    """Lay out one cell."""
    match column:
        case Column.COMMUNICATION:
            _mark(_(COMMUNICATION[view.communication]), *COMMUNICATION_LOOKS[view.communication])
        case Column.SUPPLY_ALERTS | Column.PRINTER_ALERTS:
            severity = view.supply_severity if column is Column.SUPPLY_ALERTS else view.alert_severity
            if severity is not None:
                text = cell_text(view, column, page_words())
                _mark(text or _(SEVERITIES[severity]), *SEVERITY_LOOKS[severity])
        case Column.COMPLIANCE if view.compliance:
            _mark(_(COMPLIANCE[view.compliance]), *COMPLIANCE_LOOKS[view.compliance])
            if view.compliance_at:
                theme.text(when(view.compliance_at), "hint")
        case Column.TAGS:
            with theme.block("cell-slips"):
                for tag in view.tags:
                    theme.chip(tag.name, "quiet")
        case Column.FIRMWARE_UPDATE if view.firmware_update:
            _mark(view.firmware_update, "system_update_alt", "busy still")
        case Column.DAYS_LEFT:
            with theme.block("supply-bars"):
                for supply in view.supplies:
                    supply_bar(supply)
        case Column.LAST_TASK if view.last_task:
            with theme.block("plain-link task-link", "a", href=f"/fleet-tasks/{view.last_task.task_id}"):
                theme.text(_(KINDS[view.last_task.kind].title), "strong")
                state_mark(view.last_task.status)
        case Column.DIAGNOSTIC_EVENTS if view.diagnostics:
            _diagnostics(view, across=across)
        case Column.ORGANIZATION if across:
            go = ui.button(view.organization, color=None, on_click=lambda: enter(view.organization_id, "/printers"))
            go.props("flat dense no-caps").classes("sort-button")
        case _:
            theme.text(cell_text(view, column, page_words()))


def identifier_cell(view: PrinterView, column: Column, *, across: bool) -> None:
    """The first cell, which leads to the printer (FL-204)."""
    text = cell_text(view, column, page_words()) or view.serial_number
    address = f"/printers/{view.id}"
    if across:
        go = ui.button(text, color=None, on_click=lambda: enter(view.organization_id, address))
        go.props("flat dense no-caps").classes("sort-button strong")
        return
    with theme.block("person-link strong", "a", href=address):
        theme.text(text)


def supply_bar(supply: KeptSupply) -> None:
    """A supply's level as a small bar in its colour, with the days that it lasts."""
    name, left = supply_name(supply, _), days_left(supply, _)
    with theme.block("supply", title=f"{name}: {left}"):
        ink = supply.colour if supply.colour in INKS else "other"
        level = max(0, min(supply.percent, 100)) if supply.percent is not None else None
        look = "" if level is None else " few" if level <= LOW else ""
        with theme.block(f"supply-level{look}", aria_hidden="true"):
            if level is not None:
                theme.box(f"supply-filled {ink}").style(f"width:{level}%")
        theme.text(f"{name}: ", "only-heard")
        theme.text(left, "supply-left")


def _diagnostics(view: PrinterView, *, across: bool) -> None:
    """How many diagnostic events there are, and the worst; leads to them (FL-246)."""
    count = len(view.diagnostics)
    words = _("1 event") if count == 1 else _("{count} events", count=count)
    severity = Severity.ERROR if Severity.ERROR in {one.severity for one in view.diagnostics} else Severity.WARNING
    texts = cell_text(view, Column.DIAGNOSTIC_EVENTS, page_words())
    if across:
        _mark(words, *SEVERITY_LOOKS[severity])
        return
    with theme.block("plain-link", "a", href=f"/printers/{view.id}#diagnostics", title=texts):
        _mark(words, *SEVERITY_LOOKS[severity])


def _mark(text: str, icon: str, style: str) -> None:
    with theme.block(f"state {style} wrapping"):
        theme.icon(icon)
        theme.text(text)
