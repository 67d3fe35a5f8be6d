"""Logs of one printer: requested, listed, downloaded by File Service Administrators (FL-222, FL-227…FL-235)."""

from collections.abc import Sequence

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.agents.models import AgentKind
from fleet.operations.printer_logs import MIB_WALK
from fleet.printer_logs.service import LogView, list_logs
from fleet.printers.details import get_printer
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.service import NewTask, start_fleet_task
from portal_api.pages import theme
from portal_api.pages.printer_actions import PrinterSection
from portal_api.pages.visit import ask, faults_shown, tell, visitor, when
from portal_api.pages.words import _
from steps.printers.collect_log import LogKind

TITLES: dict[str, str] = {
    LogKind.HISTORY.value: N_("History log"),
    LogKind.FRAMEWORK.value: N_("App framework log"),
    LogKind.SECURITY.value: N_("Security log"),
    LogKind.FAX.value: N_("Fax log"),
    LogKind.LAST_FAXES.value: N_("Last 10 fax logs"),
    LogKind.LAST_FAX_ERRORS.value: N_("Last 10 fax error logs"),
    LogKind.GZIP.value: N_("All logs (GZIP)"),
    MIB_WALK: N_("MIB walk"),
}


async def build_logs(printer_id: str) -> None:
    """Lay out the part of the page."""
    view = (await ask(get_printer, printer_id)).view
    await PrinterLogs(printer_id, kinds_of(view.agent_kind, is_vendor=view.is_vendor)).build()


def kinds_of(agent: AgentKind, *, is_vendor: bool) -> list[str]:
    """The logs that a printer's agent can hand over: a MIB walk by fleet agents only, nothing by local ones."""

    def can(task: TaskKind) -> bool:
        return agent in KINDS[task].agents and (is_vendor or KINDS[task].third_party)

    of_tasks = {TaskKind.PRINTER_LOG: [kind.value for kind in LogKind], TaskKind.MIB_WALK: [MIB_WALK]}
    return [kind for task, kinds in of_tasks.items() if can(task) for kind in kinds]


class PrinterLogs:
    """The logs of one printer, and which `kinds` of them can be requested."""

    def __init__(self, printer_id: str, kinds: Sequence[str]) -> None:
        self._printer_id, self._kinds = printer_id, kinds
        self._logs: list[LogView] = []

    async def build(self) -> None:
        """Lay it out."""
        with theme.block("sheet settings", "section", aria_label=_("Log files")):
            theme.text(_("Log files"), "section-title", "h2")
            if not self._kinds:
                theme.text(_("The agent of this printer hands over no logs of printers."), "hint", "p")
            elif visitor().may(Permission.FLEET_MANAGE):
                self._request()
            self._list()
        await self._load()

    def _request(self) -> None:
        with theme.block("toolbar"):
            titles = {kind: _(TITLES[kind]) for kind in self._kinds}
            kind = ui.select(titles, value=self._kinds[0], label=_("Log type")).props("outlined dense")

            async def request() -> None:
                new = NewTask(TaskKind.PRINTER_LOG, {"kind": kind.value})
                if kind.value == MIB_WALK:
                    new = NewTask(TaskKind.MIB_WALK)
                with faults_shown():
                    await ask(start_fleet_task, new, [self._printer_id])
                    tell(_("Requested. The file is listed here as soon as the task has ended."))

            theme.plain_button(_("Request"), "download_for_offline").on_click(request)
            theme.plain_button(_("Show anew"), "refresh").on_click(self._load)

    async def _load(self) -> None:
        with faults_shown():
            self._logs = await ask(list_logs, self._printer_id)
        self._list.refresh()

    @ui.refreshable_method
    def _list(self) -> None:
        if not self._logs:
            theme.text(_("No logs have been collected from this printer."), "muted")
        with theme.block("records", role="list"):
            for log in self._logs:
                _row(log)


def _row(log: LogView) -> None:
    with theme.block("record", role="listitem"):
        theme.icon("description")
        with theme.block("record-words"):
            theme.text(_(TITLES[log.kind]), "strong clamp-one")
            who = log.requester or _("somebody who is gone")
            theme.text(_("{time} · requested by {name}", time=when(log.collected), name=who), "hint clamp-one")
        if visitor().may(Permission.FLEET_LOGS_DOWNLOAD):
            link = theme.icon_button("download", _("Download {name}", name=log.file_name))
            link.props["href"] = f"/api/v1/printer-logs/{log.id}/content"


SECTIONS = (PrinterSection(60, Permission.FLEET_VIEW, build_logs),)
