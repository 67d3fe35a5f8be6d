"""My account: who one is, and everything that one decides oneself, section by section (AC-32)."""

from zoneinfo import available_timezones

from nicegui import ui

from connectors.messages import N_
from domain.organizations.own_profile import own_profile
from domain.organizations.permissions import Permission
from domain.sign_in.service import set_preferences
from domain.texts.catalogue import language_of, locales
from portal_api.pages import theme
from portal_api.pages.account_sections import account_section, account_sections
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, visitor
from portal_api.pages.words import _


@portal_page("/account", N_("My account"), Permission.OWN_ACCOUNT, "account")
async def account() -> None:
    """The page: a list of the sections, and the sections."""
    shown = [
        section
        for section in account_sections()
        if visitor().may(section.permission) and (section.applies is None or await ask(section.applies))
    ]
    heading(_("My account"), _("Who you are here, and how your account is protected."))
    with theme.block("account"):
        with theme.block("account-contents", "nav", aria_label=_("Sections of this page")):
            for section in shown:
                with theme.block("quiet-link", "a", href=f"/account#{section.name}"):
                    theme.text(_(section.title))
        with theme.block("form-sheets"):
            for section in shown:
                with theme.block("sheet settings account-section", "section", id=section.name) as sheet:
                    sheet.props["aria-label"] = _(section.title)
                    theme.text(_(section.title), "section-title", "h2")
                    await section.build()


@account_section("profile", N_("Profile"), 10)
async def profile() -> None:
    """Who one is; language and time zone can be changed here, the rest by administrators."""
    facts = await ask(own_profile)
    with theme.block("facts", "dl"):
        for name, value in (
            (_("Name"), facts.name),
            (_("E-mail address"), facts.email),
            (_("Organization"), facts.organization),
            (_("Department"), facts.department),
            (_("Cost centre"), facts.cost_center),
            (_("Roles"), ", ".join(_(role) for role in facts.roles)),
        ):
            if value:
                theme.text(name, "muted", "dt")
                theme.text(value, "", "dd")
    with theme.block("option-line"):
        language = ui.select(locales(), label=_("Language"), value=language_of(facts.locale))
        language.props("outlined dense options-dense").classes("short-field")
        zone = ui.select(sorted(available_timezones()), label=_("Time zone"), value=facts.time_zone, with_input=True)
        zone.props("outlined dense options-dense")

    async def save() -> None:
        with faults_shown():
            await ask(set_preferences, str(language.value), str(zone.value or facts.time_zone))
            ui.navigate.reload()

    with theme.block("dialog-actions"):
        theme.main_button(_("Save"), "save").on_click(save)
