"""The code for a sticker on a printer, by which phones find it (MOB-1)."""

import base64

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.phones.codes import PhoneCode, sticker_code
from portal_api.pages import theme
from portal_api.pages.printer_actions import ChosenPrinters, Menu, PrinterAction
from portal_api.pages.visit import ask, faults_shown
from portal_api.pages.words import _


async def sticker(chosen: ChosenPrinters) -> None:
    """Show it; where stickers do not count, what to do is told instead."""
    with faults_shown():
        (printer_id,) = await chosen.ids()
        _dialog(await ask(sticker_code, printer_id))


def _dialog(code: PhoneCode) -> None:
    picture = f"data:image/svg+xml;base64,{base64.b64encode(code.svg()).decode()}"
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Code for phones at {printer}", printer=code.printer.name), "dialog-title", "h2")
        theme.box("qr", "img", src=picture, alt=_("Code for phones at {printer}", printer=code.printer.name))
        theme.text(
            _("Print it and stick it on the printer. It never changes, and counts while stickers are allowed."),
            "hint",
        )
        with theme.block("dialog-actions"):
            theme.plain_button(_("Close")).on_click(dialog.close)
            save = theme.main_button(_("Save picture"), "download")
            save.props["href"] = f"/api/v1/phone-codes/sticker?printer_id={code.printer.id}"
            save.props["download"] = f"{code.printer.serial_number}.svg"
    dialog.on("hide", dialog.delete)
    dialog.open()


ACTIONS = (
    PrinterAction(
        Menu.PRINTERS, 35, N_("Sticker for phones"), "qr_code_2", Permission.FLEET_MANAGE, sticker, one_only=True
    ),
)
