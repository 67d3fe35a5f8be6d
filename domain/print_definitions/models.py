"""What is kept of print policies and print quotas: the definitions, and to whom they are assigned."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class DefinitionKind(StrEnum):
    """What a definition says something about."""

    POLICY = "policy"
    QUOTA = "quota"
    CLIENT_POLICY = "client_policy"


class TargetKind(StrEnum):
    """Whom an assignment is for; a personal one comes first (PR-71, PR-98)."""

    PERSONAL = "personal"
    COST_CENTER = "cost_center"
    DEPARTMENT = "department"


class PrintDefinition(TenantRow, Base):
    """A policy or quota definition. Names are unique without regard to case; the default has none (PR-63, PR-100).

    `content` is of the model that belongs to its kind.
    """

    __tablename__ = "print_definition"
    __table_args__ = (UniqueConstraint("organization_id", "kind", "name_key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[DefinitionKind] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(150))
    is_default: Mapped[bool] = mapped_column(default=False)
    content: Mapped[dict[str, Any]]
    changed: Mapped[datetime] = mapped_column(default=now)


class DefinitionAssignment(TenantRow, Base):
    """That a definition holds for a person (`holder` is their id), a cost centre or a department (its name) (PR-72).

    `user_id` is the person again, so that it goes when they are deleted.
    """

    __tablename__ = "print_definition_assignment"
    __table_args__ = (
        UniqueConstraint(
            "organization_id", "kind", "target_kind", "holder", name="uq_print_definition_assignment_holder"
        ),
        Index("ix_print_definition_assignment_definition", "definition_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[DefinitionKind] = mapped_column(String(16))
    target_kind: Mapped[TargetKind] = mapped_column(String(16))
    holder: Mapped[str] = mapped_column(String(255))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    definition_id: Mapped[str] = mapped_column(ForeignKey("print_definition.id"))
    changed: Mapped[datetime] = mapped_column(default=now)
