"""A schedule as people see it, and what they ask for when they make or change one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from pydantic import Field, ValidationError, field_validator

from connectors.errors import Fault
from connectors.messages import N_, Message
from domain.recurrence.form import RecurrenceForm
from fleet.schedules.models import RunFor
from fleet.tasks.kinds import TaskKind

LONGEST_NAME = 255
INCOMPLETE = Fault(
    "schedule.incomplete",
    422,
    N_("The schedule is not complete: {problem}."),
    N_("Give it a name, a task, a start date, a time and a time zone."),
)
RECURRING = (TaskKind.CHECK_COMPLIANCE, TaskKind.ENFORCE_CONFIGURATION)
"""The kinds that recur (FL-502)."""


class ScheduleForm(RecurrenceForm):
    """What a schedule is asked for (FL-504…FL-513)."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    kind: TaskKind
    run_for: RunFor = RunFor.ALL
    tag_ids: tuple[str, ...] = Field((), max_length=100)
    filter_group_id: str | None = Field(None, max_length=32)

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """The form of what somebody has typed; raises `INCOMPLETE`."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise INCOMPLETE(problem=f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error

    @field_validator("name")
    @classmethod
    def _tidy(cls, name: str) -> str:
        return " ".join(name.split())


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
