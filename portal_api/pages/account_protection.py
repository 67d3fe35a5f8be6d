"""Sections of “My account”: the password, and the second factor."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.own_profile import own_profile
from domain.sign_in.own_second_factor import (
    begin_own_second_factor,
    finish_own_second_factor,
    is_required,
    make_own_recovery_codes,
    own_second_factor,
    remove_own_second_factor,
)
from domain.sign_in.password_changes import change_own_password
from domain.sign_in.rules import sign_in_rules
from domain.sign_in.second_factor import Enrolment
from portal_api.pages import theme
from portal_api.pages.account_sections import account_section
from portal_api.pages.password_pages import rules_text
from portal_api.pages.second_step_pages import qr_picture, recovery_codes
from portal_api.pages.visit import ask, faults_shown, tell, visitor, when
from portal_api.pages.widgets.proof import when_proven
from portal_api.pages.words import _


@account_section("password", N_("Password"), 40)
async def password() -> None:
    """Set a new one."""
    if not (await ask(own_profile)).has_password:
        theme.text(_("You have no password here: you sign in at your organization's identity provider."), "muted")
        return
    theme.text(_("When you set a new one, all your other sessions end."), "hint")
    with theme.block("dialog-actions"):
        theme.plain_button(_("Change the password"), "password").on_click(_password_dialog)


@account_section("second-factor", N_("Second factor"), 50)
async def second_factor() -> None:
    """Codes of an authenticator app."""
    if not (await ask(own_profile)).has_password:
        theme.text(_("Your organization's identity provider may ask for one."), "muted")
        return
    view, required = await ask(own_second_factor), await ask(is_required)
    with theme.block("section-state"):
        if view.since is None:
            theme.chip(_("Not set up"), "bad" if required else "off")
        else:
            theme.chip(_("In force"), "good")
            theme.text(
                _("Since {moment}. Recovery codes left: {count}.", moment=when(view.since), count=view.recovery_codes)
            )
    if required:
        theme.text(_("Your organization requires it for your roles."), "hint")
    theme.text(_("Besides the password, signing in then takes a code that an app on your phone shows."), "hint")
    with theme.block("dialog-actions"):
        if view.since is None:
            theme.main_button(_("Set it up"), "phonelink_lock").on_click(lambda: when_proven(_enrol))
            return
        if not required:
            theme.plain_button(_("Remove"), "lock_open").on_click(_removal_dialog)
        theme.plain_button(_("New recovery codes"), "list_alt").on_click(lambda: when_proven(_new_codes))
        theme.plain_button(_("Use another app"), "phonelink_setup").on_click(lambda: when_proven(_enrol))


async def _password_dialog() -> None:
    rules = await ask(sign_in_rules)
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Change the password"), "dialog-title", "h2")
        new = ui.input(_("New password"), password=True, password_toggle_button=True)
        new.props("outlined dense autofocus autocomplete=new-password")
        theme.text(rules_text(rules), "hint")

        async def change() -> None:
            await ask(change_own_password, new.value or "")
            dialog.close()
            tell(_("Your password is changed."))

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Change")).on_click(lambda: when_proven(change))
    dialog.on("hide", dialog.delete)
    dialog.open()


async def _enrol() -> None:
    enrolment = await ask(begin_own_second_factor)
    _enrolment_dialog(enrolment)


def _enrolment_dialog(enrolment: Enrolment) -> None:
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Set up a second factor"), "dialog-title", "h2")
        theme.text(_("Scan this with an authenticator app, then type the code that it shows."), "hint")
        qr_picture(enrolment)
        code = ui.input(_("Code")).props("outlined dense inputmode=numeric autocomplete=one-time-code maxlength=16")

        async def finish() -> None:
            with faults_shown():
                codes = await ask(finish_own_second_factor, code.value or "")
                dialog.close()
                with ui.context.client.content:
                    _codes_dialog(codes)

        code.on("keydown.enter", finish)
        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Set it up")).on_click(finish)
    dialog.on("hide", dialog.delete)
    dialog.open()


async def _new_codes() -> None:
    _codes_dialog(await ask(make_own_recovery_codes))


def _codes_dialog(codes: tuple[str, ...]) -> None:
    with theme.dialog().props("persistent") as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Your recovery codes"), "dialog-title", "h2")
        recovery_codes(codes)
        with theme.block("dialog-actions"):
            copy = theme.plain_button(_("Copy"), "content_copy")
            copy.on_click(lambda: ui.clipboard.write("\n".join(codes)))
            theme.main_button(_("I have kept them")).on_click(ui.navigate.reload)
    dialog.open()


def _removal_dialog() -> None:
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Remove the second factor?"), "dialog-title", "h2")
        theme.text(_("Then the password alone is enough to sign in as {email}.", email=visitor().email))

        async def remove() -> None:
            await ask(remove_own_second_factor)
            ui.navigate.reload()

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Remove")).on_click(lambda: when_proven(remove))
    dialog.on("hide", dialog.delete)
    dialog.open()
