"""Creating a person, and importing many from a file (AC-80, AC-95…AC-98)."""

from collections.abc import Mapping

from nicegui import events, ui

from connectors.errors import PressroomError
from connectors.messages import N_
from domain.people.fields import LIMITS, LONGEST_ADDRESS, TITLES, PersonFields
from domain.people.import_file import HEADER, LIMIT, SUFFIXES
from domain.people.imports import start_import
from domain.people.service import NewPerson, create_person
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, show_fault
from portal_api.pages.words import _

EXAMPLE = (
    ",".join(HEADER),
    "jdoe@example.com,CREATE,,John,Doe,Johnny,jdoe,Group 1,,CC100,Sales",
    'llane@example.com,UPDATE,,Lois,Lane,,,"Group 1,Group 2",,,',
    "ckent@example.com,DELETE,,,,,,,,,",
)
HINTS = (
    N_("An empty value of an UPDATE leaves what is there; [delete] clears a name."),
    N_("Groups that do not exist are made. Several stand in double quotes, with commas between them."),
    N_("Rows with errors stop no others. The log is sent to you by e-mail."),
)


def person_fields(values: Mapping[str, str], *, enabled: bool = True) -> dict[str, ui.input]:
    """The fields of a person, by name."""
    fields = {}
    with theme.block("form two"):
        for name, title in TITLES.items():
            field = ui.input(_(title), value=values.get(name, ""))
            field.props(f"outlined dense autocomplete=off maxlength={LIMITS.get(name, LONGEST_ADDRESS)}")
            field.set_enabled(enabled)
            fields[name] = field
    return fields


def create_dialog() -> None:
    """Create a person, with a password typed here or a link by mail (AC-80)."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet wide"):
        theme.text(_("Create a person"), "dialog-title", "h2")
        fields = person_fields({})
        fields["email"].props("autofocus inputmode=email")
        ways = {"link": _("Send a link to set a password"), "password": _("Type a password here")}
        way = ui.radio(ways, value="link").props("inline dense")
        way.props["aria-label"] = _("Password")
        password = ui.input(_("Password"), password=True, password_toggle_button=True)
        password.props("outlined dense autocomplete=new-password maxlength=200")
        password.bind_visibility_from(way, "value", lambda value: value == "password")

        async def create() -> None:
            facts = PersonFields(**{name: field.value or "" for name, field in fields.items()})
            is_typed = way.value == "password"
            new = NewPerson(facts, (password.value or "") if is_typed else "", send_link=not is_typed)
            with faults_shown():
                details = await ask(create_person, new)
                dialog.close()
                ui.navigate.to(f"/people/{details.view.id}")

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Create user")).on_click(create)
    dialog.on("hide", dialog.delete)
    dialog.open()


def import_dialog() -> None:
    """Choose a file; its rows are done in the background (AC-96, AC-97)."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet wide"):
        theme.text(_("Import people"), "dialog-title", "h2")
        theme.text(_("A CSV or text file in UTF-8 of at most 1 MB, which begins with exactly this line:"))
        with theme.block("import-example", "pre", aria_label=_("Example"), tabindex="0"):
            theme.text("\n".join(EXAMPLE))
        for hint in HINTS:
            with theme.block("verdict-line"):
                theme.icon("info")
                theme.text(_(hint))
        links = ui.checkbox(_("E-mail new people a link to set their password"))

        async def take(event: events.UploadEventArguments) -> None:
            content = await event.file.read()
            try:
                task_id = await ask(start_import, event.file.name, content, send_links=bool(links.value))
            except PressroomError as error:
                show_fault(error)
                upload.reset()
                return
            ui.navigate.to(f"/tasks/{task_id}")

        upload = ui.upload(auto_upload=True, max_file_size=LIMIT, on_upload=take, on_rejected=_refused)
        upload.classes("only-heard").props["accept"] = ",".join(SUFFIXES)
        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            choose = theme.main_button(_("Import users"), "folder_open")
            theme.picks_files(choose, upload)
    dialog.on("hide", dialog.delete)
    dialog.open()


def _refused() -> None:
    ui.notify(_("This file is not taken: it is larger than 1 MB, or no CSV or text file."), type="negative")
