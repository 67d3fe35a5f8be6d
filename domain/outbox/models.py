"""What waits for the engine."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow


class OutboxRow(TenantRow, Base):
    """Work for the engine, written in the transaction that causes it. `key` becomes Prefect's idempotency key.

    `available`: the row is handed over from then on. `due`: the engine starts the flow run then, and shows it before.
    """

    __tablename__ = "outbox"
    __table_args__ = (UniqueConstraint("key"), Index("ix_outbox_waiting", "dispatched", "available"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    deployment: Mapped[str] = mapped_column(String(128))
    key: Mapped[str] = mapped_column(String(96))
    name: Mapped[str] = mapped_column(String(512))
    parameters: Mapped[dict[str, Any]]
    tags: Mapped[list[str]] = mapped_column(JSON)
    created: Mapped[datetime] = mapped_column(default=now)
    available: Mapped[datetime] = mapped_column(default=now)
    due: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    dispatched: Mapped[datetime | None]
    flow_run_id: Mapped[str | None] = mapped_column(String(36))
