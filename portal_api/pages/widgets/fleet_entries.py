"""What wants attention in a fleet, as ways into its list on a phone (FL-333)."""

from collections.abc import Awaitable, Callable

from connectors.messages import N_
from fleet.printers.filters import PrinterFilter
from fleet.printers.listing import count_printers
from fleet.printers.models import Communication, Severity
from portal_api.pages import theme
from portal_api.pages.frame import feedback_address
from portal_api.pages.visit import ask, opened_path
from portal_api.pages.words import _

ANY = (Severity.ERROR, Severity.WARNING)
FAULTS = (Communication.SILENT, Communication.NEEDS_CREDENTIALS)
ENTRIES = (
    (N_("Managed printers"), "print", PrinterFilter()),
    (N_("Communication faults"), "cloud_off", PrinterFilter(communication=FAULTS)),
    (N_("Printer alerts"), "error", PrinterFilter(printer_alerts=ANY)),
    (N_("Supply notifications"), "water_drop", PrinterFilter(supply_alerts=ANY)),
    (N_("Firmware updates"), "upgrade", PrinterFilter(firmware_update=True)),
)


async def fleet_entries(show: Callable[[PrinterFilter], Awaitable[None]]) -> None:
    """A button for each with how many printers there are; `show` filters the list."""
    counted = [(title, icon, chosen, await ask(count_printers, chosen)) for title, icon, chosen in ENTRIES]
    with theme.block("fleet-entries", "nav", aria_label=_("What wants attention")):
        for title, icon, chosen, total in counted:
            more = "+" if total.is_capped else ""
            button = theme.plain_button(f"{_(title)}: {total.count}{more}", icon).classes("fleet-entry")
            button.on_click(lambda chosen=chosen: show(chosen))
        feedback = theme.plain_button(_("Feedback"), "forum").classes("fleet-entry")
        feedback.props["href"] = feedback_address(opened_path())
