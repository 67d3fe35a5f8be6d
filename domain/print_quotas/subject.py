"""Print quotas as a subject of definitions and assignments."""

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.print_definitions.models import DefinitionKind
from domain.print_definitions.subject import Subject
from domain.print_quotas.limits import QuotaLimits

QUOTAS = Subject(
    DefinitionKind.QUOTA,
    QuotaLimits,
    Permission.PRINT_QUOTAS_MANAGE,
    feature=N_("Print quotas"),
    noun="quota definition",
    word="print_quota",
    is_enabled=lambda settings: settings.quotas.enabled,
    mode=lambda settings: settings.quotas.assignment_mode,
)
"""Print quotas (sections 4 and 5)."""
