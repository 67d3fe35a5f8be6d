"""What a configuration may hold: values in their ranges, resources of the right kind, settings that exist.

Rules are data and pure functions; `fleet.configurations.drafts` applies them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.printers.files import FileKind
from fleet.configurations.app_rules import conflicts
from fleet.configurations.content import AppPart, ConfigurationContent, SettingPart
from fleet.configurations.settings_catalogue import settings_catalogue
from fleet.resources.models import Resource
from steps.app_conflicts import PLUGIN_SWITCH, is_other_authentication

INVALID = Fault(
    "configuration.invalid",
    422,
    N_("The configuration cannot be saved: {problem}"),
    N_("Correct the value and save again."),
)
UNKNOWN_SETTING = N_("There is no setting “{name}”.")
SETTING_TWICE = N_("The setting “{name}” occurs twice.")
NO_VALUE = N_("The setting “{name}” has neither a value nor a column of the variable settings file.")
WRONG_VALUE = N_("“{name}”: {problem}")
NO_COLUMN = N_("The variable settings file has no column “{column}”, which “{name}” uses.")
NO_FILE = N_("“{name}” uses a column, but there is no variable settings file.")
SECRET_VARIABLE = N_("“{name}” is a password: it cannot come from a variable settings file.")
SECRET_IN_VALUE = N_("“{name}” is a password: hand it in as the secret.")
NO_SECRET_SETTING = N_("“{name}” is no password.")
UNKNOWN_RESOURCE = N_("A resource does not exist any more.")
WRONG_KIND = N_("“{name}” is not of the kind that belongs here.")
RESOURCE_TWICE = N_("“{name}” was chosen twice.")
SAME_APP = N_("“{name}” and “{other}” are the same app.")
SAME_MODEL = N_("“{name}” and “{other}” are firmware for the same model: {models}.")
NO_APP_SETTING = N_("The app “{app}” has no setting “{name}”.")
WRONG_APP_SETTING = N_("The setting “{name}” of the app “{app}” has to be {kind}.")

KINDS = {bool: N_("on or off"), int: N_("a whole number"), str: N_("a text")}

CARD_AUTHENTICATION = "card-authentication"
PRINT_APP_SET = frozenset({"print-release", "print-queue", "print-settings"})
USES_CARD_PERMISSIONS = frozenset({"scan", "translation"})
SWITCH_ON = N_("Turn “{name}” of “{app}” on: no other authentication app manages the printer.")
SWITCH_OFF = N_("Turn “{name}” of “{app}” off: “{other}” manages who signs in.")
TICK_CARD_PERMISSION = N_("Tick “{app}” in the permissions of the card authentication app, or it is not on the panel.")
MAY_NOT_WORK = N_("The print apps may not work together with “{other}”.")


@dataclass(frozen=True, slots=True)
class Variables:
    """The columns of the variable settings file; None where there is no file."""

    columns: Sequence[str] | None = None


def problems(
    content: ConfigurationContent, resources: Mapping[str, Resource], variables: Variables
) -> Iterator[Message]:
    """Everything that keeps the content from being saved."""
    yield from _resource_problems(content, resources)
    yield from _setting_problems(content.settings, variables)
    if content.login_methods is not None:
        yield from content.login_methods.problems()


def advice(content: ConfigurationContent, resources: Mapping[str, Resource]) -> Iterator[Message]:
    """What whoever publishes should know about the apps together (FL-359…FL-361, SCAN-103, SCAN-104, SCAN-107).

    The switch of the pluggable module is on where nobody else authenticates at the printer, and off beside another
    authentication app, which would stop working (SCAN-105).
    """
    apps = [(app, resources[app.resource_id]) for app in content.apps if app.resource_id in resources]
    ids = {str(resource.facts.get("id")) for _, resource in apps}
    others = [str(one.facts["name"]) for _, one in apps if is_other_authentication(str(one.facts.get("id")))]
    for app, resource in apps:
        name, switch = str(resource.facts["name"]), _switch(app, resource)
        if switch is False and not others:
            yield Message.of(SWITCH_ON, name=PLUGIN_SWITCH, app=name)
        elif switch is True and others:
            yield Message.of(SWITCH_OFF, name=PLUGIN_SWITCH, app=name, other=others[0])
        if resource.facts.get("id") in USES_CARD_PERMISSIONS and CARD_AUTHENTICATION in ids:
            yield Message.of(TICK_CARD_PERMISSION, app=name)
    if others and ids & PRINT_APP_SET:
        yield Message.of(MAY_NOT_WORK, other=others[0])
    for conflict in conflicts(content, resources):
        yield Message(
            template=conflict.fault.message, facts={name: str(value) for name, value in conflict.facts.items()}
        )


def _switch(app: AppPart, resource: Resource) -> object:
    return app.settings.get(PLUGIN_SWITCH, (resource.facts.get("settings") or {}).get(PLUGIN_SWITCH))


def _resource_problems(content: ConfigurationContent, resources: Mapping[str, Resource]) -> Iterator[Message]:
    places = (
        (content.firmware.resource_ids, (FileKind.FIRMWARE,)),
        (tuple(app.resource_id for app in content.apps), (FileKind.APP,)),
        (content.settings_files, (FileKind.SETTINGS_FILE, FileKind.BUNDLE)),
    )
    for ids, kinds in places:
        for resource_id in dict.fromkeys(ids):
            resource = resources.get(resource_id)
            if resource is None:
                yield Message.of(UNKNOWN_RESOURCE)
            elif resource.kind not in kinds:
                yield Message.of(WRONG_KIND, name=resource.name)
            elif ids.count(resource_id) > 1:
                yield Message.of(RESOURCE_TWICE, name=resource.name)
    yield from _same_models([resources[one] for one in content.firmware.resource_ids if one in resources])
    yield from _app_problems(
        [(app, resources[app.resource_id]) for app in content.apps if app.resource_id in resources]
    )


def _same_models(firmware: Sequence[Resource]) -> Iterator[Message]:
    for number, one in enumerate(firmware):
        for other in firmware[number + 1 :]:
            both = set(one.facts.get("models", ())) & set(other.facts.get("models", ()))
            if both and one is not other:
                yield Message.of(SAME_MODEL, name=one.name, other=other.name, models=", ".join(sorted(both)))


def _app_problems(apps: Sequence[tuple[AppPart, Resource]]) -> Iterator[Message]:
    seen: dict[str, str] = {}
    for app, resource in apps:
        app_id, name = str(resource.facts.get("id")), str(resource.facts.get("name"))
        if app_id in seen and seen[app_id] != resource.id:
            yield Message.of(SAME_APP, name=resource.name, other=name)
        seen[app_id] = resource.id
        declared = resource.facts.get("settings") or {}
        for setting, value in app.settings.items():
            if setting not in declared:
                yield Message.of(NO_APP_SETTING, app=name, name=setting)
            elif type(value) is not type(declared[setting]):
                kind = KINDS.get(type(declared[setting]), KINDS[str])
                yield Message.of(WRONG_APP_SETTING, app=name, name=setting, kind=kind)


def _setting_problems(settings: Sequence[SettingPart], variables: Variables) -> Iterator[Message]:
    seen: set[str] = set()
    columns = {column.casefold() for column in variables.columns or ()}
    for setting in settings:
        facts = settings_catalogue().get(setting.name)
        if facts is None:
            yield Message.of(UNKNOWN_SETTING, name=setting.name)
            continue
        if setting.name in seen:
            yield Message.of(SETTING_TWICE, name=facts.label)
        seen.add(setting.name)
        if facts.is_secret:
            yield from _secret_problems(setting, facts.label)
            continue
        if setting.secret is not None:
            yield Message.of(NO_SECRET_SETTING, name=facts.label)
        if setting.value is None and not setting.variable:
            yield Message.of(NO_VALUE, name=facts.label)
        if setting.value is not None and (wrong := facts.wrong(setting.value)):
            yield Message.of(WRONG_VALUE, name=facts.label, problem=str(wrong))
        if setting.variable and variables.columns is None:
            yield Message.of(NO_FILE, name=facts.label)
        elif setting.variable and setting.variable.casefold() not in columns:
            yield Message.of(NO_COLUMN, column=setting.variable, name=facts.label)


def _secret_problems(setting: SettingPart, label: str) -> Iterator[Message]:
    facts = settings_catalogue()[setting.name]
    if setting.variable:
        yield Message.of(SECRET_VARIABLE, name=label)
    if setting.value is not None:
        yield Message.of(SECRET_IN_VALUE, name=label)
    if setting.secret is None:
        yield Message.of(NO_VALUE, name=label)
    elif wrong := facts.wrong(setting.secret.get_secret_value()):
        yield Message.of(WRONG_VALUE, name=label, problem=str(wrong))
