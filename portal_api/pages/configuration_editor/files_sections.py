"""The sections of firmware, apps and settings files: chosen from the library or uploaded here, in their order."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from nicegui import ui

from connectors.printers.files import FileKind
from fleet.configurations.content import AppPart, FirmwarePart
from fleet.resources.service import ResourceView
from portal_api.pages import theme
from portal_api.pages.configuration_editor.catalogue_dialog import catalogue_dialog
from portal_api.pages.configuration_editor.draft import EditedDraft
from portal_api.pages.widgets.resource_dialogs import facts_text, firmware_dialog, upload_dialog
from portal_api.pages.widgets.row_drag import RowDrag
from portal_api.pages.words import _


class FirmwareSection:
    """The recommended level for all, specific firmware for the models it fits (FL-351…FL-356)."""

    def __init__(self, draft: EditedDraft) -> None:
        self._draft = draft

    def build(self) -> None:
        """Lay out the section."""
        with theme.block("sheet settings", "section", aria_label=_("Firmware")):
            theme.text(_("Firmware"), "section-title", "h2")
            self._body()

    @ui.refreshable_method
    def _body(self) -> None:
        firmware = self._draft.content.firmware
        switch = ui.switch(
            _("Update all models to the recommended level"),
            value=firmware.recommended,
            on_change=lambda event: self._set(recommended=bool(event.value)),
        )
        switch.set_enabled(not self._draft.is_fixed)
        for resource_id in firmware.resource_ids:
            with theme.block("record"):
                resource_words(self._draft.library.get(resource_id))
                if not self._draft.is_fixed:
                    button = theme.icon_button("close", _("Take out"))
                    button.on_click(partial(self._set, without=resource_id))
        if firmware.resource_ids:
            theme.text(
                _("A specific level below the installed one is a downgrade: apps and the printer agent are removed."),
                "hint",
            )
        if not self._draft.is_fixed:
            choice = choose_resource(self._draft, (FileKind.FIRMWARE,), firmware.resource_ids, self._add)
            with theme.block("actions"):
                choice()
                theme.plain_button(_("Add firmware"), "memory").on_click(lambda: firmware_dialog(self._uploaded))

    async def _uploaded(self, view: ResourceView) -> None:
        self._draft.library[view.id] = view
        self._add(view.id)

    def _add(self, resource_id: str) -> None:
        firmware = self._draft.content.firmware
        ids = tuple(dict.fromkeys((*firmware.resource_ids, resource_id)))
        self._draft.set_firmware(firmware.model_copy(update={"resource_ids": ids}))
        self._body.refresh()

    def _set(self, recommended: bool | None = None, without: str = "") -> None:
        firmware = self._draft.content.firmware
        kept = tuple(one for one in firmware.resource_ids if one != without)
        chosen = firmware.recommended if recommended is None else recommended
        self._draft.set_firmware(FirmwarePart(recommended=chosen, resource_ids=kept))
        if without:
            self._body.refresh()


class AppsSection:
    """The apps in their order, each with its settings (FL-357, FL-358)."""

    def __init__(self, draft: EditedDraft) -> None:
        self._draft = draft

    def build(self) -> None:
        """Lay out the section."""
        with theme.block("sheet settings", "section", aria_label=_("Apps")):
            theme.text(_("Apps"), "section-title", "h2")
            self._place = theme.box("dialogs")
            self._body()

    @ui.refreshable_method
    def _body(self) -> None:
        apps = self._draft.content.apps
        drag, may_move = ordered_by_drag(self._draft, "apps", self._body.refresh), self._draft.may_order("apps")
        for place, app in enumerate(apps):
            resource = self._draft.library.get(app.resource_id)
            with theme.block("record") as row:
                if may_move:
                    drag.grip(row, place)
                resource_words(resource)
                order_buttons(self._draft, "apps", place, len(apps), self._body.refresh)
                if not self._draft.is_fixed:
                    theme.icon_button("close", _("Take out")).on_click(partial(self._take_out, place))
            if resource is not None and resource.facts.get("settings"):
                self._settings(place, app, resource)
        hint = _("Settings of an app that are not offered here are made at its page on the printer.")
        theme.text(hint if apps else _("No app is chosen."), "hint")
        if not self._draft.is_fixed:
            chosen = [app.resource_id for app in apps]
            choice = choose_resource(self._draft, (FileKind.APP,), chosen, self._add)
            with theme.block("actions"):
                choice()
                theme.plain_button(_("Choose from the catalogue"), "storefront").on_click(self._catalogue)
                upload = theme.plain_button(_("Upload app"), "upload_file")
                upload.on_click(lambda: upload_dialog(self._uploaded, FileKind.APP))

    def _settings(self, place: int, app: AppPart, resource: ResourceView) -> None:
        title = _("Settings of {app}", app=resource.facts["name"])
        with ui.expansion(title, icon=theme.symbol("tune")).classes("fold"), theme.block("form two"):
            for name, default in resource.facts["settings"].items():
                value = app.settings.get(name, default)
                field = value_field(name, value, type(default), partial(self._set, place, name))
                field.set_enabled(not self._draft.is_fixed)
                field.props["hint"] = _("Default: {value}", value=default)

    def _set(self, place: int, name: str, value: Any) -> None:
        app = self._draft.content.apps[place]
        declared = self._draft.library[app.resource_id].facts["settings"]
        settings = {**app.settings, name: value}
        settings = {one: given for one, given in settings.items() if given is not None and given != declared[one]}
        self._draft.set_app(place, app.model_copy(update={"settings": settings}))

    async def _catalogue(self) -> None:
        with self._place:
            await catalogue_dialog([app.resource_id for app in self._draft.content.apps], self._uploaded)

    def _take_out(self, place: int) -> None:
        self._draft.set_app(place, None)
        self._body.refresh()

    def _add(self, resource_id: str) -> None:
        self._draft.add_app(resource_id)
        self._body.refresh()

    async def _uploaded(self, view: ResourceView) -> None:
        self._draft.library[view.id] = view
        self._add(view.id)


class FilesSection:
    """Settings files and bundles, sent to every model in their order (FL-362, FL-363)."""

    def __init__(self, draft: EditedDraft) -> None:
        self._draft = draft

    def build(self) -> None:
        """Lay out the section."""
        with theme.block("sheet settings", "section", aria_label=_("Settings files")):
            theme.text(_("Settings files"), "section-title", "h2")
            theme.text(_("They are sent to every model, in this order."), "hint")
            self._body()

    @ui.refreshable_method
    def _body(self) -> None:
        files = self._draft.content.settings_files
        drag = ordered_by_drag(self._draft, "settings_files", self._body.refresh)
        may_move = self._draft.may_order("settings_files")
        for place, resource_id in enumerate(files):
            with theme.block("record") as row:
                if may_move:
                    drag.grip(row, place)
                resource_words(self._draft.library.get(resource_id))
                order_buttons(self._draft, "settings_files", place, len(files), self._body.refresh)
                if not self._draft.is_fixed:
                    theme.icon_button("close", _("Take out")).on_click(partial(self._take_out, resource_id))
        if not self._draft.is_fixed:
            kinds = (FileKind.SETTINGS_FILE, FileKind.BUNDLE)
            choice = choose_resource(self._draft, kinds, files, self._add)
            with theme.block("actions"):
                choice()
                upload = theme.plain_button(_("Upload settings"), "upload_file")
                upload.on_click(lambda: upload_dialog(self._uploaded, *kinds))

    def _take_out(self, resource_id: str) -> None:
        self._draft.set_files(tuple(one for one in self._draft.content.settings_files if one != resource_id))
        self._body.refresh()

    def _add(self, resource_id: str) -> None:
        files = self._draft.content.settings_files
        self._draft.set_files(tuple(dict.fromkeys((*files, resource_id))))
        self._body.refresh()

    async def _uploaded(self, view: ResourceView) -> None:
        self._draft.library[view.id] = view
        self._add(view.id)


def resource_words(resource: ResourceView | None) -> None:
    """What a resource is called, and what is in it."""
    with theme.block("record-words"):
        theme.text(resource.name if resource else _("A resource that was deleted"), "strong clamp-one")
        if resource is not None:
            theme.text(facts_text(resource), "hint clamp-one")


def order_buttons(draft: EditedDraft, field: str, place: int, count: int, done: Callable[[], object]) -> None:
    """Up and down."""
    if not draft.may_order(field):
        return

    def move(by: int) -> None:
        draft.move(field, place, by)
        done()

    theme.icon_button("arrow_upward", _("Up")).on_click(lambda: move(-1)).set_enabled(place > 0)
    theme.icon_button("arrow_downward", _("Down")).on_click(lambda: move(1)).set_enabled(place < count - 1)


def ordered_by_drag(draft: EditedDraft, field: str, done: Callable[[], object]) -> RowDrag:
    """The rows of a field, put into another order by dragging (FL-363)."""

    def move(place: int, target: int) -> None:
        draft.move(field, place, target - place)
        done()

    return RowDrag(move)


def choose_resource(
    draft: EditedDraft, kinds: Sequence[FileKind], chosen: Sequence[str], add: Callable[[str], None]
) -> Callable[[], None]:
    """The choice of what the library has of these kinds and is not chosen yet."""

    def build() -> None:
        offered = [one for one in draft.library.values() if one.kind in kinds and one.id not in chosen]
        with theme.plain_button(_("Choose from the library"), "folder_open") as button, ui.menu().classes("panel-menu"):
            for resource in offered:
                ui.menu_item(resource.name, on_click=partial(add, resource.id))
        button.set_enabled(bool(offered))

    return build


def value_field(title: str, value: Any, kind: type, change: Callable[[Any], None]) -> Any:
    """A field for a switch, a number or a text."""
    if kind is bool:
        return ui.switch(title, value=bool(value), on_change=lambda event: change(bool(event.value)))
    if kind is int:
        field = ui.number(
            title,
            value=value,
            precision=0,
            on_change=lambda event: change(None if event.value is None else int(event.value)),
        )
        return field.props("outlined dense")
    return ui.input(title, value=str(value), on_change=lambda event: change(event.value or "")).props("outlined dense")
