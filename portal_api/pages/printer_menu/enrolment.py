"""Bringing printers into the fleet from its list, and taking back pre-registrations (FL-74, FL-149, FL-206)."""

from connectors.messages import N_
from domain.organizations.permissions import Permission
from portal_api.pages.printer_actions import ChosenPrinters, Menu, PrinterAction
from portal_api.pages.widgets.enrolment_dialogs import enrolment_code_dialog
from portal_api.pages.widgets.ways_to_enrol import ways_dialog


async def enrol(_chosen: ChosenPrinters) -> None:
    """Choose the agent, and begin with it."""
    ways_dialog()


async def remove_pre_registered(_chosen: ChosenPrinters) -> None:
    """Choose among the serial numbers that wait for the enrolment code."""
    await enrolment_code_dialog()


ACTIONS = (
    PrinterAction(
        Menu.PRINTERS,
        70,
        N_("Enrol printers with …"),
        "add_link",
        Permission.FLEET_ENROL,
        enrol,
        needs_printers=False,
        on_page=False,
    ),
    PrinterAction(
        Menu.PRINTERS,
        71,
        N_("Remove pre-registered printers"),
        "playlist_remove",
        Permission.FLEET_ENROL,
        remove_pre_registered,
        needs_printers=False,
        on_page=False,
    ),
)
