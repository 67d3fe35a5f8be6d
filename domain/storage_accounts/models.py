"""A person's account at a storage provider; `secrets` is encrypted with the installation's key."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class LinkedAccount(TenantRow, Base):
    """One account per account family and person (SCAN-8, SCAN-25): OneDrive and SharePoint share Microsoft's.

    A partner's person has one in each customer organization that they work in, apart from their own. `by_sign_in`: the
    person signed in at the provider, as our registration there; else the credentials were typed in. `expired`: the
    provider takes the tokens no more. Until `renewing_until` somebody has the tokens renewed, and others wait.
    """

    __tablename__ = "linked_account"
    __table_args__ = (UniqueConstraint("organization_id", "user_id", "family"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    family: Mapped[str] = mapped_column(String(32))
    account: Mapped[str] = mapped_column(String(255))
    options: Mapped[dict[str, Any]]
    secrets: Mapped[str] = mapped_column(Text)
    expired: Mapped[bool] = mapped_column(default=False)
    by_sign_in: Mapped[bool] = mapped_column(default=False)
    renewing_until: Mapped[datetime | None]
    created: Mapped[datetime] = mapped_column(default=now)


class PendingAccountSignIn(TenantRow, Base):
    """A browser that is at a storage provider to choose an account. Of what it carries, only SHA-256 hashes are kept.

    `session_id` is the portal session in which it began and has to end; `secrets` (nonce, code verifier) are encrypted.
    """

    __tablename__ = "pending_account_sign_in"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[str] = mapped_column(String(64))
    family: Mapped[str] = mapped_column(String(32))
    secrets: Mapped[str] = mapped_column(Text)
    next_path: Mapped[str] = mapped_column(String(2048))
    expires: Mapped[datetime] = mapped_column(index=True)
