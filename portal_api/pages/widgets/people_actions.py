"""What can be done with several people at once: let in, shut out, group, give roles, delete (AC-83, AC-85)."""

from collections.abc import Awaitable, Callable, Sequence

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
    """The buttons; `done` shows the list anew."""

    def __init__(self, done: Callable[[], Awaitable[None]]) -> None:
        self._done = done

    def buttons(self, people: Sequence[PersonView]) -> None:
        """Lay out what the visitor may do with these people."""
        actor = visitor()
        if actor.may(Permission.GROUPS_EDIT):
            theme.plain_button(_("Add to a group"), "group_add").on_click(lambda: self._choose_group(people))
        if actor.may(Permission.ROLES_USER_ASSIGN):
            theme.plain_button(_("Assign roles"), "add_moderator").on_click(lambda: self._choose_roles(people))
        if actor.may(Permission.USERS_EDIT):
            if any(person.status is UserStatus.DEACTIVATED for person in people):
                theme.plain_button(_("Activate"), "person_check").on_click(lambda: self._activate(people))
            if any(person.status is UserStatus.ACTIVE for person in people):
                theme.plain_button(_("Deactivate"), "person_off").on_click(lambda: self._deactivate(people))
        if actor.may(Permission.USERS_DELETE):
            theme.plain_button(_("Remove"), "delete").on_click(lambda: self._delete(people))

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
