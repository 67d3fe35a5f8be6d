"""Print reports that come by mail on a schedule, and the page that their mails lead to (F-28)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.print_reports.mails import RECEIVED_PATH, SCHEDULES_PATH
from domain.print_reports.schedules.form import ReportScheduleView
from domain.print_reports.schedules.service import delete_report_schedule, list_report_schedules, pause_report_schedule
from domain.print_reports.service import ReportState, received_report
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, look_again, tell, visitor, when
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.page_counts import number
from portal_api.pages.widgets.recurrence_fields import rhythm
from portal_api.pages.widgets.report_schedule_dialog import ReportScheduleDialog
from portal_api.pages.widgets.report_words import KINDS, PERIODS, STATES
from portal_api.pages.words import _, error_texts, message_text


@portal_page(SCHEDULES_PATH, N_("Scheduled reports"), Permission.OWN_REPORTS, "print-report-schedules")
async def report_schedules() -> None:
    """The page."""
    await ReportScheduleList().build()


@portal_page(f"{RECEIVED_PATH}{{report_id}}", N_("Print report"), Permission.OWN_REPORTS, "print-reports")
async def received(report_id: str) -> None:
    """What the link of a mail leads to."""
    report = await ask(received_report, report_id)
    heading(message_text(report.title), _("Made on {time}", time=when(report.created)))
    with theme.block("sheet settings", "section", aria_label=_("Files")):
        theme.chip(_(STATES[report.state]), "good" if report.state is ReportState.READY else "quiet")
        theme.text(_("Jobs: {count}", count=number(report.rows)), "hint")
        for place, (name, _size) in enumerate(report.files if report.state is ReportState.READY else ()):
            button = theme.main_button(_("Download “{name}”", name=name), "download")
            button.props["href"] = f"/api/v1/print-reports/{report.id}/files/{place}"


class ReportScheduleList:
    """The open list."""

    def __init__(self) -> None:
        self._found: list[ReportScheduleView] = []

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Scheduled reports"), _("Made again and again, and mailed as a link."))
            ui.space()
            theme.main_button(_("New scheduled report"), "add").on_click(self._create)
        self._found = await ask(list_report_schedules)
        self._list()

    async def _show(self) -> None:
        self._found = await look_again(list_report_schedules)
        self._list.refresh()

    async def _create(self) -> None:
        await ReportScheduleDialog(self._show).open()

    @ui.refreshable_method
    def _list(self) -> None:
        if not self._found:
            with theme.block("empty", role="status"):
                theme.icon("forward_to_inbox")
                theme.text(_("There is no scheduled report yet."), "strong")
                theme.text(_("Make one to have last month's printing in your mail every month."))
        with theme.block("records", role="list"):
            for view in self._found:
                self._record(view)

    def _record(self, view: ReportScheduleView) -> None:
        with theme.block("record", role="listitem"):
            theme.icon("pause_circle" if view.is_paused else "forward_to_inbox")
            with theme.block("record-words"):
                theme.text(view.name, "strong clamp-one")
                theme.text(f"{_(KINDS[view.kind])} · {_(PERIODS[view.period])}", "muted clamp-one")
                theme.text(rhythm(view.times), "muted clamp-one")
                theme.text(_("To {addresses}", addresses=", ".join(view.recipients)), "muted clamp-one")
                if view.issuer_id != visitor().user_id:
                    theme.text(_("Made for {name}", name=view.issuer or _("Somebody who was deleted")), "hint")
                if view.note is not None:
                    theme.text(message_text(view.note), "hint")
                elif view.last_error is not None:
                    theme.text(" ".join(error_texts(view.last_error)), "hint bad")
            with theme.block("record-when"):
                theme.chip(*_standing(view))
                theme.text(_last(view), "ticket")
            self._actions(view)

    def _actions(self, view: ReportScheduleView) -> None:
        async def change() -> None:
            await ReportScheduleDialog(self._show, view).open()

        async def pause() -> None:
            with faults_shown():
                await ask(pause_report_schedule, view.id, paused=not view.is_paused)
                await self._show()

        async def delete() -> None:
            with faults_shown():
                await ask(delete_report_schedule, view.id)
                tell(_("“{name}” is deleted.", name=view.name))
                await self._show()

        def ask_first() -> None:
            question = _("Delete “{name}”?", name=view.name)
            confirm(question, (_("Reports that were mailed stay until their links end."),), _("Delete"), delete)

        with theme.block("record-actions"):
            title = N_("Continue “{name}”") if view.is_paused else N_("Pause “{name}”")
            theme.icon_button("play_arrow" if view.is_paused else "pause", _(title, name=view.name)).on_click(pause)
            theme.icon_button("edit", _("Change “{name}”", name=view.name)).on_click(change)
            theme.icon_button("delete", _("Delete “{name}”", name=view.name)).on_click(ask_first)


def _standing(view: ReportScheduleView) -> tuple[str, str]:
    if view.is_paused:
        return _("Stopped") if view.note else _("Paused"), "bad" if view.note else "off"
    if view.next_run is None:
        return _("Ended"), "off"
    return _("Next run {moment}", moment=when(view.next_run)), "good"


def _last(view: ReportScheduleView) -> str:
    if view.last_run is None:
        return _("It has not run yet.")
    moment = when(view.last_run)
    if view.last_state is None or view.note is not None:
        return _("Last run {moment}", moment=moment)
    return _("Last run {moment}: {state}", moment=moment, state=_(STATES[view.last_state]))
