"""What runs later: recurring tasks, what their last run did, and updates that wait for their time (FL-309, FL-516)."""

from typing import Any

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.printers.filter_groups import list_filter_groups
from fleet.printers.tags.service import list_tags
from fleet.schedules.models import RunFor
from fleet.schedules.service import delete_schedule, list_schedules, pause_schedule
from fleet.schedules.views import RECURRING, ScheduleView
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.listing import LARGEST_PAGE, FleetTaskFilter, FleetTaskView, list_fleet_tasks
from portal_api.pages import theme
from portal_api.pages.fleet_task_list import task_title
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, look_again, tell, visitor, when
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.recurrence_fields import rhythm
from portal_api.pages.widgets.schedule_dialog import RUN_FOR_TITLES, ScheduleDialog
from portal_api.pages.words import _

WAITING = FleetTaskFilter(waits=True, limit=LARGEST_PAGE)


@portal_page("/fleet/schedules", N_("Schedules"), Permission.FLEET_MANAGE, "fleet-schedules")
async def schedules() -> None:
    """The page."""
    await ScheduleList().build()


class ScheduleList:
    """The open list, with the choice of a type and of an issuer."""

    def __init__(self) -> None:
        self._found: list[ScheduleView] = []
        self._waiting: list[FleetTaskView] = []
        self._names: dict[str, str] = {}
        self._kind = self._issuer = ""

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Schedules"), _("Compliance is checked or enforced again and again, without anybody asking."))
            ui.space()
            if visitor().may(Permission.FLEET_CONFIGURE):
                theme.main_button(_("New schedule"), "add").on_click(self._create)
        await self._find()
        with theme.block("filters", role="search"):
            self._filters()
        self._list()

    async def _find(self) -> None:
        self._found = await look_again(list_schedules)
        self._waiting = await look_again(list_fleet_tasks, WAITING)
        self._names = {tag.id: tag.name for tag in await look_again(list_tags)}
        self._names |= {group.id: group.name for group in await look_again(list_filter_groups)}

    async def _show(self) -> None:
        await self._find()
        self._filters.refresh()
        self._list.refresh()

    @ui.refreshable_method
    def _filters(self) -> None:
        kinds = {kind.value: _(KINDS[kind].title) for kind in (*RECURRING, TaskKind.UPDATE_FIRMWARE)}
        self._choice("_kind", _("Type"), kinds)
        issuers = {schedule.issuer for schedule in self._found} | {task.issuer for task in self._waiting}
        named = sorted(issuers - {""}, key=str.casefold)
        self._choice("_issuer", _("Issuer"), dict(zip(named, named, strict=True)))

    def _choice(self, name: str, title: str, options: dict[str, str]) -> None:
        if getattr(self, name) not in options:
            setattr(self, name, "")

        def choose(event: Any) -> None:
            setattr(self, name, event.value or "")
            self._list.refresh()

        field = ui.select({"": _("All"), **options}, value=getattr(self, name), label=title, on_change=choose)
        field.props("outlined dense options-dense")

    def _is_chosen(self, kind: TaskKind, issuer: str) -> bool:
        return self._kind in ("", kind) and self._issuer in ("", issuer)

    async def _create(self) -> None:
        await ScheduleDialog(self._show).open()

    @ui.refreshable_method
    def _list(self) -> None:
        if not self._found:
            with theme.block("empty", role="status"):
                theme.icon("event_repeat")
                theme.text(_("There is no schedule yet."), "strong")
                theme.text(_("Make one to check every night whether printers are still set up as they should be."))
        shown = [view for view in self._found if self._is_chosen(view.form.kind, view.issuer)]
        with theme.block("records", role="list"):
            for view in shown:
                self._record(view)
        self._waiting_tasks()

    def _waiting_tasks(self) -> None:
        """What runs once, at its time: opened like every task, where it is stopped too."""
        shown = [task for task in self._waiting if self._is_chosen(task.kind, task.issuer)]
        if not shown:
            return
        theme.text(_("Once, later"), "section-title", "h2")
        with theme.block("records", role="list", aria_label=_("Once, later")):
            for task in shown:
                with theme.block("record", "a", href=f"/fleet-tasks/{task.id}", role="listitem"):
                    theme.icon("event")
                    with theme.block("record-words"):
                        theme.text(task_title(task), "strong clamp-one")
                        theme.text(_("Printers: {count}", count=task.total), "muted")
                    with theme.block("record-when"):
                        theme.text(when(task.starts), "ticket")
                        theme.text(task.issuer, "ticket")

    def _record(self, view: ScheduleView) -> None:
        with theme.block("record", role="listitem"):
            theme.icon("pause_circle" if view.is_paused else "event_repeat")
            with theme.block("record-words"):
                theme.text(view.form.name, "strong clamp-one")
                theme.text(f"{_(KINDS[view.form.kind].title)} · {rhythm(view.form)}", "muted clamp-one")
                theme.text(self._target(view), "muted clamp-one")
                if view.note is not None:
                    theme.text(_(view.note.template, **view.note.facts), "hint")
            with theme.block("record-when"):
                theme.chip(*_standing(view))
                theme.text(_last(view), "ticket")
                theme.text(view.issuer, "ticket")
            if visitor().may(Permission.FLEET_CONFIGURE):
                self._actions(view)

    def _target(self, view: ScheduleView) -> str:
        """Which printers it is for, tags and filter group by their names."""
        title, ids = _(RUN_FOR_TITLES[view.form.run_for]), view.form.tag_ids
        if view.form.run_for is RunFor.FILTER_GROUP:
            ids = (view.form.filter_group_id or "",)
        return f"{title}: {', '.join(self._names.get(one, '–') for one in ids)}" if ids else title

    def _actions(self, view: ScheduleView) -> None:
        async def change() -> None:
            await ScheduleDialog(self._show, view).open()

        async def pause() -> None:
            with faults_shown():
                await ask(pause_schedule, view.id, paused=not view.is_paused)
                await self._show()

        async def delete() -> None:
            with faults_shown():
                await ask(delete_schedule, view.id)
                tell(_("“{name}” is deleted.", name=view.form.name))
                await self._show()

        def ask_first() -> None:
            question = _("Delete “{name}”?", name=view.form.name)
            confirm(question, (_("Tasks that it has started go on."),), _("Delete"), delete)

        with theme.block("record-actions"):
            title = _("Continue “{name}”") if view.is_paused else _("Pause “{name}”")
            icon = "play_arrow" if view.is_paused else "pause"
            theme.icon_button(icon, title.replace("{name}", view.form.name)).on_click(pause)
            theme.icon_button("edit", _("Change “{name}”", name=view.form.name)).on_click(change)
            theme.icon_button("delete", _("Delete “{name}”", name=view.form.name)).on_click(ask_first)


def _standing(view: ScheduleView) -> tuple[str, str]:
    if view.is_paused:
        return _("Paused"), "off"
    if view.next_run is None:
        return _("Ended"), "off"
    return _("Next run {moment}", moment=when(view.next_run)), "good"


def _last(view: ScheduleView) -> str:
    if view.last_run is None:
        return _("It has not run yet.")
    return _("Last run {moment}, {count} printers", moment=when(view.last_run), count=view.last_count or 0)
