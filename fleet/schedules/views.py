"""A schedule as people see it, and what they ask for when they make or change one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from connectors.errors import Fault
from connectors.messages import N_, Message
from fleet.schedules.models import RunFor
from fleet.schedules.rules import LAST, Recurrence, Series
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


class ScheduleForm(BaseModel):
    """What a schedule is asked for (FL-504…FL-513). `start`, `end` and `at` are read in `time_zone`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    kind: TaskKind
    run_for: RunFor = RunFor.ALL
    tag_ids: tuple[str, ...] = Field((), max_length=100)
    filter_group_id: str | None = Field(None, max_length=32)
    recurrence: Recurrence
    start: date
    end: date | None = None
    at: time
    time_zone: str = Field(max_length=64, description="Name of the IANA time zone, such as Europe/Stockholm.")
    weekdays: tuple[int, ...] = Field((), description="For weekly schedules: 0 is Monday.")
    month_day: int | None = Field(None, ge=1, le=31)
    ordinal: int | None = Field(None, ge=1, le=LAST, description="1 to 4, or 5 for the last one.")
    weekday: int | None = Field(None, ge=0, le=6)

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

    @field_validator("weekdays")
    @classmethod
    def _days_of_the_week(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if not all(0 <= day <= 6 for day in days):
            raise ValueError("weekdays are 0 to 6")
        return tuple(sorted(set(days)))

    @field_validator("at")
    @classmethod
    def _to_the_minute(cls, at: time) -> time:
        return at.replace(second=0, microsecond=0, tzinfo=None)

    @property
    def series(self) -> Series:
        """When it runs."""
        return Series(
            self.recurrence,
            self.start,
            self.at,
            self.time_zone,
            self.end,
            self.weekdays,
            self.month_day,
            self.ordinal,
            self.weekday,
        )


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
