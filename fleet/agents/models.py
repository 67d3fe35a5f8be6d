"""What is kept of agents."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class AgentKind(StrEnum):
    """The four kinds of agents (FL-5 and the rows after it)."""

    FLEET = "fleet"
    PRINTER = "printer"
    NATIVE = "native"
    LOCAL = "local"


class Agent(TenantRow, Base):
    """An agent. The built-in one is a fleet agent whose work our own worker does, for printers in its network.

    `settings` are those that the portal edits, by name (FL-41); `host` is what the agent tells of the system it runs
    on. `credential_hash` is the SHA-256 of the token with which it calls in, empty until it is activated. `version` is
    of the program, `library_version` of the printer support library (FL-55).
    """

    __tablename__ = "agent"
    __table_args__ = (UniqueConstraint("organization_id", "kind", "name"), UniqueConstraint("credential_hash"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[AgentKind] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(String(1000), default="")
    is_built_in: Mapped[bool] = mapped_column(default=False)
    version: Mapped[str] = mapped_column(String(32), default="")
    library_version: Mapped[str] = mapped_column(String(32), default="")
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    host: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    credential_hash: Mapped[str | None] = mapped_column(String(64))
    created: Mapped[datetime] = mapped_column(default=now)
    activated: Mapped[datetime | None]
    deactivated: Mapped[datetime | None]
    last_contact: Mapped[datetime | None]
