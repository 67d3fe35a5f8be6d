"""What is kept of a mail that came for printing: that it came and what became of it, never what it says (PR-146)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from connectors.messages import N_
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class MessageState(StrEnum):
    """Where a mail is on its way into the queue (F-11)."""

    RECEIVED = "received"
    PREPARING = "preparing"
    ACCEPTED = "accepted"
    PARTIALLY_ACCEPTED = "partially_accepted"
    REFUSED = "refused"
    EMPTY = "empty"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self not in (MessageState.RECEIVED, MessageState.PREPARING)


TITLES = {
    MessageState.RECEIVED: N_("Received"),
    MessageState.PREPARING: N_("Being prepared"),
    MessageState.ACCEPTED: N_("Accepted"),
    MessageState.PARTIALLY_ACCEPTED: N_("Partly accepted"),
    MessageState.REFUSED: N_("Refused"),
    MessageState.EMPTY: N_("Nothing to print in it"),
    MessageState.FAILED: N_("Failed"),
}
"""States in people's words."""


class PrintMessage(TenantRow, Base):
    """A mail. `message_key` is made of its Message-ID and sender: the same mail is taken once (PR-145).

    Its content is in the document store, sealed, until its jobs are made; `envelope` (encrypted) has who handed it in
    and how it is answered, until it is answered. `sender_key` is keyed, for counting a sender's mails. `parts` has the
    jobs and why others were refused, until the answer. `user_id` is the person or the guest whose jobs they are.
    `mail_id` is the answer.
    """

    __tablename__ = "print_message"
    __table_args__ = (
        UniqueConstraint("organization_id", "message_key"),
        Index("ix_print_message_listing", "organization_id", "received"),
        Index("ix_print_message_sender", "organization_id", "sender_key", "received"),
        Index("ix_print_message_work", "state", "due"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    message_key: Mapped[str] = mapped_column(String(64))
    sender_key: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[MessageState] = mapped_column(String(24), default=MessageState.RECEIVED)
    reason: Mapped[dict[str, Any] | None]
    envelope: Mapped[str] = mapped_column(Text, default="")
    parts: Mapped[list[Any]] = mapped_column(default=list)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    is_guest: Mapped[bool] = mapped_column(default=False)
    size: Mapped[int] = mapped_column(default=0)
    accepted: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    mail_id: Mapped[str | None] = mapped_column(String(32), index=True)
    attempt: Mapped[int] = mapped_column(default=0)
    received: Mapped[datetime] = mapped_column(default=now)
    due: Mapped[datetime] = mapped_column(default=now)
    ended: Mapped[datetime | None] = mapped_column(index=True)
    lease_owner: Mapped[str | None] = mapped_column(String(128))
    lease_until: Mapped[datetime | None]


class PrintMailbox(TenantRow, Base):
    """A mailbox from which an organization's mail for printing is fetched, in place of an address of ours.

    `sign_in` is by what the mail server knows us, with `tenant`, `token_address`, `client_id` and `scope` as that way
    wants them; `credentials` (encrypted) are its password, or the secrets by which access tokens are asked for and the
    token that still lives. `authentication_server` is the name under which its mail server says
    who a mail is from; empty: only signatures count. `due` is when it is looked into next;
    `failures` counts tries in a row that failed, for the reason `error`. `troubled` counts the tries of messages that
    were begun and never finished, by their keys.
    """

    __tablename__ = "print_mailbox"
    __table_args__ = (Index("ix_print_mailbox_work", "enabled", "due"),)

    organization_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True
    )
    enabled: Mapped[bool] = mapped_column(default=True)
    address: Mapped[str] = mapped_column(String(255))
    host: Mapped[str] = mapped_column(String(255))
    port: Mapped[int]
    tls: Mapped[str] = mapped_column(String(8))
    user: Mapped[str] = mapped_column("account", String(255))
    sign_in: Mapped[str] = mapped_column(String(24), default="password", server_default="password")
    tenant: Mapped[str] = mapped_column(String(255), default="", server_default="")
    token_address: Mapped[str] = mapped_column(String(1024), default="", server_default="")
    client_id: Mapped[str] = mapped_column(String(255), default="", server_default="")
    scope: Mapped[str] = mapped_column(String(1024), default="", server_default="")
    credentials: Mapped[str] = mapped_column(Text)
    folder: Mapped[str] = mapped_column(String(255))
    afterwards: Mapped[str] = mapped_column(String(8))
    done_folder: Mapped[str] = mapped_column(String(255))
    aside_folder: Mapped[str] = mapped_column(String(255))
    authentication_server: Mapped[str] = mapped_column(String(255), default="")
    interval_seconds: Mapped[int]
    due: Mapped[datetime] = mapped_column(default=now)
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[dict[str, Any] | None]
    troubled: Mapped[dict[str, Any]] = mapped_column(default=dict)
    last_success: Mapped[datetime | None]
    fetched: Mapped[int] = mapped_column(default=0)
    put_aside: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(128))
    lease_until: Mapped[datetime | None]
    changed: Mapped[datetime] = mapped_column(default=now)
