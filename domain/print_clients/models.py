"""What is kept of workstations that have called in."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class PrintClient(TenantRow, Base):
    """A workstation with the agent, as it described itself at its last check-in (PR-277, F-26).

    `fingerprint` is that of the secret id that the workstation made for itself; `id` is what everybody else calls it.
    `user_id` is who is signed in there now. `policy_id` is the client policy assigned to this very workstation, which
    comes before all others (PR-274). `update_problem` says why it is not in the version that it is to have.
    """

    __tablename__ = "print_client"
    __table_args__ = (UniqueConstraint("organization_id", "fingerprint"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    fingerprint: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    host: Mapped[str] = mapped_column(String(255))
    system: Mapped[str] = mapped_column(String(64), default="")
    kind: Mapped[str] = mapped_column(String(32), default="printctl")
    version: Mapped[str] = mapped_column(String(32), default="")
    addresses: Mapped[list[Any]] = mapped_column(default=list)
    queues: Mapped[list[Any]] = mapped_column(default=list)
    update_problem: Mapped[str] = mapped_column(String(255), default="")
    policy_id: Mapped[str | None] = mapped_column(ForeignKey("print_definition.id"), index=True)
    first_contact: Mapped[datetime] = mapped_column(default=now)
    last_contact: Mapped[datetime] = mapped_column(default=now, index=True)
