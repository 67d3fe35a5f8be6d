"""The mailbox from which mail for printing is fetched: how it does, and the dialog that sets it up (PR-139)."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui
from pydantic import ValidationError

from connectors.mail_in.mailbox import Afterwards
from connectors.messages import N_
from connectors.value_problems import value_problem
from domain.print_mail.mailboxes import (
    MailboxSettings,
    MailboxView,
    fetch_now,
    get_mailbox,
    remove_mailbox,
    save_mailbox,
)
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell, when
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _, error_texts, message_text

TLS = {"tls": N_("Encrypted from the beginning (TLS)"), "starttls": N_("STARTTLS")}
AFTERWARDS = {
    Afterwards.MOVE: N_("Move them to a folder"),
    Afterwards.DELETE: N_("Delete them"),
    Afterwards.MARK: N_("Leave them where they are, marked"),
}
LINES: Mapping[str, str] = {
    "address": N_("E-mail address of the mailbox"),
    "host": N_("IMAP server"),
    "port": N_("Port (empty: the usual one)"),
    "user": N_("User"),
    "folder": N_("Folder that is looked into"),
    "done_folder": N_("Folder for messages that were taken"),
    "aside_folder": N_("Folder for messages that cannot be taken"),
    "authentication_server": N_("Name of the server in Authentication-Results"),
    "interval_seconds": N_("Seconds from one look to the next"),
}
NUMBERS = ("port", "interval_seconds")


class MailboxSheet:
    """The section of the page; it reads anew after each change."""

    async def build(self) -> None:
        """Read and lay out."""
        self._view = await ask(get_mailbox)
        self._sheet()

    @ui.refreshable_method
    def _sheet(self) -> None:
        view = self._view
        theme.text(_("Mailbox"), "section-title", "h2")
        with theme.block("sheet settings", "section", aria_label=_("Mailbox")):
            if view is None:
                theme.text(_("Mail can also be fetched from a mailbox that your organization has (IMAP)."), "muted")
            else:
                self._state(view)
            with theme.block("solution-actions"):
                ui.space()
                if view is not None:
                    theme.plain_button(_("Forget the mailbox"), "delete").on_click(self._confirm)
                    if view.settings.enabled and view.is_used:
                        theme.plain_button(_("Look into it now"), "refresh").on_click(self._fetch)
                title = _("Set up a mailbox") if view is None else _("Change the mailbox")
                theme.main_button(title, "mail").on_click(self._open)

    def _state(self, view: MailboxView) -> None:
        theme.text(view.settings.address, "strong")
        with theme.block(""):
            theme.text(*_standing(view))
        if not view.is_used:
            theme.text(_("Printing by e-mail is off in the print settings: nothing is fetched."), "hint")
        if view.error is not None:
            theme.text(" ".join(error_texts(view.error)), "hint bad")
        theme.text(_("{taken} messages taken, {aside} put aside", taken=view.fetched, aside=view.put_aside), "hint")

    async def _again(self) -> None:
        with faults_shown():
            self._view = await ask(get_mailbox)
        self._sheet.refresh()

    async def _fetch(self) -> None:
        with faults_shown():
            await ask(fetch_now)
            tell(_("The mailbox is looked into. Look again in a moment."))
        await self._again()

    def _confirm(self) -> None:
        async def remove() -> None:
            with faults_shown():
                await ask(remove_mailbox)
                tell(_("The mailbox is forgotten."))
            await self._again()

        texts = (_("Its password is deleted; the messages in it stay there."),)
        confirm(_("Forget the mailbox?"), texts, _("Forget"), remove)

    def _open(self) -> None:
        values: dict[str, Any] = self._view.settings.model_dump(mode="json") if self._view else _beginning()
        values["password"] = ""
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Mailbox for printing"), "dialog-title", "h2")
            _fields(values, is_new=self._view is None)
            problem = theme.text("", "hint bad", role="alert")

            async def save() -> None:
                try:
                    given = {name: value for name, value in values.items() if name != "password"}
                    settings = MailboxSettings.model_validate({**given, "port": given["port"] or None})
                except ValidationError as error:
                    problem.set_text(_problem(error))
                    return
                with faults_shown():
                    self._view = await ask(save_mailbox, settings, values["password"] or None)
                    tell(_("The mailbox is saved and looked into."))
                    dialog.close()
                    self._sheet.refresh()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Save"), "save").on_click(save)
        dialog.on("hide", dialog.delete)
        dialog.open()


def _standing(view: MailboxView) -> tuple[str, str]:
    """How it does, and how that looks."""
    if not (view.settings.enabled and view.is_used):
        return _("Switched off"), "state quiet"
    if view.failures:
        return _("Cannot be looked into"), "state bad"
    if view.last_success is None:
        return _("Not looked into yet"), "state busy"
    return _("Looked into {when}", when=when(view.last_success)), "state good"


def _beginning() -> dict[str, Any]:
    fields = MailboxSettings.model_fields
    return {name: "" if field.is_required() else field.get_default() for name, field in fields.items()}


def _fields(values: dict[str, Any], *, is_new: bool) -> None:
    """What there is to type; `values` has it."""

    def keep(name: str, value: Any) -> None:
        values[name] = value

    ui.switch(_("Fetch mail from this mailbox"), value=values["enabled"]).on_value_change(
        lambda event: keep("enabled", bool(event.value))
    )
    for name, title in LINES.items():
        shown = "" if values[name] is None else str(values[name])
        field = ui.input(
            _(title), value=shown, on_change=lambda event, name=name: keep(name, (event.value or "").strip())
        )
        field.props("outlined dense autocomplete=off maxlength=255" + (" inputmode=numeric" * (name in NUMBERS)))
        if name == "user":
            _password(is_new=is_new, keep=lambda text: keep("password", text))
        if name == "port":
            _choice(_("Encryption"), TLS, values["tls"], lambda value: keep("tls", value))
        if name == "folder":
            chosen = Afterwards(values["afterwards"])
            _choice(_("Messages that were taken"), AFTERWARDS, chosen, lambda value: keep("afterwards", value))
    theme.text(
        _("Without a name of the server in Authentication-Results, only mail that is signed (DKIM) is printed."), "hint"
    )


def _password(*, is_new: bool, keep: Any) -> None:
    title = _("Password") if is_new else _("Password (empty: as it is)")
    field = ui.input(title, password=True, on_change=lambda event: keep(event.value or ""))
    field.props("outlined dense autocomplete=new-password maxlength=1024")


def _choice(title: str, options: Mapping[Any, str], value: Any, keep: Any) -> None:
    shown = {str(name): _(text) for name, text in options.items()}
    field = ui.select(shown, value=str(value), label=title, on_change=lambda event: keep(event.value))
    field.props("outlined dense options-dense")


def _problem(error: ValidationError) -> str:
    """The first thing that is wrong, with the field's name."""
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    return f"{_(LINES.get(name, name))}: {message_text(value_problem(first))}"
