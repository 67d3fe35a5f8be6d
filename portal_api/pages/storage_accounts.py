"""The visitor's accounts at storage providers: link, change, forget (SC-88a, SCAN-20…SCAN-25)."""

from nicegui import ui

from connectors.messages import N_
from connectors.storage import PROVIDERS, Provider
from domain.organizations.permissions import Permission
from domain.storage_accounts.service import (
    INSTALLATION_PROVIDERS,
    AccountView,
    enabled_providers,
    forget_account,
    link_account,
    list_accounts,
)
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell, visitor
from portal_api.pages.words import _

FIELD_TITLES = {
    "client_id": N_("Client id"),
    "client_secret": N_("Client secret"),
    "refresh_token": N_("Refresh token"),
    "access_token": N_("Access token (if there is no refresh token)"),
    "address": N_("Address"),
    "user": N_("User name"),
    "password": N_("Password"),
    "endpoint": N_("Server (host:port)"),
    "bucket": N_("Bucket"),
    "region": N_("Region"),
    "secure": N_("Use HTTPS (true or false)"),
    "access_key": N_("Access key"),
    "secret_key": N_("Secret key"),
}


@portal_page("/storage-accounts", N_("Storage accounts"), Permission.SOLUTIONS_RUN, "storage-accounts")
async def storage_accounts() -> None:
    """The page with one sheet per enabled provider."""
    heading(_("Storage accounts"), _("Where your solutions may put documents for you."))
    enabled = await ask(enabled_providers)
    linked = {view.family: view for view in await ask(list_accounts)}
    shown = [provider for name, provider in PROVIDERS.items() if name in enabled or provider.family in linked]
    if not shown:
        with theme.block("empty", role="status"):
            theme.icon("cloud_off")
            theme.text(_("No storage provider is enabled for your organization."), "strong")
            theme.text(_("An administrator can enable some on the page “Settings”."), "muted")
    with theme.block("cards"):
        for provider in shown:
            _card(provider, linked.get(provider.family), is_enabled=provider.name in enabled)


def _card(provider: Provider, account: AccountView | None, *, is_enabled: bool) -> None:
    with theme.block("sheet provider", "article"):
        with theme.block("solution-head"):
            theme.text(_(provider.title), "section-title", "h2")
            theme.chip(*_state(provider, account, is_enabled=is_enabled))
        if provider.name in INSTALLATION_PROVIDERS:
            theme.text(_("Belongs to this installation and needs no account."), "muted")
            return
        theme.text(account.account if account else _("No account is linked."), "muted")
        with theme.block("solution-actions"):
            ui.space()
            if account is not None:
                forget = theme.plain_button(_("Forget"), "link_off").on_click(lambda: _forget(provider))
                forget.props["aria-label"] = _("Forget the account at {provider}", provider=provider.title)
            if is_enabled:
                title = _("Change") if account else _("Link an account")
                link = theme.main_button(title, "link").on_click(lambda: _link_dialog(provider))
                link.props["aria-label"] = _("Link an account at {provider}", provider=provider.title)


def _state(provider: Provider, account: AccountView | None, *, is_enabled: bool) -> tuple[str, str]:
    if not is_enabled:
        return _("Disabled"), "off"
    if provider.name in INSTALLATION_PROVIDERS:
        return _("Ready"), "good"
    if account is None:
        return _("Not linked"), "off"
    return (_("Link it again"), "bad") if account.expired else (_("Linked"), "good")


def _link_dialog(provider: Provider) -> None:
    values: dict[str, str] = {}
    with ui.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Account at {provider}", provider=provider.title), "dialog-title", "h2")
        name = ui.input(_("Account"), value=visitor().email).props("outlined dense autofocus maxlength=255")
        for field in (*provider.options, *provider.secrets):
            is_secret = field in provider.secrets
            box = ui.input(
                _(FIELD_TITLES.get(field, field)),
                password=is_secret,
                on_change=lambda event, field=field: values.__setitem__(field, event.value or ""),
            )
            box.props("outlined dense autocomplete=off maxlength=8192")
        theme.text(_("Passwords and keys are kept encrypted and are never shown again."), "hint")

        async def link() -> None:
            options = {field: values[field] for field in provider.options if values.get(field)}
            secrets = {field: values[field] for field in provider.secrets if values.get(field)}
            with faults_shown():
                await ask(link_account, provider.name, name.value or "", options, secrets)
                tell(_("The account is linked."))
                ui.navigate.reload()

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Link")).on_click(link)
    dialog.on("hide", dialog.delete)
    dialog.open()


async def _forget(provider: Provider) -> None:
    with faults_shown():
        await ask(forget_account, provider.name)
        tell(_("The account is forgotten."))
        ui.navigate.reload()
