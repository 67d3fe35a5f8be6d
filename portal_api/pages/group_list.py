"""The groups of the organization: the list, making and deleting them (AC-64…AC-66)."""

from collections.abc import Sequence

from nicegui import ui

from connectors.messages import N_
from domain.organizations.models import GroupKind
from domain.organizations.permissions import Permission
from domain.people.groups import GroupView, create_group, delete_groups, list_groups
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell, visitor
from portal_api.pages.widgets.chosen_list import ChosenList
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _


@portal_page("/groups", N_("Groups"), Permission.GROUPS_VIEW, "groups")
async def groups() -> None:
    """The page."""
    listed = Groups(may_choose=visitor().may(Permission.GROUPS_DELETE))
    with theme.block("toolbar"):
        heading(_("Groups"), _("People who share roles."))
        ui.space()
        if visitor().may(Permission.GROUPS_CREATE):
            theme.main_button(_("Create"), "group_add").on_click(create_dialog)
    with theme.block("filters", role="search"):
        search = ui.input(on_change=lambda event: listed.find(event.value or ""))
        search.props("outlined dense clearable debounce=250").classes("search")
        search.props["placeholder"] = search.props["aria-label"] = _("Search for a group")
    await listed.build()


class Groups(ChosenList[GroupView]):
    """The open list; there are few enough groups for one page."""

    icon = "group"
    page_size = 0

    async def fetch(self, search: str, last: GroupView | None) -> Sequence[GroupView]:
        return await ask(list_groups, search)

    def key(self, entry: GroupView) -> str:
        return entry.id

    def name(self, entry: GroupView) -> str:
        return shown_name(entry)

    def nothing(self, search: str) -> str:
        return _("No group has such a name.")

    def can_be_chosen(self, entry: GroupView) -> bool:
        return entry.kind is not GroupKind.PREDEFINED

    def row(self, entry: GroupView) -> None:
        with theme.block("record-words plain-link", "a", href=f"/groups/{entry.id}"):
            theme.text(shown_name(entry), "strong clamp-one")
            theme.text(", ".join(_(role) for role in entry.roles), "hint clamp")
        if entry.kind is GroupKind.PREDEFINED:
            theme.chip(_("Predefined"), "quiet")
        theme.chip(_("1 member") if entry.members == 1 else _("{count} members", count=entry.members), "quiet")

    def actions(self) -> None:
        theme.plain_button(_("Remove"), "delete").on_click(self._confirm)

    def _confirm(self) -> None:
        chosen = list(self.chosen)

        async def delete() -> None:
            with faults_shown():
                await ask(delete_groups, [group.id for group in chosen])
                tell(_("Removed: {count}", count=len(chosen)))
            await self.load()

        named = ", ".join(group.name for group in chosen)
        lost = _("Their members stay in the organization and lose the roles that the groups gave them.")
        confirm(_("Delete groups?"), (named, lost), _("Delete group(s)"), delete)


def shown_name(group: GroupView) -> str:
    """What a group is called: predefined ones in the reader's language."""
    return _(group.name) if group.kind is GroupKind.PREDEFINED else group.name


def create_dialog() -> None:
    """Make a group (AC-65)."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Create a group"), "dialog-title", "h2")
        name = ui.input(_("Name of the group")).props("outlined dense autofocus maxlength=100")
        theme.text(_("Letters, digits and spaces; no comma and none of ! @ # $ % ^ & * ; + ? / \\ [ ]."), "hint")

        async def create() -> None:
            with faults_shown():
                group = await ask(create_group, name.value or "")
                dialog.close()
                ui.navigate.to(f"/groups/{group.id}")

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Create group")).on_click(create)
        name.on("keydown.enter", create)
    dialog.on("hide", dialog.delete)
    dialog.open()
