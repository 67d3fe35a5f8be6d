"""What people sign in with at printers, for themselves: PIN, login code, badges (AC-32, AC-163, AC-176)."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.printer_login.badges import BadgeView
from domain.printer_login.own import (
    OwnPrinterLogin,
    own_printer_login,
    register_own_badge,
    remove_own_badge,
    remove_own_pin,
    set_own_pin,
)
from domain.printer_login.rules import LoginMethod, PinWay
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.badge_dialogs import pin_input
from portal_api.pages.widgets.login_lists import badge_words, pin_words
from portal_api.pages.words import _


@portal_page("/account/printer-login", N_("My printer login"), Permission.OWN_ACCOUNT, "my-printer-login")
async def my_printer_login() -> None:
    """The page."""
    heading(_("My printer login"), _("How you sign in at the printers of your organization."))
    await OwnPrinterLoginSections().build()


class OwnPrinterLoginSections:
    """A sheet for each way that the organization offers, with what the visitor has for it."""

    def __init__(self) -> None:
        self._mine: OwnPrinterLogin

    async def build(self) -> None:
        """Lay out the sheets."""
        self._mine = await ask(own_printer_login)
        self._sheets()

    async def _again(self) -> None:
        with faults_shown():
            self._mine = await ask(own_printer_login)
            self._sheets.refresh()

    @ui.refreshable_method
    def _sheets(self) -> None:
        with theme.block("form-sheets own-login"):
            if self._mine.settings.takes(LoginMethod.SECURE_LOGIN):
                self._code_sheet()
            if self._mine.settings.takes(LoginMethod.PIN):
                self._pin_sheet()
            if self._mine.settings.takes(LoginMethod.BADGE):
                self._badge_sheet()

    def _code_sheet(self) -> None:
        with theme.block("sheet settings", "section", aria_label=_("Login code")):
            theme.text(_("Login code"), "section-title", "h2")
            theme.text(_("A code that you type at a printer after choosing “Secure login”. It works once."), "muted")
            with theme.block("actions"):
                theme.main_button(_("Get a login code"), "dialpad").props("href=/device")

    def _pin_sheet(self) -> None:
        with theme.block("sheet settings", "section", aria_label=_("PIN")):
            theme.text(_("PIN"), "section-title", "h2")
            if self._mine.settings.needs_second_factor:
                theme.text(_("Printers ask for it after your badge."), "muted")
            if self._mine.pin is None:
                theme.text(_("You have no PIN yet."))
            else:
                with theme.block("record"):
                    pin_words(self._mine.pin)
            if self._mine.pin_way is None:
                theme.text(_("Administrators set the PINs of your organization: ask them for a new one."), "hint")
            with theme.block("actions"):
                if self._mine.pin_way is PinWay.TYPED:
                    title = _("Change the PIN") if self._mine.pin else _("Set a PIN")
                    theme.main_button(title, "pin").on_click(self._pin_dialog)
                if self._mine.pin_way is PinWay.MAILED:
                    theme.main_button(_("Send me a new PIN"), "mail").on_click(self._have_mailed)
                if self._mine.pin is not None:
                    theme.plain_button(_("Remove the PIN"), "delete").on_click(self._confirm_pin_removal)

    def _badge_sheet(self) -> None:
        with theme.block("sheet settings", "section", aria_label=_("Badges")):
            theme.text(_("Badges"), "section-title", "h2")
            if not self._mine.badges:
                theme.text(_("You have no badge yet. You can also register one by using it at a printer."), "muted")
            with theme.block("records", role="list"):
                for badge in self._mine.badges:
                    self._badge(badge)
            with theme.block("actions"):
                theme.plain_button(_("Register a badge"), "add_card").on_click(self._badge_dialog)

    def _badge(self, badge: BadgeView) -> None:
        with theme.block("record", role="listitem"):
            badge_words(badge)
            button = theme.icon_button("delete", _("Remove the badge “{name}”", name=badge.description or badge.id[:6]))
            button.on_click(lambda: self._confirm_badge_removal(badge))

    def _pin_dialog(self) -> None:
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Set a PIN"), "dialog-title", "h2")
            pin = pin_input(self._mine.settings, is_focused=True)
            theme.text(_("Choose digits that others would not guess. Whoever knows them can print as you."), "hint")

            async def put() -> None:
                with faults_shown():
                    await ask(set_own_pin, pin.value or "")
                    tell(_("The PIN is set."))
                    dialog.close()
                    await self._again()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Save")).on_click(put)
            pin.on("keydown.enter", put)
        dialog.on("hide", dialog.delete)
        dialog.open()

    async def _have_mailed(self) -> None:
        with faults_shown():
            await ask(set_own_pin)
            tell(_("The PIN is on its way by e-mail."))
            await self._again()

    def _badge_dialog(self) -> None:
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Register a badge"), "dialog-title", "h2")
            number = ui.input(_("Badge ID"), password=True, password_toggle_button=True)
            number.props("outlined dense autocomplete=off maxlength=255 autofocus")
            description = ui.input(_("Description")).props("outlined dense autocomplete=off maxlength=255")

            async def register() -> None:
                with faults_shown():
                    await ask(register_own_badge, number.value or "", description.value or "")
                    tell(_("The badge is registered."))
                    dialog.close()
                    await self._again()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Register badge")).on_click(register)
        dialog.on("hide", dialog.delete)
        dialog.open()

    def _confirm_pin_removal(self) -> None:
        async def remove() -> None:
            await ask(remove_own_pin)

        self._confirm(_("Remove your PIN?"), _("You cannot sign in with it at any printer any more."), remove)

    def _confirm_badge_removal(self, badge: BadgeView) -> None:
        async def remove() -> None:
            await ask(remove_own_badge, badge.id)

        self._confirm(_("Remove this badge?"), _("Nobody can sign in with it at any printer any more."), remove)

    def _confirm(self, title: str, consequence: str, remove: Callable[[], Awaitable[None]]) -> None:
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(title, "dialog-title", "h2")
            theme.text(consequence)

            async def do() -> None:
                with faults_shown():
                    await remove()
                    tell(_("Removed: {count}", count=1))
                dialog.close()
                await self._again()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Remove"), "delete").classes("danger").on_click(do)
        dialog.on("hide", dialog.delete)
        dialog.open()
