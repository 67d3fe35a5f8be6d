"""What a report is about: a period, and whose printing or which printer's (PR-300, PR-301)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission

LONGEST_DAYS, LONGEST_FULL_DAYS = 731, 31
BAD_PERIOD = Fault(
    "print_report.bad_period",
    422,
    N_("The period from {first} to {last} cannot be reported on."),
    N_("Reports reach back two years, and a full export has 31 days at most. Choose the first day before the last."),
    spec="PR-301",
)


class ReportScope(BaseModel):
    """The days, first and last among them, in the time zone of who asks; empty: of the whole organization."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: date
    last: date
    user_id: str = Field("", max_length=32)
    department: str = Field("", max_length=255)
    cost_center: str = Field("", max_length=255)
    printer_id: str = Field("", max_length=32)


@dataclass(frozen=True, slots=True)
class Allowed:
    """A scope that somebody may have, with its moments in UTC: `start` belongs to it, `end` does not."""

    scope: ReportScope
    start: datetime
    end: datetime
    zone: ZoneInfo


def allowed(actor: Actor, scope: ReportScope, *, longest: int = LONGEST_DAYS) -> Allowed:
    """The scope as the actor may have it: who may report on nobody else gets their own (PR-300).

    Raises `ROLE_MISSING`, `BAD_PERIOD`.
    """
    if not actor.may(Permission.PRINT_REPORTS):
        actor.need(Permission.OWN_REPORTS if scope.user_id in ("", actor.user_id) else Permission.PRINT_REPORTS)
        scope = scope.model_copy(update={"user_id": actor.user_id})
    zone = ZoneInfo(actor.time_zone)
    today = now().astimezone(zone).date()
    days = (scope.last - scope.first).days + 1
    if not 1 <= days <= longest or scope.first < today - timedelta(days=LONGEST_DAYS):
        raise BAD_PERIOD(first=scope.first.isoformat(), last=scope.last.isoformat())
    start = datetime.combine(scope.first, time(), zone).astimezone(UTC)
    end = datetime.combine(scope.last + timedelta(days=1), time(), zone).astimezone(UTC)
    return Allowed(scope, start, end, zone)
