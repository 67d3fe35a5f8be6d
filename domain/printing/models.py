"""What is kept of print jobs: the jobs, their releases at printers, settings, and the facts for reports."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import STAYS, now
from domain.printing.states import AttemptState, BatchMode, BatchState, JobKind, JobSource, JobState
from domain.tenancy import TenantRow, new_id

LONGEST_SEARCH_KEY = 2000
"""Bytes in UTF-8, which all but the longest descriptions stay below; more does not fit into PostgreSQL's indexes."""

LISTED_BY = ("organization_id", "user_id", "submitted", "number", "state", "expires_at", "changed")
SEARCHED_BY = (
    *("organization_id", "user_id", "search_key", "number"),
    *("state", "expires_at", "changed", "submitted", "size", "pages"),
)
"""Each of the two indexes holds all that a queue is narrowed and sorted by: only the jobs of the page are read."""


def search_key(name: str, description: str) -> str:
    """What a job of that name and description is found by, whatever the case of the letters, and sorted by names by."""
    return f"{name}\n{description}".casefold().encode()[:LONGEST_SEARCH_KEY].decode(errors="ignore")


def _search_key_of_row(context: Any) -> str:
    values = context.get_current_parameters()
    return search_key(values["name"], values.get("description") or "")


class PrintJob(TenantRow, Base):
    """A job of `user_id`, from its arrival until it is deleted (PR-135).

    `number` is its job-id in IPP; `id` is what everything else calls it. `submission_key` makes handing in repeatable
    without doubling. `original` is the document as it came, `printable` what printers get, `preview` a picture of the
    first page; each a reference to the sealed document store. `pages`, `is_color` and `sides` are the intent known
    since it was prepared. `ticket` holds what was chosen (`JobTicket`), `reason` why it was refused, failed or came
    back (an error record). `client`: type, version and address of what sent it. `page_limit`: most pages allowed.
    `expires_latest` caps `expires_at` (a guest's PIN, PR-155).
    The lease is that of the worker that prepares it. Queues are searched in `search_key`, and sorted by names by it.
    """

    __tablename__ = "print_job"
    __table_args__ = (
        UniqueConstraint("id"),
        UniqueConstraint("submission_key"),
        Index("ix_print_job_queue", "organization_id", "user_id", "state", "submitted"),
        Index("ix_print_job_states", "organization_id", "state", "submitted"),
        Index("ix_print_job_expiry", "state", "expires_at"),
        Index("ix_print_job_lease", "state", "lease_until"),
        Index("ix_print_job_listing", *LISTED_BY),
        Index("ix_print_job_content", "content_deleted", "state"),
        Index("ix_print_job_search", *SEARCHED_BY),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    submission_key: Mapped[str] = mapped_column(String(128))
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(String(1000), default="")
    search_key: Mapped[str] = mapped_column(String(LONGEST_SEARCH_KEY), default=_search_key_of_row)
    source: Mapped[JobSource] = mapped_column(String(24))
    kind: Mapped[JobKind] = mapped_column(String(16), default=JobKind.CLOUD)
    state: Mapped[JobState] = mapped_column(String(16))
    reason: Mapped[dict[str, Any] | None]
    original: Mapped[dict[str, Any] | None]
    printable: Mapped[dict[str, Any] | None]
    preview: Mapped[dict[str, Any] | None]
    media_type: Mapped[str] = mapped_column(String(128), default="")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    pages: Mapped[int | None]
    is_color: Mapped[bool | None]
    sides: Mapped[str] = mapped_column(String(32), default="")
    ticket: Mapped[dict[str, Any]] = mapped_column(default=dict)
    client: Mapped[dict[str, Any]] = mapped_column(default=dict)
    page_limit: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(128))
    lease_until: Mapped[datetime | None]
    submitted: Mapped[datetime] = mapped_column(default=now)
    held: Mapped[datetime | None]
    changed: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    expires_at: Mapped[datetime | None]
    expires_latest: Mapped[datetime | None]
    content_deleted: Mapped[datetime | None]


class ReleaseBatch(TenantRow, Base):
    """A release of one or several jobs by somebody at a printer (F-6); its attempts run one after the other.

    `printer` holds what was known of it then: name, address, serial number, model. `grace_until`: until then it can be
    cancelled without anything having happened (PR-199).
    """

    __tablename__ = "print_release_batch"
    __table_args__ = (Index("ix_print_release_batch_printer", "organization_id", "printer_id", "state"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True, info=STAYS)
    printer_id: Mapped[str] = mapped_column(String(32))
    printer: Mapped[dict[str, Any]]
    mode: Mapped[BatchMode] = mapped_column(String(16))
    state: Mapped[BatchState] = mapped_column(String(24))
    origin: Mapped[str] = mapped_column(String(24), default="panel")
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    grace_until: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(128))
    lease_until: Mapped[datetime | None]
    created: Mapped[datetime] = mapped_column(default=now)
    ended: Mapped[datetime | None]


class ReleaseAttempt(TenantRow, Base):
    """One release of a job at a printer (F-5). `came_from` is the state that the job goes back to.

    `ticket` is what the printer was asked for, `forced` what policies changed and why. `mark` is part of the job's
    name at the printer, by which it is found again after a crash; `printer_job` is its job-id there. `measures` is
    what was printed: impressions, color_impressions, sheets, copies, and `source` of the numbers (PR-297); until
    `usage_due` the printer's own report of it is waited for.
    """

    __tablename__ = "print_release_attempt"
    __table_args__ = (
        Index("ix_print_release_attempt_job", "job_id", "position"),
        Index("ix_print_release_attempt_batch", "batch_id", "position"),
        Index("ix_print_release_attempt_usage", "usage_due"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    batch_id: Mapped[str] = mapped_column(ForeignKey("print_release_batch.id", ondelete="CASCADE"))
    job_id: Mapped[str] = mapped_column(ForeignKey("print_job.id", ondelete="CASCADE"))
    position: Mapped[int]
    state: Mapped[AttemptState] = mapped_column(String(24), default=AttemptState.STARTED)
    came_from: Mapped[JobState] = mapped_column(String(16))
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    keep: Mapped[bool] = mapped_column(default=False)
    ticket: Mapped[dict[str, Any] | None]
    forced: Mapped[list[Any]] = mapped_column(default=list)
    mark: Mapped[str] = mapped_column(String(32))
    printer_job: Mapped[int | None]
    printer_state: Mapped[dict[str, Any] | None]
    measures: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    usage_due: Mapped[datetime | None]
    claimed: Mapped[datetime | None]
    sent: Mapped[datetime | None]
    ended: Mapped[datetime | None]


class PrintSettingsRow(TenantRow, Base):
    """The organization's settings for printing (section 3.2); `version` counts changes."""

    __tablename__ = "print_settings"

    organization_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True
    )
    values: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=1)
    changed: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class PrintDefaults(TenantRow, Base):
    """What a person's incoming jobs get where they choose nothing (PR-111, AM-19): a `JobTicket`."""

    __tablename__ = "print_defaults"

    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    ticket: Mapped[dict[str, Any]]


class PrintSubmission(TenantRow, Base):
    """The fact that a job was handed in (PR-296); rows are only added, `job_id` outlives the job.

    `file_name` is kept only where the organization wants it for reports (PR-30). `is_color` and `sides` are the intent.
    """

    __tablename__ = "print_submission"
    __table_args__ = (Index("ix_print_submission_listing", "organization_id", "submitted"),)

    job_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True, info=STAYS)
    department: Mapped[str] = mapped_column(String(255), default="")
    cost_center: Mapped[str] = mapped_column(String(255), default="")
    source: Mapped[JobSource] = mapped_column(String(24))
    kind: Mapped[JobKind] = mapped_column(String(16))
    client_type: Mapped[str] = mapped_column(String(64), default="")
    client_version: Mapped[str] = mapped_column(String(64), default="")
    submitted: Mapped[datetime]
    file_name: Mapped[str] = mapped_column(String(255), default="")
    media_type: Mapped[str] = mapped_column(String(128))
    pages: Mapped[int]
    is_color: Mapped[bool]
    sides: Mapped[str] = mapped_column(String(32))
    paper: Mapped[str] = mapped_column(String(255), default="")
    size: Mapped[int] = mapped_column(BigInteger)


class PrintRelease(TenantRow, Base):
    """The fact that a job was released (PR-297); one row an attempt that printed something.

    `source` says where the numbers are from: the device, or the intent at submission. A later report of the device
    replaces an intent (F-7): the row is then written again, never a second one.
    """

    __tablename__ = "print_release"
    __table_args__ = (Index("ix_print_release_listing", "organization_id", "released"),)

    attempt_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    job_id: Mapped[str] = mapped_column(String(32), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True, info=STAYS)
    released_by: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True, info=STAYS)
    department: Mapped[str] = mapped_column(String(255), default="")
    cost_center: Mapped[str] = mapped_column(String(255), default="")
    released: Mapped[datetime]
    printer_id: Mapped[str] = mapped_column(String(32), default="")
    printer_name: Mapped[str] = mapped_column(String(255), default="")
    printer_address: Mapped[str] = mapped_column(String(255), default="")
    serial_number: Mapped[str] = mapped_column(String(64), default="")
    model: Mapped[str] = mapped_column(String(128), default="")
    impressions: Mapped[int]
    color_impressions: Mapped[int]
    sheets: Mapped[int]
    pages: Mapped[int]
    copies: Mapped[int]
    sides: Mapped[str] = mapped_column(String(32))
    paper: Mapped[str] = mapped_column(String(255), default="")
    paper_type: Mapped[str] = mapped_column(String(255), default="")
    result: Mapped[str] = mapped_column(String(24))
    source: Mapped[str] = mapped_column(String(16))


class PrintRemoval(TenantRow, Base):
    """The fact that a job left without being printed: expired, or deleted by somebody (PR-138)."""

    __tablename__ = "print_removal"
    __table_args__ = (Index("ix_print_removal_listing", "organization_id", "removed"),)

    job_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True, info=STAYS)
    removed: Mapped[datetime] = mapped_column(default=now)
    how: Mapped[str] = mapped_column(String(16))
    pages: Mapped[int] = mapped_column(default=0)
