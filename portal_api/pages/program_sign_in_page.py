"""Letting a program in by the code that it shows, from whatever device has a browser (RFC 8628, PR-330)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.sign_in.program_codes import Waiting, answer, waiting
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, visitor
from portal_api.pages.widgets.proof import when_proven
from portal_api.pages.words import _


@portal_page("/programs/sign-in", N_("Let a program in"), Permission.OWN_ACCOUNT, "")
async def program_sign_in(code: str = "") -> None:
    """The page; `code` comes with the address that the program opens."""
    with theme.block("toolbar"):
        heading(_("Let a program in"), _("A program on a computer asks to act for you."))
    with theme.block("sheet settings", "section", aria_label=_("Let a program in")) as sheet:
        field = ui.input(_("Code that the program shows"), value=code[:16]).props("outlined autofocus maxlength=16")

        async def look() -> None:
            with faults_shown():
                found = await ask(waiting, field.value or "")
                sheet.clear()
                with sheet:
                    _question(found, field.value or "")

        with theme.block("dialog-actions"):
            theme.main_button(_("Continue"), "arrow_forward").on_click(look)


def _question(found: Waiting, code: str) -> None:
    facts = {"program": found.program.name, "host": found.host or _("unknown"), "address": found.address}
    theme.text(_("“{program}” on the computer “{host}” ({address}) asks to be let in.", **facts), "", "p")
    days = found.program.lifetime.days
    theme.text(_("It will print and manage print jobs as {name} for {days} days.", name=visitor().name, days=days))
    theme.text(
        _("Continue only if you have just started it yourself. You can end it on the page “My account”."), "hint"
    )

    async def say(*, let_in: bool) -> None:
        await ask(answer, code, let_in=let_in)
        told = _("It was let in. You can close this page.") if let_in else _("It was refused.")
        ui.notify(told)
        ui.navigate.to("/")

    with theme.block("dialog-actions"):
        theme.plain_button(_("Refuse")).on_click(lambda: when_proven(lambda: say(let_in=False)))
        theme.main_button(_("Let it in"), "login").on_click(lambda: when_proven(lambda: say(let_in=True)))
