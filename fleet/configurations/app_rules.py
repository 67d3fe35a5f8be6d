"""Which panel apps do not go together, checked before a configuration is deployed (SCAN-101, SCAN-102, SCAN-107)."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from fleet.configurations.content import AppPart, ConfigurationContent
from fleet.resources.models import Resource

DEVICE_QUOTAS = "device-quotas"
NOT_BESIDE_QUOTAS = frozenset({"scan", "translation"})
AUTHENTICATED_ALIKE = frozenset({"scan", "print-release"})
AUTHENTICATION = "auth_"
"""What the names of an app's settings for the authentication app begin with."""

QUOTAS_APP = Fault(
    "scan.quotas_app",
    409,
    N_("Invalid user: the device quotas app cannot be on a printer together with the app “{app}”."),
    N_("Stop, disable or uninstall the device quotas app on the printer."),
    spec="SCAN-E09",
)
AUTHENTICATION_DIFFERS = Fault(
    "configuration.authentication_differs",
    409,
    N_("“{app}” and “{other}” have different settings of the authentication app: {names}."),
    N_("Make both identical; where one is deployed already, use its settings. Else they do not take effect."),
    spec="SCAN-E10",
)


def conflicts(content: ConfigurationContent, resources: Mapping[str, Resource]) -> Iterator[PressroomError]:
    """Everything about the apps together that keeps a configuration from being published."""
    apps = [(app, resources[app.resource_id]) for app in content.apps if app.resource_id in resources]
    ids = {str(resource.facts.get("id")) for _, resource in apps}
    for _, resource in apps:
        if DEVICE_QUOTAS in ids and resource.facts.get("id") in NOT_BESIDE_QUOTAS:
            yield QUOTAS_APP(app=resource.facts["name"])
    yield from _different(apps)


def _different(apps: Sequence[tuple[AppPart, Resource]]) -> Iterator[PressroomError]:
    alike = [(app, resource) for app, resource in apps if resource.facts.get("id") in AUTHENTICATED_ALIKE]
    for (app, resource), (other, other_resource) in pairwise(alike):
        mine, theirs = _authentication(app, resource), _authentication(other, other_resource)
        names = sorted(name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))
        if names:
            yield AUTHENTICATION_DIFFERS(
                app=resource.facts["name"], other=other_resource.facts["name"], names=", ".join(names)
            )


def _authentication(app: AppPart, resource: Resource) -> dict[str, object]:
    """The app's settings for the authentication app as they will be on the printer."""
    values = {**(resource.facts.get("settings") or {}), **app.settings}
    return {name: value for name, value in values.items() if name.startswith(AUTHENTICATION)}
