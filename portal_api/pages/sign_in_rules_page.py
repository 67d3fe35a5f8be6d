"""The organization's rules of signing in: passwords, sessions, second factors (AC-33, AC-92)."""

from nicegui import ui

from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.permissions import Permission
from domain.organizations.roles import FACTS
from domain.sign_in.rules import (
    LEAST_IDLE_MINUTES,
    LEAST_LENGTH,
    MOST_LENGTH,
    MOST_REFUSED,
    Rules,
    set_sign_in_rules,
    sign_in_rules,
)
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.words import _


@portal_page("/sign-in-rules", N_("Sign-in rules"), Permission.ORGANIZATION_MANAGE, "sign-in-rules")
async def rules_of_signing_in() -> None:
    """The page."""
    found = await ask(sign_in_rules)
    heading(_("Sign-in rules"), _("What your organization asks for beyond the rules that always hold."))
    with theme.block("form-sheets"):
        shortest, refused = _passwords(found)
        idle, hours = _sessions(found)
        roles = _second_factor(found)

        async def save() -> None:
            with faults_shown():
                wanted = Rules(_whole(shortest), _whole(refused), _whole(idle), _whole(hours), tuple(roles.value or ()))
                await ask(set_sign_in_rules, wanted)
                tell(_("The rules are saved."))

        with theme.block("dialog-actions"):
            theme.main_button(_("Save"), "save").on_click(save)


def _passwords(found: Rules) -> tuple[ui.number, ui.number]:
    with theme.block("sheet crop settings", "section", aria_label=_("Passwords")):
        theme.text(_("Passwords"), "section-title", "h2")
        theme.text(
            _("A lower-case letter, an upper-case letter, a digit and a special character are always needed."), "hint"
        )
        shortest = _number(_("Least characters"), found.shortest_password, LEAST_LENGTH, MOST_LENGTH)
        refused = _number(_("Former passwords refused"), found.refused_passwords, 0, MOST_REFUSED)
        theme.text(_("They hold for passwords that are set from now on; those in use stay."), "hint")
    return shortest, refused


def _sessions(found: Rules) -> tuple[ui.number, ui.number]:
    settings = get_settings()
    with theme.block("sheet settings", "section", aria_label=_("Sessions")):
        theme.text(_("Sessions"), "section-title", "h2")
        idle = _number(
            _("Minutes without activity"), found.idle_minutes, LEAST_IDLE_MINUTES, settings.session_idle_minutes
        )
        hours = _number(_("Hours at most"), found.session_hours, 1, settings.session_hours)
        theme.text(_("A session that reaches either of them ends. Sessions already open follow at once."), "hint")
    return idle, hours


def _second_factor(found: Rules) -> ui.select:
    with theme.block("sheet settings", "section", aria_label=_("Second factor")):
        theme.text(_("Second factor"), "section-title", "h2")
        roles = ui.select(
            {role.value: _(role.value) for role in FACTS},
            label=_("Required of people with these roles"),
            value=list(found.second_factor_roles),
            multiple=True,
            clearable=True,
        ).props("outlined dense options-dense use-chips")
        theme.text(
            _("“User” means everybody. Who has none yet sets it up when signing in next. People who sign in at an "
              "identity provider are asked there."),
            "hint",
        )  # fmt: skip
    return roles


def _number(title: str, value: float, least: float, most: float) -> ui.number:
    box = ui.number(title, value=value, min=least, max=most, precision=0)
    box.props("outlined dense").classes("short-field")
    box.props["hint"] = _("From {least} to {most}", least=f"{least:g}", most=f"{most:g}")
    return box


def _whole(box: ui.number) -> int:
    return int(box.value or 0)
