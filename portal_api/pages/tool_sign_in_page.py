"""Saying yes to the enrolment tool on one's own computer (FL-76): the browser then goes back to it with a code."""

import re
from urllib.parse import urlencode

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.sign_in.local_programs import BAD_CHALLENGE, let_in
from fleet.enrolment.tool import SCOPES
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, visitor
from portal_api.pages.widgets.proof import when_proven
from portal_api.pages.words import _

NAME = "Enrolment tool"
LOWEST_PORT, HIGHEST_PORT = 1024, 65_535


@portal_page("/enrolment-tool/sign-in", N_("Enrolment tool"), Permission.FLEET_ENROL, "agents")
async def tool_sign_in(port: int = 0, state: str = "", challenge: str = "") -> None:
    """The page; `port` is where the tool listens on this computer, `state` and `challenge` are of its own making."""
    if not LOWEST_PORT <= port <= HIGHEST_PORT or not re.fullmatch(r"[\w-]{16,128}", state):
        raise BAD_CHALLENGE()
    with theme.block("toolbar"):
        heading(_("Enrolment tool"), _("The enrolment tool on this computer asks to be signed in."))
    with theme.block("sheet settings", "section", aria_label=_("Enrolment tool")):
        theme.text(_("It will act as {name} for 12 hours, to find and enrol printers.", name=visitor().name), "", "p")
        theme.text(_("Continue only if you have just started the tool yourself."), "hint")

        async def go_on() -> None:
            code = await ask(let_in, NAME, SCOPES, challenge)
            ui.navigate.to(f"http://127.0.0.1:{port}/signed-in?{urlencode({'code': code, 'state': state})}")

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(lambda: ui.navigate.to("/"))
            theme.main_button(_("Let it in"), "login").on_click(lambda: when_proven(go_on))
