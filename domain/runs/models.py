"""What is kept of runs: the run, its steps, its log, its deliveries and the download links."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import STAYS, now
from domain.tenancy import TenantRow, new_id

TRANSLATION = "translation"
"""What stands in a run's `solution_id` where it is a translation of no solution (TR-35)."""


class RunState(StrEnum):
    """States of a run (SC-113)."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    COMPLETED_WITH_ERRORS = "COMPLETED_WITH_ERRORS"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def is_final(self) -> bool:
        return self not in (RunState.QUEUED, RunState.RUNNING)


class StepState(StrEnum):
    """States of one step on one document."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class ClientType(StrEnum):
    """Where a run came from (SC-115)."""

    BROWSER = "browser"
    PRINTER = "printer"
    API = "api"
    COMMAND_LINE = "command line"


class Run(TenantRow, Base):
    """One document through one version of a solution.

    `plan` holds the steps in effective order with their final values, `original` the document handed in. The lease
    (`lease_owner`, `lease_until`) says which worker has it; `attempt` counts the workers it was given to. The printer
    is the one at which it was started, as it was then; its address is where it takes jobs by IPP. A scan on its way to
    a destination names it; such a run is tried again until `retry_until`, next at `next_attempt` (SCAN-117).
    """

    __tablename__ = "run"
    __table_args__ = (
        Index("ix_run_listing", "organization_id", "created"),
        Index("ix_run_lease", "state", "lease_until"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True, info=STAYS)
    solution_id: Mapped[str] = mapped_column(String(32), index=True)
    solution_name: Mapped[str] = mapped_column(String(255))
    solution_version: Mapped[int]
    client_type: Mapped[str] = mapped_column(String(16))
    dry_run: Mapped[bool] = mapped_column(default=False)
    state: Mapped[RunState] = mapped_column(String(24), default=RunState.QUEUED)
    plan: Mapped[list[Any]]
    original: Mapped[dict[str, Any]]
    printer_id: Mapped[str] = mapped_column(String(64), default="")
    printer_name: Mapped[str] = mapped_column(String(255), default="")
    printer_address: Mapped[str] = mapped_column(String(512), default="")
    scan_destination_id: Mapped[str] = mapped_column(String(32), default="")
    retry_until: Mapped[datetime | None]
    next_attempt: Mapped[datetime | None]
    error: Mapped[dict[str, Any] | None]
    attempt: Mapped[int] = mapped_column(default=0)
    lost_workers: Mapped[int] = mapped_column(default=0)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    lease_owner: Mapped[str | None] = mapped_column(String(128))
    lease_until: Mapped[datetime | None]
    created: Mapped[datetime] = mapped_column(default=now)
    started: Mapped[datetime | None]
    finished: Mapped[datetime | None]
    documents_deleted: Mapped[datetime | None]


class StepRun(TenantRow, Base):
    """One step of a run on one document. `branch` tells documents apart after a translation ("0", "0.1").

    `input_hash` fingerprints step, values and input; a finished row with the same hash is the step's result.
    """

    __tablename__ = "step_run"
    __table_args__ = (UniqueConstraint("run_id", "position", "branch"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    branch: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(64))
    state: Mapped[StepState] = mapped_column(String(16), default=StepState.PENDING)
    input_hash: Mapped[str] = mapped_column(String(64), default="")
    document: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    progress_done: Mapped[int] = mapped_column(default=0)
    progress_total: Mapped[int] = mapped_column(default=0)
    message: Mapped[dict[str, Any] | None]
    attempts: Mapped[int] = mapped_column(default=0)
    started: Mapped[datetime | None]
    finished: Mapped[datetime | None]


class RunEvent(TenantRow, Base):
    """One line of a run's log for people; its id is the cursor of the event stream."""

    __tablename__ = "run_event"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    level: Mapped[str] = mapped_column(String(8), default="info")
    position: Mapped[int | None]
    branch: Mapped[str | None] = mapped_column(String(128))
    message: Mapped[dict[str, Any]]


class DeliveryRecord(TenantRow, Base):
    """One delivery, recorded before and after it happens. `key` is the idempotency key the receiver may check."""

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(64))
    target: Mapped[str] = mapped_column(String(1024))
    document: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16))
    receipt: Mapped[str] = mapped_column(String(1024), default="")
    created: Mapped[datetime] = mapped_column(default=now)
    changed: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class DownloadLink(TenantRow, Base):
    """A short-lived link that works once (SC-116); only the SHA-256 of its token is kept."""

    __tablename__ = "download_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    document: Mapped[dict[str, Any]]
    expires: Mapped[datetime]
    used: Mapped[datetime | None]
