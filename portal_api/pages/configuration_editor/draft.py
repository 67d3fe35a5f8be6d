"""What is being edited: the content of a draft, changed part by part until it is saved."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from fleet.configurations.content import AppPart, ConfigurationContent, FirmwarePart, SettingPart
from fleet.configurations.drafts import VariableFileView, VersionView
from fleet.configurations.login_methods import LoginMethods
from fleet.resources.service import ResourceView


class EditedDraft:
    """The content now. `changed` is called after every change; a page left with changes asks first.

    With `is_fixed` it is a published version, which can only be looked at.
    """

    def __init__(self, version: VersionView, library: list[ResourceView], changed: Callable[[], None]) -> None:
        self.configuration_id, self.is_fixed = version.configuration_id, not version.is_draft
        self.number = version.number
        self.content = version.content
        self.variables: VariableFileView | None = version.variables
        self.library = {resource.id: resource for resource in library} | dict(version.resources)
        self.is_changed = False
        self._changed = changed

    def change(self, **parts: Any) -> None:
        """Replace components."""
        self.content = self.content.model_copy(update=parts)
        self.note(is_changed=True)

    def note(self, *, is_changed: bool) -> None:
        """Remember whether there is anything to save."""
        self.is_changed = is_changed
        ui.run_javascript(f"window.unsavedChanges = {str(is_changed).lower()}")
        self._changed()

    # --- firmware, apps, settings files

    def set_firmware(self, firmware: FirmwarePart) -> None:
        """FL-351."""
        self.change(firmware=firmware)

    def add_app(self, resource_id: str) -> None:
        """Put an app at the end, with its defaults."""
        if resource_id not in [app.resource_id for app in self.content.apps]:
            self.change(apps=(*self.content.apps, AppPart(resource_id=resource_id)))

    def set_app(self, place: int, app: AppPart | None) -> None:
        """Replace an app, or take it out."""
        apps = list(self.content.apps)
        apps[place : place + 1] = [app] if app else []
        self.change(apps=tuple(apps))

    def may_order(self, field: str) -> bool:
        """Whether there is an order to change."""
        return not self.is_fixed and len(getattr(self.content, field)) > 1

    def move(self, field: str, place: int, by: int) -> None:
        """Move an app or a settings file up or down (FL-363)."""
        parts = list(getattr(self.content, field))
        target = min(max(place + by, 0), len(parts) - 1)
        parts.insert(target, parts.pop(place))
        self.change(**{field: tuple(parts)})

    def set_files(self, files: tuple[str, ...]) -> None:
        """The settings files in their order."""
        self.change(settings_files=files)

    # --- settings

    def setting(self, name: str) -> SettingPart | None:
        """The setting where it is ticked."""
        return next((one for one in self.content.settings if one.name == name), None)

    def set_setting(self, name: str, part: SettingPart | None) -> None:
        """Tick a setting with its value or column, or untick it (FL-364, FL-371)."""
        kept = [one for one in self.content.settings if one.name != name]
        place = next((number for number, one in enumerate(self.content.settings) if one.name == name), len(kept))
        kept[place:place] = [part] if part else []
        self.change(settings=tuple(kept))

    # --- login methods

    def set_login(self, login: LoginMethods | None) -> None:
        """FL-378."""
        self.change(login_methods=login)

    def saved(self, version: VersionView) -> None:
        """What was saved is what is edited now; secrets are masked."""
        self.content, self.variables = version.content, version.variables
        self.note(is_changed=False)

    def final(self) -> ConfigurationContent:
        """What is to be saved."""
        return self.content
