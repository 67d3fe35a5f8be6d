"""What is kept for signing in at printers. Numbers, PINs and codes are kept as fingerprints: found but not told."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.printer_login.rules import LoginMethod
from domain.tenancy import TenantRow, new_id


class Origin(StrEnum):
    """Where a badge or a PIN comes from."""

    ADMINISTRATOR = "administrator"
    OWNER = "owner"
    PRINTER = "printer"
    IMPORT = "import"
    DIRECTORY = "directory"
    GENERATED = "generated"


class PrinterLogin(TenantRow, Base):
    """The organization's `PrinterLoginSettings`; without a row the defaults hold."""

    __tablename__ = "printer_login"

    organization_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True
    )
    settings: Mapped[dict[str, Any]]
    changed: Mapped[datetime] = mapped_column(default=now)


class Badge(TenantRow, Base):
    """A badge of a person, who may have several (AC-170). `expires` is set for temporary ones (AC-166).

    `shown_number` is the number encrypted, only where “show badge ID” was chosen (AC-165).
    """

    __tablename__ = "badge"
    __table_args__ = (
        UniqueConstraint("organization_id", "fingerprint"),
        Index("ix_badge_listing", "organization_id", "created", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    shown_number: Mapped[str] = mapped_column(Text, default="")
    description: Mapped[str] = mapped_column(String(255), default="")
    origin: Mapped[Origin] = mapped_column(String(16))
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime | None] = mapped_column(index=True)
    expiry_noted: Mapped[bool] = mapped_column(default=False)
    last_used: Mapped[datetime | None]


class UnknownBadge(TenantRow, Base):
    """A badge that was held to a printer's reader and that nobody has (TS-3, TS-6); `number` is encrypted."""

    __tablename__ = "unknown_badge"
    __table_args__ = (UniqueConstraint("organization_id", "fingerprint"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    fingerprint: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(Text)
    printer_id: Mapped[str] = mapped_column(String(64))
    times: Mapped[int] = mapped_column(default=0)
    first_seen: Mapped[datetime] = mapped_column(default=now)
    last_seen: Mapped[datetime] = mapped_column(default=now, index=True)


class Pin(TenantRow, Base):
    """The PIN of a person, unique in the organization because it tells who they are (AC-177).

    A PIN belongs to a person or to a print guest, who is no person with an account (AC-185); `guest_id` is theirs
    (a row of people that is no account).
    """

    __tablename__ = "pin"
    __table_args__ = (
        UniqueConstraint("organization_id", "fingerprint"),
        UniqueConstraint("user_id"),
        UniqueConstraint("organization_id", "guest_id"),
        CheckConstraint("(user_id IS NULL) <> (guest_id IS NULL)", name="one_holder"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    guest_id: Mapped[str | None] = mapped_column(String(32))
    fingerprint: Mapped[str] = mapped_column(String(64))
    length: Mapped[int]
    origin: Mapped[Origin] = mapped_column(String(16))
    since: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime | None] = mapped_column(index=True)
    expiry_noted: Mapped[bool] = mapped_column(default=False)


class LoginCode(TenantRow, Base):
    """The one valid login code of a person; it is deleted by being used (AC-160, AC-162). `code` is encrypted."""

    __tablename__ = "login_code"
    __table_args__ = (UniqueConstraint("organization_id", "fingerprint"),)

    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(Text)
    expires: Mapped[datetime] = mapped_column(index=True)


class PrinterSession(TenantRow, Base):
    """Somebody signed in at a printer; only the SHA-256 of the session's token is kept."""

    __tablename__ = "printer_session"
    __table_args__ = (Index("ix_printer_session_printer", "organization_id", "printer_id"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    printer_id: Mapped[str] = mapped_column(String(64))
    method: Mapped[LoginMethod] = mapped_column(String(16))
    created: Mapped[datetime] = mapped_column(default=now)
    last_seen: Mapped[datetime] = mapped_column(default=now, index=True)


class LoginGuard(TenantRow, Base):
    """How many attempts of a kind failed for one subject (a printer, a person) since `began`, and the lock."""

    __tablename__ = "login_guard"

    organization_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    attempts: Mapped[int] = mapped_column(default=0)
    began: Mapped[datetime] = mapped_column(default=now, index=True)
    locked_until: Mapped[datetime | None]


class BadgeImport(TenantRow, Base):
    """The file of an import that waits or runs, encrypted because it may hold PINs; deleted once it is done."""

    __tablename__ = "badge_import"

    task_id: Mapped[str] = mapped_column(ForeignKey("background_task.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
