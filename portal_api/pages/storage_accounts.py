"""The visitor's accounts at storage providers, family by family: choose, change, forget (SCAN-20…SCAN-25)."""

from nicegui import ui

from connectors.messages import N_
from connectors.storage import PROVIDERS, Provider
from domain.organizations.permissions import Permission
from domain.storage_accounts.service import (
    AccountState,
    FamilyView,
    forget_account,
    link_account,
    list_families,
)
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell, visitor
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.storage_fields import FIELD_TITLES
from portal_api.pages.words import _

STATES = {
    AccountState.SIGNED_OUT: (N_("Not signed in"), "off"),
    AccountState.SIGNED_IN: (N_("Signed in"), "good"),
    AccountState.EXPIRED: (N_("Sign in again"), "bad"),
}


@portal_page("/storage-accounts", N_("Cloud storage accounts"), Permission.STORAGE_ACCOUNTS, "storage-accounts")
async def storage_accounts() -> None:
    """The page with one section per account family; solutions and scans use the same accounts."""
    heading(_("Cloud storage accounts"), _("Where your solutions and your scans may put documents for you."))
    families = await ask(list_families)
    if not families:
        with theme.block("empty", role="status"):
            theme.icon("cloud_off")
            theme.text(_("No storage provider that takes an account is enabled for your organization."), "strong")
            theme.text(_("Administrators enable them in the settings of the Solution Center and of scanning."), "muted")
    with theme.block("cards"):
        for family in families:
            _section(family)


def _section(family: FamilyView) -> None:
    title = _(family.title)
    with theme.block("sheet provider", "section", aria_label=title):
        with theme.block("solution-head"):
            theme.text(title, "section-title", "h2")
            theme.chip(*_state(family))
        services = [_(entry.title) for entry in PROVIDERS.values() if entry.family == family.family]
        if len(services) > 1:
            theme.text(", ".join(services), "hint")
        theme.text(family.account.account if family.account else _("No account is chosen."), "muted")
        if family.state is AccountState.EXPIRED:
            theme.text(_("The provider does not accept the sign-in any more. Choose the account again."), "hint bad")
        with theme.block("solution-actions"):
            ui.space()
            if family.account is not None:
                forget = theme.plain_button(_("Forget this account"), "link_off").on_click(lambda: _confirm(family))
                forget.props["aria-label"] = _("Forget the account at {provider}", provider=title)
            if family.is_enabled:
                _choose_button(family, title)


def _choose_button(family: FamilyView, title: str) -> None:
    is_signed_in = family.state is AccountState.SIGNED_IN
    button = theme.main_button(_("Change account") if is_signed_in else _("Choose account"), "login")
    button.props["aria-label"] = _("Choose an account at {provider}", provider=title)
    if family.has_sign_in:
        button.props(f"href=/storage-accounts/{family.family}/choose")
    else:
        provider = next(entry for entry in PROVIDERS.values() if entry.family == family.family)
        button.on_click(lambda: _link_dialog(provider))


def _state(family: FamilyView) -> tuple[str, str]:
    if not family.is_enabled:
        return _("Unavailable"), "off"
    text, look = STATES[family.state]
    return _(text), look


def _link_dialog(provider: Provider) -> None:
    """What the account needs, typed in: for services without a sign-in page of their own."""
    values: dict[str, str] = {}
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Account at {provider}", provider=_(provider.title)), "dialog-title", "h2")
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


def _confirm(family: FamilyView) -> None:
    provider = next(name for name, entry in PROVIDERS.items() if entry.family == family.family)

    async def forget() -> None:
        with faults_shown():
            await ask(forget_account, provider)
            tell(_("The account is forgotten."))
            ui.navigate.reload()

    account = family.account.account if family.account else ""
    text = _("Solutions and scans cannot use {account} any more until you choose it again.", account=account)
    confirm(_("Forget this account?"), (text,), _("Forget account"), forget, icon="link_off")
