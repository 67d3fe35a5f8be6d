"""What is kept of packages; they belong to the installation, not to an organization."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import STAYS, now
from domain.tenancy import TenantRow, new_id
from steps.agent_packages import PackageKind


class AgentPackage(Base):
    """A version of the agent program for one system, or of the printer support library; the file is in the store.

    `signature` is that of `steps.agent_packages.signed_statement` by the installation's key.
    """

    __tablename__ = "agent_package"
    __table_args__ = (UniqueConstraint("kind", "version", "target"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[PackageKind] = mapped_column(String(16))
    version: Mapped[str] = mapped_column(String(32))
    target: Mapped[str] = mapped_column(String(64))
    object_key: Mapped[str] = mapped_column(String(300))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(200))
    created: Mapped[datetime] = mapped_column(default=now)


class InstallationLink(TenantRow, Base):
    """A link by which somebody downloads installation packages of an agent until it expires (FL-123).

    Of its token only the hash is kept. `agent_id` None: of local agents.
    """

    __tablename__ = "installation_link"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64))
    agent_id: Mapped[str | None] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    issuer_id: Mapped[str | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True, info=STAYS
    )
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime]
