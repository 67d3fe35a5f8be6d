"""Dialogs of delivery contacts: one is made, changed or duplicated; some are imported by file (FL-455…FL-459)."""

from collections.abc import Awaitable, Callable

from nicegui import events, ui

from connectors.errors import PressroomError
from connectors.messages import N_
from fleet.managed_supplies.addresses import LIMITS, NEED_REGION, TITLES, countries
from fleet.managed_supplies.contact_file import LARGEST, MOST_CONTACTS, SUFFIXES, sample_file
from fleet.managed_supplies.contact_import import start_contact_import
from fleet.managed_supplies.contacts import ContactView, change_contact, create_contact
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, show_fault, tell
from portal_api.pages.words import _, spoken

Made = Callable[[str], Awaitable[None]]
"""Called with the contact's id once it is saved."""

FILE_RULES = (
    N_("A CSV or TXT file in UTF-8. The first line names all columns, in the order of the sample file."),
    N_("At most {most} contacts in a file; a column without values stays empty."),
    N_("A value with a comma is put into quotes. The country code holds digits only."),
)
PAIRS = (
    ("first_name", "last_name"),
    ("company", "email"),
    ("country_code", "phone"),
    ("street", "street_2"),
    ("postal_code", "city"),
    ("region", "country"),
)
"""The fields as they stand beside each other."""


def contact_dialog(made: Made, view: ContactView | None = None, *, is_copy: bool = False) -> None:
    """Make a contact, or change or duplicate one."""
    values = view.form.model_dump() if view else dict.fromkeys(TITLES, "")
    changed = None if is_copy else view
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet wide"):
        title = _("Change “{name}”", name=changed.name) if changed else _("New delivery contact")
        theme.text(title, "dialog-title", "h2")
        fields: dict[str, ui.input | ui.select] = {}
        for pair in PAIRS:
            with theme.block("form two"):
                for name in pair:
                    fields[name] = _field(name, values[name])
        fields["first_name"].props("autofocus")
        theme.text(
            _("Addresses in {countries} need a state or province.", countries=", ".join(sorted(NEED_REGION))), "hint"
        )

        async def save() -> None:
            with faults_shown():
                given = {name: str(field.value or "") for name, field in fields.items()}
                if changed is None:
                    contact_id = await ask(create_contact, given)
                else:
                    contact_id = changed.id
                    await ask(change_contact, contact_id, given)
                tell(_("The contact is saved."))
                dialog.close()
                await made(contact_id)

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Save"), "save").on_click(save)
    dialog.on("hide", dialog.delete)
    dialog.open()


def contact_import_dialog() -> None:
    """Choose a file; the import goes on in the background (F-39)."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Import delivery contacts"), "dialog-title", "h2")
        for rule in FILE_RULES:
            with theme.block("verdict-line"):
                theme.icon("info")
                theme.text(_(rule, most=MOST_CONTACTS))
        upload = ui.upload(auto_upload=True, max_file_size=LARGEST, on_upload=_take, on_rejected=_refused)
        upload.classes("only-heard").props["accept"] = ",".join(SUFFIXES)
        with theme.block("dialog-actions"):
            sample = theme.plain_button(_("Sample file"), "description")
            sample.on_click(lambda: ui.download(sample_file().encode(), "delivery-contacts.csv", "text/csv"))
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            choose = theme.main_button(_("Choose a file"), "folder_open")
            theme.picks_files(choose, upload)
    dialog.on("hide", dialog.delete)
    dialog.open()


def _field(name: str, value: str) -> ui.input | ui.select:
    if name == "country":
        names = dict(countries(spoken()))
        field = ui.select(names, value=value if value in names else None, label=_(TITLES[name]), with_input=True)
        field.props("outlined dense options-dense")
        return field
    text = ui.input(_(TITLES[name]), value=value).props(f"outlined dense autocomplete=off maxlength={LIMITS[name]}")
    if name in ("country_code", "phone"):
        text.props("inputmode=tel")
    return text


async def _take(event: events.UploadEventArguments) -> None:
    content = await event.file.read()
    try:
        task_id = await ask(start_contact_import, event.file.name, content)
    except PressroomError as error:
        show_fault(error)
        return
    ui.navigate.to(f"/delivery-contacts/imports/{task_id}")


def _refused() -> None:
    ui.notify(_("This file is not taken: it is larger than 1 MB, or no CSV or text file."), type="negative")
