"""Commands of managed supplies over chosen printers, and the part of a printer's page about it (FL-206, FL-463)."""

from collections.abc import Sequence

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.managed_supplies.contacts import ContactFilter, assign_contact, list_contacts
from fleet.managed_supplies.joining import ChosenPrinter, Standing, add_printers, check_eligibility
from fleet.managed_supplies.listing import OrderFilter, list_orders
from fleet.managed_supplies.rules import ELIGIBILITY, Eligibility
from fleet.printers.cells import MSP
from fleet.printers.details import get_printer
from portal_api.pages import theme
from portal_api.pages.printer_actions import ChosenPrinters, Menu, PrinterAction, PrinterSection
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.delivery_contact_dialogs import contact_dialog
from portal_api.pages.widgets.supply_records import order_words
from portal_api.pages.words import _

LATEST = 10
SHOWN_CONTACTS = 500


async def assign(chosen: ChosenPrinters) -> None:
    """Choose one of the contacts; the default is chosen at first (FL-455)."""
    with faults_shown():
        contacts = await ask(list_contacts, ContactFilter(limit=SHOWN_CONTACTS))
        names = {view.id: f"{view.name}, {view.form.street}, {view.form.city}" for view in contacts}
        default = next((view.id for view in contacts if view.is_default), None)
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Assign delivery contact"), "dialog-title", "h2")
            if not names:
                theme.text(_("There is no delivery contact yet. Create one first."), "muted", "p")
            choice = ui.select(names, value=default, label=_("Delivery contact"), with_input=True)
            choice.props("outlined dense options-dense").set_visibility(bool(names))

            async def go_on() -> None:
                with faults_shown():
                    await _assign(chosen, str(choice.value or ""))
                    dialog.close()
                    await chosen.done()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Assign"), "check").on_click(go_on).set_enabled(bool(names))
        dialog.on("hide", dialog.delete)
        dialog.open()


async def create_and_assign(chosen: ChosenPrinters) -> None:
    """Make a contact for these printers."""

    async def made(contact_id: str) -> None:
        with faults_shown():
            await _assign(chosen, contact_id)
            await chosen.done()

    contact_dialog(made)


async def add(chosen: ChosenPrinters) -> None:
    """Show how the printers stand and the terms, and add those that are eligible (F-40)."""
    with faults_shown():
        ids = await chosen.ids()
        AddDialog(chosen, ids, await ask(check_eligibility, ids)).open()


async def manage(_chosen: ChosenPrinters) -> None:
    """The page of contacts."""
    ui.navigate.to("/delivery-contacts")


class AddDialog:
    """The open dialog."""

    def __init__(self, chosen: ChosenPrinters, ids: list[str], standing: Standing) -> None:
        self._chosen, self._ids, self._standing = chosen, ids, standing

    def open(self) -> None:
        """Show it."""
        eligible = len(self._standing.groups[Eligibility.ELIGIBLE])
        with theme.dialog() as self._dialog, theme.block("sheet dialog-sheet wide"):
            theme.text(_("Add to managed supplies"), "dialog-title", "h2")
            with theme.block("verdict-lines"):
                for one, printers in self._standing.groups.items():
                    if printers or one is Eligibility.ELIGIBLE:
                        _group(one, printers)
            theme.text(_("Terms"), "field-title", "h3")
            terms = self._standing.terms or _(self._standing.shown_terms)
            theme.text(terms, "terms", "p", tabindex="0")
            theme.text(_("Printers cannot be taken out of the programme here again."), "warning", "p", role="note")
            accept = ui.checkbox(_("I accept the terms of the programme"))
            accept.set_enabled(eligible > 0)
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(self._dialog.close)
                button = theme.main_button(_("Add"), "add").on_click(self._add)
                button.bind_enabled_from(accept, "value")
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    async def _add(self) -> None:
        with faults_shown():
            count = await ask(add_printers, self._ids, self._standing.terms_version)
            self._dialog.close()
            tell(_("Printers that wait for the programme's answer now: {count}", count=count))
            await self._chosen.done()


def _group(one: Eligibility, printers: Sequence[ChosenPrinter]) -> None:
    facts = ELIGIBILITY[one]
    with ui.expansion(f"{_(facts.title)}: {len(printers)}").props("dense"):
        theme.text(_(facts.remedy), "hint", "p")
        with theme.block("", "ul"):
            for printer in printers:
                theme.text(f"{printer.serial_number} · {printer.model}", "", "li")


async def _assign(chosen: ChosenPrinters, contact_id: str) -> None:
    count = await ask(assign_contact, contact_id, await chosen.ids())
    tell(_("Printers with this contact now: {count}", count=count))


async def supplies_section(printer_id: str) -> None:
    """Whether the vendor's programme manages it, to whom its supplies go, and its last orders (FL-476)."""
    view = (await ask(get_printer, printer_id)).view
    orders = await ask(list_orders, OrderFilter(printer_id=printer_id, limit=LATEST))
    if view.msp is None and not view.delivery_contact_id and not orders:
        return
    with theme.block("sheet settings", "section", aria_label=_("Managed supplies")):
        theme.text(_("Managed supplies"), "section-title", "h2")
        facts = {
            _("Vendor-managed"): MSP[view.msp] if view.msp else _("No"),
            _("Delivery contact"): ", ".join(filter(None, (view.delivery_contact, view.company_name))),
        }
        with theme.block("facts", "dl"):
            for title, value in facts.items():
                theme.text(title, "ticket", "dt")
                theme.text(value or "–", "", "dd")
        if orders:
            theme.text(_("Orders"), "field-title", "h3")
            with theme.block("records", role="list"):
                for order in orders:
                    with theme.block("record", role="listitem"):
                        theme.icon("local_shipping")
                        order_words(order, names_customer=False)


_MAY = Permission.FLEET_MANAGE
ACTIONS = (
    PrinterAction(Menu.PRINTERS, 70, N_("Add to managed supplies"), "inventory_2", _MAY, add),
    PrinterAction(Menu.PRINTERS, 71, N_("Assign delivery contact"), "person_pin_circle", _MAY, assign),
    PrinterAction(Menu.PRINTERS, 72, N_("Create and assign delivery contact"), "person_add", _MAY, create_and_assign),
    PrinterAction(
        Menu.PRINTERS, 73, N_("Manage contacts"), "contacts", _MAY, manage, needs_printers=False, on_page=False
    ),
)
SECTIONS = (PrinterSection(60, _MAY, supplies_section),)
