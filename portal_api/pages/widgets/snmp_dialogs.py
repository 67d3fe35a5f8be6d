"""The SNMP profiles of the organization: listed, made, deleted (FL-114…FL-118). Secrets are never shown again."""

from nicegui import ui
from pydantic import ValidationError

from connectors.messages import N_
from connectors.snmp.client import Authentication, Privacy
from fleet.agents.models import SnmpProfile
from fleet.agents.snmp_profiles import SnmpSettings, create_profile, delete_profile, list_profiles
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.words import _

VERSIONS = {"1": "1", "2c": "2c", "3": "3"}
NONE = N_("None")


async def snmp_profiles_dialog() -> None:
    """The profiles with a form for another one."""
    with faults_shown():
        profiles = await ask(list_profiles)
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("SNMP profiles"), "dialog-title", "h2")
            with theme.block("records"):
                for profile in profiles:
                    _record(profile, dialog)
            if not profiles:
                theme.text(_("There is none yet: printers are asked by version 2c with “public”."), "muted")
            _form(dialog)
        dialog.open()


def _record(profile: SnmpProfile, dialog: ui.dialog) -> None:
    async def delete() -> None:
        with faults_shown():
            await ask(delete_profile, profile.id)
            dialog.close()
            tell(_("The profile was deleted."))

    with theme.block("record", "article"):
        theme.icon("key")
        with theme.block("record-words"):
            theme.text(profile.name, "strong clamp-one")
            theme.text(_("Version {version}", version=profile.version), "muted")
        label = _("Delete the profile {name}", name=profile.name)
        theme.icon_button("delete", label).on_click(delete)


def _form(dialog: ui.dialog) -> None:
    name = ui.input(_("Profile name")).props("outlined dense maxlength=255")
    version = ui.select(VERSIONS, value="2c", label=_("SNMP version")).props("outlined dense")
    community = _secret(_("Community name"))
    write_community = _secret(_("Write community, for restarts and panel messages"))
    user = ui.input(_("User")).props("outlined dense maxlength=64 autocomplete=off")
    authentication = _choice(_("Authentication mode"), [one.value for one in Authentication])
    auth_secret = _secret(_("Authentication password"))
    privacy = _choice(_("Privacy type"), [one.value for one in Privacy])
    privacy_secret = _secret(_("Privacy password"))
    timeout = ui.number(_("Discovery timeout in seconds"), value=1, min=0.1, max=60).props("outlined dense")
    attempts = ui.number(_("Number of attempts"), value=2, min=1, max=10, precision=0).props("outlined dense")
    for secret in (community, write_community):
        secret.bind_visibility_from(version, "value", lambda value: value != "3")
    for field in (user, authentication, auth_secret, privacy, privacy_secret):
        field.bind_visibility_from(version, "value", lambda value: value == "3")

    async def create() -> None:
        try:
            wanted = SnmpSettings.model_validate(
                {
                    "name": name.value or "",
                    "version": version.value,
                    "community": community.value or "",
                    "write_community": write_community.value or "",
                    "user": user.value or "",
                    "auth_protocol": authentication.value or "",
                    "auth_secret": auth_secret.value or "",
                    "privacy_protocol": privacy.value or "",
                    "privacy_secret": privacy_secret.value or "",
                    "timeout": timeout.value or 0,
                    "attempts": int(attempts.value or 0),
                }
            )
        except ValidationError as error:
            ui.notify(error.errors(include_url=False)[0]["msg"], type="negative")
            return
        with faults_shown():
            await ask(create_profile, wanted)
            dialog.close()
            tell(_("The profile was created."))

    with theme.block("dialog-actions"):
        theme.plain_button(_("Cancel")).on_click(dialog.close)
        theme.main_button(_("Create profile")).on_click(create)


def _secret(label: str) -> ui.input:
    return ui.input(label, password=True).props("outlined dense maxlength=255 autocomplete=new-password")


def _choice(label: str, values: list[str]) -> ui.select:
    return ui.select({"": _(NONE), **{value: value.upper() for value in values}}, value="", label=label).props(
        "outlined dense"
    )
