"""The part of a dialog that says when something recurs, and how people call that (FL-507…FL-513)."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any
from zoneinfo import available_timezones

from nicegui import ui

from connectors.messages import N_
from domain.organizations.models import now
from domain.recurrence.form import RecurrenceForm
from domain.recurrence.rules import LAST, Recurrence
from portal_api.pages import theme
from portal_api.pages.visit import visitor
from portal_api.pages.words import _

WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
ORDINALS = {1: N_("first"), 2: N_("second"), 3: N_("third"), 4: N_("fourth"), LAST: N_("last")}
RECURRENCES = {
    Recurrence.ONCE: N_("Once"),
    Recurrence.DAILY: N_("Every day"),
    Recurrence.WEEKLY: N_("Every week"),
    Recurrence.MONTHLY: N_("Every month"),
}
ON_A_DATE, ON_A_DAY = "date", "day"
MONTHLY_WAYS = {ON_A_DATE: N_("On a date"), ON_A_DAY: N_("On a weekday")}


class FormFields:
    """Fields of a form; what is typed is kept in `values` under the names of the form's fields."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def line(self, name: str, title: str, props: str = "") -> ui.input:
        """A field for a line of text, a date or a time."""
        value = self.values[name]
        shown = f"{value:%H:%M}" if isinstance(value, time) else str(value or "")
        field = ui.input(title, value=shown, on_change=lambda event: self.keep(name, event.value or None))
        field.props(f"outlined dense {props}")
        return field

    def choice(
        self, name: str, title: str, choices: dict[Any, str], chosen: Callable[[], object] | None = None
    ) -> ui.select:
        """A field to choose from; `chosen` is called after each choice."""
        value = self.values[name]
        kept = list(value) if isinstance(value, tuple | list) else value

        def keep(event: Any) -> None:
            self.keep(name, event.value)
            if chosen is not None:
                chosen()

        many = isinstance(kept, list)
        field = ui.select(choices, value=kept if many or kept in choices else None, label=title, multiple=many)
        field.props("outlined dense options-dense").on_value_change(keep)
        return field

    def keep(self, name: str, value: Any) -> None:
        """Note what was typed."""
        self.values[name] = value


class RecurrenceFields(FormFields):
    """How often, from when to when, at what time, in which time zone."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self._way = ON_A_DAY if values.get("ordinal") else ON_A_DATE

    def build(self) -> None:
        """Lay them out."""
        self.choice("recurrence", _("Recurrence"), titles_of(RECURRENCES), self._days.refresh)
        self._days()
        self._period()

    def chosen(self) -> dict[str, Any]:
        """The values without what belongs to choices that were left again."""
        values = dict(self.values)
        monthly = values["recurrence"] == Recurrence.MONTHLY
        if values["recurrence"] != Recurrence.WEEKLY:
            values["weekdays"] = ()
        if not monthly or self._way == ON_A_DAY:
            values["month_day"] = None
        if not monthly or self._way == ON_A_DATE:
            values["ordinal"] = values["weekday"] = None
        return values

    @ui.refreshable_method
    def _days(self) -> None:
        match self.values["recurrence"]:
            case Recurrence.WEEKLY:
                self.choice("weekdays", _("Weekdays"), _numbered(WEEKDAYS)).props("multiple use-chips")
            case Recurrence.MONTHLY:
                ways = {way: _(title) for way, title in MONTHLY_WAYS.items()}
                ui.radio(ways, value=self._way, on_change=self._choose_way).props("inline")
                if self._way == ON_A_DATE:
                    field = ui.number(
                        _("Day of the month"), value=self.values["month_day"] or 1, min=1, max=31, precision=0
                    )
                    field.props("outlined dense").on_value_change(lambda event: self.keep("month_day", event.value))
                    self.values["month_day"] = self.values["month_day"] or 1
                    theme.text(_("In a month without this day it runs on the last one."), "hint")
                else:
                    self.choice("ordinal", _("Which of them"), {number: _(word) for number, word in ORDINALS.items()})
                    self.choice("weekday", _("Weekday"), _numbered(WEEKDAYS))

    def _choose_way(self, event: Any) -> None:
        self._way = event.value
        self._days.refresh()

    def _period(self) -> None:
        self.line("start", _("Start date"), "type=date stack-label")
        self.line("end", _("End date (empty: it goes on)"), "type=date stack-label")
        self.line("at", _("Time"), "type=time stack-label")
        zones = sorted(available_timezones())
        self.choice("time_zone", _("Time zone"), dict(zip(zones, zones, strict=True))).props(
            "use-input fill-input hide-selected input-debounce=0"
        )
        theme.text(_("All days and times are read in this time zone, summer time included."), "hint")


def every_night() -> dict[str, Any]:
    """Times to begin with: every night at two, from tomorrow on."""
    return {
        "recurrence": Recurrence.DAILY,
        "start": now().date() + timedelta(days=1),
        "at": time(2, 0),
        "time_zone": visitor().time_zone,
    }


def rhythm(form: RecurrenceForm) -> str:
    """How often and when, in words."""
    at = f"{form.at:%H:%M} {form.time_zone}"
    match form.recurrence:
        case Recurrence.ONCE:
            return _("Once, on {day}, {time}", day=form.start.isoformat(), time=at)
        case Recurrence.DAILY:
            return _("Every day, {time}", time=at)
        case Recurrence.WEEKLY:
            days = ", ".join(_(WEEKDAYS[day]) for day in form.weekdays)
            return _("Every week: {days}, {time}", days=days, time=at)
        case Recurrence.MONTHLY if form.month_day is not None:
            return _("Every month, on day {day}, {time}", day=form.month_day, time=at)
        case Recurrence.MONTHLY:
            day = f"{_(ORDINALS[form.ordinal or LAST])} {_(WEEKDAYS[form.weekday or 0])}"
            return _("Every month: {day}, {time}", day=day, time=at)


def titles_of(titles: Any) -> dict[Any, str]:
    """The titles of choices in the reader's language."""
    return {value: _(title) for value, title in titles.items()}


def _numbered(words: tuple[str, ...]) -> dict[Any, str]:
    return {number: _(word) for number, word in enumerate(words)}
