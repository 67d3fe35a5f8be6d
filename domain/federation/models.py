"""An organization's identity provider, its domains, sign-ins on their way, and whom the provider vouched for."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class ProviderKind(StrEnum):
    """The two protocols (AC-118)."""

    OIDC = "oidc"
    SAML = "saml"


class Slot(StrEnum):
    """What a configuration is for: sign-in, or to take that place once it has been checked and tried."""

    ACTIVE = "active"
    CANDIDATE = "candidate"


class ProviderState(StrEnum):
    """How far the check of a configuration has come (AC-119)."""

    CHECKING = "checking"
    READY = "ready"
    FAILED = "failed"


class AuthenticationProvider(TenantRow, Base):
    """One configuration of an organization's identity provider; at most one a slot.

    `configuration` is what was typed in, `secrets` the encrypted client secret, `published` what the provider says
    about itself as of `checked`. `problem` is the fault of a failed check. `tried` is when somebody signed in by it
    without consequences. `warned` is when its next expiry was last told.
    """

    __tablename__ = "authentication_provider"
    __table_args__ = (UniqueConstraint("organization_id", "slot"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    slot: Mapped[Slot] = mapped_column(String(16))
    kind: Mapped[ProviderKind] = mapped_column(String(8))
    configuration: Mapped[dict[str, Any]]
    secrets: Mapped[str] = mapped_column(Text, default="")
    secret_expires: Mapped[date | None]
    state: Mapped[ProviderState] = mapped_column(String(16), default=ProviderState.CHECKING)
    problem: Mapped[dict[str, Any] | None]
    published: Mapped[dict[str, Any]] = mapped_column(default=dict)
    certificate_expires: Mapped[datetime | None]
    activate_when_checked: Mapped[bool] = mapped_column(default=False)
    configured_by: Mapped[str] = mapped_column(String(32), default="")
    created: Mapped[datetime] = mapped_column(default=now)
    checked: Mapped[datetime | None]
    tried: Mapped[datetime | None]
    activated: Mapped[datetime | None]
    warned: Mapped[datetime | None]


class FederatedDomain(TenantRow, Base):
    """An e-mail domain whose people sign in at the organization's provider; one organization a domain (AC-120)."""

    __tablename__ = "federated_domain"

    domain: Mapped[str] = mapped_column(String(253), primary_key=True)


class PendingSignIn(TenantRow, Base):
    """A browser that is at the provider. Of what it carries, only SHA-256 hashes are kept.

    `secrets` (nonce, code verifier, request ID) and `outcome` (who a SAML response is about) are encrypted.
    `trial_of` is the administrator who tries the configuration; None: a real sign-in.
    """

    __tablename__ = "pending_sign_in"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("authentication_provider.id", ondelete="CASCADE"), index=True)
    browser_hash: Mapped[str] = mapped_column(String(64))
    secrets: Mapped[str] = mapped_column(Text)
    next_path: Mapped[str] = mapped_column(String(2048))
    trial_of: Mapped[str | None] = mapped_column(String(32))
    ticket_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    outcome: Mapped[str | None] = mapped_column(Text)
    expires: Mapped[datetime] = mapped_column(index=True)


class UsedAssertion(TenantRow, Base):
    """A SAML assertion that was used; it is remembered until it could not be used any more anyway."""

    __tablename__ = "used_assertion"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[datetime] = mapped_column(index=True)


class FederatedIdentity(TenantRow, Base):
    """Whom the provider means: `subject_hash` is of its issuer and its own name of the person (None: it has none).

    `claims` are those of the last sign-in, encrypted, for the person's own account page (AC-32).
    """

    __tablename__ = "federated_identity"
    __table_args__ = (UniqueConstraint("organization_id", "subject_hash"),)

    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    issuer: Mapped[str] = mapped_column(String(1024))
    subject_hash: Mapped[str | None] = mapped_column(String(64))
    claims: Mapped[str] = mapped_column(Text)
    signed_in: Mapped[datetime] = mapped_column(default=now)
