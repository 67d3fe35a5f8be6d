"""The distributions of pages to organizations: what each has left, until when, and what can be done (SQ-30…SQ-38)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.quotas.billing import CustomerBilling, customers_billing
from domain.quotas.distribution_views import DistributionView
from domain.quotas.distributions import Recipient, list_distributions
from domain.quotas.rules import SERVICE_TITLES, ServiceState
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, visitor, when
from portal_api.pages.widgets.distribution_dialogs import cycle_dialog, resume, revoke_dialog, suspend_dialog
from portal_api.pages.widgets.page_counts import amount, day, number, state_slip, validity
from portal_api.pages.words import _


@portal_page("/quotas/distributions", N_("Distributions"), Permission.QUOTAS_DISTRIBUTIONS_OPEN, "distributions")
async def distributions() -> None:
    """The page."""
    await DistributionList().build()


class DistributionList:
    """The open list."""

    def __init__(self) -> None:
        self._found: list[Recipient] = []
        self._billing: dict[str, CustomerBilling] = {}
        self._search = ""

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Distributions"), _("How many pages organizations have, and what is left of them."))
            ui.space()
            if visitor().may(Permission.QUOTAS_DISTRIBUTIONS_MANAGE):
                theme.plain_button(_("Billing cycle"), "calendar_month").on_click(cycle_dialog)
            self._create_button = theme.main_button(_("Create distribution"), "add")
            self._create_button.props("href=/quotas/distributions/new")
        with theme.block("filters", role="search"):
            search = ui.input(_("Search"), on_change=lambda event: self._find(event.value or ""))
            search.props("outlined dense clearable debounce=250").classes("search")
        self._rows()
        await self._load()

    async def _find(self, search: str) -> None:
        self._search = search
        await self._load()

    async def _load(self) -> None:
        with faults_shown():
            self._found = await ask(list_distributions, self._search)
            if visitor().may(Permission.QUOTAS_BILLING_VIEW):
                self._billing = {one.organization_id: one for one in await ask(customers_billing)}
        self._create_button.set_visibility(any(one.may_set for one in self._found))
        self._rows.refresh()

    @ui.refreshable_method
    def _rows(self) -> None:
        if not self._found:
            with theme.block("empty", role="status"):
                theme.icon("corporate_fare")
                theme.text(_("No organization fits the search."), "muted")
            return
        with theme.block("records", role="list"):
            for one in self._found:
                self._row(one)

    def _row(self, one: Recipient) -> None:
        with theme.block("record distribution", role="listitem"):
            with theme.block("record-words"):
                self._name(one)
                if one.distribution is not None:
                    theme.text(_("Changed {when}", when=when(one.distribution.changed)), "hint")
                self._cycle(one)
            if one.distribution is None:
                theme.text(_("No distribution yet"), "muted distribution-left")
            else:
                self._left(one.distribution)
            if one.may_set:
                self._buttons(one)

    def _name(self, one: Recipient) -> None:
        if not one.may_set:
            theme.text(one.organization_name, "strong")
            return
        address = f"/quotas/distributions/{one.organization_id}"
        if one.distribution is None or one.distribution.state is ServiceState.REVOKED:
            address = f"/quotas/distributions/new?organization={one.organization_id}"
        with theme.block("record-link", "a", href=address):
            theme.text(one.organization_name, "strong")

    def _cycle(self, one: Recipient) -> None:
        """SQ-32."""
        if (billing := self._billing.get(one.organization_id)) is None:
            return
        used = ", ".join(
            f"{_(SERVICE_TITLES[service])} {number(pages)}" for service, pages in billing.current_used.items()
        )
        days = f"{day(billing.current.first)} – {day(billing.current.last)}"
        theme.text(_("Billing cycle {days}: {used}", days=days, used=used), "hint")

    def _left(self, view: DistributionView) -> None:
        with theme.block("distribution-left"):
            with theme.block("card-foot"):
                state_slip(view.state)
                theme.text(validity(view.duration, view.expires_on), "ticket")
            for one in view.services:
                if one.is_given:
                    left = _("{left} of {limit} left", left=amount(one.left), limit=amount(one.limit))
                    words = left if one.limit is not None else _("no limit")
                    if one.state is ServiceState.SUSPENDED and view.state is not ServiceState.SUSPENDED:
                        words = f"{words} · {_('Suspended')}"
                    theme.text(f"{_(SERVICE_TITLES[one.service])}: {words}", "distribution-service")

    def _buttons(self, one: Recipient) -> None:
        name, view = one.organization_name, one.distribution
        with theme.block("record-buttons"):
            if view is None or view.state is ServiceState.REVOKED:
                button = theme.icon_button("add", _("Create a distribution for “{name}”", name=name))
                button.props(f"href=/quotas/distributions/new?organization={one.organization_id}")
                return
            edit = theme.icon_button("edit", _("Edit the distribution of “{name}”", name=name))
            edit.props(f"href=/quotas/distributions/{one.organization_id}")
            if view.state is not ServiceState.EXPIRED:
                self._switches(one, view)
            revoke = theme.icon_button("block", _("Revoke the distribution of “{name}”", name=name))
            revoke.on_click(lambda: revoke_dialog(one, self._load))

    def _switches(self, one: Recipient, view: DistributionView) -> None:
        name = one.organization_name
        states = {each.state for each in view.services if each.is_given}
        if states - {ServiceState.SUSPENDED}:
            button = theme.icon_button("pause", _("Suspend the distribution of “{name}”", name=name))
            button.on_click(lambda: suspend_dialog(one, self._load))
        if ServiceState.SUSPENDED in states:
            button = theme.icon_button(
                "play_arrow", _("Resume the distribution of “{name}”", name=one.organization_name)
            )
            button.on_click(lambda: resume(one, self._load))
