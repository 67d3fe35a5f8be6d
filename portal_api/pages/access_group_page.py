"""One access group: its members and its roles (AC-74, AC-75, AC-78)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.access_groups import (
    AccessGroupView,
    add_to_access_group,
    get_access_group,
    give_roles_to_access_group,
    members_of_access_group,
    people_to_add,
    remove_from_access_group,
    rename_access_group,
    take_roles_from_access_group,
)
from domain.organizations.grants import Level
from domain.organizations.permissions import Permission
from domain.organizations.roles import Role
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, visitor
from portal_api.pages.widgets.granted_roles import GrantedRoles, RoleGrants, role_section
from portal_api.pages.widgets.group_members import MemberList, MemberServices
from portal_api.pages.words import _

SERVICES = MemberServices(members_of_access_group, people_to_add, add_to_access_group, remove_from_access_group)


@portal_page("/access-groups/{group_id}", N_("Access group"), Permission.ACCESS_GROUPS_VIEW, "access-groups")
async def access_group(group_id: str) -> None:
    """The page of one access group."""
    group = await ask(get_access_group, group_id)
    may_change = visitor().may(Permission.ACCESS_GROUPS_MANAGE)
    with theme.block("toolbar"):
        heading(group.name, _("Its members work in every customer with the roles below."))
        ui.space()
        if may_change:
            theme.plain_button(_("Rename"), "edit").on_click(lambda: _rename_dialog(group))
    with theme.block("form-sheets"):
        with theme.block("sheet settings", "section", aria_label=_("Roles of the group")):
            roles = GrantedRoles(_grants(group, may_change=may_change))
            hint = _("A role counts in those customers that have its service.")
            role_section(_("Roles of the group"), hint, roles)
            await roles.build()
        with theme.block("sheet settings", "section", aria_label=_("Members")):
            members = MemberList(SERVICES, group.id, group.name, may_change=may_change)
            members.head(_("People of your own organization."))
            await members.build()


def _grants(group: AccessGroupView, *, may_change: bool) -> RoleGrants:
    async def read() -> dict[str, str]:
        return dict.fromkeys((await ask(get_access_group, group.id)).roles, "")

    return RoleGrants(
        Level.ACCESS_GROUP,
        _("Every member of “{name}”", name=group.name),
        read,
        lambda labels: ask(give_roles_to_access_group, group.id, labels),
        lambda labels: ask(take_roles_from_access_group, group.id, labels),
        may_change=may_change,
        fixed=(Role.PARTNER_ADMINISTRATOR.value,),
    )


def _rename_dialog(group: AccessGroupView) -> None:
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Rename the group"), "dialog-title", "h2")
        name = ui.input(_("Name of the group"), value=group.name).props("outlined dense autofocus maxlength=100")

        async def rename() -> None:
            with faults_shown():
                await ask(rename_access_group, group.id, name.value or "")
                ui.navigate.reload()

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Rename"), "save").on_click(rename)
        name.on("keydown.enter", rename)
    dialog.on("hide", dialog.delete)
    dialog.open()
