"""What is kept of a mail."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class MailState(StrEnum):
    """Where a mail is on its way."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class RecipientState(StrEnum):
    """What became of a mail for one of its recipients."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class OutgoingMail(TenantRow, Base):
    """One mail. `recipients`: address → {"state", "reply"}, the mail server's last answer.

    `content` is the whole message, encrypted; it is emptied when the mail is sent or given up. `error` is the code of
    the last fault. `forgets` has the addresses emptied too, for people who are not to be known (PR-158). While a worker
    hands the mail over it holds a lease, as for runs.
    """

    __tablename__ = "outgoing_mail"
    __table_args__ = (
        UniqueConstraint("organization_id", "key"),
        Index("ix_outgoing_mail_state", "state", "due"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    key: Mapped[str | None] = mapped_column(String(96))
    recipients: Mapped[dict[str, Any]]
    content: Mapped[str] = mapped_column(Text)
    state: Mapped[MailState] = mapped_column(String(16), default=MailState.QUEUED)
    error: Mapped[str] = mapped_column(String(64), default="")
    forgets: Mapped[bool] = mapped_column(default=False)
    attempt: Mapped[int] = mapped_column(default=0)
    created: Mapped[datetime] = mapped_column(default=now)
    due: Mapped[datetime] = mapped_column(default=now)
    ended: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(128))
    lease_until: Mapped[datetime | None]
