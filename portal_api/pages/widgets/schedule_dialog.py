"""The dialog that makes or changes a schedule (FL-504…FL-513)."""

from collections.abc import Awaitable, Callable
from datetime import time, timedelta
from typing import Any
from zoneinfo import available_timezones

from nicegui import ui

from connectors.messages import N_
from domain.organizations.models import now
from fleet.printers.filter_groups import list_filter_groups
from fleet.printers.tags.service import list_tags
from fleet.schedules.models import RunFor
from fleet.schedules.rules import LAST, Recurrence
from fleet.schedules.service import change_schedule, create_schedule
from fleet.schedules.views import LONGEST_NAME, RECURRING, ScheduleForm, ScheduleView
from fleet.tasks.kinds import KINDS
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell, visitor
from portal_api.pages.words import _

WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
ORDINALS = {1: N_("first"), 2: N_("second"), 3: N_("third"), 4: N_("fourth"), LAST: N_("last")}
RECURRENCES = {
    Recurrence.ONCE: N_("Once"),
    Recurrence.DAILY: N_("Every day"),
    Recurrence.WEEKLY: N_("Every week"),
    Recurrence.MONTHLY: N_("Every month"),
}
RUN_FOR_TITLES = {
    RunFor.ALL: N_("All printers"),
    RunFor.TAGS: N_("Printers with tags"),
    RunFor.FILTER_GROUP: N_("A filter group"),
}
ON_A_DATE, ON_A_DAY = "date", "day"
MONTHLY_WAYS = {ON_A_DATE: N_("On a date"), ON_A_DAY: N_("On a weekday")}

Done = Callable[[], Awaitable[None]]


class ScheduleDialog:
    """One open dialog; what is typed is kept in `_values` under the names of the form's fields."""

    def __init__(self, done: Done, view: ScheduleView | None = None) -> None:
        self._done, self._view = done, view
        self._values: dict[str, Any] = view.form.model_dump() if view else _beginning()
        self._way = ON_A_DAY if self._values.get("ordinal") else ON_A_DATE
        self._tags: dict[str, str] = {}
        self._groups: dict[str, str] = {}

    async def open(self) -> None:
        """Show it."""
        self._tags = {tag.id: tag.name for tag in await ask(list_tags)}
        self._groups = {group.id: group.name for group in await ask(list_filter_groups)}
        with theme.dialog() as self._dialog, theme.block("sheet dialog-sheet"):
            title = _("Change “{name}”", name=self._view.form.name) if self._view else _("New schedule")
            theme.text(title, "dialog-title", "h2")
            self._line("name", _("Name of the schedule")).props(f"autofocus maxlength={LONGEST_NAME}")
            self._choice("kind", _("Task"), {kind.value: _(KINDS[kind].title) for kind in RECURRING})
            self._choice("run_for", _("Run for"), _titles(RUN_FOR_TITLES), self._target.refresh)
            self._target()
            self._choice("recurrence", _("Recurrence"), _titles(RECURRENCES), self._days.refresh)
            self._days()
            self._period()
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(self._dialog.close)
                theme.main_button(_("Save"), "save").on_click(self._save)
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    @ui.refreshable_method
    def _target(self) -> None:
        match self._values["run_for"]:
            case RunFor.TAGS:
                self._choice("tag_ids", _("Tags"), self._tags).props("multiple use-chips")
            case RunFor.FILTER_GROUP:
                self._choice("filter_group_id", _("Filter group"), self._groups)
        theme.text(_("Which printers belong to it is looked up at each run."), "hint")

    @ui.refreshable_method
    def _days(self) -> None:
        match self._values["recurrence"]:
            case Recurrence.WEEKLY:
                self._choice("weekdays", _("Weekdays"), _numbered(WEEKDAYS)).props("multiple use-chips")
            case Recurrence.MONTHLY:
                ways = {way: _(title) for way, title in MONTHLY_WAYS.items()}
                ui.radio(ways, value=self._way, on_change=self._choose_way).props("inline")
                if self._way == ON_A_DATE:
                    field = ui.number(
                        _("Day of the month"), value=self._values["month_day"] or 1, min=1, max=31, precision=0
                    )
                    field.props("outlined dense").on_value_change(lambda event: self._keep("month_day", event.value))
                    self._values["month_day"] = self._values["month_day"] or 1
                    theme.text(_("In a month without this day it runs on the last one."), "hint")
                else:
                    self._choice("ordinal", _("Which of them"), {number: _(word) for number, word in ORDINALS.items()})
                    self._choice("weekday", _("Weekday"), _numbered(WEEKDAYS))

    def _choose_way(self, event: Any) -> None:
        self._way = event.value
        self._days.refresh()

    def _period(self) -> None:
        self._line("start", _("Start date"), "type=date stack-label")
        self._line("end", _("End date (empty: it goes on)"), "type=date stack-label")
        self._line("at", _("Time"), "type=time stack-label")
        zones = sorted(available_timezones())
        self._choice("time_zone", _("Time zone"), dict(zip(zones, zones, strict=True))).props(
            "use-input fill-input hide-selected input-debounce=0"
        )
        theme.text(_("All days and times are read in this time zone, summer time included."), "hint")

    def _line(self, name: str, title: str, props: str = "") -> ui.input:
        value = self._values[name]
        shown = f"{value:%H:%M}" if isinstance(value, time) else str(value or "")
        field = ui.input(title, value=shown, on_change=lambda event: self._keep(name, event.value or None))
        field.props(f"outlined dense {props}")
        return field

    def _choice(
        self, name: str, title: str, choices: dict[Any, str], chosen: Callable[[], object] | None = None
    ) -> ui.select:
        value = self._values[name]
        kept = list(value) if isinstance(value, tuple | list) else value

        def keep(event: Any) -> None:
            self._keep(name, event.value)
            if chosen is not None:
                chosen()

        many = isinstance(kept, list)
        field = ui.select(choices, value=kept if many or kept in choices else None, label=title, multiple=many)
        field.props("outlined dense options-dense").on_value_change(keep)
        return field

    def _keep(self, name: str, value: Any) -> None:
        self._values[name] = value

    async def _save(self) -> None:
        with faults_shown():
            form = self._form()
            if self._view is None:
                await ask(create_schedule, form)
            else:
                await ask(change_schedule, self._view.id, form)
            tell(_("The schedule is saved."))
            self._dialog.close()
            await self._done()

    def _form(self) -> ScheduleForm:
        """What was typed, without what belongs to choices that were left again."""
        values = dict(self._values)
        if values["run_for"] != RunFor.TAGS:
            values["tag_ids"] = ()
        if values["run_for"] != RunFor.FILTER_GROUP:
            values["filter_group_id"] = None
        monthly = values["recurrence"] == Recurrence.MONTHLY
        if values["recurrence"] != Recurrence.WEEKLY:
            values["weekdays"] = ()
        if not monthly or self._way == ON_A_DAY:
            values["month_day"] = None
        if not monthly or self._way == ON_A_DATE:
            values["ordinal"] = values["weekday"] = None
        return ScheduleForm.read(values)


def _beginning() -> dict[str, Any]:
    """A schedule that checks everything every night from tomorrow on."""
    values: dict[str, Any] = {name: field.get_default() for name, field in ScheduleForm.model_fields.items()}
    tomorrow = now().date() + timedelta(days=1)
    return values | {
        "name": "",
        "kind": RECURRING[0].value,
        "recurrence": Recurrence.DAILY,
        "start": tomorrow,
        "at": time(2, 0),
        "time_zone": visitor().time_zone,
    }


def _titles(titles: Any) -> dict[Any, str]:
    return {value: _(title) for value, title in titles.items()}


def _numbered(words: tuple[str, ...]) -> dict[Any, str]:
    return {number: _(word) for number, word in enumerate(words)}
