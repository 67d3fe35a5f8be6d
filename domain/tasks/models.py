"""What is kept of background tasks."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import STAYS, now
from domain.tenancy import TenantRow, new_id


class TaskState(StrEnum):
    """Where a task is (accounts §22). REJECTED: what was asked for cannot be done, and nothing of it was."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    FINISHED_WITH_ERRORS = "FINISHED_WITH_ERRORS"
    FAILED = "FAILED"
    REJECTED = "REJECTED"

    @property
    def is_final(self) -> bool:
        return self not in (TaskState.QUEUED, TaskState.RUNNING)


class BackgroundTask(TenantRow, Base):
    """One task. `kind` is a word such as `user-import`, `title` a message, `deployment` the flow that does it.

    `done` of `total` parts are finished: a flow that continues after a lost worker begins there. `parameters` is what
    the flow was asked for, `result` what came of it for programs, `summary` for people; none of them holds a secret.
    The lease (`lease_owner`, `lease_until`) says which worker has the task; `attempt` counts those it was given to.
    """

    __tablename__ = "background_task"
    __table_args__ = (
        Index("ix_background_task_listing", "organization_id", "created"),
        Index("ix_background_task_lease", "state", "lease_until"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(64))
    title: Mapped[dict[str, Any]]
    deployment: Mapped[str] = mapped_column(String(128))
    parameters: Mapped[dict[str, Any]]
    started_by: Mapped[str | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True, info=STAYS
    )
    state: Mapped[TaskState] = mapped_column(String(24), default=TaskState.QUEUED)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None]
    summary: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    attempt: Mapped[int] = mapped_column(default=0)
    lost_workers: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(128))
    lease_until: Mapped[datetime | None]
    created: Mapped[datetime] = mapped_column(default=now)
    started: Mapped[datetime | None]
    finished: Mapped[datetime | None]


class TaskLine(TenantRow, Base):
    """One line of a task's log. `number` is the row of a file that it is about (0: the task as a whole).

    `subject` is the address or name of whom it is about, so that a deleted person's can be removed (AC-83).
    """

    __tablename__ = "task_line"
    __table_args__ = (Index("ix_task_line_subject", "organization_id", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("background_task.id", ondelete="CASCADE"), index=True)
    number: Mapped[int] = mapped_column(default=0)
    level: Mapped[str] = mapped_column(String(8), default="info")
    message: Mapped[dict[str, Any]]
    subject: Mapped[str] = mapped_column(String(255), default="")
    at: Mapped[datetime] = mapped_column(default=now)
