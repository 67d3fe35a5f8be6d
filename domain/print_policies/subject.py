"""Print policies as a subject of definitions and assignments."""

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.print_definitions.models import DefinitionKind
from domain.print_definitions.subject import Subject
from domain.print_policies.rules import PolicyRules

POLICIES = Subject(
    DefinitionKind.POLICY,
    PolicyRules,
    Permission.PRINT_SETTINGS_MANAGE,
    feature=N_("Print policies"),
    noun="print policy",
    word="print_policy",
    is_enabled=lambda settings: settings.policies.print_enabled,
    mode=lambda settings: settings.policies.print_assignment_mode,
)
"""Print policies (sections 8 and 9)."""
