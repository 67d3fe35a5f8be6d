"""What a scheduled report is asked for, and how people see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field, StringConstraints, field_validator

from connectors.errors import Fault
from connectors.mail_addresses import each_once
from connectors.messages import N_, Message
from domain.print_reports.kinds import ReportFormat, ReportKind
from domain.print_reports.periods import ReportPeriod
from domain.print_reports.scope import ReportSubject
from domain.print_reports.service import ReportState
from domain.recorded_errors import ErrorView
from domain.recurrence.form import NamedRecurrenceForm, RecurrenceForm

MOST_RECIPIENTS = 10
INCOMPLETE = Fault(
    "print_report_schedule.incomplete",
    422,
    N_("The schedule is not complete: {problem}."),
    N_("Give it a name, a report, a start date, a time, a time zone, and one to ten recipients."),
)
Address = Annotated[str, StringConstraints(min_length=3, max_length=254)]


class ReportScheduleForm(NamedRecurrenceForm):
    """A report to be made again and again. `recipients`: addresses of people who can sign in here."""

    incomplete: ClassVar[Fault] = INCOMPLETE

    kind: ReportKind
    period: ReportPeriod
    subject: ReportSubject = ReportSubject()
    format: ReportFormat = ReportFormat.CSV
    recipients: tuple[Address, ...] = Field(min_length=1, max_length=MOST_RECIPIENTS)

    @field_validator("recipients")
    @classmethod
    def _lower(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        return each_once(*(address.strip().lower() for address in addresses))


@dataclass(frozen=True, slots=True)
class ReportScheduleView:
    """A scheduled report of the list. `recipients` are those who are still there.

    `last_report_id`, `last_state` and `last_error` are of the report that the last run made; `note` says why it made
    none.
    """

    id: str
    name: str
    kind: ReportKind
    period: ReportPeriod
    subject: ReportSubject
    format: ReportFormat
    recipients: tuple[str, ...]
    times: RecurrenceForm
    is_paused: bool
    issuer_id: str
    issuer: str
    next_run: datetime | None
    last_run: datetime | None
    last_report_id: str
    last_state: ReportState | None
    last_error: ErrorView | None
    note: Message | None

    @property
    def form(self) -> dict[str, Any]:
        """The values to begin a change with."""
        return {
            **self.times.model_dump(),
            **{name: getattr(self, name) for name in ("name", "kind", "period", "format", "recipients")},
            "subject": self.subject.model_dump(),
        }
