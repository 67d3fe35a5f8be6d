"""What is kept of collected logs."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import STAYS, now
from domain.tenancy import TenantRow, new_id

OF_AGENT = "agent"
"""The kind of a log that an agent keeps of itself."""


class CollectedLog(TenantRow, Base):
    """A log file in the document store; `subject` names the printer, or the agent.

    `kind` is a word of `LogKind`, `mib_walk`, or `agent`.
    """

    __tablename__ = "collected_log"
    __table_args__ = (
        Index("ix_collected_log_listing", "organization_id", "collected", "id"),
        Index("ix_collected_log_of_printer", "printer_id", "collected"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    job_id: Mapped[int] = mapped_column(BigInteger)
    printer_id: Mapped[str | None] = mapped_column(ForeignKey("printer.id", ondelete="SET NULL"))
    subject: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(32))
    file_name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(128))
    size: Mapped[int] = mapped_column(BigInteger)
    object_key: Mapped[str] = mapped_column(String(300))
    requester_id: Mapped[str | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True, info=STAYS
    )
    requested: Mapped[datetime]
    collected: Mapped[datetime] = mapped_column(default=now)
