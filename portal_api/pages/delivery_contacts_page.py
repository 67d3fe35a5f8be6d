"""Delivery contacts: found, made, changed, duplicated, imported, deleted (FL-455…FL-462)."""

from collections.abc import Callable
from dataclasses import replace

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.managed_supplies.contacts import (
    ContactFilter,
    ContactView,
    contact_places,
    delete_contact,
    list_contacts,
    make_default,
)
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.delivery_contact_dialogs import contact_dialog, contact_import_dialog
from portal_api.pages.words import _


@portal_page("/delivery-contacts", N_("Delivery contacts"), Permission.FLEET_MANAGE, "delivery-contacts")
async def delivery_contacts() -> None:
    """The page."""
    await ContactList().build()


class ContactList:
    """The open list, page after page below each other."""

    def __init__(self) -> None:
        self._filter = ContactFilter()
        self._contacts: list[ContactView] = []
        self._is_last = True

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Delivery contacts"), _("To whom and where the supplies of printers are sent."))
            ui.space()
            theme.plain_button(_("Import"), "upload_file").on_click(contact_import_dialog)
            theme.main_button(_("New contact"), "person_add").on_click(lambda: contact_dialog(self._saved))
        with theme.block("filters", role="search"):
            search = ui.input(_("Name or company"), on_change=lambda event: self._narrow(search=event.value or ""))
            search.props("outlined dense clearable debounce=250").classes("search")
            self._places = theme.box("filters")
        self._rows()
        await self._load()

    async def _saved(self, _contact_id: str) -> None:
        await self._load()

    async def _narrow(self, **values: str) -> None:
        self._filter = replace(self._filter, **values)  # type: ignore[arg-type]
        await self._load()

    async def _load(self) -> None:
        self._contacts, self._filter = [], replace(self._filter, after=None)
        with faults_shown():
            companies, cities = await ask(contact_places)
            self._show_places(companies, cities)
        await self._next()

    def _show_places(self, companies: list[str], cities: list[str]) -> None:
        self._places.clear()
        with self._places:
            self._place(_("Company"), companies, "company")
            self._place(_("City"), cities, "city")

    def _place(self, label: str, values: list[str], name: str) -> None:
        chosen = getattr(self._filter, name)
        options = {"": _("All"), **{value: value for value in values}}
        field = ui.select(options, value=chosen if chosen in options else "", label=label)
        field.props("outlined dense options-dense")
        field.on_value_change(lambda event: self._narrow(**{name: event.value or ""}))

    async def _next(self) -> None:
        with faults_shown():
            found = await ask(list_contacts, self._filter)
            self._contacts += found
            self._is_last = len(found) < self._filter.limit
            if found:
                self._filter = replace(self._filter, after=found[-1].key)
        self._rows.refresh()

    @ui.refreshable_method
    def _rows(self) -> None:
        if not self._contacts:
            with theme.block("empty", role="status"):
                theme.icon("local_shipping")
                theme.text(_("No delivery contact was found."), "strong")
                theme.text(_("Make one before printers are added to managed supplies."))
            return
        with theme.block("records", role="list"):
            for view in self._contacts:
                self._row(view)
        if not self._is_last:
            theme.plain_button(_("Show more"), "expand_more").on_click(self._next)

    def _row(self, view: ContactView) -> None:
        form = view.form
        with theme.block("record", role="listitem"):
            theme.icon("person_pin_circle")
            with theme.block("record-words"):
                theme.text(view.name, "strong clamp-one")
                theme.text(" · ".join(filter(None, (form.company, form.email))), "muted clamp-one")
                place = " ".join(filter(None, (form.postal_code, form.city)))
                theme.text(", ".join((form.street, place, form.country)), "muted clamp-one")
            if view.is_default:
                theme.chip(_("Default"), "good")
            theme.text(_("1 printer") if view.printers == 1 else _("{count} printers", count=view.printers), "ticket")
            with theme.block("record-actions"):
                self._actions(view)

    def _actions(self, view: ContactView) -> None:
        name = view.name

        async def choose() -> None:
            with faults_shown():
                await ask(make_default, view.id)
                tell(_("“{name}” is the default now.", name=name))
                await self._load()

        async def delete() -> None:
            with faults_shown():
                await ask(delete_contact, view.id)
                tell(_("“{name}” is deleted.", name=name))
                await self._load()

        def ask_first() -> None:
            confirm(_("Delete “{name}”?", name=name), (), _("Delete"), delete)

        commands: list[tuple[str, str, Callable[[], object]]] = [
            ("edit", _("Change “{name}”", name=name), lambda: contact_dialog(self._saved, view)),
            (
                "content_copy",
                _("Duplicate “{name}”", name=name),
                lambda: contact_dialog(self._saved, view, is_copy=True),
            ),
            ("delete", _("Delete “{name}”", name=name), ask_first),
        ]
        if not view.is_default:
            commands.insert(0, ("star", _("Make “{name}” the default", name=name), choose))
        for icon, label, act in commands:
            theme.icon_button(icon, label).on_click(act)
