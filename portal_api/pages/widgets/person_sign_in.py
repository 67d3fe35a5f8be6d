"""How one person signs in, for administrators: password, second factor, sessions, badges and PIN (AC-81, AC-93)."""

from urllib.parse import quote

from nicegui import ui

from domain.organizations.permissions import Permission
from domain.people.service import PersonDetails
from domain.printer_login.badges import list_badges
from domain.printer_login.pins import list_pins
from domain.sign_in.links import send_link_to
from domain.sign_in.own_second_factor import reset_second_factor, second_factor_for
from domain.sign_in.password_changes import set_password_of
from domain.sign_in.session_list import end_session_of, end_sessions_of, sessions_of
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell, visitor, when
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.proof import when_proven
from portal_api.pages.widgets.sessions import session_row
from portal_api.pages.words import _


class PersonSignIn:
    """The sheets about it. What people do for themselves is on “My account”, which takes their own proof."""

    def __init__(self, details: PersonDetails) -> None:
        self._id, self._email = details.view.id, details.view.email
        self._has_password = details.has_password
        may_help = visitor().may(Permission.USERS_CREDENTIALS)
        self._is_own = self._id == visitor().user_id
        self._may_look = may_help and not self._is_own
        self._may_change = self._may_look and details.may_change

    async def build(self) -> None:
        """Lay out the sheets."""
        self._password()
        if self._may_look:
            await self._second_factor()
            await self._sessions()
        if visitor().may(Permission.BADGES_VIEW):
            await self._printers()

    def _password(self) -> None:
        with theme.block("sheet settings", "section", aria_label=_("Sign-in")):
            theme.text(_("Sign-in"), "section-title", "h2")
            theme.text(_("A password is set.") if self._has_password else _("There is no password here."), "hint")
            with theme.block("actions"):
                if self._may_change:
                    theme.plain_button(_("Send a link to set a password"), "forward_to_inbox").on_click(self._send_link)
                    theme.plain_button(_("Set a password"), "password").on_click(self._password_dialog)
                if self._is_own:
                    theme.plain_button(_("My account"), "account_circle").props("href=/account")

    async def _second_factor(self) -> None:
        view = await ask(second_factor_for, self._id)
        with theme.block("sheet settings", "section", aria_label=_("Second factor")):
            theme.text(_("Second factor"), "section-title", "h2")
            with theme.block("section-state"):
                if view.since is None:
                    theme.chip(_("Not set up"), "off")
                    return
                theme.chip(_("In force"), "good")
                left = view.recovery_codes
                theme.text(_("Since {moment}. Recovery codes left: {count}.", moment=when(view.since), count=left))
            if self._may_change:
                theme.text(_("Remove it for somebody who has lost both the app and the recovery codes."), "hint")
                with theme.block("actions"):
                    theme.plain_button(_("Remove the second factor"), "lock_open").on_click(self._remove_factor)

    async def _sessions(self) -> None:
        found = await ask(sessions_of, self._id)
        with theme.block("sheet settings", "section", aria_label=_("Sessions")):
            theme.text(_("Sessions"), "section-title", "h2")
            if not found:
                theme.text(_("Nobody is signed in to this account."), "hint")
                return
            with theme.block("records"):
                for view in found:
                    session_row(view, self._end_session if self._may_change else None)
            if self._may_change:
                with theme.block("actions"):
                    theme.plain_button(_("End all sessions"), "logout").on_click(self._end_sessions)

    async def _printers(self) -> None:
        badges = await ask(list_badges, search=self._email)
        with theme.block("sheet settings", "section", aria_label=_("Printer login")):
            theme.text(_("Printer login"), "section-title", "h2")
            theme.text(_("Badges: {count}", count=len(badges)))
            if visitor().may(Permission.PINS_VIEW):
                pins = await ask(list_pins, search=self._email)
                theme.text(_("A PIN is set.") if pins else _("There is no PIN."))
            with theme.block("actions"):
                button = theme.plain_button(_("Badges and PINs"), "badge")
                button.props["href"] = f"/badges?search={quote(self._email)}"

    async def _send_link(self) -> None:
        with faults_shown():
            await ask(send_link_to, self._id)
            tell(_("The link is on its way by e-mail."))

    def _password_dialog(self) -> None:
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Set a password"), "dialog-title", "h2")
            field = ui.input(_("Password"), password=True, password_toggle_button=True)
            field.props("outlined dense autofocus autocomplete=new-password maxlength=200")
            theme.text(_("All sessions of the person end, and a mail tells them of the change."), "hint")

            async def put() -> None:
                with faults_shown():
                    await ask(set_password_of, self._id, field.value or "")
                    tell(_("The password is set."))
                    ui.navigate.reload()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Set a password")).on_click(put)
        dialog.on("hide", dialog.delete)
        dialog.open()

    def _remove_factor(self) -> None:
        async def remove() -> None:
            await ask(reset_second_factor, self._id)
            ui.navigate.reload()

        async def remove_when_proven() -> None:
            await when_proven(remove)

        text = _("Then the password alone is enough to sign in as {email}.", email=self._email)
        told = _("A mail tells the person. Where one is required, they set up a new one at their next sign-in.")
        confirm(_("Remove the second factor?"), (text, told), _("Remove"), remove_when_proven, icon="lock_open")

    async def _end_session(self, session_id: str) -> None:
        with faults_shown():
            await ask(end_session_of, self._id, session_id)
            ui.navigate.reload()

    def _end_sessions(self) -> None:
        async def end() -> None:
            with faults_shown():
                await ask(end_sessions_of, self._id)
                ui.navigate.reload()

        text = _("{email} is signed out everywhere at once and can sign in again.", email=self._email)
        confirm(_("End all sessions?"), (text,), _("End all sessions"), end, icon="logout")
