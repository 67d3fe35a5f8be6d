"""The queue as a printer of the customer's identity cloud: signing in there, and how its registration stands."""

from nicegui import ui

from connectors.errors import PressroomError
from connectors.messages import N_
from domain.cloud_printing.models import STATE_TITLES, RegistrationState
from domain.cloud_printing.service import (
    CloudPrinterView,
    begin_sign_in,
    cancel_sign_in,
    finish_sign_in,
    get_cloud_printer,
    unregister,
)
from domain.organizations.permissions import Permission
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, look_again, when
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _, error_texts

LOOK_SECONDS = 5.0
"""The service wants to be asked no more often."""
COLORS = {
    RegistrationState.UNREGISTERED: "off",
    RegistrationState.REGISTERING: "busy",
    RegistrationState.REGISTERED: "good",
    RegistrationState.UNREGISTERING: "busy",
    RegistrationState.ERROR: "bad",
}
GONE = (RegistrationState.UNREGISTERED, RegistrationState.UNREGISTERING)


@portal_page("/print/universal", N_("Universal print"), Permission.PRINT_SETTINGS_MANAGE, "universal-print")
async def universal_print_page() -> None:
    """The page."""
    UniversalPrintPage(await ask(get_cloud_printer)).build()


class UniversalPrintPage:
    """The open page. It is laid out anew only where something has changed, so that no click is lost."""

    def __init__(self, view: CloudPrinterView) -> None:
        self._view = view
        self._looks = False

    def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Universal print"), _("Your print queue as a printer of {service}.", service=self._view.service))
        self._sheet()
        ui.timer(LOOK_SECONDS, self._look)

    @ui.refreshable_method
    def _sheet(self) -> None:
        view = self._view
        with theme.block("sheet settings", "section", aria_label=_("Registration")):
            with theme.block("record-when"):
                theme.chip(_(STATE_TITLES[view.state]), COLORS[view.state])
            if view.error is not None:
                theme.text(" ".join(error_texts(view.error)), "hint bad", role="alert")
            self._facts()
            if view.sign_in_code:
                self._sign_in()
            else:
                self._actions()
        if view.state is RegistrationState.REGISTERED:
            self._next_steps()

    def _facts(self) -> None:
        view = self._view
        facts = (
            (_("Name of the printer"), view.printer_name),
            (_("Name of its share"), view.share_name),
            (_("Directory"), f"{view.tenant_name} ({view.tenant_id})" if view.tenant_id else ""),
            (_("Administrator"), view.account),
        )
        for title, value in facts:
            if value:
                with theme.block("setting"):
                    theme.text(title, "hint")
                    theme.text(value, "strong")

    def _sign_in(self) -> None:
        view = self._view
        with theme.block("empty", role="status"):
            theme.text(_("Sign in with an account that has the role “Printer Administrator” in your directory."))
            theme.text(_("Type this code there:"), "hint")
            theme.text(view.sign_in_code, "dialog-title code")
            ui.link(view.sign_in_address, view.sign_in_address, new_tab=True).classes("record-link")
            if view.sign_in_expires is not None:
                theme.text(_("The code counts until {moment}.", moment=when(view.sign_in_expires)), "hint")
        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(self._cancel)

    def _actions(self) -> None:
        view = self._view
        if not (view.enabled and view.printer_name and view.share_name):
            theme.text(
                _("Switch universal print on in the print settings, and name the printer and its share."), "hint"
            )
            ui.link(_("Print settings"), "/print/settings").classes("record-link")
        with theme.block("dialog-actions"):
            if view.state not in GONE:
                theme.plain_button(_("Remove the printer"), "delete").on_click(self._remove)
            if view.enabled and view.state is not RegistrationState.UNREGISTERING:
                title = _("Register") if view.state is RegistrationState.UNREGISTERED else _("Sign in again")
                button = theme.main_button(title, "login") if view.state in (
                    RegistrationState.UNREGISTERED, RegistrationState.ERROR
                ) else theme.plain_button(title, "login")  # fmt: skip
                button.on_click(self._begin)

    def _next_steps(self) -> None:
        with theme.block("sheet settings", "section", aria_label=_("What is left to do")):
            theme.text(_("What is left to do"), "section-title", "h2")
            for line in (
                N_("In the print portal of your directory, choose the printer, then its access control."),
                N_("Allow everyone in your organization, or chosen groups, and share it."),
                N_("People add the printer on their computer as any other. What they print waits in their queue."),
            ):
                theme.text(_(line), "", "p")

    async def _begin(self) -> None:
        with faults_shown():
            self._show(await ask(begin_sign_in))

    async def _cancel(self) -> None:
        with faults_shown():
            await ask(cancel_sign_in)
            self._show(await ask(get_cloud_printer))

    def _remove(self) -> None:
        async def act() -> None:
            with faults_shown():
                self._show(await ask(unregister))

        paragraphs = (_("Printer and share are removed there. Jobs that are in queues already stay."),)
        confirm(_("Remove the printer?"), paragraphs, _("Remove the printer"), act)

    async def _look(self) -> None:
        """See what has changed; while a sign-in waits, ask the service too."""
        if self._looks:
            return
        self._looks = True
        try:
            with faults_shown():
                if self._view.sign_in_code:
                    await self._ask_service()
                else:
                    self._show(await look_again(get_cloud_printer))
        finally:
            self._looks = False

    async def _ask_service(self) -> None:
        try:
            self._show(await look_again(finish_sign_in))
        except PressroomError as error:
            if error.transient:
                return  # it is asked again in a moment
            self._show(await look_again(get_cloud_printer))
            raise

    def _show(self, view: CloudPrinterView) -> None:
        if view != self._view:
            self._view = view
            self._sheet.refresh()
