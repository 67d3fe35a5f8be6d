"""What an agent has handed over and done, on its page: its logs (FL-137, FL-166) and its event history (FL-140)."""

from nicegui import ui

from domain.organizations.permissions import Permission
from fleet.agents.history import AgentEventView, agent_events
from fleet.printer_logs.service import LogView, list_logs
from fleet.tasks.kinds import KINDS
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, look_again, visitor, when
from portal_api.pages.widgets.event_history import event_history
from portal_api.pages.widgets.run_steps import duration
from portal_api.pages.widgets.states import state_mark
from portal_api.pages.words import _, message_text

EVERY = 5.0
"""Seconds between two looks."""
EVENTS = 20


class AgentRecords:
    """The logs and the history of one agent; they look again by themselves. `has_logs`: agents of its kind keep one."""

    def __init__(self, agent_id: str, *, has_logs: bool) -> None:
        self._agent_id, self._has_logs = agent_id, has_logs
        self._logs: list[LogView] = []
        self._events: list[AgentEventView] = []
        self._is_last = True

    async def build(self) -> None:
        """Lay them out."""
        await self._read()
        if self._has_logs:
            self._log_list()
        self._history()
        ui.timer(EVERY, self._look)

    async def _read(self) -> None:
        wanted = max(EVENTS, len(self._events))
        if self._has_logs:
            self._logs = await look_again(list_logs, agent_id=self._agent_id)
        found = await look_again(agent_events, self._agent_id, None, wanted + 1)
        self._is_last, self._events = len(found) <= wanted, found[:wanted]

    async def _look(self) -> None:
        with faults_shown():
            logs, events = self._logs, self._events
            await self._read()
            if self._has_logs and logs != self._logs:
                self._log_list.refresh()
            if events != self._events:
                self._history.refresh()

    async def _more(self) -> None:
        with faults_shown():
            found = await ask(agent_events, self._agent_id, self._events[-1].id, EVENTS + 1)
            self._is_last = len(found) <= EVENTS
            self._events = [*self._events, *found[:EVENTS]]
            self._history.refresh()

    @ui.refreshable_method
    def _log_list(self) -> None:
        with theme.block("sheet crop settings", "section", aria_label=_("Log files")):
            theme.text(_("Log files"), "section-title", "h2")
            theme.text(_("A requested log is listed here as soon as the agent has handed it over."), "hint", "p")
            if not self._logs:
                theme.text(_("No logs have been collected from this agent."), "muted")
            with theme.block("records", role="list"):
                for log in self._logs:
                    _log(log)

    @ui.refreshable_method
    def _history(self) -> None:
        event_history(self._events, _event, None if self._is_last else self._more, "crop")


def _log(log: LogView) -> None:
    with theme.block("record", role="listitem"):
        theme.icon("description")
        with theme.block("record-words"):
            theme.text(log.file_name, "strong clamp-one")
            who = log.requester or _("somebody who is gone")
            theme.text(_("{time} · requested by {name}", time=when(log.collected), name=who), "hint clamp-one")
        if visitor().may(Permission.FLEET_LOGS_DOWNLOAD):
            link = theme.icon_button("download", _("Download {name}", name=log.file_name))
            link.props["href"] = f"/api/v1/printer-logs/{log.id}/content"


def _event(event: AgentEventView) -> None:
    with theme.block("record", role="listitem"):
        state_mark(event.status)
        with theme.block("record-words"):
            with theme.block("plain-link", "a", href=f"/fleet-tasks/{event.task_id}"):
                theme.text(_(KINDS[event.kind].title), "strong")
            if event.reason:
                theme.text(message_text(event.reason), "hint")
        with theme.block("record-when"):
            theme.text(when(event.at), "ticket")
            theme.text(duration(event.at, event.ended) if event.ended else "", "ticket")
