"""Scan settings of the organization (SCAN-10…SCAN-19)."""

from typing import Any

from nicegui import ui
from pydantic import ValidationError

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.scan_settings.families import FAMILIES, ScanFamily
from domain.scan_settings.service import ScanSettingsView, change_scan_settings, get_scan_settings
from domain.scan_settings.settings import ScanSettings
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.print_definitions import tell_problems
from portal_api.pages.words import _, message_text


@portal_page("/scan/settings", N_("Scan settings"), Permission.SCAN_MANAGE, "scan-settings")
async def scan_settings_page() -> None:
    """The page."""
    ScanSettingsPage(await ask(get_scan_settings)).build()


class ScanSettingsPage:
    """The open form: what stands in it, and what was saved."""

    def __init__(self, view: ScanSettingsView) -> None:
        self._take(view)

    def _take(self, view: ScanSettingsView) -> None:
        self._view = view
        self._values: dict[str, Any] = view.settings.model_dump(mode="json")

    def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Scan settings"), _("What scanning is like for everybody in your organization."))
            ui.space()
            theme.main_button(_("Save settings"), "save").on_click(self._save)
        self._notes()
        with theme.block("form-sheets"):
            with theme.block("sheet settings", "section", aria_label=_("Scan Management")):
                self._switch("enabled", _("People find their destinations on printers with the scan app."))
                self._switch("personal_destinations", _("Only who made them can see and use them."))
                self._switch(
                    "folder_choice",
                    _("Only for destinations that allow it themselves as well."),
                )
            with theme.block("sheet settings", "section", aria_label=_("Cloud storage providers")):
                theme.text(_("Select at least one cloud storage provider"), "section-title", "h2")
                theme.text(_("Those with accounts: everybody scans into an account of their own."), "hint")
                with theme.block("switches"):
                    for family in FAMILIES.values():
                        if family.needs_account:
                            self._family(family)
                theme.text(_("Services of your own"), "section-title", "h2")
                with theme.block("switches"):
                    for family in FAMILIES.values():
                        if not family.needs_account:
                            self._family(family)
            with theme.block("sheet settings", "section", aria_label=_("Customer domains linked to storage providers")):
                theme.text(_("Customer domains linked to storage providers"), "section-title", "h2")
                theme.text(
                    _("Only accounts of these e-mail domains can be linked; sub-domains count for themselves."), "hint"
                )
                theme.text(_("Leave it empty to allow all."), "hint")
                chips = ui.input_chips(
                    _("Domains"),
                    value=list(self._values["account_domains"]),
                    new_value_mode="add-unique",
                    on_change=lambda event: self._set("account_domains", list(event.value or ())),
                )
                chips.props("outlined dense")

    @ui.refreshable_method
    def _notes(self) -> None:
        for message in self._view.warnings:
            with theme.block("warning", role="note"):
                theme.icon("info")
                theme.text(message_text(message))

    def _switch(self, name: str, hint: str) -> None:
        title = ScanSettings.model_fields[name].title or name
        with theme.block("setting"):
            ui.switch(_(title), value=self._values[name], on_change=lambda event: self._set(name, bool(event.value)))
            theme.text(hint, "hint")

    def _family(self, family: ScanFamily) -> None:
        def choose(is_on: bool) -> None:
            others = [name for name in self._values["families"] if name != family.name]
            self._set("families", [*others, family.name] if is_on else others)

        ui.switch(
            _(FAMILY_TITLES.get(family.name, family.title)),
            value=family.name in self._values["families"],
            on_change=lambda event: choose(bool(event.value)),
        )

    def _set(self, name: str, value: Any) -> None:
        self._values[name] = value
        ui.run_javascript("window.unsavedChanges = true")

    async def _save(self) -> None:
        with faults_shown():
            try:
                settings = ScanSettings.model_validate(self._values)
            except ValidationError as error:
                tell_problems(error)
                return
            self._take(await ask(change_scan_settings, settings, self._view.version))
            ui.run_javascript("window.unsavedChanges = false")
            self._notes.refresh()
            tell(_("The settings are saved."))


FAMILY_TITLES = {
    "microsoft": N_("Microsoft (SharePoint and OneDrive)"),
    "google": N_("Google (Google Drive)"),
    "email": N_("E-mail"),
}
