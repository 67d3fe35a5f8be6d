"""The fields of a print policy, and what a policy says in short (PR-88)."""

from typing import Any

from nicegui import ui

from connectors.messages import N_
from domain.print_policies.rules import DuplexRule, DuplexScope, PolicyRules
from domain.print_policies.schedule import WEEK, Day, Schedule, Window
from portal_api.pages import theme
from portal_api.pages.words import _

DAYS = {
    Day.MONDAY: N_("Monday"),
    Day.TUESDAY: N_("Tuesday"),
    Day.WEDNESDAY: N_("Wednesday"),
    Day.THURSDAY: N_("Thursday"),
    Day.FRIDAY: N_("Friday"),
    Day.SATURDAY: N_("Saturday"),
    Day.SUNDAY: N_("Sunday"),
}
SHAPES = {"all_days": N_("All days"), "monday_to_friday": N_("Monday to Friday"), "custom": N_("Chosen days")}
BINDINGS = {"long-edge": N_("Bound on the long edge"), "short-edge": N_("Bound on the short edge")}
START, END = "08:00", "17:00"


def policy_summary(rules: PolicyRules) -> list[str]:
    """What the policy says, a line each."""
    lines = []
    if rules.monochrome is not None:
        lines.append(_("Black and white only{from_pages}", from_pages=_from(rules.monochrome.min_pages)))
    if rules.duplex is not None:
        lines += _duplex_lines(rules.duplex)
    if rules.schedule is not None:
        lines.append(_schedule_line(rules.schedule))
    if rules.max_pages is not None:
        lines.append(_("At most {count} pages a job", count=rules.max_pages))
    return lines or [_("Restricts nothing")]


def _from(pages: int) -> str:
    return _(", from {count} pages on", count=pages) if pages > 1 else ""


def _duplex_lines(rule: DuplexRule) -> list[str]:
    binding = _(BINDINGS[rule.binding])
    lines = []
    if rule.monochrome is not None:
        pages = _from(rule.monochrome.min_pages)
        lines.append(_("Black-and-white jobs on both sides{from_pages}: {binding}", from_pages=pages, binding=binding))
    if rule.color is not None:
        pages = _from(rule.color.min_pages)
        lines.append(_("Colour jobs on both sides{from_pages}: {binding}", from_pages=pages, binding=binding))
    return lines


def _schedule_line(schedule: Schedule) -> str:
    if schedule.window is not None:
        return f"{_(SHAPES[schedule.shape])}: {_times(schedule.window)}"
    return "; ".join(f"{_(DAYS[day])} {_times(schedule.days[day])}" for day in WEEK if day in schedule.days)


def _times(window: Window) -> str:
    following = " " + _("(the day after)") if window.is_overnight else ""
    return f"{window.start:%H:%M}–{window.end:%H:%M}{following}"


class PolicyForm:
    """The open form; `_values` is what stands in it, by parts that are None while they are switched off."""

    def __init__(self, rules: PolicyRules) -> None:
        self._values: dict[str, Any] = rules.model_dump(mode="json")
        schedule = self._values["schedule"] or {}
        self._shape = schedule.get("shape", "all_days")
        self._window = dict(schedule.get("window") or {"start": START, "end": END})
        self._days: dict[str, dict[str, str]] = dict(schedule.get("days") or {})

    def build(self) -> None:
        """Lay it out."""
        self._part("monochrome", _("Force colour to black and white"), {"min_pages": 1}, self._monochrome)
        self._part("duplex", _("Force printing on both sides"), DuplexRule().model_dump(), self._duplex)
        self._part("schedule", _("Restrict to days and times"), {}, self._schedule)
        self._part("max_pages", _("Limit the pages of a job"), 100, self._most_pages)

    def content(self) -> PolicyRules:
        """What stands in it."""
        values = dict(self._values)
        if values["schedule"] is not None:
            if self._shape == "custom":
                values["schedule"] = {"shape": self._shape, "days": self._days}
            else:
                values["schedule"] = {"shape": self._shape, "window": self._window}
        return PolicyRules.model_validate(values)

    def _part(self, name: str, title: str, beginning: Any, fields: Any) -> None:
        """A switch, and below it the fields of the part while it is on."""
        with theme.block("option"):

            @ui.refreshable
            def below() -> None:
                if self._values[name] is not None:
                    fields()

            def switch(event: Any) -> None:
                self._values[name] = beginning if event.value else None
                below.refresh()

            ui.switch(title, value=self._values[name] is not None, on_change=switch)
            below()

    def _monochrome(self) -> None:
        self._pages(_("Only jobs with at least so many pages"), self._values["monochrome"], "min_pages")

    def _duplex(self) -> None:
        rule = self._values["duplex"]
        bindings = {key: _(title) for key, title in BINDINGS.items()}
        binding = ui.select(
            bindings,
            value=rule["binding"],
            label=_("Binding"),
            on_change=lambda event: rule.update(binding=event.value),
        )
        binding.props("outlined dense options-dense")
        self._scope("monochrome", _("Black-and-white jobs"), _("Black-and-white jobs: at least so many pages"))
        self._scope("color", _("Colour jobs"), _("Colour jobs: at least so many pages"))

    def _scope(self, name: str, title: str, pages: str) -> None:
        rule = self._values["duplex"]
        with theme.block("option"):

            @ui.refreshable
            def below() -> None:
                if rule[name] is not None:
                    self._pages(pages, rule[name], "min_pages")

            def switch(event: Any) -> None:
                rule[name] = DuplexScope().model_dump() if event.value else None
                below.refresh()

            ui.checkbox(title, value=rule[name] is not None, on_change=switch)
            below()

    def _schedule(self) -> None:
        shapes = {key: _(title) for key, title in SHAPES.items()}

        @ui.refreshable
        def times() -> None:
            if self._shape != "custom":
                self._times(self._window)
                return
            for day in WEEK:
                self._day(day)

        def choose(event: Any) -> None:
            other_fields = "custom" in (self._shape, event.value)
            self._shape = event.value
            if other_fields:  # else the times stay as they are, also what is being typed
                times.refresh()

        ui.radio(shapes, value=self._shape, on_change=choose).props("inline").classes("choices")
        times()
        theme.text(
            _("Times are those at the printer. An end before the start is on the following day; 00:00 to 23:59 is the "
              "whole day."),
            "hint",
        )  # fmt: skip

    def _day(self, day: Day) -> None:
        with theme.block("option-line"):

            @ui.refreshable
            def below() -> None:
                if day.value in self._days:
                    self._times(self._days[day.value])

            def switch(event: Any) -> None:
                if event.value:
                    self._days[day.value] = {"start": START, "end": END}
                else:
                    self._days.pop(day.value, None)
                below.refresh()

            ui.checkbox(_(DAYS[day]), value=day.value in self._days, on_change=switch)
            below()

    def _times(self, window: dict[str, str]) -> None:
        with theme.block("option-line"):
            for name, title in (("start", _("From")), ("end", _("Until"))):
                field = ui.input(
                    title,
                    value=window[name][:5],
                    on_change=lambda event, name=name: window.update({name: event.value or ""}),
                )
                field.props("outlined dense type=time").classes("short-field")

    def _most_pages(self) -> None:
        self._pages(_("Most pages of a job"), self._values, "max_pages")

    def _pages(self, title: str, values: dict[str, Any], name: str) -> None:
        field = ui.number(
            title,
            value=values[name],
            min=1,
            precision=0,
            on_change=lambda event: values.update({name: int(event.value) if event.value else 1}),
        )
        field.props("outlined dense")
