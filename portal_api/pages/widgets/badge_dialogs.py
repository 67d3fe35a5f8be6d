"""The dialogs of badges and PINs: registering a badge, setting a PIN, importing a file."""

from collections.abc import Awaitable, Callable

from nicegui import events, ui

from connectors.errors import PressroomError
from connectors.messages import N_
from domain.printer_login.badges import NewBadge, register_badge
from domain.printer_login.import_file import COLUMNS, IMPORT_LIMIT
from domain.printer_login.imports import SUFFIXES, start_import
from domain.printer_login.pins import set_pin
from domain.printer_login.rules import PIN_SETTERS, LoginMethod, PinWay, PrinterLoginSettings
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, show_fault, tell
from portal_api.pages.words import _

Done = Callable[[], Awaitable[None]]
EXAMPLE = {"badge": "20171a", "pin": "482915", "email": "jdoe@example.com"}


def register_dialog(done: Done, email: str = "") -> None:
    """Register a badge for a person (AC-165); with `email` for that one."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Register a badge"), "dialog-title", "h2")
        address = ui.input(_("E-mail address"), value=email).props("outlined dense autocomplete=off maxlength=255")
        address.props("inputmode=email" + ("" if email else " autofocus"))
        address.set_enabled(not email)
        number = ui.input(_("Badge ID"), password=True).props("outlined dense autocomplete=off maxlength=255")
        if email:
            number.props("autofocus")
        description = ui.input(_("Description")).props("outlined dense autocomplete=off maxlength=255")
        with theme.block("option"):
            shown = ui.switch(_("Show badge ID"), on_change=lambda event: _unmask(number, is_shown=bool(event.value)))
            theme.text(_("Otherwise the ID is masked, here and in lists, and nobody can read it any more."), "hint")
        with theme.block("option"):
            temporary = ui.switch(_("Temporary badge"))
            theme.text(_("It expires after 24 hours and may then be registered again."), "hint")

        async def register() -> None:
            new = NewBadge(number.value or "", description.value or "", bool(shown.value), bool(temporary.value))
            with faults_shown():
                await ask(register_badge, address.value or "", new)
                tell(_("The badge is registered."))
                dialog.close()
                await done()

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Register badge")).on_click(register)
        number.on("keydown.enter", register)
    dialog.on("hide", dialog.delete)
    dialog.open()


def pin_dialog(settings: PrinterLoginSettings, way: PinWay, done: Done, email: str = "") -> None:
    """Set a person's PIN, by typing it or by having one mailed (AC-82, AC-173)."""
    is_typed = way is PinWay.TYPED
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Set a PIN"), "dialog-title", "h2")
        address = ui.input(_("E-mail address"), value=email).props("outlined dense autocomplete=off maxlength=255")
        address.props("inputmode=email" + ("" if email else " autofocus"))
        address.set_enabled(not email)
        pin = pin_input(settings, is_focused=bool(email)) if is_typed else None
        if not is_typed:
            theme.text(_("A PIN is generated and sent to this address. Nobody else ever sees it."), "hint")

        async def put() -> None:
            with faults_shown():
                await ask(set_pin, address.value or "", (pin.value or "") if pin else None)
                tell(_("The PIN is set.") if is_typed else _("The PIN is on its way by e-mail."))
                dialog.close()
                await done()

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Generate PIN")).on_click(put)
        if pin is not None:
            pin.on("keydown.enter", put)
    dialog.on("hide", dialog.delete)
    dialog.open()


def pin_input(settings: PrinterLoginSettings, *, is_focused: bool = False) -> ui.input:
    """Where a PIN is typed: digits only, as many as the organization's PINs have, to be seen on demand."""
    field = ui.input(
        _("PIN with {length} digits", length=settings.pin_length), password=True, password_toggle_button=True
    )
    field.props(f"outlined dense autocomplete=off inputmode=numeric maxlength={settings.pin_length}")
    if is_focused:
        field.props("autofocus")
    return field


def import_dialog(settings: PrinterLoginSettings) -> None:
    """Choose a file with badges and PINs; the import goes on in the background (AC-169, AC-175)."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet wide"):
        theme.text(_("Import badges and PINs"), "dialog-title", "h2")
        theme.text(_("A CSV or text file in UTF-8 of at most 1 MB, whose first line names the columns, in any order."))
        with theme.block("import-example", "pre", aria_label=_("Example")):
            theme.text(_example(settings), "")
        for hint in _import_hints(settings):
            with theme.block("verdict-line"):
                theme.icon("info")
                theme.text(_(hint))
        upload = ui.upload(
            auto_upload=True, max_file_size=IMPORT_LIMIT, on_upload=_take, on_rejected=_too_large
        ).classes("only-heard")
        upload.props["accept"] = ",".join(SUFFIXES)
        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            choose = theme.main_button(_("Choose a file"), "folder_open")
            theme.picks_files(choose, upload)
    dialog.on("hide", dialog.delete)
    dialog.open()


async def _take(event: events.UploadEventArguments) -> None:
    content = await event.file.read()
    try:
        task_id = await ask(start_import, event.file.name, content)
    except PressroomError as error:
        show_fault(error)
        return
    ui.navigate.to(f"/tasks/{task_id}")


def _too_large() -> None:
    ui.notify(_("This file is not taken: it is larger than 1 MB, or no CSV or text file."), type="negative")


def _unmask(field: ui.input, *, is_shown: bool) -> None:
    field.props(f"type={'text' if is_shown else 'password'}")


def _example(settings: PrinterLoginSettings) -> str:
    """A file as this organization would write it."""
    has_pin = settings.takes(LoginMethod.PIN) and PIN_SETTERS[settings.pin_generation].importable
    pin = (EXAMPLE["pin"] * 2)[: settings.pin_length] if has_pin else ""
    badge = EXAMPLE["badge"] if settings.takes(LoginMethod.BADGE) or not has_pin else ""
    created = (badge, "CREATE", EXAMPLE["email"], "false" if badge else "", pin)
    removed = (badge, "DELETE", EXAMPLE["email"], "", "")
    return "\n".join(",".join(values) for values in (COLUMNS, created, removed))


def _import_hints(settings: PrinterLoginSettings) -> list[str]:
    hints = [N_("People must exist already: an import makes nobody. CREATE registers, DELETE removes.")]
    if settings.needs_second_factor:
        hints.append(
            N_("People sign in with badge and PIN here, so rows with CREATE need both where PINs are imported.")
        )
    if not PIN_SETTERS[settings.pin_generation].importable:
        hints.append(N_("PINs cannot be imported now: only where administrators set PINs. Leave the column PIN empty."))
    hints.append(N_("TEMPORARY is true for a badge of 24 hours. The log is sent to you by e-mail."))
    return hints
