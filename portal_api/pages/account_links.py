"""Sections of “My account” that lead elsewhere or show what others keep: claims, printer login, one's data."""

from connectors.messages import N_
from domain.federation.own import own_identity
from domain.organizations.actor import Actor
from portal_api.pages import theme
from portal_api.pages.account_sections import account_section
from portal_api.pages.own_identity_page import received_claims
from portal_api.pages.visit import ask
from portal_api.pages.words import _


def _has_claims(actor: Actor) -> bool:
    return own_identity(actor) is not None


@account_section("claims", N_("Identity provider"), 20, applies=_has_claims)
async def claims() -> None:
    """What the identity provider told the last time (AC-32)."""
    received_claims(await ask(own_identity))


@account_section("printer-login", N_("Printer login"), 30)
async def printer_login() -> None:
    """PIN, login code and badges."""
    theme.text(_("How you sign in at the printers of your organization."), "hint")
    with theme.block("dialog-actions"):
        theme.plain_button(_("My printer login"), "dialpad").props("href=/account/printer-login")


@account_section("data", N_("My data"), 80)
async def my_data() -> None:
    """Everything that is kept of one, to take away (AC-199)."""
    theme.text(_("Everything that is kept about you, in one file."), "hint")
    with theme.block("dialog-actions"):
        theme.plain_button(_("Download my data"), "download").props("href=/api/v1/me/data-export")
