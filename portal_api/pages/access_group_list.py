"""Child-organization access groups: the list, making and deleting them (AC-72…AC-74)."""

from collections.abc import Sequence

from nicegui import ui

from connectors.messages import N_
from domain.organizations.access_groups import (
    AccessGroupView,
    create_access_group,
    delete_access_groups,
    list_access_groups,
)
from domain.organizations.permissions import Permission
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell, visitor
from portal_api.pages.widgets.chosen_list import ChosenList
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _


@portal_page("/access-groups", N_("Access groups"), Permission.ACCESS_GROUPS_VIEW, "access-groups")
async def access_groups() -> None:
    """The page."""
    groups = AccessGroups(may_choose=visitor().may(Permission.ACCESS_GROUPS_MANAGE))
    with theme.block("toolbar"):
        heading(
            _("Access groups"),
            _("Members of an access group work in every customer, those made later too, with the roles of the group."),
        )
        ui.space()
        if visitor().may(Permission.ACCESS_GROUPS_MANAGE):
            theme.main_button(_("Create"), "group_add").on_click(create_dialog)
    with theme.block("filters", role="search"):
        search = ui.input(on_change=lambda event: groups.find(event.value or ""))
        search.props("outlined dense clearable debounce=250").classes("search")
        search.props["placeholder"] = search.props["aria-label"] = _("Search for an access group")
    await groups.build()


class AccessGroups(ChosenList[AccessGroupView]):
    """The open list."""

    icon = "group_work"

    async def fetch(self, search: str, last: AccessGroupView | None) -> Sequence[AccessGroupView]:
        return await ask(list_access_groups, search, last.name if last else "", self.page_size)

    def key(self, entry: AccessGroupView) -> str:
        return entry.id

    def name(self, entry: AccessGroupView) -> str:
        return entry.name

    def nothing(self, search: str) -> str:
        if search.strip():
            return _("No access group has such a name.")
        return _("There are no access groups yet: nobody works in customers.")

    def row(self, entry: AccessGroupView) -> None:
        with theme.block("record-words plain-link", "a", href=f"/access-groups/{entry.id}"):
            theme.text(entry.name, "strong clamp-one")
            theme.text(", ".join(_(role) for role in entry.roles), "hint clamp")
        words = _("1 member") if entry.members == 1 else _("{count} members", count=entry.members)
        theme.chip(words, "quiet")

    def actions(self) -> None:
        theme.plain_button(_("Remove"), "delete").on_click(self._confirm)

    def _confirm(self) -> None:
        chosen = list(self.chosen)

        async def delete() -> None:
            with faults_shown():
                count = await ask(delete_access_groups, [group.id for group in chosen])
                tell(_("Removed: {count}", count=count))
            await self.load()

        named = ", ".join(group.name for group in chosen)
        lost = _("Their members stay in the organization, but reach customers no more by these groups.")
        confirm(_("Delete access groups?"), (named, lost), _("Delete group(s)"), delete)


def create_dialog() -> None:
    """Make an access group; the recommendation of AC-73 stands under the name."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Create an access group"), "dialog-title", "h2")
        name = ui.input(_("Name of the group")).props("outlined dense autofocus maxlength=100")
        theme.text(_("Give it a name that tells it from a normal group, such as “Access to customers: fleet”."), "hint")
        theme.text(_("It has Partner Administrator from the start, and no members."), "hint")

        async def create() -> None:
            with faults_shown():
                group = await ask(create_access_group, name.value or "")
                dialog.close()
                ui.navigate.to(f"/access-groups/{group.id}")

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Create group")).on_click(create)
        name.on("keydown.enter", create)
    dialog.on("hide", dialog.delete)
    dialog.open()
