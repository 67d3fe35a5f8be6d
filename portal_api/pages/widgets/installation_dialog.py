"""Getting an agent onto a host: the package by download or by mail, and the code that activates it (FL-123, FL-156)."""

from collections.abc import Sequence
from urllib.parse import quote

from nicegui import ui

from fleet.agents.activation import generate_code
from fleet.packages.installation import installation_targets, mail_link
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.copy_field import copy_field
from portal_api.pages.words import _


async def installation_dialog(agent_id: str = "") -> None:
    """Offer the packages; for a fleet agent with a new activation code (FL-124)."""
    with faults_shown():
        targets = await ask(installation_targets)
        code = await ask(generate_code, agent_id) if agent_id else ""
        _open(targets, agent_id, code)


def _open(targets: Sequence[str], agent_id: str, code: str) -> None:
    with theme.dialog().props("persistent") as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Installation package"), "dialog-title", "h2")
        if code:
            theme.text(_("The code is shown only now and is valid for 72 hours. Former codes do not count any more."))
            copy_field(_("Activation code"), code)
        package_choice(targets)
        _mail(agent_id)
        with theme.block("dialog-actions"):
            theme.plain_button(_("Close")).on_click(dialog.close)
    dialog.open()


async def tool_dialog() -> None:
    """Offer the enrolment tool, which is in the same package (FL-74, FL-75)."""
    with faults_shown():
        targets = await ask(installation_targets)
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Enrolment tool"), "dialog-title", "h2")
            theme.text(_("It finds printers in the network of your computer and enrols them here."), "", "p")
            package_choice(targets)
            copy_field(_("Start it in the unpacked folder"), "./pressroom-agent enrol")
            with theme.block("dialog-actions"):
                theme.plain_button(_("Close")).on_click(dialog.close)
        dialog.open()


def package_choice(targets: Sequence[str]) -> None:
    """The host's system, the licences, and the download."""
    chosen = ui.select(list(targets), value=targets[0], label=_("System of the host")).props("outlined dense")
    licences = ui.checkbox(_("I accept the licences of the parts of the package, which are in its folder “lib”."))
    download = theme.main_button(_("Download"), "download")
    download.bind_enabled_from(licences, "value")

    def fetch() -> None:
        ui.navigate.to(f"/api/v1/installation-package?target={quote(str(chosen.value))}&licences_accepted=true")

    download.on_click(fetch)


def _mail(agent_id: str) -> None:
    email = ui.input(_("Or mail a link to")).props("outlined dense type=email maxlength=255")
    theme.text(_("The link is valid for 72 hours. The code is not in the mail: tell it yourself."), "hint")

    async def send() -> None:
        with faults_shown():
            await ask(mail_link, agent_id or None, (email.value or "").strip())
            tell(_("The link is on its way."))

    theme.plain_button(_("Send link"), "mail").on_click(send)
