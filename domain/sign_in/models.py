"""What people are signed in with."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow


class SignInSession(TenantRow, Base):
    """A signed-in browser or program; only the SHA-256 of its token is kept.

    `acting_in` is the customer organization that its person has entered; None: their own.
    """

    __tablename__ = "sign_in_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    acting_in: Mapped[str | None] = mapped_column(ForeignKey("organization.id", ondelete="SET NULL"))
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime] = mapped_column(index=True)
