"""The three cards about page quotas (SQ-82…SQ-84), which keep themselves up to date (SQ-87)."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from connectors.messages import N_
from domain.quotas.billing import CustomerBilling, Cycle, customers_billing
from domain.quotas.distribution_views import DistributionView
from domain.quotas.distributions import Recipient, list_distributions
from domain.quotas.rules import SERVICE_TITLES
from domain.quotas.usage import OwnQuota, ServiceUse, own_quota
from portal_api.pages import theme
from portal_api.pages.visit import faults_shown, look_again, visitor
from portal_api.pages.widgets.page_counts import day, meter, number, state_slip, validity
from portal_api.pages.words import _

REFRESH_SECONDS = 300
NO_PAGES = N_("There are no pages now.")


class Card:
    """A card with a title that asks again every five minutes, and when its button is pressed."""

    title = ""
    link = ""

    async def build(self) -> None:
        """Lay out the card."""
        with theme.block("sheet quota-card", "section", aria_label=_(self.title)):
            with theme.block("solution-head"):
                theme.text(_(self.title), "section-title", "h2")
                button = theme.icon_button("refresh", _("Refresh “{title}”", title=_(self.title)))
                button.on_click(self._refresh)
            self._holder = theme.box("card-content")
            if self.link:
                with theme.block("quiet-link", "a", href=self.link):
                    theme.text(_("Open the distributions"))
        await self._refresh()
        ui.timer(REFRESH_SECONDS, self._refresh, immediate=False)

    async def content(self) -> Callable[[], None]:
        """Look at what the card shows; returns what lays it out."""
        raise NotImplementedError

    async def _refresh(self) -> None:
        with faults_shown():
            show = await self.content()
            self._holder.clear()
            with self._holder:
                show()


class OwnQuotaCard(Card):
    """Pages used of one's own quota (SQ-82)."""

    title = N_("My quota pages used")

    async def content(self) -> Callable[[], None]:
        own = await look_again(own_quota)
        return lambda: _own(own)


class DistributionCard(Card):
    """Pages used of what the organization was given; for partners those of the customer chosen as well (SQ-83)."""

    title = N_("Organization distribution status")
    link = "/quotas/distributions"

    def __init__(self) -> None:
        self._chosen = visitor().organization_id

    async def content(self) -> Callable[[], None]:
        recipients = await look_again(list_distributions)
        return lambda: self._show(recipients)

    def _show(self, recipients: list[Recipient]) -> None:
        own = next(one for one in recipients if one.organization_id == visitor().organization_id)
        if len(recipients) > 1:
            _choice({one.organization_id: one.organization_name for one in recipients}, self._chosen, self._choose)
        shown = next((one for one in recipients if one.organization_id == self._chosen), own)
        _distribution(shown.distribution)
        if shown is not own and own.distribution is not None:
            theme.text(_("Your own organization's total"), "field-title")
            _distribution(own.distribution)

    async def _choose(self, organization_id: str) -> None:
        self._chosen = organization_id
        await self._refresh()


class BillingCard(Card):
    """What a customer used in the present billing cycle, and when the next one begins (SQ-84)."""

    title = N_("Organization quota status")

    def __init__(self) -> None:
        self._chosen = ""

    async def content(self) -> Callable[[], None]:
        customers = await look_again(customers_billing)
        return lambda: self._show(customers)

    def _show(self, customers: list[CustomerBilling]) -> None:
        if not customers:
            theme.text(_("You have no customer organizations yet."), "muted")
            return
        shown = next((one for one in customers if one.organization_id == self._chosen), customers[0])
        names = {one.organization_id: one.organization_name for one in customers}
        _choice(names, shown.organization_id, self._choose)
        with theme.block("facts", "dl"):
            _fact(_("Current billing cycle"), _days(shown.current))
            for service, pages in shown.current_used.items():
                _fact(_(SERVICE_TITLES[service]), _("{pages} pages", pages=number(pages)))
            _fact(_("Upcoming billing cycle"), _days(shown.upcoming))

    async def _choose(self, organization_id: str) -> None:
        self._chosen = organization_id
        await self._refresh()


def _choice(names: dict[str, str], chosen: str, choose: Callable[[str], Awaitable[None]]) -> None:
    field = ui.select(names, value=chosen, label=_("Organization"), on_change=lambda event: choose(str(event.value)))
    field.props("outlined dense options-dense")


def _own(own: OwnQuota) -> None:
    for one in own.services:
        meter(_(SERVICE_TITLES[one.service]), one.used, one.limit, one.left, one.state, _shared_words(one))
    if not own.services or own.duration is None:
        theme.text(_(NO_PAGES), "muted")
        return
    theme.text(validity(own.duration, own.expires_on), "ticket")


def _shared_words(one: ServiceUse) -> str:
    if not one.is_shared:
        return ""
    return _("Shared with others of the organization; {own} of them are yours.", own=number(one.own))


def _distribution(view: DistributionView | None) -> None:
    if view is None:
        theme.text(_(NO_PAGES), "muted")
        return
    for one in view.services:
        if one.is_given:
            handed_out = _("Handed out to customers: {pages}.", pages=number(one.handed_out))
            note = handed_out if one.handed_out else ""
            meter(_(SERVICE_TITLES[one.service]), one.used, one.limit, one.left, one.state, note)
    with theme.block("card-foot"):
        theme.text(validity(view.duration, view.expires_on), "ticket")
        state_slip(view.state)


def _days(cycle: Cycle) -> str:
    return f"{day(cycle.first)} – {day(cycle.last)}"


def _fact(name: str, value: str) -> None:
    theme.text(name, "ticket-label", "dt")
    theme.text(value, "", "dd")
