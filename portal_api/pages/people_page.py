"""The people of the organization: search, filters, columns, and what can be done with many at once (AC-79…AC-85)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.models import Membership
from domain.organizations.permissions import Permission
from domain.people.groups import list_groups
from domain.people.listing import membership_names
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, visitor
from portal_api.pages.widgets.people_filters import PeopleFilters
from portal_api.pages.widgets.people_table import PeopleTable
from portal_api.pages.widgets.person_dialogs import create_dialog, import_dialog
from portal_api.pages.words import _


@portal_page("/people", N_("People"), Permission.USERS_VIEW, "people")
async def people() -> None:
    """The page."""
    table = PeopleTable()
    actor = visitor()
    filters = PeopleFilters(
        table.choose,
        await ask(membership_names, Membership.DEPARTMENT),
        await ask(membership_names, Membership.COST_CENTER),
        await ask(list_groups) if actor.may(Permission.GROUPS_VIEW) else [],
    )
    with theme.block("toolbar"):
        heading(_("People"), _("Who has an account, what they may do, and where they belong."))
        ui.space()
        if actor.may(Permission.USERS_IMPORT):
            theme.plain_button(_("Import"), "upload_file").on_click(import_dialog)
            table.export_button()
        if actor.may(Permission.USERS_CREATE):
            theme.main_button(_("Create"), "person_add").on_click(create_dialog)
    filters.build(table.column_button)
    await table.build()
