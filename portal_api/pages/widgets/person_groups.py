"""The groups of one person: the list, joining one, leaving some (AC-67, AC-81)."""

from collections.abc import Sequence

from nicegui import ui

from domain.organizations.models import GroupKind
from domain.organizations.permissions import Permission
from domain.people.groups import add_to_group, list_groups, remove_from_group
from domain.people.listing import GroupName
from domain.people.service import get_person
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell, visitor
from portal_api.pages.widgets.chosen_list import ChosenList
from portal_api.pages.widgets.people_actions import group_dialog
from portal_api.pages.words import _


class PersonGroups(ChosenList[GroupName]):
    """The open list."""

    icon = "group"
    page_size = 0

    def __init__(self, user_id: str, *, may_change: bool) -> None:
        super().__init__(may_choose=may_change and visitor().may(Permission.GROUPS_EDIT))
        self._user_id = user_id

    async def build(self) -> None:
        with theme.block("toolbar"):
            theme.text(_("Groups"), "section-title", "h2")
            ui.space()
            if self._may_choose:
                theme.main_button(_("Add to a group"), "group_add").on_click(self._open)
        await super().build()

    async def fetch(self, search: str, last: GroupName | None) -> Sequence[GroupName]:
        return (await ask(get_person, self._user_id)).view.groups

    def key(self, entry: GroupName) -> str:
        return entry.id

    def name(self, entry: GroupName) -> str:
        return _(entry.name)

    def nothing(self, search: str) -> str:
        return _("The person is in no group.")

    def can_be_chosen(self, entry: GroupName) -> bool:
        return entry.kind is not GroupKind.CHILD_ACCESS

    def row(self, entry: GroupName) -> None:
        folder = "access-groups" if entry.kind is GroupKind.CHILD_ACCESS else "groups"
        with theme.block("record-words plain-link", "a", href=f"/{folder}/{entry.id}"):
            theme.text(_(entry.name), "strong clamp-one")
        if entry.kind is GroupKind.CHILD_ACCESS:
            theme.chip(_("Access to customers"), "quiet")

    def actions(self) -> None:
        theme.plain_button(_("Leave"), "group_remove").on_click(self._leave)

    async def _leave(self) -> None:
        with faults_shown():
            for group in self.chosen:
                await ask(remove_from_group, group.id, [self._user_id])
            tell(_("The groups are changed."))
        await self.load()

    async def _open(self) -> None:
        with faults_shown():
            inside = {group.id for group in self.entries}
            groups = {one.id: _(one.name) for one in await ask(list_groups) if one.id not in inside}
            group_dialog(groups, self._join)

    async def _join(self, group_id: str) -> None:
        with faults_shown():
            await ask(add_to_group, group_id, [self._user_id])
            tell(_("The groups are changed."))
        await self.load()
