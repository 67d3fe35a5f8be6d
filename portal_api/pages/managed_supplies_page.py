"""Managed supplies of an organization: members, requests that wait, orders (FL-450…FL-473)."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.managed_supplies.joining import ProgrammeStanding, programme_standing
from fleet.managed_supplies.listing import (
    OrderFilter,
    OrderView,
    RequestFilter,
    RequestView,
    list_orders,
    list_requests,
)
from fleet.printers.cells import MSP
from fleet.printers.columns import Column
from fleet.printers.filters import PrinterFilter
from fleet.printers.listing import PrinterQuery, list_printers
from fleet.printers.models import MspStatus
from fleet.printers.rows import PrinterView
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, visitor
from portal_api.pages.widgets.supply_records import order_words, request_words
from portal_api.pages.words import _

TABS = {"printers": N_("Printers"), "requests": N_("Requests"), "orders": N_("Orders")}
NOTHING = {
    "printers": (
        N_("No printer is in the programme yet."),
        N_("Choose printers in the list, then “Add to managed supplies”."),
    ),
    "requests": (N_("No printer has asked to join yet."), ""),
    "orders": (N_("Nothing was ordered yet."), N_("An order is made as soon as a supply of a member runs low.")),
}
PAGE = 50


@portal_page("/managed-supplies", N_("Managed supplies"), Permission.FLEET_MANAGE, "managed-supplies")
async def managed_supplies(tab: str = "printers") -> None:
    """The page."""
    await ManagedSupplies(await ask(programme_standing), tab if tab in TABS else "printers").build()


class ManagedSupplies:
    """The open page with the list of the chosen tab."""

    def __init__(self, standing: ProgrammeStanding, tab: str) -> None:
        self._standing, self._tab = standing, tab
        self._printers: list[PrinterView] = []
        self._requests: list[RequestView] = []
        self._orders: list[OrderView] = []
        self._is_last = True
        chosen = PrinterFilter(supplies_programme=(MspStatus.PENDING, MspStatus.MEMBER))
        columns = frozenset({Column.MSP, Column.DELIVERY_CONTACT, Column.COMPANY_NAME})
        self._query = PrinterQuery(chosen, columns=columns, limit=PAGE)

    async def build(self) -> None:
        """Lay out the page."""
        standing = self._standing
        with theme.block("toolbar"):
            heading(_("Managed supplies"), _("The programme sends supplies as they run low in the printers."))
            ui.space()
            if standing.is_entitled:
                theme.main_button(_("Choose printers"), "print").props["href"] = "/printers"
        if not standing.is_entitled:
            self._why_not()
        self._sums()
        with theme.block("filters"), ui.tabs(on_change=lambda event: self._choose(str(event.value))) as tabs:
            for name, title in TABS.items():
                ui.tab(name, _(title))
        tabs.props("no-caps dense").value = self._tab
        self._rows()
        await self._load()

    def _why_not(self) -> None:
        with theme.block("warning", role="note"):
            theme.icon("info")
            if self._standing.has_partner:
                theme.text(_("Your organization is not entitled to the programme. Your partner can add the service."))
            else:
                theme.text(_("Printers of customers join the programme, not those of a partner itself."))
        if not self._standing.has_partner and visitor().may(Permission.FLEET_SUPPLIES_DESK):
            theme.plain_button(_("Supplies desk"), "support_agent").props["href"] = "/supplies-desk"

    def _sums(self) -> None:
        standing = self._standing
        sums = {
            _("Members"): standing.members,
            _("Pending"): standing.pending,
            _("Delivery contacts"): standing.contacts,
        }
        with theme.block("report-sums", "dl"):
            for title, value in sums.items():
                with theme.block("report-sum"):
                    theme.text(title, "hint", "dt")
                    theme.text(str(value), "report-number", "dd")

    async def _choose(self, tab: str) -> None:
        if tab != self._tab:
            self._tab = tab
            await self._load()

    async def _load(self) -> None:
        self._printers, self._requests, self._orders = [], [], []
        self._query = replace(self._query, after=None)
        await self._next()

    async def _next(self) -> None:
        found: dict[str, Callable[[], Awaitable[int]]] = {
            "printers": self._next_printers,
            "requests": self._next_requests,
            "orders": self._next_orders,
        }
        with faults_shown():
            self._is_last = await found[self._tab]() < PAGE
        self._rows.refresh()

    async def _next_printers(self) -> int:
        found = await ask(list_printers, self._query)
        if found:
            self._query = replace(self._query, after=found[-1].key)
        self._printers += found
        return len(found)

    async def _next_requests(self) -> int:
        last = self._requests[-1].id if self._requests else ""
        found = await ask(list_requests, RequestFilter(before=last, limit=PAGE))
        self._requests += found
        return len(found)

    async def _next_orders(self) -> int:
        last = self._orders[-1].id if self._orders else ""
        found = await ask(list_orders, OrderFilter(before=last, limit=PAGE))
        self._orders += found
        return len(found)

    @ui.refreshable_method
    def _rows(self) -> None:
        if not (self._printers or self._requests or self._orders):
            nothing, advice = NOTHING[self._tab]
            with theme.block("empty", role="status"):
                theme.icon("inventory_2")
                theme.text(_(nothing), "strong")
                theme.text(_(advice))
            return
        with theme.block("records", role="list"):
            for printer in self._printers:
                _member(printer)
            for request in self._requests:
                with theme.block("record", role="listitem"):
                    theme.icon("print_add")
                    request_words(request, names_customer=False)
            for order in self._orders:
                with theme.block("record", role="listitem"):
                    theme.icon("local_shipping")
                    order_words(order, names_customer=False)
        if not self._is_last:
            theme.plain_button(_("Show more"), "expand_more").on_click(self._next)


def _member(view: PrinterView) -> None:
    with theme.block("record", role="listitem"):
        theme.icon("print")
        with theme.block("record-words"):
            with theme.block("person-link strong", "a", href=f"/printers/{view.id}"):
                theme.text(f"{view.model} · {view.serial_number}")
            theme.text(" · ".join(filter(None, (view.address, view.location))), "muted clamp-one")
            theme.text(" · ".join(filter(None, (view.delivery_contact, view.company_name))), "muted clamp-one")
        if view.msp is not None:
            theme.chip(MSP[view.msp], "good" if view.msp is MspStatus.MEMBER else "dry")
