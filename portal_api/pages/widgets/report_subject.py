"""Choosing whose printing a report is about (AN-23); deleted people only where one asks for them (TS-59)."""

from typing import Any

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.people.deletion import pseudonym
from domain.print_reports.scope import ReportSubject
from domain.print_reports.subjects import (
    NOT_CHOSEN,
    ReportLevel,
    deleted_people,
    levels,
    may_compare_customers,
    subjects,
)
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, visitor
from portal_api.pages.words import _, message_text

TITLES = {
    ReportLevel.ORGANIZATION: N_("The whole organization"),
    ReportLevel.CUSTOMER: N_("Customer"),
    ReportLevel.DEPARTMENT: N_("Department"),
    ReportLevel.COST_CENTER: N_("Cost centre"),
    ReportLevel.PERSON: N_("Person"),
    ReportLevel.PRINTER: N_("Printer"),
}
NAMES = {
    ReportLevel.CUSTOMER: "customer_id",
    ReportLevel.DEPARTMENT: "department",
    ReportLevel.COST_CENTER: "cost_center",
    ReportLevel.PERSON: "user_id",
    ReportLevel.PRINTER: "printer_id",
}


ALL = "all"
"""Stands for all customers among the customers."""


def level_of(subject: ReportSubject) -> tuple[ReportLevel, str]:
    """The level of a subject, and what it is about there."""
    return next(
        ((level, value) for level, name in NAMES.items() if (value := getattr(subject, name))),
        (ReportLevel.ORGANIZATION, ""),
    )


class SubjectChoice:
    """Two fields: the level, and what there is of it. Who may report on nobody else has no choice.

    With `compares` all customers together are one of the choices, for those who may.
    """

    def __init__(self, subject: ReportSubject | None = None, *, compares: bool = False) -> None:
        self._compares = compares
        self._level, self._value = level_of(subject or ReportSubject())
        self._offered: dict[str, str] = {}
        self._shows_deleted = False

    @property
    def is_all_customers(self) -> bool:
        """Whether all customers are chosen, which are compared then."""
        return self._level is ReportLevel.CUSTOMER and self._value == ALL

    @property
    def value(self) -> ReportSubject:
        """What is chosen; raises `NOT_CHOSEN`."""
        if self._level is ReportLevel.ORGANIZATION:
            return ReportSubject()
        if not self._value:
            raise NOT_CHOSEN()
        return ReportSubject(**{NAMES[self._level]: self._value})

    async def build(self) -> None:
        """Lay it out."""
        offered = levels(visitor())
        if len(offered) == 1:
            self._level, self._value = ReportLevel.ORGANIZATION, ""
            return
        if self._level not in offered:
            self._level, self._value = ReportLevel.ORGANIZATION, ""
        await self._load()
        titles = {level.value: _(TITLES[level]) for level in offered}
        if not visitor().may(Permission.PRINT_REPORTS):
            titles[ReportLevel.ORGANIZATION.value] = _("My own printing")
        ui.select(titles, value=self._level.value, label=_("About"), on_change=self._choose).props("outlined dense")
        self._second()

    @ui.refreshable_method
    def _second(self) -> None:
        if self._level is ReportLevel.ORGANIZATION:
            return
        label = _(TITLES[self._level])
        field = ui.select(self._offered, value=self._value or None, label=label, with_input=True)
        field.props("outlined dense options-dense").on_value_change(self._keep)
        if self._level is ReportLevel.PERSON:
            ui.switch(_("Show deleted people"), value=self._shows_deleted, on_change=self._show_deleted)
        elif self._level in (ReportLevel.DEPARTMENT, ReportLevel.COST_CENTER):
            theme.text(_("What had something printed within two years stays in this list, removed or not."), "hint")

    async def _choose(self, event: Any) -> None:
        self._level, self._value = ReportLevel(event.value), ""
        with faults_shown():
            await self._load()
        self._second.refresh()

    async def _show_deleted(self, event: Any) -> None:
        self._shows_deleted = bool(event.value)
        with faults_shown():
            await self._load()
        self._second.refresh()

    def _keep(self, event: Any) -> None:
        self._value = event.value or ""

    async def _load(self) -> None:
        self._offered = await ask(subjects, self._level)
        if self._level is ReportLevel.PERSON and self._shows_deleted:
            self._offered |= {one: message_text(pseudonym(one)) for one in await ask(deleted_people)}
        if self._level is ReportLevel.CUSTOMER and self._compares and may_compare_customers(visitor()):
            self._offered = {ALL: _("All customers"), **self._offered}
        if self._value:
            self._offered.setdefault(self._value, self._value)
