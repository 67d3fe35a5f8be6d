"""What is kept of scheduled reports."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from connectors.messages import N_
from domain.organizations.models import STAYS
from domain.print_reports.kinds import ReportFormat, ReportKind
from domain.print_reports.periods import ReportPeriod
from domain.recurrence.models import RecurringRow

RUN_NAME = N_("Scheduled print report")


class ReportSchedule(RecurringRow, Base):
    """A report that is made at set times on behalf of the issuer and mailed as a link.

    `subject` is a `ReportSubject`, `recipients` are ids of people. `last_report_id` is the background task of the last
    run. One that has stopped by itself is paused, and `last_note` says why. `failures` counts the reports in a row that
    could not be made, up to `settled_report_id`, the last one that has ended.
    """

    __tablename__ = "print_report_schedule"
    __table_args__ = (Index("ix_print_report_schedule_due", "next_run"),)

    RUN_BY = "run-print-report-schedule/run-print-report-schedule"
    KEYS = "report"

    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[ReportKind] = mapped_column(String(16))
    period: Mapped[ReportPeriod] = mapped_column(String(16))
    subject: Mapped[dict[str, Any]]
    format: Mapped[ReportFormat] = mapped_column(String(8))
    recipients: Mapped[list[Any]] = mapped_column(JSON, default=list)
    issuer_id: Mapped[str | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True, info=STAYS
    )
    last_report_id: Mapped[str | None] = mapped_column(String(32), index=True)
    settled_report_id: Mapped[str | None] = mapped_column(String(32))
    failures: Mapped[int] = mapped_column(default=0, server_default="0")

    @property
    def run_name(self) -> str:
        """The same for all, as the engine is no place for names that people give."""
        return RUN_NAME
