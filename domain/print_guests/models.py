"""What is kept of print guests: a keyed hash of their address, for ever, and for 14 days their identifier and PIN."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class GuestState(StrEnum):
    """Where a guest is in their life (F-14). `BLOCKED`: nothing more is taken from them."""

    ACTIVE = "active"
    PIN_EXPIRED = "pin_expired"
    REMOVED = "removed"
    BLOCKED = "blocked"


class PrintGuest(TenantRow, Base):
    """A guest. `address_hash` is keyed (HMAC), so that nobody can try addresses out; the address is nowhere (PR-158).

    `user_id` is the identifier that jobs and reports use (PR-150); a guest who comes again after their removal gets
    another one, and the former stays for reports. `pin` is encrypted, because it is sent again with the next mail;
    `pin_sent`: it was sent before.
    """

    __tablename__ = "print_guest"
    __table_args__ = (UniqueConstraint("organization_id", "address_hash"), UniqueConstraint("user_id"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    address_hash: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    state: Mapped[GuestState] = mapped_column(String(16), default=GuestState.ACTIVE)
    pin: Mapped[str] = mapped_column(Text, default="")
    pin_sent: Mapped[bool] = mapped_column(default=False)
    pin_expires: Mapped[datetime | None] = mapped_column(index=True)
    first_seen: Mapped[datetime] = mapped_column(default=now)
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime] = mapped_column(default=now, index=True)
