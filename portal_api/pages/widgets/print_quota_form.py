"""The fields of a quota definition, and what one says in short (PR-58…PR-64)."""

from typing import Any

from babel import Locale
from babel.dates import get_month_names
from nicegui import ui
from pydantic import ValidationError

from connectors.messages import N_
from domain.print_quotas.limits import MonthLimit, QuotaLimits
from portal_api.pages import theme
from portal_api.pages.widgets.page_counts import number
from portal_api.pages.widgets.print_definitions import tell_problems
from portal_api.pages.words import _, spoken

SHAPES = {"same": N_("The same limits every month"), "monthly": N_("Limits for each month")}
TOTALS = {"unlimited": N_("Unlimited"), "limited": N_("Limited"), "disabled": N_("Printing not allowed")}
COLORS = {"allowed": N_("Allowed"), "not_allowed": N_("Not allowed"), "limited": N_("Limited")}
USUAL_TOTAL, USUAL_COLOR = 500, 100


def quota_summary(limits: QuotaLimits) -> list[str]:
    """What the definition says: one line, or one for each run of months with the same limits."""
    if limits.shape == "same":
        return [limit_text(limits.months[0])]
    lines: list[tuple[list[int], str]] = []
    for index, limit in enumerate(limits.months):
        text = limit_text(limit)
        if lines and lines[-1][1] == text:
            lines[-1][0].append(index)
        else:
            lines.append(([index], text))
    return [f"{_months(months)}: {text}" for months, text in lines]


def limit_text(limit: MonthLimit) -> str:
    """A month's limit in words."""
    if limit.total == "disabled":
        return _("Printing not allowed")
    total = _("Unlimited") if limit.total_limit is None else _("{count} impressions", count=number(limit.total_limit))
    if limit.color == "not_allowed":
        return _("{total}, no colour", total=total)
    if limit.color_limit is not None:
        return _("{total}, of these {count} in colour", total=total, count=number(limit.color_limit))
    return total


def month_names() -> list[str]:
    """The months' names in the visitor's language."""
    names = get_month_names("wide", "stand-alone", Locale.parse(spoken().replace("-", "_")))
    return [names[month].capitalize() for month in range(1, 13)]


def _months(months: list[int]) -> str:
    names = month_names()
    return names[months[0]] if len(months) == 1 else f"{names[months[0]]} – {names[months[-1]]}"


class QuotaForm:
    """The open form: the limits of all months, and those of a selection that are set next."""

    def __init__(self, limits: QuotaLimits) -> None:
        self._shape: str = limits.shape
        self._same: dict[str, Any] = limits.months[0].model_dump()
        self._months = [month.model_dump() for month in limits.months] * (12 if limits.shape == "same" else 1)
        self._next: dict[str, Any] = MonthLimit().model_dump()
        self._selected: list[int] = []

    def build(self) -> None:
        """Lay it out."""
        shapes = {key: _(title) for key, title in SHAPES.items()}
        ui.radio(shapes, value=self._shape, on_change=self._choose_shape).classes("choices")
        self._fields()

    def content(self) -> QuotaLimits:
        """What stands in it."""
        months = [self._same] if self._shape == "same" else self._months
        return QuotaLimits.model_validate({"shape": self._shape, "months": months})

    def _choose_shape(self, event: Any) -> None:
        self._shape = event.value
        self._fields.refresh()

    @ui.refreshable_method
    def _fields(self) -> None:
        if self._shape == "same":
            self._limit(self._same)
            return
        months = ui.select(
            dict(enumerate(month_names())),
            label=_("Months"),
            value=list(self._selected),
            multiple=True,
            on_change=lambda event: setattr(self, "_selected", list(event.value or [])),
        )
        months.props("outlined dense options-dense use-chips clearable")
        self._limit(self._next)
        theme.plain_button(_("Set for these months"), "event_available").on_click(self._set)
        self._year()

    @ui.refreshable_method
    def _year(self) -> None:
        with theme.block("verdict-lines", role="list", aria_label=_("Limits for each month")):
            for name, month in zip(month_names(), self._months, strict=True):
                theme.text(f"{name}: {limit_text(MonthLimit.model_validate(month))}", "hint", role="listitem")

    def _set(self) -> None:
        try:
            MonthLimit.model_validate(self._next)
        except ValidationError as error:
            tell_problems(error)
            return
        for index in self._selected:
            self._months[index] = dict(self._next)
        self._year.refresh()

    def _limit(self, values: dict[str, Any]) -> None:
        @ui.refreshable
        def fields() -> None:
            totals = {key: _(title) for key, title in TOTALS.items()}
            with theme.block("option-line"):
                self._choice(totals, _("Total"), values, "total", USUAL_TOTAL, fields)
                if values["total"] == "limited":
                    self._amount(_("Impressions a month"), values, "total_limit")
            colors = {key: _(title) for key, title in COLORS.items()}
            if values["total"] == "disabled":
                return
            with theme.block("option-line"):
                self._choice(colors, _("Colour"), values, "color", USUAL_COLOR, fields)
                if values["color"] == "limited":
                    self._amount(_("Of these in colour"), values, "color_limit")

        fields()

    def _choice(
        self, options: dict[str, str], title: str, values: dict[str, Any], name: str, usual: int, fields: Any
    ) -> None:
        def choose(event: Any) -> None:
            values[name] = event.value
            values[f"{name}_limit"] = usual if event.value == "limited" else None
            if values["total"] == "disabled":
                values.update(color="allowed", color_limit=None)
            fields.refresh()

        field = ui.select(options, value=values[name], label=title, on_change=choose)
        field.props("outlined dense options-dense")

    def _amount(self, title: str, values: dict[str, Any], name: str) -> None:
        field = ui.number(
            title,
            value=values[name],
            min=0,
            precision=0,
            on_change=lambda event: values.update({name: int(event.value) if event.value is not None else 0}),
        )
        field.props("outlined dense").classes("short-field")
