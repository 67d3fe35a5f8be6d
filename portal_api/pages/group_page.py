"""One group: its members and its roles (AC-67, AC-68)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.grants import Level
from domain.organizations.models import GroupKind
from domain.organizations.permissions import Permission
from domain.people.groups import (
    GroupView,
    add_to_group,
    get_group,
    give_group_roles,
    list_members,
    people_to_add,
    remove_from_group,
    rename_group,
    take_group_roles,
)
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.group_list import shown_name
from portal_api.pages.visit import ask, faults_shown, visitor
from portal_api.pages.widgets.granted_roles import GrantedRoles, RoleGrants, role_section
from portal_api.pages.widgets.group_members import MemberList, MemberServices
from portal_api.pages.words import _

SERVICES = MemberServices(list_members, people_to_add, add_to_group, remove_from_group)


@portal_page("/groups/{group_id}", N_("Group"), Permission.GROUPS_VIEW, "groups")
async def group(group_id: str) -> None:
    """The page of one group."""
    view = await ask(get_group, group_id)
    is_predefined = view.kind is GroupKind.PREDEFINED
    with theme.block("toolbar"):
        hint = _("A predefined group: its name and its roles cannot be changed.") if is_predefined else ""
        heading(shown_name(view), hint)
        ui.space()
        if visitor().may(Permission.GROUPS_EDIT) and not is_predefined:
            theme.plain_button(_("Rename"), "edit").on_click(lambda: _rename_dialog(view))
    with theme.block("form-sheets"):
        with theme.block("sheet settings", "section", aria_label=_("Members")):
            members = MemberList(SERVICES, view.id, shown_name(view), may_change=visitor().may(Permission.GROUPS_EDIT))
            members.head(_("Every member has the roles of the group."))
            await members.build()
        with theme.block("sheet settings", "section", aria_label=_("Roles of the group")):
            roles = GrantedRoles(_grants(view))
            role_section(_("Roles of the group"), _("Members get and lose them at once."), roles)
            await roles.build()


def _grants(view: GroupView) -> RoleGrants:
    async def read() -> dict[str, str]:
        return dict.fromkeys((await ask(get_group, view.id)).roles, "")

    async def give(labels: list[str]) -> None:
        await ask(give_group_roles, view.id, labels)

    async def take(labels: list[str]) -> None:
        await ask(take_group_roles, view.id, labels)

    may_change = visitor().may(Permission.GROUPS_ROLES_ASSIGN) and view.kind is not GroupKind.PREDEFINED
    holder = _("Every member of “{name}”", name=shown_name(view))
    return RoleGrants(Level.GROUP, holder, read, give, take, may_change=may_change)


def _rename_dialog(view: GroupView) -> None:
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Rename the group"), "dialog-title", "h2")
        name = ui.input(_("Name of the group"), value=view.name).props("outlined dense autofocus maxlength=100")

        async def rename() -> None:
            with faults_shown():
                await ask(rename_group, view.id, name.value or "")
                ui.navigate.reload()

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Rename"), "save").on_click(rename)
        name.on("keydown.enter", rename)
    dialog.on("hide", dialog.delete)
    dialog.open()
