"""The page with one's login code: large enough to be typed at a printer from a telephone (AC-158…AC-162)."""

from datetime import timedelta

from nicegui import ui

from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.printer_login.login_codes import LIFETIME, CodeView, current_code, new_code
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, look_again
from portal_api.pages.words import _

LOOK_EVERY = 3
"""Seconds between two looks whether the code has been used."""


@portal_page("/device", N_("Login code"), Permission.OWN_LOGIN_CODE, "my-printer-login")
async def device() -> None:
    """The page; without secure login it says how else, as a problem of its own."""
    heading(_("Login code"), _("Type it at a printer after choosing “Secure login”."))
    with theme.block("sheet crop code-sheet", "section", aria_label=_("Login code")):
        await LoginCodePanel().build()


class LoginCodePanel:
    """The code, how long it is good, and a button for another one; renewed by itself every fifteen minutes (AC-159)."""

    def __init__(self) -> None:
        self._code: CodeView | None = None
        self._seconds = 0

    async def build(self) -> None:
        """Lay out the panel and begin to count."""
        self._code = await ask(_present_code)
        self._shown()
        with theme.block("code-foot"):
            self._left = theme.text("", "ticket", role="timer")
            ui.space()
            theme.plain_button(_("Refresh"), "refresh").on_click(self._renew)
        theme.text(_("It works once. Whoever has it can sign in at a printer as you, so show it to nobody."), "hint")
        self._count()
        self._timer = ui.timer(1.0, self._tick)

    @ui.refreshable_method
    def _shown(self) -> None:
        with theme.block("code-place", role="status"):
            if self._code is None:
                theme.icon("task_alt").classes("code-used")
                theme.text(_("This code has been used."), "strong")
                return
            spoken = " ".join(self._code.code)
            with theme.block("code", role="text", aria_label=_("Login code {code}", code=spoken)):
                theme.text(self._code.code[:4], "", aria_hidden="true")
                theme.text(self._code.code[4:], "", aria_hidden="true")
            with theme.block("code-bar", aria_hidden="true"):
                self._bar = theme.box("code-bar-left")

    async def _tick(self) -> None:
        self._seconds += 1
        if self._code is None:
            return
        if self._code.expires <= now():
            await self._renew()
        elif self._seconds % LOOK_EVERY == 0:
            await self._look()
        self._count()

    async def _look(self) -> None:
        with faults_shown():
            present = await look_again(current_code)
            if present != self._code:
                self._code = present
                self._shown.refresh()
            return
        self._timer.deactivate()

    async def _renew(self) -> None:
        with faults_shown():
            self._code = await ask(new_code)
            self._shown.refresh()
            self._count()
            return
        self._timer.deactivate()

    def _count(self) -> None:
        """Show how long the code is still good."""
        if self._code is None:
            self._left.text = _("Refresh for another one.")
            return
        left = max(self._code.expires - now(), timedelta())
        minutes, seconds = divmod(int(left.total_seconds()), 60)
        self._left.text = _("Good for {time}", time=f"{minutes}:{seconds:02}")
        self._bar.style(f"width: {100 * left / LIFETIME:.1f}%")


def _present_code(actor: Actor) -> CodeView:
    """The code that is still good, or a new one."""
    return current_code(actor) or new_code(actor)
