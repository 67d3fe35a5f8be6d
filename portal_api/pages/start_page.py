"""The portal's first address: leads on to the checklist of newcomers, or to the first place that one may open."""

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from connectors.errors import PressroomError
from domain.organizations.permissions import Permission
from domain.organizations.set_up import wants_set_up
from domain.sign_in.sessions import SIGN_IN_NEEDED
from portal_api.pages.frame import PAGE_PERMISSIONS
from portal_api.pages.places import first_address
from portal_api.pages.visit import ask, begin_visit, features, sign_in_address, visitor

ADDRESS = "/"
PAGE_PERMISSIONS[ADDRESS] = Permission.OWN_ACCOUNT


@ui.page(ADDRESS)
async def start(request: Request) -> RedirectResponse:
    """Go on, or to the sign-in page and from there back here."""
    try:
        await begin_visit(request)
    except PressroomError as error:
        if error.fault is not SIGN_IN_NEEDED:
            raise
        return RedirectResponse(sign_in_address(request), 303)
    address = "/welcome" if await ask(wants_set_up) else first_address(visitor(), features())
    return RedirectResponse(address, 303)
