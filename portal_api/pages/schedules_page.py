"""Recurring fleet tasks: when they run, over which printers, what the last run did (FL-516)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.schedules.service import delete_schedule, list_schedules, pause_schedule
from fleet.schedules.views import ScheduleView
from fleet.tasks.kinds import KINDS
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, look_again, tell, visitor, when
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.recurrence_fields import rhythm
from portal_api.pages.widgets.schedule_dialog import RUN_FOR_TITLES, ScheduleDialog
from portal_api.pages.words import _


@portal_page("/fleet/schedules", N_("Schedules"), Permission.FLEET_MANAGE, "fleet-schedules")
async def schedules() -> None:
    """The page."""
    await ScheduleList().build()


class ScheduleList:
    """The open list."""

    def __init__(self) -> None:
        self._found: list[ScheduleView] = []

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Schedules"), _("Compliance is checked or enforced again and again, without anybody asking."))
            ui.space()
            if visitor().may(Permission.FLEET_CONFIGURE):
                theme.main_button(_("New schedule"), "add").on_click(self._create)
        self._found = await ask(list_schedules)
        self._list()

    async def _show(self) -> None:
        self._found = await look_again(list_schedules)
        self._list.refresh()

    async def _create(self) -> None:
        await ScheduleDialog(self._show).open()

    @ui.refreshable_method
    def _list(self) -> None:
        if not self._found:
            with theme.block("empty", role="status"):
                theme.icon("event_repeat")
                theme.text(_("There is no schedule yet."), "strong")
                theme.text(_("Make one to check every night whether printers are still set up as they should be."))
        with theme.block("records", role="list"):
            for view in self._found:
                self._record(view)

    def _record(self, view: ScheduleView) -> None:
        with theme.block("record", role="listitem"):
            theme.icon("pause_circle" if view.is_paused else "event_repeat")
            with theme.block("record-words"):
                theme.text(view.form.name, "strong clamp-one")
                theme.text(f"{_(KINDS[view.form.kind].title)} · {rhythm(view.form)}", "muted clamp-one")
                theme.text(_target(view), "muted clamp-one")
                if view.note is not None:
                    theme.text(_(view.note.template, **view.note.facts), "hint")
            with theme.block("record-when"):
                theme.chip(*_standing(view))
                theme.text(_last(view), "ticket")
            if visitor().may(Permission.FLEET_CONFIGURE):
                self._actions(view)

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


def _target(view: ScheduleView) -> str:
    return _(RUN_FOR_TITLES[view.form.run_for])


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
