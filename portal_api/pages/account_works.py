"""A section of “My account”: what works here, and what one's roles let one do (TS-2, TS-39)."""

from nicegui import ui

from connectors.messages import N_
from domain.what_works.service import PermissionState, own_areas, own_permissions
from portal_api.pages import theme
from portal_api.pages.account_sections import account_section
from portal_api.pages.visit import ask
from portal_api.pages.widgets.what_works import what_works
from portal_api.pages.words import _


@account_section("works", N_("What works"), 15)
async def works() -> None:
    """One's own areas, and folded away every permission with the role that it takes."""
    theme.text(_("What you can do here, and what is in the way of the rest."), "hint")
    what_works(await ask(own_areas))
    found = await ask(own_permissions)
    with ui.expansion(_("What your roles let you do"), icon=theme.symbol("key")).classes("fold plain"):
        _permissions([one for one in found if not one.missing])
    with ui.expansion(_("What takes another role"), icon=theme.symbol("lock")).classes("fold plain"):
        theme.text(_("Your organization's administrators give roles."), "hint")
        _permissions([one for one in found if one.missing])


def _permissions(found: list[PermissionState]) -> None:
    with theme.block("records", role="list"):
        for one in found:
            with theme.block("record", role="listitem"), theme.block("record-words"):
                theme.text(_(one.meaning))
                if one.missing:
                    theme.text(", ".join(_(role) for role in one.missing), "ticket")
