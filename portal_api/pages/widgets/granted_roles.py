"""The roles granted somewhere: the list, assigning more, removing some (AC-61, AC-62, AC-68, AC-74)."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from nicegui import ui

from domain.organizations.grants import Level
from domain.organizations.roles import FACTS, Role
from portal_api.pages import theme
from portal_api.pages.visit import faults_shown, tell
from portal_api.pages.widgets.chosen_list import ChosenList
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.role_picker import pick_roles
from portal_api.pages.words import _


@dataclass(frozen=True, slots=True)
class RoleGrants:
    """Where the roles are granted. `holder` says who has them, `fixed` are those that cannot be removed.

    `read` gives the labels of the roles granted and those among them that have no effect now, with the reason; `give`
    and `take` raise faults.
    """

    level: Level
    holder: str
    read: Callable[[], Awaitable[dict[str, str]]]
    give: Callable[[list[str]], Awaitable[object]]
    take: Callable[[list[str]], Awaitable[object]]
    may_change: bool
    fixed: Collection[str] = ()


class GrantedRoles(ChosenList[str]):
    """The open list. The notes tell why a role has no effect now."""

    icon = "shield_person"
    page_size = 0

    def __init__(self, grants: RoleGrants) -> None:
        super().__init__(may_choose=grants.may_change)
        self._grants = grants
        self._notes: dict[str, str] = {}

    def assign_button(self) -> None:
        """The button that opens the picker; for whoever may change something."""
        if self._grants.may_change:
            theme.main_button(_("Assign"), "add_moderator").on_click(self._pick)

    async def fetch(self, search: str, last: str | None) -> Sequence[str]:
        self._notes = await self._grants.read()
        return list(self._notes)

    def key(self, entry: str) -> str:
        return entry

    def name(self, entry: str) -> str:
        return _(entry)

    def nothing(self, search: str) -> str:
        return _("No roles are assigned here.")

    def can_be_chosen(self, entry: str) -> bool:
        return entry not in self._grants.fixed

    def row(self, entry: str) -> None:
        facts = FACTS.get(Role(entry)) if entry in set(Role) else None
        with theme.block("record-words"):
            theme.text(_(entry), "strong")
            theme.text(_(facts.essence) if facts else _("A role of a former release; it has no effect."), "hint")
        if note := self._notes.get(entry):
            theme.chip(note, "dry")
        if entry in self._grants.fixed:
            theme.chip(_("Always there"), "quiet")
        if facts:
            theme.chip(_(facts.product), "quiet")

    def actions(self) -> None:
        theme.plain_button(_("Remove"), "delete").on_click(self._confirm)

    async def _pick(self) -> None:
        with faults_shown():
            await pick_roles(self._grants.level, self.entries, self._give)

    async def _give(self, roles: list[str]) -> bool:
        with faults_shown():
            await self._grants.give(roles)
            tell(_("The roles are assigned."))
            await self.load()
            return True
        return False

    def _confirm(self) -> None:
        roles = list(self.chosen)

        async def take() -> None:
            with faults_shown():
                await self._grants.take(roles)
                tell(_("The roles are removed."))
            await self.load()

        named = ", ".join(_(role) for role in roles)
        loses = _("{holder} loses: {roles}.", holder=self._grants.holder, roles=named)
        kept = _("Who has one of these roles from elsewhere keeps it.")
        confirm(_("Remove roles?"), (loses, kept), _("Remove roles"), take)


def role_section(title: str, hint: str, roles: GrantedRoles) -> None:
    """The heading of a list of roles with its button."""
    with theme.block("toolbar"):
        with theme.block("heading"):
            theme.text(title, "section-title", "h2")
            theme.text(hint, "hint")
        ui.space()
        roles.assign_button()
