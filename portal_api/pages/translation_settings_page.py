"""Translation settings of the organization: the footer of translated files (TR-50…TR-56)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.translation.settings import (
    LONGEST_FOOTER,
    TranslationSettings,
    TranslationSettingsView,
    change_translation_settings,
    get_translation_settings,
)
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.words import _


@portal_page("/translation/settings", N_("Translation settings"), Permission.TRANSLATION_MANAGE, "translation-settings")
async def translation_settings_page() -> None:
    """The page."""
    TranslationSettingsPage(await ask(get_translation_settings)).build()


class TranslationSettingsPage:
    """The open form: what stands in it, and what was saved."""

    def __init__(self, view: TranslationSettingsView) -> None:
        self._view = view

    def build(self) -> None:
        """Lay out the page."""
        settings = self._view.settings
        add, text, translated = (field.title or "" for field in TranslationSettings.model_fields.values())
        with theme.block("toolbar"):
            heading(_("Translation settings"), _("What holds for everybody who translates in your organization."))
            ui.space()
            theme.main_button(_("Save settings"), "save").on_click(self._save)
        with (
            theme.block("form-sheets"),
            theme.block("sheet settings", "section", aria_label=_("Footer of translated files")),
        ):
            with theme.block("setting"):
                self._add = ui.switch(_(add), value=settings.add_footer, on_change=_note_change)
                theme.text(_("Only Word documents (.docx) are translated then."), "hint")
            self._text = ui.textarea(_(text), value=settings.footer_text, on_change=_note_change).props(
                f"outlined dense autogrow maxlength={LONGEST_FOOTER} counter"
            )
            self._text.bind_enabled_from(self._add, "value")
            with theme.block("setting"):
                self._translate = ui.switch(_(translated), value=settings.translate_footer, on_change=_note_change)
                self._translate.bind_enabled_from(self._add, "value")
                theme.text(_("Solutions and panels are not affected: they have the step “Insert footer”."), "hint")

    async def _save(self) -> None:
        with faults_shown():
            settings = TranslationSettings(
                add_footer=self._add.value,
                footer_text=self._text.value or "",
                translate_footer=self._translate.value,
            )
            self._view = await ask(change_translation_settings, settings, self._view.version)
            ui.run_javascript("window.unsavedChanges = false")
            tell(_("The settings are saved."))


def _note_change() -> None:
    ui.run_javascript("window.unsavedChanges = true")
