"""Page quotas at a glance: one's own, the organization's, the customers', and the default quota (SQ-33, SQ-40)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.quotas.rules import SERVICE_TITLES, Pages
from domain.quotas.user_quotas import default_quota, set_default_quota
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell, visitor
from portal_api.pages.widgets.page_counts import amount
from portal_api.pages.widgets.pages_form import PagesForm
from portal_api.pages.widgets.quota_cards import BillingCard, Card, DistributionCard, OwnQuotaCard
from portal_api.pages.words import _
from steps.contract import Service

SHARED = N_("not set: everybody shares what the organization has")


@portal_page("/quotas", N_("Quotas"), Permission.OWN_QUOTA, "quotas")
async def quotas() -> None:
    """The page; what it holds depends on what the visitor may see."""
    heading(_("Quotas"), _("Pages for translation, redaction and text recognition."))
    actor = visitor()
    cards: list[Card] = [OwnQuotaCard()]
    if actor.may(Permission.QUOTAS_DISTRIBUTION_VIEW):
        cards.append(DistributionCard())
    if actor.may(Permission.QUOTAS_BILLING_VIEW):
        cards.append(BillingCard())
    with theme.block("cards"):
        for card in cards:
            await card.build()
    if actor.may(Permission.QUOTAS_MANAGE):
        _default(await ask(default_quota))


def _default(pages: Pages) -> None:
    with theme.block("sheet crop settings", "section", aria_label=_("Default quota")):
        with theme.block("solution-head"):
            theme.text(_("Default quota"), "section-title", "h2")
            button = theme.plain_button(_("Edit"), "edit").on_click(lambda: _edit(pages))
            button.props["aria-label"] = _("Edit the default quota")
        theme.text(_("Holds for each person without a custom quota of their own or of their group."), "hint")
        with theme.block("facts", "dl"):
            for service in Service:
                theme.text(_(SERVICE_TITLES[service]), "ticket-label", "dt")
                theme.text(_words(pages, service), "", "dd")


def _words(pages: Pages, service: Service) -> str:
    if service not in pages:
        return _(SHARED)
    limit = pages[service]
    return _("unlimited") if limit is None else _("{pages} pages for each person", pages=amount(limit))


def _edit(pages: Pages) -> None:
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Default quota"), "dialog-title", "h2")
        form = PagesForm(pages, unset=_("Not set, shared by everybody"))

        async def save() -> None:
            with faults_shown():
                await ask(set_default_quota, form.value)
                tell(_("The default quota is saved."))
                ui.navigate.reload()

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Save changes"), "save").on_click(save)
    dialog.on("hide", dialog.delete)
    dialog.open()
