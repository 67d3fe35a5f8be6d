"""Print reports: printing of a period added up, and files of every fact (section 34, TS-56…TS-64)."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from nicegui import ui
from pydantic import ValidationError

from connectors.messages import N_
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.print_reports.customers import add_up_customers
from domain.print_reports.kinds import ReportFormat, ReportKind
from domain.print_reports.scope import BAD_PERIOD, ReportScope, ReportSubject
from domain.print_reports.service import ReportState, ReportView, list_reports, start_report
from domain.print_reports.subjects import first_day, is_subject_empty, may_compare_customers
from domain.print_reports.sums import GROUPS, MORE, SIZES, UNSPECIFIED, By, Fact, ReportRow, add_up, total
from domain.printing.states import SOURCE_TITLES, JobKind, JobSource
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, look_again, tell, visitor, when
from portal_api.pages.widgets.page_counts import number
from portal_api.pages.widgets.report_subject import SubjectChoice
from portal_api.pages.widgets.report_words import KINDS, STATES
from portal_api.pages.words import _, message_text

FACTS = {Fact.RELEASED: N_("Printed"), Fact.SUBMITTED: N_("Submitted"), Fact.DELETED: N_("Deleted or expired")}
BYS = {
    By.PERSON: N_("Person"),
    By.DEPARTMENT: N_("Department"),
    By.COST_CENTER: N_("Cost centre"),
    By.PRINTER: N_("Printer"),
    By.DAY: N_("Day"),
    By.MONTH: N_("Month"),
    By.SOURCE: N_("Way of submission"),
    By.COLOR: N_("Colour"),
    By.SIDES: N_("Sides"),
    By.PAPER: N_("Paper size"),
    By.PAPER_TYPE: N_("Paper type"),
    By.MEDIA_TYPE: N_("Document type"),
    By.CLIENT: N_("Client"),
    By.HOW: N_("How"),
    By.MODE: N_("Kind of printing"),
    By.JOB_SIZE: N_("Pages of a job"),
}
WITHOUT = {
    By.DEPARTMENT: N_("No department associated"),
    By.COST_CENTER: N_("No cost centre associated"),
}
"""How people are called together who have none."""
MODES = {
    JobKind.CLOUD: N_("Cloud printing"),
    JobKind.HYBRID: N_("Hybrid printing"),
    JobKind.DIRECT: N_("Direct printing"),
    JobKind.OFFLINE: N_("Offline printing"),
}
COLUMNS = (
    ("jobs", N_("Jobs")),
    ("pages", N_("Pages")),
    ("impressions", N_("Impressions")),
    ("color_impressions", N_("In colour")),
    ("sheets", N_("Sheets")),
)
PAPER_HELP = N_(
    "Word processors scale A4 to Letter and Letter to A4 by themselves: then documents that were printed directly are "
    "counted as the other size. In Microsoft Word switch off “Scale content for A4 or 8.5 x 11” paper sizes” under "
    "Options, Advanced, Print."
)
DAYS_OFFERED = 30
LOOK_SECONDS = 2.0


@portal_page("/print/reports", N_("Print reports"), Permission.OWN_REPORTS, "print-reports")
async def print_reports() -> None:
    """The page."""
    await PrintReportsPage().build()


class PrintReportsPage:
    """The open page: sums, and below them the files."""

    def __init__(self) -> None:
        today = now().astimezone(ZoneInfo(visitor().time_zone)).date()
        self._first, self._last = today.replace(day=1).isoformat(), today.isoformat()
        self._earliest, self._today = "", self._last
        self._fact, self._by, self._kind = Fact.RELEASED, By.PERSON, ReportKind.RELEASED
        self._form = ReportFormat.CSV
        self._rows: list[ReportRow] = []
        self._files: list[ReportView] = []
        self._subject, self._is_comparison = SubjectChoice(compares=True), False
        self._shown_by, self._others_have_something = self._by, False

    async def build(self) -> None:
        """Lay out the page."""
        is_own = not visitor().may(Permission.PRINT_REPORTS)
        hint = _("What you have printed.") if is_own else _("What was printed, by whom, and where.")
        heading(_("Print reports"), hint)
        zone = visitor().time_zone
        theme.text(_("Days run from midnight to midnight in the time zone of your account: {zone}.", zone=zone), "hint")
        self._earliest = (await ask(first_day)).isoformat()
        with theme.block("filters"):
            self._dates()
            await self._subject.build()
            facts = {one.value: _(text) for one, text in FACTS.items()}
            ui.select(facts, value=self._fact.value, label=_("What"), on_change=self._choose_fact).props(
                "outlined dense"
            )
            self._by_choice()
            theme.main_button(_("Generate report"), "summarize").on_click(self._generate)
        self._table()
        with theme.block("filters", "section", aria_label=_("Files")):
            may_compare = may_compare_customers(visitor())
            kinds = {
                one.value: _(text) for one, text in KINDS.items() if may_compare or one is not ReportKind.CUSTOMERS
            }
            chosen = ui.select(kinds, value=self._kind.value, label=_("File")).props("outlined dense")
            chosen.on_value_change(lambda event: setattr(self, "_kind", ReportKind(event.value)))
            form = ui.select(
                {one.value: one.value.upper() for one in ReportFormat}, value=self._form.value, label=_("Format")
            )
            form.props("outlined dense").on_value_change(self._choose_form)
            theme.plain_button(_("Make the file"), "download").on_click(self._make)
        self._files = await ask(list_reports)
        self._file_list()
        ui.timer(LOOK_SECONDS, self._look)
        await self._generate()

    @ui.refreshable_method
    def _dates(self) -> None:
        """The first and the last day; the browser offers none on which a report cannot be made (TS-63)."""
        for name, title in (("_first", _("From")), ("_last", _("To"))):
            field = ui.input(title, value=getattr(self, name)).props("outlined dense type=date stack-label")
            field.props(f"min={self._earliest} max={self._today}")
            field.on_value_change(lambda event, name=name: setattr(self, name, event.value or ""))

    @ui.refreshable_method
    def _by_choice(self) -> None:
        possible = {By.DAY, By.MONTH, *GROUPS[self._fact]}
        options = {one.value: _(text) for one, text in BYS.items() if one in possible}
        if self._by not in possible:
            self._by = By.PERSON
        chosen = ui.select(options, value=self._by.value, label=_("Added up by")).props("outlined dense")
        chosen.on_value_change(lambda event: setattr(self, "_by", By(event.value)))

    def _choose_fact(self, event: Any) -> None:
        self._fact = Fact(event.value)
        self._by_choice.refresh()

    def _choose_form(self, event: Any) -> None:
        self._form = ReportFormat(event.value)

    async def _generate(self) -> None:
        with faults_shown():
            self._is_comparison = self._subject.is_all_customers
            if self._is_comparison:
                self._rows = await ask(add_up_customers, self._scope(ReportKind.CUSTOMERS))
            else:
                self._rows = await ask(add_up, self._fact, self._by, self._scope())
                self._others_have_something = not self._rows and await ask(is_subject_empty, self._fact, self._scope())
            self._shown_by = self._by
        self._table.refresh()

    async def _last_days(self) -> None:
        last = now().astimezone(ZoneInfo(visitor().time_zone)).date()
        self._first, self._last = (last - timedelta(days=DAYS_OFFERED - 1)).isoformat(), last.isoformat()
        self._dates.refresh()
        await self._generate()

    async def _make(self) -> None:
        with faults_shown():
            kind = ReportKind.CUSTOMERS if self._subject.is_all_customers else self._kind
            await ask(start_report, kind, self._scope(kind), self._form)
            tell(_("The file is being made."))
            await self._look()

    async def _look(self) -> None:
        with faults_shown():
            found = await look_again(list_reports)
            if found != self._files:
                self._files = found
                self._file_list.refresh()

    def _scope(self, kind: ReportKind = ReportKind.RELEASED) -> ReportScope:
        """What is asked for; the comparison of customers is about all of them, whatever else is chosen."""
        subject = ReportSubject() if kind is ReportKind.CUSTOMERS else self._subject.value
        try:
            days = {"first": date.fromisoformat(self._first), "last": date.fromisoformat(self._last)}
            return ReportScope(**subject.model_dump(), **days)
        except (ValueError, ValidationError) as error:
            raise BAD_PERIOD(first=self._first, last=self._last) from error

    @ui.refreshable_method
    def _table(self) -> None:
        if not self._rows:
            with theme.block("empty", role="status"):
                theme.icon("summarize")
                self._empty()
            return
        everything = total(self._rows)
        everything.label = _("All together")
        first = _("Customer") if self._is_comparison else _(BYS[self._by])
        columns = [{"name": "label", "label": first, "field": "label", "align": "left"}]
        columns += [{"name": name, "label": _(title), "field": name, "align": "right"} for name, title in COLUMNS]
        rows = [
            {"key": place, "label": self._label(row)} | {name: number(getattr(row, name)) for name, _title in COLUMNS}
            for place, row in enumerate((*self._rows, everything))
        ]
        table = ui.table(columns=columns, rows=rows, row_key="key", pagination=50).props("flat dense")
        table.classes("full-width")
        if self._shown_by is By.PAPER:
            theme.text(_(PAPER_HELP), "hint")

    def _empty(self) -> None:
        """Which choice has left nothing, and a longer period (TS-56)."""
        theme.text(_("Nothing in this period"), "strong")
        if self._others_have_something:
            theme.text(_("Others have something in it: choose somebody or something else, or a longer period."), "hint")
        else:
            theme.text(_("Choose a longer period, or print something first."), "hint")
        theme.plain_button(_("The last {count} days", count=DAYS_OFFERED), "date_range").on_click(self._last_days)

    def _label(self, row: ReportRow) -> str:
        return row.label if self._is_comparison else row_label(row, self._by)

    @ui.refreshable_method
    def _file_list(self) -> None:
        with theme.block("records", role="list"):
            for one in self._files:
                with theme.block("record", role="listitem"):
                    theme.icon("description")
                    with theme.block("record-words"):
                        theme.text(message_text(one.title), "strong clamp-one")
                        theme.text(_("Jobs: {count}", count=number(one.rows)), "hint")
                    theme.chip(_(STATES[one.state]), "good" if one.state is ReportState.READY else "quiet")
                    theme.text(when(one.created), "hint record-when")
                    with theme.block("record-buttons"):
                        for place, (name, _bytes) in enumerate(one.files if one.state is ReportState.READY else ()):
                            button = theme.icon_button("download", _("Download “{name}”", name=name))
                            button.props["href"] = f"/api/v1/print-reports/{one.id}/files/{place}"


def row_label(row: ReportRow, by: By) -> str:
    """What people call the line; those without a department are a group of their own (AC-115)."""
    if row.label == UNSPECIFIED:
        return _(WITHOUT.get(by, N_("Unspecified")))
    if by is By.JOB_SIZE and row.key:
        return _size(row.key)
    if by is By.MODE and row.key in set(JobKind):
        return _(MODES[JobKind(row.key)])
    if by is By.SOURCE and row.key in set(JobSource):
        return _(SOURCE_TITLES[JobSource(row.key)])
    return row.label or _("Somebody who was deleted")


def _size(key: str) -> str:
    """What a class of the job-size distribution is called."""
    if key == MORE:
        return _("More than {count} pages", count=SIZES[-1])
    place = SIZES.index(int(key))
    lowest = SIZES[place - 1] + 1 if place else 1
    if lowest == SIZES[place]:
        return _("1 page")
    return _("{first} to {last} pages", first=lowest, last=SIZES[place])
