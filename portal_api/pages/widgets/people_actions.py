"""What can be done with several people at once: let in, shut out, group, give roles, delete (AC-83, AC-85)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui import ui

from domain.organizations.grants import Level
from domain.organizations.models import UserStatus
from domain.organizations.permissions import Permission
from domain.people.deletion import delete_people
from domain.people.groups import add_to_group, list_groups
from domain.people.listing import PersonView
from domain.people.roles import give_people_roles
from domain.people.service import set_status
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell, visitor
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.role_picker import pick_roles
from portal_api.pages.words import _


class PeopleActions:
    """The buttons for whom `chosen` gives; `done` shows the list anew."""

    def __init__(self, chosen: Callable[[], Sequence[PersonView]], done: Callable[[], Awaitable[None]]) -> None:
        self._chosen, self._done = chosen, done
        self._for_status: dict[UserStatus, ui.button] = {}

    def build(self) -> None:
        """Lay out what the visitor may do with people, once."""
        actor = visitor()
        if actor.may(Permission.GROUPS_EDIT):
            self._button(_("Add to a group"), "group_add", self._choose_group)
        if actor.may(Permission.ROLES_USER_ASSIGN):
            self._button(_("Assign roles"), "add_moderator", self._choose_roles)
        if actor.may(Permission.USERS_EDIT):
            self._for_status = {
                UserStatus.DEACTIVATED: self._button(_("Activate"), "person_check", self._activate),
                UserStatus.ACTIVE: self._button(_("Deactivate"), "person_off", self._deactivate),
            }
        if actor.may(Permission.USERS_DELETE):
            self._button(_("Remove"), "delete", self._delete)

    def fit(self) -> None:
        """Others are chosen now: show the buttons that somebody among them is right for."""
        found = {person.status for person in self._chosen()}
        for status, button in self._for_status.items():
            button.set_visibility(status in found)

    def _button(self, title: str, icon: str, act: Callable[[Sequence[PersonView]], Any]) -> ui.button:
        return theme.plain_button(title, icon).on_click(lambda: act(self._chosen()))

    async def _activate(self, people: Sequence[PersonView]) -> None:
        with faults_shown():
            await ask(set_status, _ids(people), UserStatus.ACTIVE)
            tell(_("They can sign in again."))
        await self._done()

    def _deactivate(self, people: Sequence[PersonView]) -> None:
        async def deactivate() -> None:
            with faults_shown():
                await ask(set_status, _ids(people), UserStatus.DEACTIVATED)
                tell(_("Deactivated: {count}", count=len(people)))
            await self._done()

        text = _("They are signed out everywhere at once and cannot sign in until they are activated again.")
        confirm(_("Deactivate people?"), (_named(people), text), _("Deactivate"), deactivate, icon="person_off")

    def _delete(self, people: Sequence[PersonView]) -> None:
        async def delete() -> None:
            with faults_shown():
                await ask(delete_people, _ids(people))
                tell(_("Removed: {count}", count=len(people)))
            await self._done()

        text = _(
            "Names and addresses go for good, with badges, PINs and personal solutions. What was counted stays under "
            "a pseudonym."
        )
        confirm(_("Remove users?"), (_named(people), text), _("Remove users"), delete)

    async def _choose_roles(self, people: Sequence[PersonView]) -> None:
        async def give(roles: list[str]) -> bool:
            with faults_shown():
                await ask(give_people_roles, _ids(people), roles)
                tell(_("The roles are assigned."))
                await self._done()
                return True
            return False

        with faults_shown():
            await pick_roles(Level.USER, (), give)

    async def _choose_group(self, people: Sequence[PersonView]) -> None:
        with faults_shown():
            groups = {group.id: _(group.name) for group in await ask(list_groups)}
            group_dialog(groups, lambda group_id: self._add(group_id, people))

    async def _add(self, group_id: str, people: Sequence[PersonView]) -> None:
        with faults_shown():
            count = await ask(add_to_group, group_id, _ids(people))
            tell(_("Added: {count}", count=count))
        await self._done()


def group_dialog(groups: dict[str, str], add: Callable[[str], Awaitable[None]]) -> None:
    """Choose one of the groups, by id and name."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Add to a group"), "dialog-title", "h2")
        chosen = ui.select(groups, label=_("Group"), with_input=len(groups) > 12).props("outlined dense")
        theme.text(_("They get the roles of the group at once."), "hint")

        async def go_on() -> None:
            if chosen.value:
                dialog.close()
                await add(str(chosen.value))

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Add"), "group_add").on_click(go_on)
    dialog.on("hide", dialog.delete)
    dialog.open()


def _ids(people: Sequence[PersonView]) -> list[str]:
    return [person.id for person in people]


def _named(people: Sequence[PersonView]) -> str:
    return ", ".join(person.email for person in people)
