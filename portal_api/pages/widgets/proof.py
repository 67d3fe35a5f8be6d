"""Asking people to prove again who they are, where something takes a fresh proof; and showing a secret once."""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from nicegui import ui

from connectors.errors import PressroomError
from domain.organizations.own_profile import own_profile
from domain.sign_in.confirmation import CONFIRMATION_NEEDED, confirm
from domain.sign_in.own_second_factor import own_second_factor
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, show_fault
from portal_api.pages.words import _

Action = Callable[[], Awaitable[None]]


async def when_proven(action: Action) -> None:
    """Do `action`; where it takes a fresh proof, ask for the proof first. Other faults are shown.

    What the action shows belongs to the page, not to the dialog in which it was begun.
    """
    with ui.context.client.content:
        try:
            await action()
        except PressroomError as error:
            if error.fault is CONFIRMATION_NEEDED:
                await _ask_proof(action)
            else:
                show_fault(error)


def show_secret(title: str, secret: str, hint: str) -> None:
    """A secret that is told only now, with a button that copies it; closing shows the page anew."""
    with theme.dialog().props("persistent") as dialog, theme.block("sheet dialog-sheet"):
        theme.text(title, "dialog-title", "h2")
        theme.text(hint, "hint")
        with theme.block("secret-line"):
            theme.text(secret, "secret-text", "code", id="secret")
            theme.icon_button("content_copy", _("Copy")).on_click(lambda: ui.clipboard.write(secret))
        with theme.block("dialog-actions"):
            theme.main_button(_("I have kept it")).on_click(ui.navigate.reload)
    dialog.open()


async def _ask_proof(action: Action) -> None:
    has_code = (await ask(own_second_factor)).since is not None
    has_password = (await ask(own_profile)).has_password
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Is it you?"), "dialog-title", "h2")
        theme.text(_("This changes how your account or your organization is protected."), "hint")
        password, code = _proof_fields(has_password, has_code)

        async def prove() -> None:
            with faults_shown():
                await ask(confirm, password.value or "", code.value or "")
                dialog.close()
                await when_proven(action)

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            if has_password or has_code:
                theme.main_button(_("Continue")).on_click(prove)
    for box in (password, code):
        box.on("keydown.enter", prove)
    dialog.on("hide", dialog.delete)
    dialog.open()


def _proof_fields(has_password: bool, has_code: bool) -> tuple[ui.input, ui.input]:
    password = ui.input(_("Password"), password=True).props("outlined dense autocomplete=current-password")
    password.set_visibility(has_password)
    if has_password and has_code:
        theme.text(_("or"), "hint")
    code = ui.input(_("Code of your authenticator app")).props("outlined dense autocomplete=one-time-code")
    code.set_visibility(has_code)
    if not has_password and not has_code:
        theme.text(_("You sign in at your organization's identity provider: sign in there again."))
        with theme.block("quiet-link", "a", href=f"/sign-in?next={quote('/account', safe='')}"):
            theme.text(_("Sign in again"))
    (password if has_password else code).props("autofocus")
    return password, code
