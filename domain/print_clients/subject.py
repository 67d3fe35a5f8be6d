"""Client policies as a subject of definitions and assignments (section 29)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.print_clients.models import PrintClient
from domain.print_clients.rules import ClientRules
from domain.print_definitions.models import DefinitionAssignment, DefinitionKind, TargetKind
from domain.print_definitions.subject import Subject
from domain.printing.settings import AssignmentMode, PrintSettings

TARGETS = (TargetKind.PERSONAL, TargetKind.COST_CENTER, TargetKind.DEPARTMENT)
EXCLUDING = {TargetKind.COST_CENTER: TargetKind.DEPARTMENT, TargetKind.DEPARTMENT: TargetKind.COST_CENTER}


class ClientPolicies(Subject[ClientRules]):
    """No setting says by what client policies are assigned: the assignments that there are do (PR-271)."""

    __slots__ = ()

    def targets(self, settings: PrintSettings) -> tuple[TargetKind, ...]:
        return TARGETS

    def is_open(self, session: Session, kind: TargetKind) -> bool:
        other = EXCLUDING.get(kind)
        taken = select(DefinitionAssignment.id).where(
            DefinitionAssignment.kind == self.kind, DefinitionAssignment.target_kind == other
        )
        return other is None or session.scalar(taken.limit(1)) is None

    def other_uses(self, session: Session, definition_id: str) -> list[str]:
        """Workstations that it is assigned to (PR-275)."""
        query = select(PrintClient.host).where(PrintClient.policy_id == definition_id).order_by(PrintClient.host)
        return list(session.scalars(query))


CLIENT_POLICIES = ClientPolicies(
    DefinitionKind.CLIENT_POLICY,
    ClientRules,
    Permission.PRINT_PACKAGES_MANAGE,
    feature=N_("Client policies"),
    noun="client policy",
    word="client_policy",
    is_enabled=lambda settings: settings.policies.client_enabled,
    mode=lambda _settings: AssignmentMode.PERSONAL,
)
"""Client policies."""
