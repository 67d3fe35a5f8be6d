"""What a report is about: a period, and whose printing or which printer's (PR-300, PR-301, AC-58)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor, actor_for
from domain.organizations.models import User, now
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND, system_session

LONGEST_DAYS, LONGEST_FULL_DAYS = 731, 31
BAD_PERIOD = Fault(
    "print_report.bad_period",
    422,
    N_("The period from {first} to {last} cannot be reported on."),
    N_("Reports reach back two years, and a full export has 31 days at most. Choose the first day before the last."),
    spec="PR-301",
)


class ReportSubject(BaseModel):
    """Whose printing, or which printer's; empty: that of the whole organization.

    `customer_id`: of that customer of one's own organization, not of the organization itself (AN-13).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    customer_id: str = Field("", max_length=32)
    user_id: str = Field("", max_length=32)
    department: str = Field("", max_length=255)
    cost_center: str = Field("", max_length=255)
    printer_id: str = Field("", max_length=32)

    @property
    def is_narrow(self) -> bool:
        """Whether it is about a part of an organization."""
        return bool(self.user_id or self.department or self.cost_center or self.printer_id)


class ReportScope(ReportSubject):
    """What a report is about, and the days, first and last among them, in the time zone of who asks."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Allowed:
    """A scope that somebody may have, with its moments in UTC: `start` belongs to it, `end` does not.

    `reporter` is who asks as they count in the organization that is reported on; without `has_names` the report says
    nothing of people (AN-13: organization-level reports of a customer).
    """

    scope: ReportScope
    start: datetime
    end: datetime
    zone: ZoneInfo
    reporter: Actor
    has_names: bool

    def need_names(self) -> None:
        """Raise `ROLE_MISSING` where the report must not tell people apart."""
        if not self.has_names:
            self.reporter.need(Permission.PRINT_REPORTS)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction that sees the organization that is reported on."""
        with self.reporter.session(read_only=True) as session:
            yield session


def allowed(actor: Actor, scope: ReportScope, *, longest: int = LONGEST_DAYS) -> Allowed:
    """The scope as the actor may have it: who may report on nobody else gets their own (PR-300).

    Of a customer, partner administrators and fleet analysts get what is about the whole of it and without people; who
    may make print reports there, through an access group, gets everything (AC-58, AN-13).
    Raises `ROLE_MISSING`, `BAD_PERIOD`, and `NOT_FOUND` for what is no customer.
    """
    reporter, has_names = actor, True
    if scope.customer_id:
        reporter = as_reporter(actor, scope.customer_id)
        has_names = reporter.may(Permission.PRINT_REPORTS)
        if scope.is_narrow:
            reporter.need(Permission.PRINT_REPORTS)
    elif not actor.may(Permission.PRINT_REPORTS):
        actor.need(Permission.OWN_REPORTS if scope.user_id in ("", actor.user_id) else Permission.PRINT_REPORTS)
        scope = scope.model_copy(update={"user_id": actor.user_id})
    start, end = moments(actor, scope.first, scope.last, longest)
    return Allowed(scope, start, end, ZoneInfo(actor.time_zone), reporter, has_names)


def moments(actor: Actor, first: date, last: date, longest: int = LONGEST_DAYS) -> tuple[datetime, datetime]:
    """When those days begin and end where the actor is; raises `BAD_PERIOD`."""
    zone = ZoneInfo(actor.time_zone)
    today = now().astimezone(zone).date()
    days = (last - first).days + 1
    if not 1 <= days <= longest or first < today - timedelta(days=LONGEST_DAYS):
        raise BAD_PERIOD(first=first.isoformat(), last=last.isoformat())
    start = datetime.combine(first, time(), zone).astimezone(UTC)
    return start, datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)


def as_reporter(actor: Actor, customer_id: str) -> Actor:
    """The actor as they count in a customer of their own organization, where they are now.

    Raises `ROLE_MISSING`, and `NOT_FOUND` for an organization that is no customer of theirs.
    """
    actor.need(Permission.REPORTS_CUSTOMERS)
    if actor.is_visiting or customer_id == actor.organization_id:
        raise NOT_FOUND(what="organization")
    with system_session(read_only=True) as session:
        person = session.get_one(User, actor.user_id)
        return actor_for(session, person, customer_id, scopes=actor.scopes, address=actor.address)
