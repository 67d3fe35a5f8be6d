"""A schedule as people see it, and what they ask for when they make or change one."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from pydantic import Field

from connectors.errors import Fault
from connectors.messages import N_, Message
from domain.recurrence.form import NamedRecurrenceForm
from fleet.schedules.models import RunFor
from fleet.tasks.kinds import TaskKind

INCOMPLETE = Fault(
    "schedule.incomplete",
    422,
    N_("The schedule is not complete: {problem}."),
    N_("Give it a name, a task, a start date, a time and a time zone."),
)
RECURRING = (TaskKind.CHECK_COMPLIANCE, TaskKind.ENFORCE_CONFIGURATION)
"""The kinds that recur (FL-502)."""


class ScheduleForm(NamedRecurrenceForm):
    """What a schedule is asked for (FL-504…FL-513)."""

    incomplete: ClassVar[Fault] = INCOMPLETE

    kind: TaskKind
    run_for: RunFor = RunFor.ALL
    tag_ids: tuple[str, ...] = Field((), max_length=100)
    filter_group_id: str | None = Field(None, max_length=32)


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """A schedule of the list (FL-516). `note` says why the last run started nothing."""

    id: str
    form: ScheduleForm
    is_paused: bool
    issuer: str
    next_run: datetime | None
    last_run: datetime | None
    last_count: int | None
    note: Message | None
