"""Updating the firmware of chosen printers: now or at a time, with a window, at once or in stages (FL-304…FL-311)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from zoneinfo import available_timezones

from nicegui import ui
from pydantic import ValidationError

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.firmware.service import count_with_update
from fleet.firmware.updates import FirmwareUpdate, UpdateTime, start_update, window_hint
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.preview import TaskPreview
from fleet.tasks.rollout import Rollout
from portal_api.pages import theme
from portal_api.pages.printer_actions import ChosenPrinters, Menu, PrinterAction
from portal_api.pages.visit import ask, faults_shown, tell, visitor
from portal_api.pages.widgets.foreseen_refusals import foreseen_refusals
from portal_api.pages.words import _

AT_ONCE, CAREFULLY = "at_once", "carefully"
STAGES = Rollout(percentages=(5, 25, 100), most_failures=10)
STOPPED = N_("In stages, the rest is stopped when more than 10 % of the printers tried have failed.")
NOW, LATER = "now", "later"


@dataclass
class Wanted:
    """What the dialog holds so far."""

    time: str = NOW
    pace: str = AT_ONCE
    name: str = ""
    day: str = ""
    at: str = "22:00"
    zone: str = "UTC"
    window: int = 240


async def update_firmware(chosen: ChosenPrinters) -> None:
    """Open the dialog, which says how many of the printers have an update (FL-304)."""
    with faults_shown():
        ids = await chosen.ids()
        preview = await chosen.foresee(TaskKind.UPDATE_FIRMWARE)
        await FirmwareDialog(chosen, ids, await ask(count_with_update, ids), preview).open()


class FirmwareDialog:
    """The open dialog."""

    def __init__(self, chosen: ChosenPrinters, ids: Sequence[str], updates: int, preview: TaskPreview) -> None:
        self._chosen, self._ids, self._updates, self._preview = chosen, ids, updates, preview
        self._wanted = Wanted(zone=_zone())

    async def open(self) -> None:
        """Lay it out and show it."""
        with theme.dialog() as self._dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Update firmware"), "dialog-title", "h2")
            facts = _("{updates} of {count} printers have an update.", updates=self._updates, count=len(self._ids))
            theme.text(facts, "strong", "p")
            theme.text(_("Printers restart by themselves. Those that are current already are left alone."), "hint", "p")
            foreseen_refusals(self._preview)
            times = {NOW: _("Now"), LATER: _("At a date and time")}
            ui.radio(times, value=NOW, on_change=self._fields.refresh).bind_value(self._wanted, "time")
            self._fields()
            paces = {AT_ONCE: _("All at once"), CAREFULLY: _("In stages: 5 %, 25 %, then all")}
            ui.radio(paces, value=AT_ONCE).bind_value(self._wanted, "pace")
            theme.text(
                _("In stages, the rest is stopped when more than 10 % of the printers tried have failed."), "hint"
            )
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(self._dialog.close)
                theme.main_button(_("Update firmware"), "upgrade").on_click(self._start)
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    @ui.refreshable_method
    def _fields(self) -> None:
        if self._wanted.time == NOW:
            return
        ui.input(_("Name of the task")).props("outlined dense maxlength=255").bind_value(self._wanted, "name")
        ui.input(_("Start date")).props("outlined dense type=date stack-label").bind_value(self._wanted, "day")
        ui.input(_("Start time")).props("outlined dense type=time stack-label").bind_value(self._wanted, "at")
        zone = ui.select(sorted({*available_timezones(), self._wanted.zone}), label=_("Time zone"), with_input=True)
        zone.props("outlined dense options-dense").bind_value(self._wanted, "zone")
        window = ui.number(_("Task window (minutes)"), min=10, max=10080, precision=0, on_change=self._hint.refresh)
        window.props("outlined dense").bind_value(self._wanted, "window")
        self._hint()

    @ui.refreshable_method
    def _hint(self) -> None:
        hint = window_hint(len(self._ids), int(self._wanted.window or 0))
        if hint is not None:
            theme.text(_(hint.template, **hint.facts), "hint", role="status")

    async def _start(self) -> None:
        when: UpdateTime | None = None
        if self._wanted.time == LATER:
            try:
                when = _moment(self._wanted)
            except (ValidationError, ValueError):
                ui.notify(_("Fill in name, date, time and window."), type="negative")
                return
        wanted = FirmwareUpdate(when=when, rollout=STAGES if self._wanted.pace == CAREFULLY else None)
        with faults_shown():
            await ask(start_update, self._ids, wanted)
            self._dialog.close()
            title = _(KINDS[TaskKind.UPDATE_FIRMWARE].title)
            tell(_("Started: {task}. Follow it under Tasks.", task=title))
            await self._chosen.done()


def _moment(wanted: Wanted) -> UpdateTime:
    values: dict[str, Any] = {
        "name": wanted.name.strip(),
        "day": date.fromisoformat(wanted.day),
        "at": time.fromisoformat(wanted.at),
        "zone": wanted.zone.strip(),
        "window_minutes": int(wanted.window or 0),
    }
    return UpdateTime.model_validate(values)


def _zone() -> str:
    return visitor().time_zone or "UTC"


ACTIONS = (
    PrinterAction(Menu.CONFIGURE, 55, N_("Update firmware"), "upgrade", Permission.FLEET_MANAGE, update_firmware),
)
