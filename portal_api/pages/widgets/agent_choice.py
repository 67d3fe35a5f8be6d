"""Agents of one kind to choose from, and what can be done about the chosen ones (FL-49…FL-52, FL-164, FL-165)."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from nicegui import events, ui

from connectors.messages import N_
from fleet.agents.models import AgentKind
from fleet.agents.service import AgentView
from fleet.agents.settings import LogLevel
from fleet.agents.tasks import printers_of, start_agent_task
from fleet.tasks.kinds import TaskKind
from fleet.tasks.service import NewTask
from portal_api.pages import theme
from portal_api.pages.printer_actions import ChosenPrinters
from portal_api.pages.printer_menu.panel import credentials
from portal_api.pages.visit import ask, faults_shown
from portal_api.pages.widgets.agent_settings_dialog import settings_dialog
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _

LOG_LEVELS = {LogLevel.SUMMARY.value: N_("Summary"), LogLevel.DETAILED.value: N_("Detailed")}
CREDENTIALS = (TaskKind.UPDATE_CREDENTIALS, N_("Update agent credentials"), "key")
COMMANDS = {
    AgentKind.FLEET: (
        (TaskKind.UPDATE_AGENT, N_("Update agent"), "upgrade"),
        (TaskKind.UPDATE_LIBRARY, N_("Update printer support library"), "library_books"),
        (TaskKind.AGENT_LOG, N_("Request log"), "description"),
    ),
    AgentKind.NATIVE: (CREDENTIALS,),
    AgentKind.PRINTER: (
        (TaskKind.AGENT_SETTINGS, N_("Edit settings"), "tune"),
        (TaskKind.UPDATE_AGENT, N_("Update agent"), "upgrade"),
        CREDENTIALS,
    ),
    AgentKind.LOCAL: (
        (TaskKind.AGENT_SETTINGS, N_("Edit settings"), "tune"),
        (TaskKind.UPDATE_AGENT, N_("Update agent"), "upgrade"),
        (TaskKind.AGENT_LOG, N_("Request log"), "description"),
    ),
}
"""What can be done about agents of a kind; native agents are firmware and have credentials only (FL-41)."""


class AgentChoiceBar:
    """The agents of one kind with boxes to tick; the commands count for those that are ticked."""

    def __init__(self, kind: AgentKind, agents: Sequence[AgentView]) -> None:
        self._kind, self._agents = kind, agents
        self._chosen: dict[str, AgentView] = {}
        self._buttons: list[ui.button] = []

    def build(self, show: Callable[[AgentView], None]) -> None:
        """Lay it out; `show` shows one agent."""
        commands = COMMANDS.get(self._kind, ())
        with theme.block("records"):
            for view in self._agents:
                if commands and not view.is_built_in:
                    self._to_tick(view, show)
                else:
                    show(view)
        if commands and any(not view.is_built_in for view in self._agents):
            with theme.block("dialog-actions"):
                for kind, title, icon in commands:
                    button = theme.plain_button(_(title), icon)
                    button.on_click(lambda kind=kind, title=title: self._start(kind, _(title)))
                    self._buttons.append(button)
            self._show()

    def _to_tick(self, view: AgentView, show: Callable[[AgentView], None]) -> None:
        with theme.block("record-choice"):
            box = ui.checkbox()
            box.props["aria-label"] = _("Choose {name}", name=view.name)
            box.on_value_change(lambda event: self._tick(view, event))
            show(view)

    def _tick(self, view: AgentView, event: events.ValueChangeEventArguments[Any]) -> None:
        if event.value:
            self._chosen[view.id] = view
        else:
            self._chosen.pop(view.id, None)
        self._show()

    def _show(self) -> None:
        for button in self._buttons:
            button.set_enabled(bool(self._chosen))

    async def _start(self, kind: TaskKind, title: str) -> None:
        chosen = list(self._chosen.values())
        if kind is TaskKind.UPDATE_CREDENTIALS:
            await update_credentials_of(chosen)
            return
        if kind is TaskKind.AGENT_SETTINGS:
            settings_dialog(chosen, {value: _(text) for value, text in LOG_LEVELS.items()})
            return

        async def act() -> None:
            with faults_shown():
                task_id = await ask(start_agent_task, NewTask(kind), [view.id for view in chosen])
                ui.navigate.to(f"/fleet-tasks/{task_id}")

        confirm(title, (", ".join(view.name for view in chosen[:20]),), _("Continue"), act, icon="upgrade")


async def update_credentials_of(agents: Sequence[AgentView]) -> None:
    """Ask how the agents sign in to their printers, and have it tried and kept (FL-106, FL-155)."""
    with faults_shown():
        ids = await ask(printers_of, [agent.id for agent in agents])
        await credentials(ChosenPrinters(len(ids), partial(_kept, ids), _nothing_to_show))


async def _kept(ids: Sequence[str]) -> Sequence[str]:
    return ids


async def _nothing_to_show() -> None:
    """The page of agents shows nothing of what becomes of credentials."""
