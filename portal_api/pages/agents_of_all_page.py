"""The agents of all organizations of a partner, to be updated together (FL-57…FL-60)."""

from typing import Any

from nicegui import events, ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.agents.service import AgentView, list_agents_across
from fleet.tasks.bulk import start_bulk_task
from fleet.tasks.kinds import TaskKind
from fleet.tasks.service import NewTask
from portal_api.pages import theme
from portal_api.pages.agents_page import SECTIONS, status_chip
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown
from portal_api.pages.words import _


@portal_page("/agents/all", N_("Agents of all organizations"), Permission.FLEET_UPDATE_ACROSS, "agents")
async def agents_of_all() -> None:
    """The page."""
    AgentsOfAll(await ask(list_agents_across)).build()


class AgentsOfAll:
    """The open list, with those that are ticked."""

    def __init__(self, agents: list[tuple[str, AgentView]]) -> None:
        self._agents = agents
        self._chosen: set[str] = set()
        self._only_updates = False

    def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(
                _("Agents of all organizations"),
                _("Agents can be updated here together; for all else go to the organization."),
            )
            ui.space()
            theme.plain_button(_("One organization"), "apartment").props["href"] = "/agents"
        with theme.block("filters", role="search"):
            updates = ui.switch(_("Update available"))
            updates.on_value_change(self._choose_updates)
            self._button = theme.main_button(_("Update agents"), "upgrade")
            self._button.on_click(self._update)
            self._button.set_enabled(False)
        self._rows()

    def _choose_updates(self, event: events.ValueChangeEventArguments[Any]) -> None:
        self._only_updates = bool(event.value)
        self._chosen.clear()
        self._button.set_enabled(False)
        self._rows.refresh()

    @ui.refreshable_method
    def _rows(self) -> None:
        shown = [(name, view) for name, view in self._agents if view.has_update or not self._only_updates]
        with theme.block("sheet settings", "section", aria_label=_("Agents")), theme.block("records"):
            for organization, view in shown:
                self._row(organization, view)
            if not shown:
                theme.text(_("There is none here."), "muted")

    def _row(self, organization: str, view: AgentView) -> None:
        title, icon, _explanation = SECTIONS[view.kind]
        with theme.block("record-choice"):
            box = ui.checkbox()
            box.props["aria-label"] = _("Choose {name}", name=view.name)
            box.on_value_change(lambda event: self._tick(view.id, chosen=bool(event.value)))
            with theme.block("record"):
                theme.icon(icon)
                with theme.block("record-words"):
                    theme.text(view.name, "strong clamp-one")
                    theme.text(f"{organization} · {_(title)}", "muted clamp-one")
                with theme.block("record-when"):
                    status_chip(view)
                    theme.text(_("Version {version}", version=view.version or "–"), "ticket")

    def _tick(self, agent_id: str, *, chosen: bool) -> None:
        if chosen:
            self._chosen.add(agent_id)
        else:
            self._chosen.discard(agent_id)
        self._button.set_enabled(bool(self._chosen))

    async def _update(self) -> None:
        # Making the packages that are offered takes a while: the button is not to be pressed twice.
        self._button.set_enabled(False)
        self._button.props("loading")
        with faults_shown():
            task_id = await ask(start_bulk_task, NewTask(TaskKind.UPDATE_AGENT), sorted(self._chosen))
            ui.navigate.to(f"/fleet-tasks/{task_id}")
        self._button.props(remove="loading")
        self._button.set_enabled(bool(self._chosen))
