"""What is kept of agents."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import STAYS, now
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
    on. `credential_hash` is the SHA-256 of the token with which it calls in, empty until it is activated;
    `next_credential_hash` of the one that was handed out to replace it and has not been used yet. `version` is of the
    program, `library_version` of the printer support library (FL-55). `last_discovery` and `last_refresh` are when its
    own intervals last began (FL-119, FL-120).
    """

    __tablename__ = "agent"
    __table_args__ = (
        UniqueConstraint("organization_id", "kind", "name"),
        UniqueConstraint("credential_hash"),
        UniqueConstraint("next_credential_hash"),
    )

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
    next_credential_hash: Mapped[str | None] = mapped_column(String(64))
    credential_made: Mapped[datetime | None]
    created: Mapped[datetime] = mapped_column(default=now)
    activated: Mapped[datetime | None]
    deactivated: Mapped[datetime | None]
    last_contact: Mapped[datetime | None]
    last_discovery: Mapped[datetime | None]
    last_refresh: Mapped[datetime | None]


class ActivationCode(TenantRow, Base):
    """A code with which agents are activated (FL-124, FL-157): a fleet agent's own, once; a local one `uses` times.

    Only its fingerprint is kept: the code is shown when it is made and never again.
    """

    __tablename__ = "agent_activation_code"
    __table_args__ = (UniqueConstraint("fingerprint"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    agent_id: Mapped[str | None] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    kind: Mapped[AgentKind] = mapped_column(String(16))
    fingerprint: Mapped[str] = mapped_column(String(64))
    uses: Mapped[int] = mapped_column(default=1)
    used: Mapped[int] = mapped_column(default=0)
    issuer_id: Mapped[str | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True, info=STAYS
    )
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime]


class SnmpProfile(TenantRow, Base):
    """How printers are asked by SNMP (FL-114…FL-118). `secrets` are community and passwords, encrypted."""

    __tablename__ = "snmp_profile"
    __table_args__ = (UniqueConstraint("organization_id", "name_key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str] = mapped_column(String(255))
    version: Mapped[str] = mapped_column(String(4))
    user: Mapped[str] = mapped_column(String(64), default="")
    auth_protocol: Mapped[str] = mapped_column(String(16), default="")
    privacy_protocol: Mapped[str] = mapped_column(String(16), default="")
    secrets: Mapped[str] = mapped_column(Text, default="")
    timeout: Mapped[float] = mapped_column(default=1.0)
    attempts: Mapped[int] = mapped_column(default=2)
    created: Mapped[datetime] = mapped_column(default=now)
