"""The form of a scan destination (SCAN-40…SCAN-92)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from nicegui import ui
from pydantic import ValidationError

from connectors.messages import N_
from connectors.storage import PROVIDERS
from domain.scan_destinations.browsing import FolderPlace, list_places
from domain.scan_destinations.definition import (
    LONGEST_DESCRIPTION,
    LONGEST_FILE_NAME,
    LONGEST_NAME,
    CustomScan,
    DestinationDefinition,
)
from domain.scan_destinations.service import DestinationView, Scope, change_destination, create_destination
from domain.scan_settings.families import EMAIL, SERVICES, service_title
from domain.scan_settings.settings import ScanSettings
from domain.storage_accounts.service import AccountState, FamilyView
from portal_api.pages import theme
from portal_api.pages.frame import heading
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.folder_dialog import FolderDialog
from portal_api.pages.widgets.parameter_form import ParameterForm
from portal_api.pages.widgets.print_definitions import tell_problems
from portal_api.pages.widgets.storage_fields import FIELD_TITLES
from portal_api.pages.words import _, error_texts

PANEL_SWITCHES = {
    "allow_file_name": N_("Allow a file name to be entered from the control panel"),
    "show_settings": N_("Show scan settings on the control panel"),
    "allow_folder": N_("Allow the folder to be changed from the control panel"),
}
OWN_DRIVE = N_("Everybody scans into their own OneDrive; folders that are missing there are made.")


class DestinationForm:
    """The open form. `_values` is what stands in it; of passwords only what was typed now."""

    def __init__(
        self, scope: Scope, settings: ScanSettings, families: Sequence[FamilyView], view: DestinationView | None
    ) -> None:
        self._scope, self._settings, self._view = scope, settings, view
        self._accounts = {family.family: family for family in families}
        self._services = [name for name, family in SERVICES.items() if self._may_choose(name, family.personal_only)]
        first = self._services[0] if self._services else "folder"
        self._values: dict[str, Any] = (
            view.definition.model_dump(mode="json") if view else {"name": "", "service": first, "file_name": "scan"}
        )
        self._secrets: dict[str, str] = {}

    def _may_choose(self, service: str, personal_only: bool) -> bool:
        is_kept = self._view is not None and self._view.definition.service == service
        fits = self._scope is Scope.PERSONAL or not personal_only
        return is_kept or (fits and SERVICES[service].name in self._settings.families)

    def build(self) -> None:
        """Lay out the form; who may not change the destination reads it."""
        may_edit = self._view is None or self._view.may_edit
        title = _("Create scan destination") if self._view is None else self._view.definition.name
        with theme.block("toolbar"):
            heading(title, _("Organizational") if self._scope is Scope.ORGANIZATIONAL else _("Personal"))
            ui.space()
            theme.plain_button(_("Cancel")).props(f"href=/scan?tab={self._scope.value}")
            if may_edit:
                label = _("Create destination") if self._view is None else _("Save changes")
                theme.main_button(label, "save").on_click(self._save)
        if self._view is not None and self._view.problem is not None:
            self._warning(" ".join(error_texts(self._view.problem)))
        if not self._services:
            self._warning(_("No storage provider is enabled for scanning."))
            return
        with theme.block("form-sheets"):
            self._general()
            with theme.block("sheet settings", "section", aria_label=_("Where it goes")):
                theme.text(_("Where it goes"), "section-title", "h2")
                self._service_fields()
            self._file_name()
            self._scan_settings()

    def _general(self) -> None:
        with theme.block("sheet settings", "section", aria_label=_("General")):
            self._line("name", _("Scan destination name"), LONGEST_NAME).props("autofocus")
            self._line("description", _("Description"), LONGEST_DESCRIPTION)
            options = {name: _(service_title(name)) for name in self._services}
            select = ui.select(options, value=self._values["service"], label=_("Cloud storage service"))
            select.props("outlined dense options-dense")
            select.on_value_change(lambda event: self._choose_service(str(event.value)))

    def _choose_service(self, service: str) -> None:
        self._values = {**self._values, "service": service, "access": {}, "drive_name": "", "site_name": ""}
        self._secrets = {}
        self._service_fields.refresh()

    @ui.refreshable_method
    def _service_fields(self) -> None:
        service = self._values["service"]
        family = SERVICES[service]
        if family.needs_account:
            self._account(family.name, family.title)
        if service == "onedrive" and self._scope is Scope.ORGANIZATIONAL:
            theme.text(_(OWN_DRIVE), "hint")
        if family.own_access:
            self._access(service)
        if service == "google_drive":
            self._place("drive_name", _("Drive name"), _("Your own drive, unless you choose a shared one."))
        if service == "sharepoint":
            self._place("site_name", _("Site or library name"), _("“Site” or “Site/Library”."))
        if service == EMAIL:
            self._line("addresses", _("Addresses"), 255).props("inputmode=email autocomplete=off")
            self._switch("send_me_a_copy", _("Also to whoever scans"))
            return
        with theme.block("folder-choice"):
            self._path = self._line("path", _("Folder"), 400)
            theme.plain_button(_("Select folder"), "folder_open").on_click(self._browse)
        theme.text(_("Folders with “/” between them, made where they are missing; empty: the top folder."), "hint")

    def _account(self, family: str, title: str) -> None:
        known = self._accounts.get(family)
        if known is not None and known.state is AccountState.SIGNED_IN and known.account is not None:
            theme.text(_("You are signed in as {account}.", account=known.account.account), "hint")
        else:
            self._warning(_("You are not signed in to {provider}, so you cannot look into folders.", provider=title))
            theme.plain_button(_("Choose account"), "login").props(f"href={self._sign_in(family)}")

    def _sign_in(self, family: str) -> str:
        known = self._accounts.get(family)
        here = f"/scan/{self._view.id}" if self._view else f"/scan/new?scope={self._scope.value}"
        has_sign_in = known is not None and known.has_sign_in
        return f"/storage-accounts/{family}/choose?next={quote(here, safe='')}" if has_sign_in else "/storage-accounts"

    def _access(self, service: str) -> None:
        provider = PROVIDERS[service]
        access = self._values.setdefault("access", {})
        for field in provider.options:
            box = ui.input(_(FIELD_TITLES.get(field, field)), value=access.get(field, ""))
            box.props("outlined dense autocomplete=off maxlength=2048")
            box.on_value_change(lambda event, field=field: self._set_access(field, event.value or ""))
        kept = self._view.secrets if self._view is not None else frozenset()
        for field in provider.secrets:
            box = ui.input(_(FIELD_TITLES.get(field, field)), password=True)
            box.props("outlined dense autocomplete=new-password maxlength=8192")
            if field in kept:
                box.props["placeholder"] = _("Kept; type to replace it")
            box.on_value_change(lambda event, field=field: self._secrets.__setitem__(field, event.value or ""))
        theme.text(_("Passwords and keys are kept encrypted and are never shown again."), "hint")

    def _set_access(self, field: str, value: str) -> None:
        access = {**self._values.get("access", {}), field: value}
        self._values["access"] = {name: given for name, given in access.items() if given}

    def _place(self, name: str, label: str, hint: str) -> None:
        with theme.block("folder-choice"):
            field = self._line(name, label, 255)
            theme.plain_button(_("Choose"), "list").on_click(lambda: self._choose_place(name, field))
        theme.text(hint, "hint")

    async def _choose_place(self, name: str, field: ui.input) -> None:
        with faults_shown():
            names = await ask(list_places, self._folder_place(path=""))
            self._place_dialog(name, field, names)

    def _place_dialog(self, name: str, field: ui.input, names: list[str]) -> None:
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Site or library name") if name == "site_name" else _("Drive name"), "dialog-title", "h2")

            def take(value: str) -> None:
                field.value = value
                dialog.close()

            async def libraries(site: str) -> None:
                with faults_shown():
                    found = await ask(list_places, self._folder_place(path=""), site)
                    dialog.close()
                    self._place_dialog(name, field, [site, *(f"{site}/{one}" for one in found)])

            with theme.block("folder-list", role="list"):
                if name == "drive_name":
                    self._place_row(_("My own drive"), lambda: take(""))
                for one in names:
                    is_site = name == "site_name" and "/" not in one and len(names) > 0 and names[0] != one
                    self._place_row(one, (lambda one=one: libraries(one)) if is_site else (lambda one=one: take(one)))
            if not names:
                theme.text(_("Your account sees none."), "hint", role="status")
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
        dialog.on("hide", dialog.delete)
        dialog.open()

    def _place_row(self, title: str, choose: Any) -> None:
        with theme.block("", role="listitem"):
            button = ui.button(title, icon=theme.symbol("dns"), color=None).props("flat no-caps align=left")
            button.classes("folder-row").on_click(choose)

    async def _browse(self) -> None:
        title = _(service_title(self._values["service"]))
        family = SERVICES[self._values["service"]].name
        await FolderDialog(self._folder_place(), title, self._take_folder, self._sign_in(family)).open()

    def _take_folder(self, path: str) -> None:
        self._path.value = path

    def _folder_place(self, path: str | None = None) -> FolderPlace:
        values = self._values
        return FolderPlace(
            values["service"],
            values.get("path", "") if path is None else path,
            values.get("drive_name", ""),
            values.get("site_name", ""),
            values.get("access", {}),
            dict(self._secrets),
            self._view.id if self._view else "",
        )

    def _file_name(self) -> None:
        with theme.block("sheet settings", "section", aria_label=_("File name")):
            theme.text(_("File name"), "section-title", "h2")
            self._line("file_name", _("File name"), LONGEST_FILE_NAME)
            self._switch("append_time", _("Append date and time to the file name"), default=True)
            theme.text(_("At the printer"), "section-title", "h2")
            for name, title in PANEL_SWITCHES.items():
                self._switch(name, _(title))
            if not self._settings.folder_choice:
                theme.text(_("Folders can be chosen at printers only where the scan settings allow it too."), "hint")

    def _scan_settings(self) -> None:
        with theme.block("sheet settings", "section", aria_label=_("Scan settings")):
            theme.text(_("Scan settings"), "section-title", "h2")
            ways = {False: _("Use default scan settings"), True: _("Use custom scan settings")}
            radio = ui.radio(ways, value=self._values.get("scan") is not None)
            radio.on_value_change(lambda event: self._use_custom(bool(event.value)))
            self._custom()

    def _use_custom(self, is_custom: bool) -> None:
        self._values["scan"] = CustomScan().model_dump(mode="json") if is_custom else None
        self._custom.refresh()

    @ui.refreshable_method
    def _custom(self) -> None:
        if self._values.get("scan") is not None:
            ParameterForm(CustomScan, "scan_settings", self._values["scan"], self._values["scan"].__setitem__)

    def _line(self, name: str, label: str, longest: int) -> ui.input:
        field = ui.input(label, value=self._values.get(name, ""))
        field.on_value_change(lambda event: self._set(name, event.value or ""))
        return field.props(f"outlined dense maxlength={longest}")

    def _switch(self, name: str, label: str, *, default: bool = False) -> None:
        switch = ui.switch(label, value=bool(self._values.get(name, default)))
        switch.on_value_change(lambda event: self._set(name, bool(event.value)))

    def _set(self, name: str, value: Any) -> None:
        self._values[name] = value

    def _warning(self, text: str) -> None:
        with theme.block("warning", role="note"):
            theme.icon("info")
            theme.text(text)

    async def _save(self) -> None:
        with faults_shown():
            try:
                definition = DestinationDefinition.model_validate(self._values)
            except ValidationError as error:
                tell_problems(error)
                return
            if self._view is None:
                await ask(create_destination, self._scope, definition, self._secrets)
            else:
                await ask(change_destination, self._view.id, definition, self._secrets, self._view.version)
            tell(_("The changes are saved."))
            ui.navigate.to(f"/scan?tab={self._scope.value}")
