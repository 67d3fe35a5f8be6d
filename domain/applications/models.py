"""What is kept of client applications: of secrets and tokens only hashes."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class ApplicationKind(StrEnum):
    """The applications that every organization has (AC-192), and those that its administrators add."""

    DEVICE_AUTHENTICATION = "device_authentication"
    CARD_AUTHENTICATION = "card_authentication"
    ADVANCED_HYBRID_STORAGE = "advanced_hybrid_storage"
    CUSTOM = "custom"


class ClientApplication(TenantRow, Base):
    """A program. Its id is the client id.

    `scopes` are the permissions it may use, as far as its `roles` give them; `partner_roles` count in the customers
    of the organization, which it may name in its requests only if it has some.
    """

    __tablename__ = "client_application"
    __table_args__ = (UniqueConstraint("organization_id", "name_key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(300))
    kind: Mapped[ApplicationKind] = mapped_column(String(32), default=ApplicationKind.CUSTOM)
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    partner_roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_enabled: Mapped[bool] = mapped_column(default=True)
    created: Mapped[datetime] = mapped_column(default=now)


class ApplicationSecret(TenantRow, Base):
    """A client secret; `expires` is set when another takes its place. `hint` are its last characters."""

    __tablename__ = "application_secret"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(ForeignKey("client_application.id", ondelete="CASCADE"), index=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    hint: Mapped[str] = mapped_column(String(8))
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime | None]
    last_used: Mapped[datetime | None]


class ApplicationToken(TenantRow, Base):
    """An access token; it goes with the secret by which it was got. `scopes` None: all that the application has."""

    __tablename__ = "application_token"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("client_application.id", ondelete="CASCADE"), index=True)
    secret_id: Mapped[str] = mapped_column(ForeignKey("application_secret.id", ondelete="CASCADE"), index=True)
    scopes: Mapped[list[str] | None] = mapped_column(JSON)
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime] = mapped_column(index=True)
