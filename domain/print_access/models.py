"""What is kept of print passwords and queue addresses: a fingerprint, never the secret."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class PrintCredentialKind(StrEnum):
    """How the secret is shown: with one's e-mail address as a password, or as part of the queue's address."""

    PASSWORD = "password"  # noqa: S105 — a word, no secret
    ADDRESS = "address"


class PrintCredential(TenantRow, Base):
    """A secret by which somebody's computer or phone prints for them. `last_used` is kept to the hour.

    The secrets are made here, of some hundred random bits, and kept as an HMAC: nobody can try that many, so that they
    need no slow hash, and a revoked one is worthless at once in every process.
    """

    __tablename__ = "print_credential"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[PrintCredentialKind] = mapped_column(String(16))
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(100))
    created: Mapped[datetime] = mapped_column(default=now)
    last_used: Mapped[datetime | None]
