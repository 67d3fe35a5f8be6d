"""When something is asked to recur."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from connectors.errors import Fault
from domain.recurrence.rules import LAST, Recurrence, Series

LONGEST_NAME = 255


class RecurrenceForm(BaseModel):
    """The times of a schedule (FL-507…FL-513). `start`, `end` and `at` are read in `time_zone`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recurrence: Recurrence
    start: date
    end: date | None = None
    at: time
    time_zone: str = Field(max_length=64, description="Name of the IANA time zone, such as Europe/Stockholm.")
    weekdays: tuple[int, ...] = Field((), description="For weekly schedules: 0 is Monday.")
    month_day: int | None = Field(None, ge=1, le=31)
    ordinal: int | None = Field(None, ge=1, le=LAST, description="1 to 4, or 5 for the last one.")
    weekday: int | None = Field(None, ge=0, le=6)

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


class NamedRecurrenceForm(RecurrenceForm):
    """A schedule by its name. `incomplete` is how what somebody has typed is refused."""

    incomplete: ClassVar[Fault]

    name: str = Field(min_length=1, max_length=LONGEST_NAME)

    @field_validator("name")
    @classmethod
    def _tidy(cls, name: str) -> str:
        return " ".join(name.split())

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """The form of what somebody has typed; raises what is `incomplete`."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise cls.incomplete(problem=f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
