"""The Solution Center summary: a period, an organization or all of them, and the numbers (SQ-90…SQ-99)."""

from datetime import date
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from nicegui import ui

from connectors.messages import N_
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.quotas.report_scope import BAD_PERIOD, Period, first_day
from domain.quotas.reports import Report, ReportLine, organization_report, organizations_report
from domain.quotas.rules import SERVICE_TITLES
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, visitor
from portal_api.pages.widgets.page_counts import day, number
from portal_api.pages.words import _, message_text
from steps.contract import Service

EXPORT = "/api/v1/quotas/reports/"


@portal_page("/quotas/reports", N_("Reports"), Permission.SOLUTIONS_REPORT, "quota-reports")
async def quota_reports(organization: str = "", first: str = "", last: str = "") -> None:
    """The page; an address with an organization and a period opens that organization's report (SQ-95)."""
    await ReportPage(organization, first, last).build()


class ReportPage:
    """The open page with the report made last."""

    def __init__(self, organization_id: str, first: str, last: str) -> None:
        today = now().astimezone(ZoneInfo(visitor().time_zone)).date()
        self._organization_id = organization_id or None
        self._is_partner = visitor().may(Permission.SOLUTIONS_REPORT_ALL) and not visitor().is_visiting
        self._of_all = self._is_partner and not organization_id
        self._first = first or today.replace(day=1).isoformat()
        self._last = last or today.isoformat()
        self._earliest = first_day(today).isoformat()
        self._search = ""
        self._report: Report | None = None
        self._opens_at_once = bool(organization_id)

    async def build(self) -> None:
        """Lay out the page."""
        heading(_("Solution Center summary"), _("What was used, by whom, and at how many printers."))
        with theme.block("filters"):
            if self._is_partner and self._organization_id is None:
                scopes = {True: _("All organizations"), False: _("My organization")}
                choice = ui.select(scopes, value=self._of_all, label=_("Report"), on_change=self._choose)
                choice.props("outlined dense options-dense")
            for name, title in (("_first", _("From")), ("_last", _("To"))):
                field = ui.input(
                    title,
                    value=getattr(self, name),
                    on_change=lambda event, name=name: setattr(self, name, event.value or ""),
                )
                field.props(f"outlined dense type=date stack-label min={self._earliest}")
            theme.main_button(_("Generate report"), "summarize").on_click(self._generate)
        self._result()
        if self._opens_at_once:
            await self._generate()

    def _choose(self, event: object) -> None:
        self._of_all = bool(getattr(event, "value", False))
        self._report = None
        self._result.refresh()

    async def _generate(self) -> None:
        self._search = ""
        await self._ask()

    async def _find(self, search: str) -> None:
        self._search = search
        with faults_shown():
            await self._ask_quietly()
            self._lines.refresh()

    async def _ask(self) -> None:
        with faults_shown():
            await self._ask_quietly()
            self._result.refresh()

    async def _ask_quietly(self) -> None:
        period = self._period()
        if self._of_all:
            self._report = await ask(organizations_report, period, self._search)
        else:
            self._report = await ask(organization_report, period, self._organization_id, self._search)

    def _period(self) -> Period:
        try:
            return Period(date.fromisoformat(self._first), date.fromisoformat(self._last))
        except ValueError as error:
            raise BAD_PERIOD() from error

    @ui.refreshable_method
    def _result(self) -> None:
        report = self._report
        if report is None:
            with theme.block("empty", role="status"):
                theme.icon("summarize")
                theme.text(_("Choose a period of the last two years and generate the report."), "muted")
            return
        with theme.block("toolbar"):
            days = f"{day(report.period.first)} – {day(report.period.last)}"
            title = _("All organizations") if self._of_all else report.organization_name
            theme.text(f"{title} · {days}", "section-title", "h2")
            ui.space()
            theme.plain_button(_("Export as CSV"), "download").props(f'href="{self._export(report)}" download')
        with theme.block("report-sums", "dl"):
            for service, count in report.sums.operations.items():
                operations = _("{count} operations", count=number(count))
                pages = _("{pages} pages", pages=number(report.sums.pages[service]))
                _sum(_(SERVICE_TITLES[service]), operations, pages)
            _sum(_("Unique printers"), number(report.sums.printers), "")
        with theme.block("filters", role="search"):
            words = _("Organization name") if self._of_all else _("E-mail address")
            search = ui.input(words, on_change=lambda event: self._find(event.value or ""))
            search.props("outlined dense clearable debounce=250").classes("search")
        self._lines()

    @ui.refreshable_method
    def _lines(self) -> None:
        report = self._report
        if report is None or not report.lines:
            theme.text(_("There is nothing to list."), "muted")
            return
        scrolled = theme.box("table-scroll", tabindex="0", role="region", aria_label=_("Breakdown"))
        with scrolled, theme.block("report-table", "table"):
            with theme.block("", "thead"), theme.block("", "tr"):
                theme.text(_("Organization") if self._of_all else _("Person"), "", "th", scope="col")
                for service in Service:
                    theme.text(_(SERVICE_TITLES[service]), "count", "th", scope="col")
                theme.text(_("Unique printers"), "count", "th", scope="col")
            with theme.block("", "tbody"):
                for line in report.lines:
                    self._line(line)

    def _line(self, line: ReportLine) -> None:
        name = line.name if isinstance(line.name, str) else message_text(line.name)
        with theme.block("", "tr"):
            with theme.block("", "th", scope="row"):
                if self._of_all:
                    with theme.block("record-link", "a", href=self._single(line.id)):
                        theme.text(name)
                else:
                    theme.text(name, "strong")
                    theme.text(line.email, "hint")
            for service in Service:
                theme.text(number(line.sums.pages[service]), "count", "td")
            theme.text(number(line.sums.printers), "count", "td")

    def _single(self, organization_id: str) -> str:
        return "/quotas/reports?" + urlencode(
            {"organization": organization_id, "first": self._first, "last": self._last}
        )

    def _export(self, report: Report) -> str:
        values = {"first": report.period.first.isoformat(), "last": report.period.last.isoformat()}
        if self._of_all:
            return f"{EXPORT}organizations.csv?{urlencode(values)}"
        return f"{EXPORT}organization.csv?{urlencode({**values, 'organization_id': report.organization_id})}"


def _sum(title: str, number_words: str, more: str) -> None:
    with theme.block("report-sum"):
        theme.text(title, "ticket-label", "dt")
        theme.text(number_words, "report-number", "dd")
        if more:
            theme.text(more, "hint", "dd")
