"""The printers of the fleet: its home, with filters, views and commands; and the summary over all organizations."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.printers.filters import PrinterFilter
from fleet.printers.listing import count_printers
from fleet.printers.models import Communication
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, visitor
from portal_api.pages.widgets.communication_card import communication_card
from portal_api.pages.widgets.fleet_entries import fleet_entries
from portal_api.pages.widgets.pre_registered import pre_registered_printers
from portal_api.pages.widgets.printer_filters import PrinterFilters
from portal_api.pages.widgets.printer_list import PrinterList
from portal_api.pages.widgets.ways_to_enrol import ways_to_enrol
from portal_api.pages.words import _

EVERY_PRINTER = PrinterFilter()


@portal_page("/printers", N_("Printers"), Permission.FLEET_VIEW, "printers")
async def printers(communication: str = "") -> None:
    """The list of the organization that one works in; the query may choose how printers communicate (FL-249)."""
    total = await ask(count_printers)
    with theme.block("toolbar"):
        heading(_("Printers"), _("Every enrolled printer, what it says of itself, and what can be done with it."))
        ui.space()
        if visitor().may(Permission.FLEET_ALL_ORGANIZATIONS):
            theme.plain_button(_("All organizations"), "domain").props["href"] = "/printers/all"
    if not total.count:
        _beginning()
        await pre_registered_printers()
        return
    await communication_card()
    states = tuple(state for state in Communication if state.value == communication)
    await _list(across=False, chosen=PrinterFilter(communication=states))
    await pre_registered_printers()


@portal_page("/printers/all", N_("Printers of all organizations"), Permission.FLEET_ALL_ORGANIZATIONS, "printers")
async def printers_of_all() -> None:
    """The summary (FL-176, FL-177): everything can be seen; updates and exports can be done (FL-64)."""
    with theme.block("toolbar"):
        heading(
            _("Printers of all organizations"),
            _("For looking at. Agents, apps and firmware can be updated; for all else go to the organization."),
        )
        ui.space()
        theme.plain_button(_("One organization"), "apartment").props["href"] = "/printers"
    await _list(across=True)


async def _list(*, across: bool, chosen: PrinterFilter = EVERY_PRINTER) -> None:
    listing = PrinterList(across=across, chosen=chosen)
    await listing.prepare()
    filters = PrinterFilters(listing.filter_by, across=across, chosen=chosen)
    await filters.prepare()
    if not across:
        await fleet_entries(filters.show)
    listing.menus()
    with theme.block("printers-layout"):
        filters.build()
        with theme.block("printers-main"):
            listing.build()
    await listing.load()


def _beginning() -> None:
    """How to begin, where there is no printer yet (FL-48)."""
    with theme.block("sheet welcome", "section", aria_label=_("How to begin")):
        theme.text(_("There are no printers yet"), "welcome-title", "h2")
        theme.text(_("A printer is managed through an agent. Choose the one that fits, and enrol printers with it."))
        ways_to_enrol()
