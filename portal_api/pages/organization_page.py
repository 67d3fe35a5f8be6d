"""The organization's own page: what it is, its active services, and its settings (AC-8, AC-9, AC-11)."""

from zoneinfo import available_timezones

from nicegui import ui

from connectors.messages import N_
from domain.organizations.information import (
    OrganizationChange,
    OrganizationView,
    change_organization,
    get_organization,
)
from domain.organizations.permissions import Permission
from domain.texts.catalogue import locales
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.organization_sections import SECTIONS
from portal_api.pages.visit import ask, faults_shown, tell, visitor, when
from portal_api.pages.widgets.copy_field import copy_field
from portal_api.pages.widgets.services import active_services
from portal_api.pages.words import _


@portal_page("/organization", N_("Organization"), Permission.ORGANIZATION_VIEW, "organization")
async def organization() -> None:
    """The page; who may not change anything sees the same facts."""
    view = await ask(get_organization)
    heading(view.name, _("What holds for everybody in the organization."))
    with theme.block("form-sheets narrow"):
        with theme.block("sheet crop settings", "section", aria_label=_("About the organization")):
            theme.text(_("About the organization"), "section-title", "h2")
            copy_field(_("Organization ID"), view.id, _("Needed where other systems refer to this organization."))
            _facts(view)
            active_services(view.entitlements)
        if visitor().may(Permission.ORGANIZATION_MANAGE):
            SettingsForm(view).build()
        for section in SECTIONS:
            if visitor().may(section.permission):
                with theme.block("sheet settings", "section", id=section.name):
                    await section.build()


def _facts(view: OrganizationView) -> None:
    facts = [(_("Partner"), view.parent_name)] if view.parent_name else []
    facts += [(_("Time zone"), view.time_zone), (_("Since"), when(view.created))]
    with theme.block("facts", "dl"):
        for name, value in facts:
            theme.text(name, "muted", "dt")
            theme.text(value, "", "dd")


class SettingsForm:
    """Name, time zone and languages, saved together."""

    def __init__(self, view: OrganizationView) -> None:
        self._view = view

    def build(self) -> None:
        """Lay out the sheet."""
        view = self._view
        with theme.block("sheet settings", "section", aria_label=_("Settings of the organization")):
            theme.text(_("Settings of the organization"), "section-title", "h2")
            self._name = ui.input(_("Name"), value=view.name).props("outlined dense maxlength=100")
            theme.text(_("Letters, digits and spaces."), "hint")
            self._zone = ui.select(
                sorted({*available_timezones(), view.time_zone}),
                value=view.time_zone,
                label=_("Time zone"),
                with_input=True,
            ).props("outlined dense options-dense")
            theme.text(_("Reports and schedules of the organization go by it; people have their own."), "hint")
            theme.text(_("Languages of announcements"), "strong")
            with theme.block("switches"):
                self._languages = {code: self._language(code, name) for code, name in locales().items()}
            with theme.block("dialog-actions"):
                theme.main_button(_("Save"), "save").on_click(self._save)

    def _language(self, code: str, name: str) -> ui.checkbox:
        box = ui.checkbox(name, value=code == "en" or code in self._view.announcement_languages)
        box.set_enabled(code != "en")
        return box

    async def _save(self) -> None:
        languages = [code for code, box in self._languages.items() if box.value]
        change = OrganizationChange(self._name.value or "", self._zone.value, languages)
        with faults_shown():
            changed = await ask(change_organization, change)
            tell(_("The settings are saved."))
            if changed.name != self._view.name:
                ui.navigate.reload()
