"""Notification policies: who is told by mail when supplies run low or printers and agents fall silent (section 32)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.notifications.models import PolicyKind
from fleet.notifications.policies import PolicyView, delete_policies, list_policies
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, look_again, tell
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.policy_dialog import KIND_TITLES, TYPE_TITLES, PolicyDialog
from portal_api.pages.words import _

EXPLAINED = {
    PolicyKind.SUPPLIES: N_("By every reading: as soon as a level falls to the threshold, once until it has risen."),
    PolicyKind.PRINTERS: N_("Once a day: printers without data or contact for some days."),
    PolicyKind.AGENTS: N_("Once a day: fleet agents without contact for some days."),
}
ICONS = {PolicyKind.SUPPLIES: "water_drop", PolicyKind.PRINTERS: "print_disabled", PolicyKind.AGENTS: "sensors_off"}


@portal_page("/fleet/policies", N_("Notification policies"), Permission.FLEET_MANAGE, "fleet-policies")
async def notification_policies() -> None:
    """The page."""
    await PolicyList().build()


class PolicyList:
    """The open list, by kind."""

    def __init__(self) -> None:
        self._found: list[PolicyView] = []

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Notification policies"), _("Who gets mail before the toner runs out or a printer is missed."))
            ui.space()
            theme.plain_button(_("Notification history"), "history").props["href"] = "/fleet/notifications"
            theme.main_button(_("New policy"), "add").on_click(self._create)
        self._found = await ask(list_policies)
        self._list()

    async def _show(self) -> None:
        self._found = await look_again(list_policies)
        self._list.refresh()

    async def _create(self) -> None:
        await PolicyDialog(self._show).open()

    @ui.refreshable_method
    def _list(self) -> None:
        if not self._found:
            with theme.block("empty", role="status"):
                theme.icon("notifications_off")
                theme.text(_("There is no policy yet."), "strong")
                theme.text(_("Make one to be told when toner falls to ten percent."))
        for kind in PolicyKind:
            of_kind = [view for view in self._found if view.form.kind is kind]
            if of_kind:
                theme.text(_(KIND_TITLES[kind]), "section-title", "h2")
                theme.text(_(EXPLAINED[kind]), "hint")
                with theme.block("records", role="list"):
                    for view in of_kind:
                        self._record(view)

    def _record(self, view: PolicyView) -> None:
        form = view.form
        with theme.block("record", role="listitem"):
            theme.icon(ICONS[form.kind])
            with theme.block("record-words"):
                theme.text(form.name, "strong clamp-one")
                types = ", ".join(_(TYPE_TITLES[one]) for one in form.types)
                limit = (
                    _("{percent} % or less", percent=form.threshold)
                    if form.kind is PolicyKind.SUPPLIES
                    else _("{days} days or more", days=form.threshold)
                )
                theme.text(f"{types} · {limit}", "muted clamp-one")
                theme.text(", ".join(form.recipients), "muted clamp-one")
            self._actions(view)

    def _actions(self, view: PolicyView) -> None:
        name = view.form.name

        async def change() -> None:
            await PolicyDialog(self._show, view).open()

        async def copy() -> None:
            await PolicyDialog(self._show, view, is_copy=True).open()

        async def delete() -> None:
            with faults_shown():
                await ask(delete_policies, [view.id])
                tell(_("“{name}” is deleted.", name=name))
                await self._show()

        def ask_first() -> None:
            question = _("Delete “{name}”?", name=name)
            confirm(question, (_("Nobody gets mail by it any more; the history stays."),), _("Delete"), delete)

        with theme.block("record-actions"):
            theme.icon_button("edit", _("Change “{name}”", name=name)).on_click(change)
            theme.icon_button("content_copy", _("Duplicate “{name}”", name=name)).on_click(copy)
            theme.icon_button("delete", _("Delete “{name}”", name=name)).on_click(ask_first)
