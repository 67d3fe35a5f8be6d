"""Making and editing a distribution (SQ-20…SQ-26, SQ-34)."""

from datetime import date
from typing import Any

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.quotas.distribution_views import DistributionView
from domain.quotas.distributions import (
    Recipient,
    create_distribution,
    edit_distribution,
    get_distribution,
    list_distributions,
)
from domain.quotas.models import Duration
from domain.quotas.rules import ServiceState
from domain.quotas.terms import MOST_ADDRESSES, Terms
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell, visitor
from portal_api.pages.widgets.address_list import AddressList
from portal_api.pages.widgets.pages_form import PagesForm
from portal_api.pages.words import _

DURATIONS = {Duration.PERPETUAL: N_("Perpetual"), Duration.CUSTOM: N_("Custom"), Duration.USAGE: N_("Billed by use")}
MEANINGS = {
    Duration.PERPETUAL: N_("The limits hold until they are reached, however long it takes."),
    Duration.CUSTOM: N_("The pages end on the expiry date, even if some are left."),
    Duration.USAGE: N_("No limits and no end: what is used is billed."),
}


@portal_page(
    "/quotas/distributions/new", N_("Create distribution"), Permission.QUOTAS_DISTRIBUTIONS_OPEN, "distributions"
)
async def new_distribution(organization: str = "") -> None:
    """The form for a new distribution, with the organization already chosen if it is named."""
    offered = [one for one in await ask(list_distributions) if one.may_set and _is_free(one)]
    DistributionForm(None, offered, organization).build()


@portal_page(
    "/quotas/distributions/{organization_id}",
    N_("Edit distribution"),
    Permission.QUOTAS_DISTRIBUTIONS_OPEN,
    "distributions",
)
async def distribution(organization_id: str) -> None:
    """The form for the distribution that an organization has."""
    recipient = await ask(get_distribution, organization_id)
    DistributionForm(recipient.distribution, [recipient], organization_id).build()


def _is_free(one: Recipient) -> bool:
    """Whether a new distribution can be made for the organization (SQ-28)."""
    return one.distribution is None or one.distribution.state in (ServiceState.REVOKED, ServiceState.EXPIRED)


class DistributionForm:
    """The open form; `view` is what is edited, None for a new one."""

    def __init__(self, view: DistributionView | None, offered: list[Recipient], organization_id: str) -> None:
        self._view = view
        self._offered = {one.organization_id: one.organization_name for one in offered}
        self._organization = organization_id if organization_id in self._offered else None
        self._duration = view.duration if view else Duration.PERPETUAL
        self._confirmed = self._duration is Duration.CUSTOM
        self._expires = view.expires_on.isoformat() if view and view.expires_on else ""
        self._addresses = AddressList(view.notify if view else (), MOST_ADDRESSES)

    def build(self) -> None:
        """Lay out the page."""
        name = self._offered.get(self._organization or "", "")
        title = _("Distribution of “{name}”", name=name) if self._view else _("Create distribution")
        heading(title, _("Pages that an organization may use for translation, redaction and text recognition."))
        with theme.block("sheet crop settings form"):
            if self._view is None:
                self._organization_choice()
            self._duration_choice()
            self._duration_part()
            theme.text(_("Pages"), "section-title", "h2")
            is_limited = self._view is not None and self._duration is not Duration.USAGE
            pages = {one.service: one.limit for one in self._view.services} if self._view and is_limited else {}
            self._pages = PagesForm(pages, unlimited=self._duration is Duration.CUSTOM)
            self._pages_hint()
            self._notice()
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).props("href=/quotas/distributions")
                words = _("Save changes") if self._view else _("Create distribution")
                self._save_button = theme.main_button(words, "save").on_click(self._save)

    def _organization_choice(self) -> None:
        field = ui.select(
            self._offered,
            value=self._organization,
            label=_("Organization"),
            with_input=True,
            on_change=lambda event: setattr(self, "_organization", event.value),
        )
        field.props("outlined dense options-dense").classes("organization-choice")
        if not self._offered:
            theme.text(_("Every organization has a distribution already. Edit it in the list."), "hint")

    def _duration_choice(self) -> None:
        offered = [Duration.PERPETUAL, Duration.CUSTOM]
        if self._duration is Duration.USAGE or self._organization == visitor().organization_id:
            offered.append(Duration.USAGE)
        options = {duration.value: _(DURATIONS[duration]) for duration in offered}
        choice = ui.select(options, value=self._duration.value, label=_("Duration"), on_change=self._choose)
        choice.props("outlined dense options-dense")

    def _choose(self, event: Any) -> None:
        self._duration = Duration(event.value)
        self._pages.allow_unlimited(self._duration is Duration.CUSTOM)
        self._duration_part.refresh()
        self._pages_hint.refresh()

    @ui.refreshable_method
    def _duration_part(self) -> None:
        theme.text(_(MEANINGS[self._duration]), "hint")
        if self._duration is not Duration.CUSTOM:
            return
        if not self._confirmed:
            with theme.block("alarm quiet", role="note"):
                theme.text(_("Change to a custom duration?"), "strong")
                theme.text(_("Pages that are left on the expiry date are lost to the organization."))
                with theme.block("actions"):
                    theme.plain_button(_("Confirm change"), "check").on_click(self._confirm)
            return
        expires = ui.input(
            _("Expiry date"), value=self._expires, on_change=lambda event: setattr(self, "_expires", event.value or "")
        )
        expires.props("outlined dense type=date stack-label")

    def _confirm(self) -> None:
        self._confirmed = True
        self._duration_part.refresh()

    @ui.refreshable_method
    def _pages_hint(self) -> None:
        if self._duration is Duration.USAGE:
            theme.text(_("The numbers do not count while use is billed."), "hint")
        elif self._duration is Duration.PERPETUAL:
            theme.text(_("Unlimited pages need a custom duration. 0 leaves a service out."), "hint")

    def _notice(self) -> None:
        switch = ui.checkbox(
            _("Send a notification when the distribution is almost empty"), value=bool(self._addresses.value)
        )
        with theme.block("address-part") as part:
            self._addresses.build()
        part.bind_visibility_from(switch, "value")
        self._notify = switch

    async def _save(self) -> None:
        with faults_shown():
            if self._view is None:
                await ask(create_distribution, self._organization, self._terms())
                tell(_("The distribution is made."))
            else:
                await ask(edit_distribution, self._view.organization_id, self._terms())
                tell(_("The changes are saved."))
            ui.navigate.to("/quotas/distributions")

    def _terms(self) -> Terms:
        try:
            expires_on = date.fromisoformat(self._expires) if self._expires else None
        except ValueError:  # a date that is still being typed
            expires_on = None
        notify = self._addresses.value if self._notify.value else None
        return Terms(self._duration, self._pages.value, expires_on, notify, self._confirmed)
