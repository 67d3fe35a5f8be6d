"""The command that says in which time zone printers stand (PR-91)."""

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.printers.time_zones import set_time_zone
from portal_api.pages import theme
from portal_api.pages.printer_actions import ChosenPrinters, Menu, PrinterAction
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.time_zone_choice import time_zone_choice
from portal_api.pages.words import _


async def choose_time_zone(chosen: ChosenPrinters) -> None:
    """Choose one for all of them."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Set time zone"), "dialog-title", "h2")
        theme.text(chosen.words, "muted", "p")
        zone = time_zone_choice("")
        theme.text(_("Times of print policies are read in it."), "hint", "p")

        async def apply() -> None:
            with faults_shown():
                await ask(set_time_zone, await chosen.ids(), str(zone.value or ""))
                dialog.close()
                tell(_("The changes are saved."))
                await chosen.done()

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Apply"), "check").on_click(apply)
    dialog.on("hide", dialog.delete)
    dialog.open()


ACTIONS = (
    PrinterAction(
        Menu.PRINTERS, 75, N_("Set time zone"), "schedule", Permission.FLEET_MANAGE, choose_time_zone, on_page=False
    ),
)
