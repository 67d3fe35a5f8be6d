"""Settings of several agents at once: log level and polling interval, with a warning about silent ones (FL-164)."""

from collections.abc import Sequence

from nicegui import ui

from fleet.agents.service import AgentView
from fleet.agents.settings import POLLING_MINUTES, LogLevel
from fleet.agents.status import AgentStatus
from fleet.agents.tasks import start_agent_task
from fleet.tasks.kinds import TaskKind
from fleet.tasks.service import NewTask
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown
from portal_api.pages.words import _


def settings_dialog(agents: Sequence[AgentView], log_levels: dict[str, str]) -> None:
    """Ask for the settings, and start the task that hands them out (F-14)."""
    silent = [one.name for one in agents if one.status is AgentStatus.SILENT]
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Edit settings"), "dialog-title", "h2")
        theme.text(_("{count} agents are chosen.", count=len(agents)), "hint")
        if silent:
            named = ", ".join(silent[:10])
            theme.text(_("Not communicating, and therefore not changed: {agents}", agents=named), "warning", "p")
        log_level = ui.select(log_levels, value=LogLevel.DETAILED.value, label=_("Log level")).props("outlined dense")
        polling = ui.number(_("Polling interval in minutes"), value=POLLING_MINUTES, min=1, max=43_200, precision=0)
        polling.props("outlined dense")

        async def start() -> None:
            with faults_shown():
                wanted = {"log_level": log_level.value, "polling_minutes": int(polling.value or 0)}
                new = NewTask(TaskKind.AGENT_SETTINGS, wanted)
                task_id = await ask(start_agent_task, new, [one.id for one in agents])
                ui.navigate.to(f"/fleet-tasks/{task_id}")

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Continue") if silent else _("Save changes")).on_click(start)
    dialog.open()
