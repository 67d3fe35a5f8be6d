"""How solutions are kept: the solution and its versions. A running run keeps the version it began with (SC-102)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import STAYS, now
from domain.tenancy import TenantRow, new_id


class Solution(TenantRow, Base):
    """A solution as it is now. `name_key` is the name in its comparable form (SC-46: case does not count).

    `for_all`: everybody of the organization sees it, not its owner alone. `shared_from` is the partner's solution that
    this one is a customer's copy of (SC-32), empty for all others.
    """

    __tablename__ = "solution"
    __table_args__ = (UniqueConstraint("organization_id", "owner_id", "type", "name_key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    owner_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True, info=STAYS)
    type: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str] = mapped_column(String(255))
    version: Mapped[int] = mapped_column(default=1)
    definition: Mapped[dict[str, Any]]
    for_all: Mapped[bool] = mapped_column(default=False)
    shared_from: Mapped[str] = mapped_column(String(32), default="", index=True)
    created: Mapped[datetime] = mapped_column(default=now)
    changed: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class SolutionVersion(TenantRow, Base):
    """One saved state of a solution; kept when the solution is deleted, because runs refer to it."""

    __tablename__ = "solution_version"
    __table_args__ = (UniqueConstraint("solution_id", "version"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    solution_id: Mapped[str] = mapped_column(String(32), index=True)
    version: Mapped[int]
    definition: Mapped[dict[str, Any]]
    author_id: Mapped[str] = mapped_column(String(32))
    created: Mapped[datetime] = mapped_column(default=now)
