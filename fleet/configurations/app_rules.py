"""Which panel apps do not go together, checked before a configuration is deployed (SCAN-101, SCAN-102, SCAN-107)."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from fleet.configurations.content import AppPart, ConfigurationContent
from fleet.resources.models import Resource
from steps.app_conflicts import AUTHENTICATED_ALIKE, DEVICE_QUOTAS, NOT_BESIDE_QUOTAS, differing

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
        names = differing(_settings(app, resource), _settings(other, other_resource))
        if names:
            yield AUTHENTICATION_DIFFERS(
                app=resource.facts["name"], other=other_resource.facts["name"], names=", ".join(names)
            )


def _settings(app: AppPart, resource: Resource) -> dict[str, object]:
    """The app's settings as they will be on the printer."""
    return {**(resource.facts.get("settings") or {}), **app.settings}
