"""One person: facts, roles with where they come from, groups, sign-in, history (AC-81…AC-85, AC-116, AC-117)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.grants import Level
from domain.organizations.models import UserStatus
from domain.organizations.permissions import Permission
from domain.people.deletion import delete_people
from domain.people.fields import TITLES
from domain.people.memberships import membership_history
from domain.people.roles import give_people_roles, take_people_roles
from domain.people.service import PersonDetails, change_person, get_person, set_status
from domain.what_works.service import areas_of_person
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell, visitor, when
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.granted_roles import GrantedRoles, RoleGrants, role_section
from portal_api.pages.widgets.person_dialogs import person_fields
from portal_api.pages.widgets.person_groups import PersonGroups
from portal_api.pages.widgets.person_sign_in import PersonSignIn
from portal_api.pages.widgets.role_sources import role_sources
from portal_api.pages.widgets.what_works import what_works
from portal_api.pages.words import _, message_text


@portal_page("/people/{user_id}", N_("Person"), Permission.USERS_VIEW, "people")
async def person(user_id: str) -> None:
    """The page of one person."""
    await PersonPage(await ask(get_person, user_id)).build()


class PersonPage:
    """The open page. Who has no power over the person sees the same and changes nothing (AC-46)."""

    def __init__(self, details: PersonDetails) -> None:
        self._details, self._view = details, details.view
        self._may_change = details.may_change

    async def build(self) -> None:
        """Lay out the page."""
        view = self._view
        with theme.block("toolbar"):
            heading(view.name or f"{view.first_name} {view.last_name}".strip() or view.email, view.email)
            if view.status is UserStatus.DEACTIVATED:
                theme.chip(_("Deactivated"), "dry")
            ui.space()
            self._buttons()
        if not self._may_change and visitor().may(Permission.USERS_EDIT):
            with theme.block("warning", role="note"):
                theme.icon("lock")
                theme.text(_("Only an Organization Administrator can change this person."))
        with theme.block("form-sheets"):
            self._facts()
            await self._roles()
            await self._works()
            with theme.block("sheet settings", "section", aria_label=_("Groups")):
                await PersonGroups(view.id, may_change=self._may_change).build()
            await PersonSignIn(self._details).build()
            await self._history()

    def _buttons(self) -> None:
        if not self._may_change or self._view.id == visitor().user_id:
            return
        if self._view.status is UserStatus.ACTIVE:
            theme.plain_button(_("Deactivate"), "person_off").on_click(self._deactivate)
        else:
            theme.plain_button(_("Activate"), "person_check").on_click(self._activate)
        if visitor().may(Permission.USERS_DELETE):
            theme.plain_button(_("Remove"), "delete").on_click(self._delete)

    def _facts(self) -> None:
        values = {name: str(getattr(self._view, name)) for name in TITLES}
        with theme.block("sheet settings", "section", aria_label=_("Personal information")):
            theme.text(_("Personal information"), "section-title", "h2")
            fields = person_fields(values, enabled=self._may_change)
            if self._details.custom_attributes:
                theme.text(_("Custom attributes"), "field-title")
                with theme.block("facts", "dl"):
                    for key, value in self._details.custom_attributes.items():
                        theme.text(key, "ticket", "dt")
                        theme.text(value, "", "dd")
            if not self._may_change:
                return
            theme.text(
                _("Quotas and assignments name departments and cost centres exactly: check them after a change."),
                "hint",
            )

            async def save() -> None:
                given = {name: field.value or "" for name, field in fields.items() if field.value != values[name]}
                with faults_shown():
                    changed = await ask(change_person, self._view.id, given)
                    tell(_("The changes are saved."))
                    if not changed.warnings:
                        ui.navigate.reload()
                    for one in changed.warnings:
                        ui.notify(message_text(one), type="warning", timeout=0, close_button=_("Close"))

            with theme.block("dialog-actions"):
                theme.main_button(_("Save"), "save").on_click(save)

    async def _roles(self) -> None:
        with theme.block("sheet settings", "section", aria_label=_("Roles")):
            roles = GrantedRoles(self._grants())
            role_section(_("Assigned roles"), _("Roles of this person only, whatever the groups give."), roles)
            await roles.build()
            role_sources(self._details.effective_roles)

    async def _works(self) -> None:
        with theme.block("sheet settings", "section", aria_label=_("What works")):
            theme.text(_("What works"), "section-title", "h2")
            theme.text(_("What the person can do, and what they are told where something is in the way."), "hint")
            what_works(await ask(areas_of_person, self._view.id))

    def _grants(self) -> RoleGrants:
        user_id = self._view.id

        async def read() -> dict[str, str]:
            details = await ask(get_person, user_id)
            lacking = {one.role.value for one in details.effective_roles if one.lacking}
            return {role: _("Service missing") if role in lacking else "" for role in details.own_roles}

        async def give(labels: list[str]) -> None:
            await ask(give_people_roles, [user_id], labels)

        async def take(labels: list[str]) -> None:
            await ask(take_people_roles, [user_id], labels)

        may_change = self._may_change and visitor().may(Permission.ROLES_USER_ASSIGN)
        return RoleGrants(Level.USER, self._view.email, read, give, take, may_change=may_change)

    async def _history(self) -> None:
        periods = await ask(membership_history, self._view.id)
        if not periods:
            return
        with theme.block("sheet settings", "section", aria_label=_("Departments and cost centres")):
            theme.text(_("Departments and cost centres"), "section-title", "h2")
            with theme.block("records", role="list"):
                for one in periods:
                    with theme.block("record", role="listitem"):
                        with theme.block("record-words"):
                            theme.text(one.name, "strong clamp-one")
                            theme.text(_(TITLES[one.kind.value]), "hint")
                        theme.text(f"{when(one.begin)} – {when(one.end) if one.end else ''}", "ticket")

    async def _activate(self) -> None:
        with faults_shown():
            await ask(set_status, [self._view.id], UserStatus.ACTIVE)
            ui.navigate.reload()

    def _deactivate(self) -> None:
        async def deactivate() -> None:
            with faults_shown():
                await ask(set_status, [self._view.id], UserStatus.DEACTIVATED)
                ui.navigate.reload()

        text = _("They are signed out everywhere at once and cannot sign in until they are activated again.")
        confirm(_("Deactivate people?"), (self._view.email, text), _("Deactivate"), deactivate, icon="person_off")

    def _delete(self) -> None:
        async def delete() -> None:
            with faults_shown():
                await ask(delete_people, [self._view.id])
                ui.navigate.to("/people")

        text = _(
            "Names and addresses go for good, with badges, PINs and personal solutions. What was counted stays under "
            "a pseudonym."
        )
        confirm(_("Remove users?"), (text,), _("Remove users"), delete, typed=self._view.email)
