"""Features of printing that an organization switches on and off as a whole (PR-6)."""

from enum import StrEnum

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.print_clients.packages import package_types
from domain.printing.settings import print_settings

FEATURE_DISABLED = Fault(
    "print.feature_disabled",
    403,
    N_("“{feature}” is switched off in this organization."),
    N_("Print administrators switch it on on the page “Print settings”."),
    spec="PR-6",
)

PRINTING_BY_MAIL = N_("Printing by e-mail")


class Feature(StrEnum):
    """What has pages of its own, which are there only while it is on; that of print clients also goes by roles."""

    PRINT_QUOTAS = "print_quotas"
    PRINT_POLICIES = "print_policies"
    DELEGATION = "delegation"
    CLIENT_POLICIES = "client_policies"
    PRINT_ASSIGNMENTS = "print_assignments"
    PRINT_CLIENTS = "print_clients"


Features = frozenset[Feature]


def enabled_features(actor: Actor) -> Features:
    """What is switched on for the actor in the organization that they work in."""
    with actor.session(read_only=True) as session:
        settings = print_settings(session, actor.organization_id)
    switches = {
        Feature.PRINT_QUOTAS: settings.quotas.enabled,
        Feature.PRINT_POLICIES: settings.policies.print_enabled,
        Feature.DELEGATION: settings.jobs.delegation_enabled,
        Feature.CLIENT_POLICIES: settings.policies.client_enabled,
        Feature.PRINT_ASSIGNMENTS: settings.assignments.enabled,
        Feature.PRINT_CLIENTS: bool(package_types(actor, settings)),
    }
    return frozenset(feature for feature, is_on in switches.items() if is_on)
