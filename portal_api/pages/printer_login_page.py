"""How people sign in at the organization's printers: the form, and beside it what it means for them (AC-147…AC-157)."""

from functools import partial
from typing import Any

from nicegui import events, ui
from pydantic import ValidationError

from connectors.messages import N_
from connectors.settings import get_settings
from connectors.value_problems import value_problem
from domain.organizations.permissions import Permission
from domain.printer_login.card_numbers import CardReader
from domain.printer_login.configuration import change_settings, printer_login_settings
from domain.printer_login.rules import (
    LONGEST_PIN,
    SHORTEST_PIN,
    ExpiryUnit,
    LoginMethod,
    LoginMode,
    PinGeneration,
    PrinterLoginSettings,
    notices,
    violations,
)
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.card_reader_form import card_reader_form
from portal_api.pages.words import _, error_texts, message_text

MODES = {
    LoginMode.STANDARD: N_("Standard authentication"),
    LoginMode.BADGE_AND_PIN: N_("Badge, and PIN as second factor"),
}
MODE_HINTS = {
    LoginMode.STANDARD: N_("Each of the selected ways is enough by itself."),
    LoginMode.BADGE_AND_PIN: N_("The badge says who it is, the PIN proves it."),
}
METHODS = {
    LoginMethod.BADGE: (N_("Badge"), N_("Permanent or temporary badges at printers with a card reader.")),
    LoginMethod.PIN: (N_("PIN"), N_("Digits that only one person has.")),
    LoginMethod.SECURE_LOGIN: (
        N_("Secure login"),
        N_("A code that people get on the page “Login code” after signing in there; it works once."),
    ),
}
GENERATIONS = {
    PinGeneration.AUTO: N_("Generate PINs and send them by e-mail"),
    PinGeneration.ADMINISTRATOR: N_("Administrators set PINs"),
    PinGeneration.USER: N_("People set their own PINs"),
}
GENERATION_HINTS = {
    PinGeneration.AUTO: N_("Administrators or the people themselves ask for a new PIN; only its owner ever sees it."),
    PinGeneration.ADMINISTRATOR: N_(
        "Administrators type PINs or import them from a file. People ask them for a new one."
    ),
    PinGeneration.USER: N_(
        "Everybody types a PIN on the page “My printer login”. Administrators can only remove PINs."
    ),
}
UNITS = {ExpiryUnit.HOURS: N_("hours"), ExpiryUnit.DAYS: N_("days")}


@portal_page("/printer-login", N_("Printer login"), Permission.PRINTER_LOGIN_MANAGE, "printer-login")
async def printer_login() -> None:
    """The page."""
    await PrinterLoginPage(await ask(printer_login_settings)).build()


class PrinterLoginPage:
    """The open form. `_values` is what stands in it, valid or not; `_saved` is what holds at printers."""

    def __init__(self, saved: PrinterLoginSettings) -> None:
        self._saved = saved
        self._values: dict[str, Any] = saved.model_dump(mode="json")
        self._expiry = self._values["pin_expiry"] or {"amount": 30, "unit": ExpiryUnit.DAYS.value}

    async def build(self) -> None:
        """Lay out the page."""
        heading(
            _("Printer login"),
            _("How people sign in at the printers of your organization. It overrides what is set at the printers."),
        )
        with theme.block("with-side"):
            with theme.block("form-sheets"):
                self._ways()
                self._pins()
                self._readers()
                self._session()
            with theme.block("side", "aside", aria_label=_("What this means")), theme.block("sheet ticket-sheet"):
                self._verdict()
                self._save_button = theme.main_button(_("Save changes"), "save").on_click(self._save)
            self._checked()

    @ui.refreshable_method
    def _ways(self) -> None:
        mode = LoginMode(self._values["mode"])
        with theme.block("sheet crop settings", "section", aria_label=_("Ways to sign in")):
            theme.text(_("Ways to sign in"), "section-title", "h2")
            ui.radio(
                {one.value: _(title) for one, title in MODES.items()},
                value=mode.value,
                on_change=self._choose_mode,
            ).props("inline").classes("choices").props["aria-label"] = _("Ways to sign in")
            theme.text(_(MODE_HINTS[mode]), "hint")
            for method, (title, hint) in METHODS.items():
                if mode is LoginMode.STANDARD or method is LoginMethod.SECURE_LOGIN:
                    self._method(method, title, hint)

    def _method(self, method: LoginMethod, title: str, hint: str) -> None:
        is_alternative = self._values["mode"] == LoginMode.BADGE_AND_PIN
        with theme.block("option"):
            ui.checkbox(
                _("Also allow secure login instead") if is_alternative else _(title),
                value=method.value in self._values["methods"],
                on_change=partial(self._choose_method, method),
            )
            theme.text(_(hint), "hint")

    @ui.refreshable_method
    def _pins(self) -> None:
        if not self._takes(LoginMethod.PIN):
            return
        generation = PinGeneration(self._values["pin_generation"])
        with theme.block("sheet settings", "section", aria_label=_("PINs")):
            theme.text(_("PINs"), "section-title", "h2")
            length = ui.number(
                _("Digits of a PIN"),
                value=self._values["pin_length"],
                min=SHORTEST_PIN,
                max=LONGEST_PIN,
                precision=0,
                on_change=lambda event: self._set("pin_length", _whole(event.value)),
            )
            length.props("outlined dense").classes("short-field")
            ui.radio(
                {one.value: _(title) for one, title in GENERATIONS.items()},
                value=generation.value,
                on_change=self._choose_generation,
            ).classes("choices").props["aria-label"] = _("Where PINs come from")
            theme.text(_(GENERATION_HINTS[generation]), "hint")
            if generation is not PinGeneration.AUTO:
                self._expiry_fields()
            elif not get_settings().smtp_host:
                with theme.block("warning", role="note"):
                    theme.icon("warning")
                    theme.text(_("This installation has no mail server yet, so nobody gets a PIN."))

    def _expiry_fields(self) -> None:
        """Hidden for generated PINs, which never expire (AC-153)."""
        expires = self._values["pin_expiry"] is not None
        ui.switch(_("PINs expire"), value=expires, on_change=self._choose_expiry)
        if not expires:
            return
        with theme.block("option-line"):
            amount = ui.number(
                _("Expire after"),
                value=self._expiry["amount"],
                min=1,
                precision=0,
                on_change=lambda event: self._set_expiry(amount=_whole(event.value)),
            )
            amount.props("outlined dense").classes("short-field")
            unit = ui.select(
                {one.value: _(title) for one, title in UNITS.items()},
                value=self._expiry["unit"],
                label=_("Unit"),
                on_change=lambda event: self._set_expiry(unit=event.value),
            )
            unit.props("outlined dense options-dense").classes("short-field")

    def _readers(self) -> None:
        with theme.block("") as self._reader_place:
            card_reader_form(self._values["card_reader"], self._checked)
        self._reader_place.set_visibility(self._takes(LoginMethod.BADGE))

    def _session(self) -> None:
        with theme.block("sheet settings", "section", aria_label=_("Signing out")):
            theme.text(_("Signing out"), "section-title", "h2")
            seconds = ui.number(
                _("Seconds without a touch"),
                value=self._values["session_seconds"],
                min=15,
                max=3600,
                precision=0,
                on_change=lambda event: self._set("session_seconds", _whole(event.value)),
            )
            seconds.props("outlined dense").classes("short-field")
            theme.text(
                _("Then whoever is signed in at a printer is signed out. Their badge signs them out at once."), "hint"
            )

    @ui.refreshable_method
    def _verdict(self) -> None:
        settings, problems = self._judged()
        theme.text(_("What this means"), "ticket-title", "h2")
        with theme.block("verdict-lines", role="status"):
            for problem in problems:
                self._line("error", problem, "bad")
            if settings is not None and not problems:
                for notice in notices(settings, self._saved):
                    self._line("info", message_text(notice), "")
                if settings == self._saved:
                    self._line("check_circle", _("This holds at the printers now."), "good")

    def _line(self, icon: str, text: str, kind: str) -> None:
        with theme.block(f"verdict-line {kind}"):
            theme.icon(icon)
            theme.text(text)

    def _takes(self, method: LoginMethod) -> bool:
        if self._values["mode"] == LoginMode.BADGE_AND_PIN:
            return method in (LoginMethod.BADGE, LoginMethod.PIN) or method.value in self._values["methods"]
        return method.value in self._values["methods"]

    def _judged(self) -> tuple[PrinterLoginSettings | None, list[str]]:
        """The settings in the form, and all that is wrong with them."""
        try:
            settings = PrinterLoginSettings.model_validate(self._values)
        except ValidationError as error:
            return None, [_problem(item) for item in error.errors()]
        return settings, [" ".join(error_texts(each)) for each in violations(settings)]

    def _checked(self) -> None:
        """Something in the form has changed."""
        settings, problems = self._judged()
        self._save_button.set_enabled(settings is not None and not problems and settings != self._saved)
        ui.run_javascript(f"window.unsavedChanges = {str(settings != self._saved).lower()}")
        self._verdict.refresh()

    def _set(self, name: str, value: Any) -> None:
        self._values[name] = value
        self._checked()

    def _choose_mode(self, event: events.ValueChangeEventArguments[Any]) -> None:
        self._values["mode"] = event.value
        self._ways.refresh()
        self._refresh_parts()

    def _choose_method(self, method: LoginMethod, event: events.ValueChangeEventArguments[bool | None]) -> None:
        chosen = set(self._values["methods"])
        (chosen.add if event.value else chosen.discard)(method.value)
        self._values["methods"] = [one.value for one in LoginMethod if one.value in chosen]
        self._refresh_parts()

    def _choose_generation(self, event: events.ValueChangeEventArguments[Any]) -> None:
        self._values["pin_generation"] = event.value
        self._refresh_parts()

    def _choose_expiry(self, event: events.ValueChangeEventArguments[bool | None]) -> None:
        self._values["pin_expiry"] = dict(self._expiry) if event.value else None
        self._refresh_parts()

    def _set_expiry(self, **changed: Any) -> None:
        self._expiry = {**self._expiry, **changed}
        self._set("pin_expiry", dict(self._expiry))

    def _refresh_parts(self) -> None:
        self._pins.refresh()
        self._reader_place.set_visibility(self._takes(LoginMethod.BADGE))
        self._checked()

    async def _save(self) -> None:
        settings, problems = self._judged()
        if settings is None or problems:
            return
        with faults_shown():
            self._saved = (await ask(change_settings, settings)).settings
            tell(_("The changes are saved."))
        self._checked()


_TITLES = {
    "pin_length": N_("Digits of a PIN"),
    "session_seconds": N_("Seconds without a touch"),
    "pin_expiry": N_("Expire after"),
    **{name: str(field.title) for name, field in CardReader.model_fields.items()},
}


def _problem(item: Any) -> str:
    """What is wrong with one value, with the name of its field."""
    field = next((_(_TITLES[part]) for part in item["loc"] if part in _TITLES), "")
    message = message_text(value_problem(item))
    return f"{field}: {message}" if field else message


def _whole(value: float | None) -> int | None:
    return int(value) if value is not None else None
