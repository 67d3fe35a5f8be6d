"""Dialogs by which printers with an agent of their own are enrolled (FL-142…FL-152)."""

from nicegui import events, ui

from fleet.enrolment.native import claim_printer
from fleet.enrolment.pre_registration import (
    enrolment_code,
    list_pre_registered,
    pre_register,
    remove_pre_registered,
    serials_of_file,
)
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.copy_field import copy_field
from portal_api.pages.words import _

LARGEST_FILE = 1 << 20


async def enrolment_code_dialog() -> None:
    """The organization's code, and the serial numbers that wait for it, chosen by a file too (FL-145, FL-149)."""
    with faults_shown():
        code, waiting = await ask(enrolment_code), await ask(list_pre_registered)
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Enrolment code"), "dialog-title", "h2")
            theme.text(_("Type it at the web page or panel of printers that are pre-registered."), "", "p")
            copy_field(_("Enrolment code"), code)
            theme.text(_("{count} printers are pre-registered.", count=len(waiting)), "strong")
            chosen = ui.select(list(waiting), multiple=True, label=_("Pre-registered serial numbers"))
            chosen.props("outlined dense use-chips")
            upload = ui.upload(label=_("Or a file (.csv, .txt)"), auto_upload=True, max_file_size=LARGEST_FILE)
            upload.props('accept=".csv,.txt" flat bordered')

            async def choose(event: events.UploadEventArguments) -> None:
                listed = set(serials_of_file(await event.file.read()))
                chosen.set_value([serial for serial in waiting if serial in listed])
                upload.reset()

            upload.on_upload(choose)

            async def remove() -> None:
                with faults_shown():
                    count = await ask(remove_pre_registered, list(chosen.value or ()))
                    dialog.close()
                    tell(_("{count} pre-registrations were removed.", count=count))

            with theme.block("dialog-actions"):
                theme.plain_button(_("Remove pre-registered printers"), "delete").on_click(remove)
                theme.main_button(_("Done")).on_click(dialog.close)
        dialog.open()


def pre_registration_dialog() -> None:
    """Serial numbers by hand or from a file, and who gets the code by mail (FL-143, FL-144)."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Pre-register printers"), "dialog-title", "h2")
        serials = ui.textarea(_("Serial numbers, one a line")).props("outlined dense autofocus")
        upload = ui.upload(label=_("Or a file (.csv, .txt)"), auto_upload=True, max_file_size=LARGEST_FILE)
        upload.props('accept=".csv,.txt" flat bordered')
        email = ui.input(_("Send code and instructions to (e-mail address)")).props("outlined dense maxlength=255")

        async def read(event: events.UploadEventArguments) -> None:
            found = serials_of_file(await event.file.read())
            serials.set_value("\n".join(filter(None, [(serials.value or "").strip(), *found])))
            upload.reset()

        upload.on_upload(read)

        async def register() -> None:
            with faults_shown():
                outcome = await ask(pre_register, (serials.value or "").split(), (email.value or "").strip())
                dialog.close()
                tell(
                    _(
                        "{accepted} pre-registered, {duplicate} known already, {invalid} malformed.",
                        accepted=len(outcome.accepted),
                        duplicate=len(outcome.duplicate),
                        invalid=len(outcome.invalid),
                    )
                )

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Pre-register")).on_click(register)
    dialog.open()


def printer_code_dialog() -> None:
    """The code that a printer shows (FL-152)."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Register printer"), "dialog-title", "h2")
        theme.text(_("At the printer, open cloud services enrolment and get an enrolment code."), "", "p")
        code = ui.input(_("Code of the printer")).props("outlined dense autofocus autocomplete=off maxlength=64")

        async def register() -> None:
            with faults_shown():
                serial = await ask(claim_printer, code.value or "")
                dialog.close()
                tell(_("The printer {serial} is enrolled as soon as it asks.", serial=serial))

        code.on("keydown.enter", register)
        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Register printer")).on_click(register)
    dialog.open()
