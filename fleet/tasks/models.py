"""What is kept of fleet tasks and their jobs."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import STAYS, now
from domain.tenancy import TenantRow, new_id
from fleet.tasks.status import JobStatus, TaskStatus


class FleetTask(TenantRow, Base):
    """One request over printers or agents. `kind` names its operation, `parameters` what was asked, without secrets.

    `secrets` are what the agent needs and nobody may read, encrypted, deleted with the last job. `parent_id`: the bulk
    task over several organizations that it is a part of (FL-60; that task, `is_bulk`, is a row of the issuer's
    organization without jobs, whose status is that of all its parts' jobs together). `background_task_id` is the work
    of our own worker, `window_end` when jobs may no longer be started (FL-307), `is_test` a draft tried on one printer
    (FL-350). With a `rollout` (a `Rollout` as JSON) the jobs go in stages, of which those up to `stage` are open.
    """

    __tablename__ = "fleet_task"
    __table_args__ = (
        Index("ix_fleet_task_listing", "organization_id", "created", "id"),
        Index("ix_fleet_task_parent", "parent_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(48))
    name: Mapped[str] = mapped_column(String(255), default="")
    parameters: Mapped[dict[str, Any]]
    secrets: Mapped[str] = mapped_column(Text, default="")
    issuer_id: Mapped[str | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True, info=STAYS
    )
    parent_id: Mapped[str | None] = mapped_column(String(32))
    schedule_id: Mapped[str | None] = mapped_column(String(32), index=True)
    background_task_id: Mapped[str | None] = mapped_column(String(32))
    rollout: Mapped[dict[str, Any] | None]
    stage: Mapped[int] = mapped_column(default=0)
    status: Mapped[TaskStatus] = mapped_column(String(32), default=TaskStatus.PENDING)
    is_test: Mapped[bool] = mapped_column(default=False)
    is_bulk: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime] = mapped_column(default=now)
    starts: Mapped[datetime | None]
    window_end: Mapped[datetime | None]
    finished: Mapped[datetime | None]


class Job(TenantRow, Base):
    """What a task does with one printer, or with one agent. `id` also orders the jobs of a printer (FL-501).

    `subject` names the printer for people even when it is gone. `reason`, `warnings` and `remarks` are messages,
    `components` results by part (FL-496), `result` what the operation keeps besides. `expires` is when the job ends as
    Expired unless it is final by then (FL-482, FL-483). `delivered` is when an agent took it, `stage` which of a
    rollout it belongs to.
    """

    __tablename__ = "fleet_job"
    __table_args__ = (
        Index("ix_fleet_job_of_task", "task_id", "status", "id"),
        Index("ix_fleet_job_of_printer", "printer_id", "status", "id"),
        Index("ix_fleet_job_of_agent", "agent_id", "status", "id"),
        Index("ix_fleet_job_newest", "organization_id", "printer_id", "id"),
        Index("ix_fleet_job_expiry", "status", "expires"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("fleet_task.id", ondelete="CASCADE"))
    printer_id: Mapped[str | None] = mapped_column(ForeignKey("printer.id", ondelete="SET NULL"))
    agent_id: Mapped[str | None] = mapped_column(ForeignKey("agent.id", ondelete="SET NULL"))
    subject: Mapped[str] = mapped_column(String(255))
    stage: Mapped[int] = mapped_column(default=0)
    status: Mapped[JobStatus] = mapped_column(String(32), default=JobStatus.PENDING)
    reason: Mapped[dict[str, Any] | None]
    warnings: Mapped[list[Any]] = mapped_column(JSON, default=list)
    remarks: Mapped[list[Any]] = mapped_column(JSON, default=list)
    components: Mapped[list[Any]] = mapped_column(JSON, default=list)
    has_warnings: Mapped[bool] = mapped_column(default=False)
    has_remarks: Mapped[bool] = mapped_column(default=False)
    result: Mapped[dict[str, Any] | None]
    created: Mapped[datetime] = mapped_column(default=now)
    delivered: Mapped[datetime | None]
    finished: Mapped[datetime | None]
    expires: Mapped[datetime]
