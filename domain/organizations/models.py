"""Who there is: organizations, people, and the sessions and tokens they sign in with."""

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.tenancy import TenantRow, new_id


def now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)


class Role(StrEnum):
    """Roles that solutions ask for (SC-10…SC-17), by their labels in the role list."""

    SOLUTION_ADMINISTRATOR = "Solution Center Administrator"
    SOLUTION_ADVANCED_USER = "Solution Center Advanced User"
    SOLUTION_USER = "Solution Center User"
    TRANSLATION_USER = "Translation User"
    REDACTION_USER = "Redaction User"
    OCR_USER = "OCR User"
    PRINT_USER = "Print Management User"
    ORGANIZATION_ADMINISTRATOR = "Organization Administrator"


class Organization(Base):
    """A tenant. `storage_providers` are those enabled for its solutions, `account_domains` restrict which provider
    accounts may be linked (SC-130…SC-132; empty: any)."""

    __tablename__ = "organization"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    created: Mapped[datetime] = mapped_column(default=now)
    solution_center_enabled: Mapped[bool] = mapped_column(default=True)
    storage_providers: Mapped[list[str]] = mapped_column(JSON, default=list)
    account_domains: Mapped[list[str]] = mapped_column(JSON, default=list)


class User(TenantRow, Base):
    """A person. E-mail addresses are kept in lower case; `password_hash` is argon2id."""

    __tablename__ = "user_account"
    __table_args__ = (UniqueConstraint("email"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    password_hash: Mapped[str] = mapped_column(String(255))
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    locale: Mapped[str] = mapped_column(String(16), default="en")
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    created: Mapped[datetime] = mapped_column(default=now)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]


class SignInSession(TenantRow, Base):
    """A signed-in browser or program; only the SHA-256 of its token is kept."""

    __tablename__ = "sign_in_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime] = mapped_column(index=True)
