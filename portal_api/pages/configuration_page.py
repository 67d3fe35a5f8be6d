"""One configuration: its components in the editor, its versions, and what is done with it on printers."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.configurations.drafts import (
    VersionRow,
    create_draft,
    discard_draft,
    get_version,
    list_versions,
    publish,
    save_draft,
)
from fleet.configurations.service import ConfigurationView, change_configuration, get_configuration
from fleet.resources.service import list_resources
from portal_api.pages import theme
from portal_api.pages.configuration_editor.assigned_section import AssignedSection
from portal_api.pages.configuration_editor.bundle_dialog import BundleDialog
from portal_api.pages.configuration_editor.draft import EditedDraft
from portal_api.pages.configuration_editor.files_sections import AppsSection, FilesSection, FirmwareSection
from portal_api.pages.configuration_editor.login_section import LoginSection
from portal_api.pages.configuration_editor.settings_section import SettingsSection
from portal_api.pages.configuration_editor.variables_section import VariablesSection
from portal_api.pages.configurations_page import status_chips
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.printer_actions import ChosenPrinters
from portal_api.pages.printer_menu.configurations import assign, deploy, try_draft
from portal_api.pages.visit import ask, faults_shown, tell, when
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.printer_picker import pick_printers
from portal_api.pages.words import _, message_text


@portal_page("/configurations/{configuration_id}", N_("Configuration"), Permission.FLEET_CONFIGURE, "configurations")
async def configuration(configuration_id: str, number: int | None = None) -> None:
    """The page; `number` shows an earlier version."""
    view = await ask(get_configuration, configuration_id)
    version = await ask(get_version, configuration_id, number)
    page = ConfigurationPage(view, EditedDraft(version, await ask(list_resources), lambda: page.noted()))
    await page.build(await ask(list_versions, configuration_id))
    for message in version.advice:
        page.advise(message_text(message))


class ConfigurationPage:
    """The open page."""

    def __init__(self, view: ConfigurationView, draft: EditedDraft) -> None:
        self._view, self._draft = view, draft

    async def build(self, versions: list[VersionRow]) -> None:
        """Lay out the page. Dialogs belong to it as a whole: its parts are laid out anew while they are open."""
        self._whole = theme.box("dialogs")
        with theme.block("toolbar"):
            heading(self._view.name, self._view.description)
            with theme.block("slips"):
                status_chips(self._view)
            ui.space()
            self._buttons()
        self._advice = theme.box("list-holder")
        with theme.block("form-sheets"):
            FirmwareSection(self._draft).build()
            AppsSection(self._draft).build()
            FilesSection(self._draft).build()
            SettingsSection(self._draft).build()
            if self._draft.variables or not self._draft.is_fixed:
                VariablesSection(self._draft, self._saved_before, self._reload).build()
            LoginSection(self._draft).build()
            _history(self._view, versions)
            if self._view.is_published:
                await AssignedSection(self._view.id).build()

    def advise(self, text: str) -> None:
        """Say what to know about the apps together (FL-359…FL-361)."""
        with self._advice, theme.block("warning", role="note"):
            theme.icon("info")
            theme.text(text)

    def noted(self) -> None:
        """The draft has changed, or was saved."""
        self._save_button.set_enabled(self._draft.is_changed)

    def _buttons(self) -> None:
        if self._draft.is_fixed:
            self._fixed_buttons()
            return
        with theme.icon_button("more_vert", _("More")), ui.menu().classes("panel-menu"):
            ui.menu_item(_("Import a settings bundle"), on_click=self._import_bundle)
            ui.menu_item(_("Try on a printer"), on_click=self._try)
            ui.menu_item(_("Name and description"), on_click=self._rename)
            ui.menu_item(_("Delete the draft"), on_click=self._confirm_discard)
        self._save_button = theme.plain_button(_("Save as draft"), "save").on_click(self._save)
        self.noted()
        theme.main_button(_("Publish"), "publish").on_click(self._publish)

    def _fixed_buttons(self) -> None:
        theme.plain_button(_("Name and description"), "edit").on_click(self._rename)
        if not self._view.has_draft:
            theme.plain_button(_("Create new draft"), "edit_note").on_click(self._create_draft)
        theme.plain_button(_("Assign"), "assignment").on_click(self._assign)
        theme.main_button(_("Deploy"), "send").on_click(self._deploy)

    async def _save(self) -> bool:
        with faults_shown():
            await ask(save_draft, self._view.id, self._draft.final())
            self._draft.saved(await ask(get_version, self._view.id))
            tell(_("The draft is saved."))
            return True
        return False

    async def _saved_before(self) -> bool:
        return await self._save() if self._draft.is_changed else True

    async def _reload(self) -> None:
        ui.run_javascript("window.unsavedChanges = false")
        ui.navigate.reload()

    async def _import_bundle(self) -> None:
        with self._whole:
            if await self._saved_before():
                BundleDialog(self._view.id, list(self._draft.library.values()), self._reload).open()

    def _rename(self) -> None:
        with self._whole:
            rename_dialog(self._view)

    def _publish(self) -> None:
        with self._whole, theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Publish version {number}?", number=self._view.version + 1), "dialog-title", "h2")
            comments = ui.textarea(_("Version comments")).props("outlined dense autofocus maxlength=1000")
            theme.text(_("A published version is never changed. Nothing is deployed by publishing it."), "hint")

            async def go_on() -> None:
                if not await self._saved_before():
                    return
                with faults_shown():
                    await ask(publish, self._view.id, comments.value or "")
                    dialog.close()
                    await self._reload()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Publish"), "publish").on_click(go_on)
        dialog.on("hide", dialog.delete)
        dialog.open()

    async def _create_draft(self) -> None:
        with faults_shown():
            await ask(create_draft, self._view.id)
            ui.navigate.to(f"/configurations/{self._view.id}")

    def _confirm_discard(self) -> None:
        async def discard() -> None:
            with faults_shown():
                await ask(discard_draft, self._view.id)
                ui.run_javascript("window.unsavedChanges = false")
                here = f"/configurations/{self._view.id}" if self._view.is_published else "/configurations"
                ui.navigate.to(here)

        text = _("The published version stays.") if self._view.is_published else _("The configuration goes with it.")
        with self._whole:
            confirm(_("Delete the draft?"), (text,), _("Delete"), discard)

    async def _try(self) -> None:
        async def go_on(chosen: ChosenPrinters) -> None:
            await try_draft(self._view, chosen)

        with self._whole:
            if await self._saved_before():
                pick_printers(_("Try the draft on a printer"), go_on)

    def _deploy(self) -> None:
        async def go_on(chosen: ChosenPrinters) -> None:
            await deploy(chosen, self._view.id)

        with self._whole:
            pick_printers(_("Deploy “{name}”", name=self._view.name), go_on)

    def _assign(self) -> None:
        async def go_on(chosen: ChosenPrinters) -> None:
            await assign(chosen, self._view.id)

        with self._whole:
            pick_printers(_("Assign “{name}”", name=self._view.name), go_on)


def rename_dialog(view: ConfigurationView) -> None:
    """Change name and description, which belong to no version."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Name and description"), "dialog-title", "h2")
        name = ui.input(_("Name"), value=view.name).props("outlined dense autofocus maxlength=255")
        description = ui.input(_("Description"), value=view.description).props("outlined dense maxlength=1000")

        async def save() -> None:
            with faults_shown():
                await ask(change_configuration, view.id, name.value or "", description.value or "")
                dialog.close()
                ui.navigate.reload()

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Save"), "save").on_click(save)
    dialog.on("hide", dialog.delete)
    dialog.open()


def _history(view: ConfigurationView, versions: list[VersionRow]) -> None:
    if not versions:
        return
    with theme.block("sheet settings", "section", aria_label=_("Published versions")):
        theme.text(_("Published versions"), "section-title", "h2")
        with theme.block("records", role="list"):
            for one in versions:
                address = f"/configurations/{view.id}?number={one.number}"
                with theme.block("record", role="listitem"):
                    with theme.block("record-words plain-link", "a", href=address):
                        theme.text(_("Version {number}", number=one.number), "strong")
                        theme.text(one.comments, "hint")
                    theme.text(f"{one.publisher or '–'}, {when(one.published)}", "hint")
