"""The Solution Center settings: storage providers of the organization and allowed account domains (SC-130…SC-132)."""

from nicegui import ui

from connectors.messages import N_
from connectors.storage import PROVIDERS
from domain.organizations.actor import Actor
from domain.organizations.models import Organization
from domain.organizations.permissions import Permission
from domain.storage_accounts.service import enabled_providers, set_storage_settings
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell, visitor
from portal_api.pages.words import _


@portal_page("/settings", N_("Settings"), Permission.SOLUTIONS_RUN, "settings")
async def settings() -> None:
    """The page; only administrators may change it."""
    heading(_("Settings"), _("What holds for all solutions of your organization."))
    may_change = visitor().may(Permission.SOLUTIONS_SETTINGS_MANAGE)
    chosen = set(await ask(enabled_providers))
    domains = await ask(_account_domains)
    with theme.block("sheet crop settings"):
        theme.text(_("Storage providers"), "section-title", "h2")
        theme.text(_("Only these can be chosen in the step “Send to cloud storage”."), "hint")
        with theme.block("switches"):
            for name, provider in PROVIDERS.items():
                switch = ui.switch(
                    _(provider.title),
                    value=name in chosen,
                    on_change=lambda event, name=name: (chosen.add if event.value else chosen.discard)(name),
                )
                switch.set_enabled(may_change)
        theme.text(_("Account domains"), "section-title", "h2")
        theme.text(_("Only accounts of these domains can be linked. Leave it empty to allow all."), "hint")
        chips = ui.input_chips(_("Domains"), value=list(domains), new_value_mode="add-unique").props("outlined dense")
        chips.set_enabled(may_change)

        async def save() -> None:
            with faults_shown():
                await ask(set_storage_settings, [name for name in PROVIDERS if name in chosen], list(chips.value or ()))
                tell(_("The settings are saved."))

        if may_change:
            with theme.block("dialog-actions"):
                theme.main_button(_("Save"), "save").on_click(save)
        else:
            theme.text(_("Only a Solution Center administrator can change these settings."), "hint")


def _account_domains(actor: Actor) -> list[str]:
    with actor.session(read_only=True) as session:
        return list(session.get_one(Organization, actor.organization_id).account_domains)
