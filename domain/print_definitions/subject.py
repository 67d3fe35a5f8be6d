"""What is different between print policies and print quotas, as data: all the rest of the package is the same."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel
from sqlalchemy.orm import Session

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.print_definitions.models import DefinitionKind, TargetKind
from domain.printing.features import FEATURE_DISABLED
from domain.printing.settings import AssignmentMode, PrintSettings, print_settings

Content = TypeVar("Content", bound=BaseModel)

TARGETS = {
    AssignmentMode.PERSONAL: (TargetKind.PERSONAL,),
    AssignmentMode.COST_CENTER: (TargetKind.PERSONAL, TargetKind.COST_CENTER),
    AssignmentMode.DEPARTMENT: (TargetKind.PERSONAL, TargetKind.DEPARTMENT),
}
"""For whom each mode lets definitions be assigned; cost centre and department exclude each other (PR-52, PR-67)."""


@dataclass(frozen=True, slots=True)
class Subject(Generic[Content]):
    """Print policies, or print quotas.

    `feature` is what the feature is called; `is_enabled` and `mode` read the organization's settings.
    `noun` is what one is called in `NOT_FOUND`; `word` begins the words of the audit trail.
    """

    kind: DefinitionKind
    content: type[Content]
    permission: Permission
    feature: str
    noun: str
    word: str
    is_enabled: Callable[[PrintSettings], bool]
    mode: Callable[[PrintSettings], AssignmentMode]

    def open(self, actor: Actor, session: Session) -> PrintSettings:
        """The settings, if the feature is on where the actor works; raises `FEATURE_DISABLED` (PR-6)."""
        settings = print_settings(session, actor.organization_id)
        if not self.is_enabled(settings):
            raise FEATURE_DISABLED(feature=self.feature)
        return settings

    def is_open(self, session: Session, kind: TargetKind) -> bool:
        """Whether another one may be assigned to targets of that kind, besides what the settings say."""
        return True

    def other_uses(self, session: Session, definition_id: str) -> list[str]:
        """What uses a definition besides its assignments, by names for people."""
        return []

    def targets(self, settings: PrintSettings) -> tuple[TargetKind, ...]:
        """For whom definitions can be assigned now, those that count first."""
        return TARGETS[self.mode(settings)]
