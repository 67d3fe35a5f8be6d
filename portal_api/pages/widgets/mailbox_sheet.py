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
from domain.print_mail.sign_in import INGREDIENTS, MailboxSecrets, SignIn
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
SIGN_IN = {
    SignIn.PASSWORD: N_("User and password"),
    SignIn.MICROSOFT: N_("OAuth 2 for Microsoft 365"),
    SignIn.CLIENT_CREDENTIALS: N_("OAuth 2, in the program's own right (client credentials)"),
    SignIn.REFRESH_TOKEN: N_("OAuth 2, allowed by a person (refresh token)"),
}
LONGEST_SECRET = 8192
MICROSOFT_HOST = "outlook.office365.com"
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
SIGN_IN_LINES: Mapping[str, str] = {
    "tenant": N_("Directory (tenant) ID"),
    "token_address": N_("Token address"),
    "client_id": N_("Client ID"),
    "scope": N_("Scope"),
}
SECRETS: Mapping[str, str] = {
    "password": N_("Password"),
    "client_secret": N_("Client secret"),
    "refresh_token": N_("Refresh token"),
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

        texts = (_("Its secrets are deleted; the messages in it stay there."),)
        confirm(_("Forget the mailbox?"), texts, _("Forget"), remove)

    def _open(self) -> None:
        values: dict[str, Any] = self._view.settings.model_dump(mode="json") if self._view else _beginning()
        secrets = dict.fromkeys(SECRETS, "")
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Mailbox for printing"), "dialog-title", "h2")
            _fields(values, secrets, is_new=self._view is None)
            problem = theme.text("", "hint bad", role="alert")

            async def save() -> None:
                try:
                    settings = MailboxSettings.model_validate({**values, "port": values["port"] or None})
                except ValidationError as error:
                    problem.set_text(_problem(error))
                    return
                with faults_shown():
                    self._view = await ask(save_mailbox, settings, MailboxSecrets(**secrets))
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


def _fields(values: dict[str, Any], secrets: dict[str, str], *, is_new: bool) -> None:
    """What there is to type; `values` and `secrets` have it."""

    def keep(name: str, value: Any) -> None:
        values[name] = value

    ui.switch(_("Fetch mail from this mailbox"), value=values["enabled"]).on_value_change(
        lambda event: keep("enabled", bool(event.value))
    )
    lines: dict[str, ui.input] = {}
    for name, title in LINES.items():
        lines[name] = _line(values, name, title)
        if name == "user":
            _SignInFields(values, secrets, lines["host"], is_new=is_new).build()
        if name == "port":
            _choice(_("Encryption"), TLS, values["tls"], lambda value: keep("tls", value))
        if name == "folder":
            chosen = Afterwards(values["afterwards"])
            _choice(_("Messages that were taken"), AFTERWARDS, chosen, lambda value: keep("afterwards", value))
    theme.text(
        _("Without a name of the server in Authentication-Results, only mail that is signed (DKIM) is printed."), "hint"
    )


class _SignInFields:
    """The way to sign in, and what that way wants."""

    def __init__(self, values: dict[str, Any], secrets: dict[str, str], host: ui.input, *, is_new: bool) -> None:
        self._values, self._secrets, self._host = values, secrets, host
        self._kept = None if is_new else SignIn(values["sign_in"])

    def build(self) -> None:
        """Lay out."""
        _choice(_("Sign-in"), SIGN_IN, SignIn(self._values["sign_in"]), self._choose)
        self._wanted()

    def _choose(self, value: str) -> None:
        self._values["sign_in"] = value
        self._secrets.update(dict.fromkeys(SECRETS, ""))
        if value == SignIn.MICROSOFT and not self._values["host"]:
            self._host.set_value(MICROSOFT_HOST)
        self._wanted.refresh()

    @ui.refreshable_method
    def _wanted(self) -> None:
        way = SignIn(self._values["sign_in"])
        ingredients = INGREDIENTS[way]
        for name, title in SIGN_IN_LINES.items():
            if name in ingredients.needed | ingredients.optional:
                _line(self._values, name, title)
        for name, title in SECRETS.items():
            if name in ingredients.secrets | ingredients.optional_secrets:
                self._secret(name, _(title), is_kept=way is self._kept)
        if way is SignIn.MICROSOFT:
            theme.text(
                _("The program needs the permission IMAP.AccessAsApp and the right to read the mailbox."), "hint"
            )

    def _secret(self, name: str, title: str, *, is_kept: bool) -> None:
        shown = _("{field} (empty: as it is)", field=title) if is_kept else title
        field = ui.input(
            shown,
            password=True,
            value=self._secrets[name],
            on_change=lambda event: self._secrets.update({name: event.value or ""}),
        )
        field.props(f"outlined dense autocomplete=new-password maxlength={LONGEST_SECRET}")


def _line(values: dict[str, Any], name: str, title: str) -> ui.input:
    shown = "" if values[name] is None else str(values[name])
    field = ui.input(_(title), value=shown, on_change=lambda event: values.update({name: (event.value or "").strip()}))
    longest = 1024 if name in ("token_address", "scope") else 255
    field.props(f"outlined dense autocomplete=off maxlength={longest}" + (" inputmode=numeric" * (name in NUMBERS)))
    return field


def _choice(title: str, options: Mapping[Any, str], value: Any, keep: Any) -> None:
    shown = {str(name): _(text) for name, text in options.items()}
    field = ui.select(shown, value=str(value), label=title, on_change=lambda event: keep(event.value))
    field.props("outlined dense options-dense")


def _problem(error: ValidationError) -> str:
    """The first thing that is wrong, with the field's name."""
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    return f"{_({**LINES, **SIGN_IN_LINES}.get(name, name))}: {message_text(value_problem(first))}"
