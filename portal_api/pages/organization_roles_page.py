"""The roles that everybody in the organization has (AC-41, AC-61…AC-63)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.grants import Level
from domain.organizations.information import give_roles_to_everybody, roles_of_everybody, take_roles_from_everybody
from domain.organizations.permissions import Permission
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, visitor
from portal_api.pages.widgets.granted_roles import GrantedRoles, RoleGrants
from portal_api.pages.words import _


@portal_page("/organization/roles", N_("Roles of everybody"), Permission.ROLES_ORGANIZATION_VIEW, "organization-roles")
async def organization_roles() -> None:
    """The page."""
    roles = GrantedRoles(
        RoleGrants(
            Level.ORGANIZATION,
            visitor().organization_name,
            _read,
            # The picker has asked already whether everybody may have rights of administrators.
            lambda labels: ask(give_roles_to_everybody, labels, confirmed=True),
            lambda labels: ask(take_roles_from_everybody, labels),
            may_change=visitor().may(Permission.ROLES_ORGANIZATION_ASSIGN),
        )
    )
    with theme.block("toolbar"):
        heading(
            _("Roles of everybody"),
            _("Every person of the organization has these roles at once. Give them what they need for daily work."),
        )
        ui.space()
        roles.assign_button()
    await roles.build()


async def _read() -> dict[str, str]:
    """The labels, each with a note where the role has no effect."""
    no_service = _("No effect: the service is missing")
    return {each.facts.role.value: "" if each.counts else no_service for each in await ask(roles_of_everybody)}
