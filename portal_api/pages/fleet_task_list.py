"""Fleet tasks: what was started over printers, how far it is, and how it ended (FL-480, FL-481)."""

from typing import Any

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.printers.listing import organizations_in_scope
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.listing import FleetTaskFilter, FleetTaskView, issuers, list_fleet_tasks
from fleet.tasks.status import TASK_TITLES, TaskStatus
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, visitor, when
from portal_api.pages.widgets.moving_list import MovingList
from portal_api.pages.widgets.states import state_mark
from portal_api.pages.words import _

EVERY = 2.0
"""Seconds between two looks at tasks that are not finished."""


@portal_page("/fleet-tasks", N_("Fleet tasks"), Permission.FLEET_MANAGE, "fleet-tasks")
async def fleet_tasks() -> None:
    """The tasks of the organization that one works in, or of all."""
    await FleetTaskList().build()


class FleetTaskList(MovingList[FleetTaskView]):
    """The open list."""

    def __init__(self) -> None:
        super().__init__(list_fleet_tasks, FleetTaskFilter(), EVERY)

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Tasks"), _("Everything that was started over printers and agents, with its result for each."))
            ui.space()
            if visitor().may(Permission.FLEET_ALL_ORGANIZATIONS):
                ui.switch(_("All organizations"), on_change=lambda event: self._across(is_across=bool(event.value)))
        people = await ask(issuers)
        with theme.block("filters", role="search"):
            self._select(_("Type"), {kind.value: _(facts.title) for kind, facts in KINDS.items()}, self._kind)
            self._select(_("Status"), {status.value: _(title) for status, title in TASK_TITLES.items()}, self._status)
            if people:
                self._select(_("Issuer"), people, self._issuer)
            if visitor().may(Permission.FLEET_ALL_ORGANIZATIONS):
                places = await ask(organizations_in_scope)
                field = self._select(_("Organization"), places, self._organization)
                field.bind_visibility_from(self, "is_across")
        await self.begin()

    @property
    def is_across(self) -> bool:
        """Whether tasks of all organizations are shown."""
        return bool(self._filter.across)

    def is_final(self, view: FleetTaskView) -> bool:
        """Whether the task has ended."""
        return view.status.is_final

    def row(self, view: FleetTaskView) -> None:
        """One task."""
        _row(view, across=self.is_across)

    def _select(self, title: str, options: dict[str, str], take: Any) -> ui.select:
        select = ui.select({"": _("All"), **options}, value="", label=title, with_input=len(options) > 12)
        select.props("outlined dense options-dense")
        select.on_value_change(lambda event: take(event.value or ""))
        return select

    async def _kind(self, value: str) -> None:
        await self.choose(kind=TaskKind(value) if value else None)

    async def _status(self, value: str) -> None:
        await self.choose(status=TaskStatus(value) if value else None)

    async def _issuer(self, value: str) -> None:
        await self.choose(issuer_id=value)

    async def _organization(self, value: str) -> None:
        await self.choose(organization_id=value)

    async def _across(self, *, is_across: bool) -> None:
        await self.choose(across=is_across, organization_id="")


def _row(task: FleetTaskView, *, across: bool) -> None:
    is_here = task.is_bulk or task.organization_id == visitor().organization_id
    link = {"href": f"/fleet-tasks/{task.id}"} if is_here else {}
    with theme.block("record", "a" if is_here else "div", role="listitem", **link):
        state_mark(task.status)
        with theme.block("record-words"):
            theme.text(task_title(task), "strong clamp-one")
            theme.text(progress_text(task), "hint clamp-one")
        ui.space()
        if across or task.is_bulk:
            theme.text(_("Multiple") if task.is_bulk else task.organization, "hint")
        with theme.block("record-when"):
            theme.text(when(task.created), "ticket")
            theme.text(task.issuer or (_("Schedule") if task.schedule_id else ""), "ticket")


def task_title(task: FleetTaskView) -> str:
    """What the task does, with its name where it has one."""
    title = _(KINDS[task.kind].title)
    return f"{title}: {task.name}" if task.name else title


def progress_text(task: FleetTaskView) -> str:
    """How many of its jobs have ended."""
    return _("{done} of {total}", done=task.done, total=task.total)
