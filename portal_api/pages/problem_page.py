"""The page for an address that does not exist."""

from fastapi import Request, Response
from nicegui import Client, app, ui
from nicegui.page import page

from domain.tenancy import NOT_FOUND
from portal_api.pages import theme
from portal_api.pages.frame import show_problem
from portal_api.pages.words import speak


@app.exception_handler(404)
async def unknown_address(request: Request, _error: Exception) -> Response:
    """Answer 404 in the portal's own look."""
    with Client(page(""), request=request) as client:
        speak("en")
        ui.dark_mode(theme.LOOKS.get(request.cookies.get(theme.LOOK_COOKIE, "auto"), None))
        client.content.classes("portal")
        with theme.block("page", "main"), show_problem(NOT_FOUND(what="page")):
            pass
        return client.build_response(request, 404)
