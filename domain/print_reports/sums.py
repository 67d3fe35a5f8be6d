"""Printing added up by person, group, printer, time and kind (PR-298): one statement whatever it is added up by."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, func, literal, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.models import User, UserStatus, shown_name
from domain.print_reports.scope import Allowed, ReportScope, allowed
from domain.printing.models import PrintRelease, PrintRemoval, PrintSubmission

CANNOT_GROUP = Fault(
    "print_report.cannot_group",
    422,
    N_("{fact} cannot be added up by {by}."),
    N_("Choose another way to add up: the API description says which there are."),
)
ONE_SIDED = "one-sided"
UNSPECIFIED = "unspecified"
"""Stands for what is not known (PR-298)."""
MOMENT_LENGTH = len("2026-01-01 00:0")
"""Moments are added up by tens of minutes first: days begin at such a one in every time zone."""


class Fact(StrEnum):
    """What is added up."""

    RELEASED = "released"
    SUBMITTED = "submitted"
    DELETED = "deleted"


class By(StrEnum):
    """By what it is added up."""

    PERSON = "person"
    DEPARTMENT = "department"
    COST_CENTER = "cost_center"
    PRINTER = "printer"
    DAY = "day"
    MONTH = "month"
    SOURCE = "source"
    COLOR = "color"
    SIDES = "sides"
    PAPER = "paper"
    PAPER_TYPE = "paper_type"
    MEDIA_TYPE = "media_type"
    CLIENT = "client"
    MODE = "mode"
    JOB_SIZE = "job_size"
    HOW = "how"


@dataclass(slots=True)
class ReportRow:
    """One line. `key` is what it was added up by, `label` how people call it; a fact that has no such number has 0.

    Single pages count neither as simplex nor as duplex (PR-298).
    """

    key: str
    label: str
    jobs: int = 0
    pages: int = 0
    impressions: int = 0
    color_impressions: int = 0
    sheets: int = 0
    duplex_jobs: int = 0
    simplex_jobs: int = 0

    @property
    def mono_impressions(self) -> int:
        return self.impressions - self.color_impressions

    def add(self, other: "ReportRow") -> None:
        """Add the numbers of another line."""
        for name in NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))


NUMBERS = tuple(one.name for one in fields(ReportRow) if one.name not in ("key", "label"))
MORE = "more"
SIZES = (1, 5, 10, 20, 50, 100)
"""The largest numbers of pages of the classes of the job-size distribution (PR-298); the last class has no end."""
ORDER = [*map(str, SIZES), MORE]
_SOURCE = func.coalesce(PrintSubmission.source, UNSPECIFIED)


def _size(pages: Any) -> Any:
    """The class of a job by its pages: the largest number in it, `MORE` for the last class."""
    return case(*((pages <= most, str(most)) for most in SIZES), else_=MORE)


GROUPS: Mapping[Fact, Mapping[By, Any]] = {
    Fact.RELEASED: {
        By.PERSON: PrintRelease.user_id,
        By.DEPARTMENT: PrintRelease.department,
        By.COST_CENTER: PrintRelease.cost_center,
        By.PRINTER: PrintRelease.printer_id,
        By.SOURCE: _SOURCE,
        By.COLOR: case((PrintRelease.color_impressions > 0, "color"), else_="monochrome"),
        By.SIDES: PrintRelease.sides,
        By.PAPER: PrintRelease.paper,
        By.PAPER_TYPE: PrintRelease.paper_type,
        By.JOB_SIZE: _size(PrintRelease.pages),
    },
    Fact.SUBMITTED: {
        By.PERSON: PrintSubmission.user_id,
        By.DEPARTMENT: PrintSubmission.department,
        By.COST_CENTER: PrintSubmission.cost_center,
        By.SOURCE: PrintSubmission.source,
        By.COLOR: case((PrintSubmission.is_color, "color"), else_="monochrome"),
        By.SIDES: PrintSubmission.sides,
        By.PAPER: PrintSubmission.paper,
        By.MEDIA_TYPE: PrintSubmission.media_type,
        By.CLIENT: PrintSubmission.client_type + " " + PrintSubmission.client_version,
        By.MODE: PrintSubmission.kind,
        By.JOB_SIZE: _size(PrintSubmission.pages),
    },
    Fact.DELETED: {By.PERSON: PrintRemoval.user_id, By.HOW: PrintRemoval.how},
}
MOMENTS: Mapping[Fact, Any] = {
    Fact.RELEASED: PrintRelease.released,
    Fact.SUBMITTED: PrintSubmission.submitted,
    Fact.DELETED: PrintRemoval.removed,
}


def add_up(actor: Actor, fact: Fact, by: By, scope: ReportScope) -> list[ReportRow]:
    """The lines, the most pages first; days, months and classes of size in their order.

    Raises `CANNOT_GROUP`, and as `allowed`.
    """
    asked = allowed(actor, scope)
    is_time = by in (By.DAY, By.MONTH)
    if not is_time and by not in GROUPS[fact]:
        raise CANNOT_GROUP(fact=fact.value, by=by.value)
    if by is By.PERSON:
        asked.need_names()
    with asked.session() as session:
        group = _moment(session, fact) if is_time else GROUPS[fact][by]
        rows = [row_of(one) for one in session.execute(within(summed(fact, by, group), fact, asked).group_by(group))]
        if is_time:
            return _by_time(rows, by, asked)
        if by is By.PERSON:
            _name_people(session, rows)
    if by is By.JOB_SIZE:
        return sorted(rows, key=lambda row: ORDER.index(row.key))
    return sorted(rows, key=lambda row: (-row.pages, row.label.casefold()))


def total(rows: list[ReportRow]) -> ReportRow:
    """All lines together."""
    everything = ReportRow("", "")
    for row in rows:
        everything.add(row)
    return everything


def within(query: Select[Any], fact: Fact, asked: Allowed) -> Select[Any]:
    """The query for the facts of the scope alone."""
    model: Any = {Fact.RELEASED: PrintRelease, Fact.SUBMITTED: PrintSubmission, Fact.DELETED: PrintRemoval}[fact]
    moment, scope = MOMENTS[fact], asked.scope
    query = query.where(moment >= asked.start, moment < asked.end)
    if scope.user_id:
        query = query.where(model.user_id == scope.user_id)
    if fact is Fact.DELETED and (scope.department or scope.cost_center):
        query = query.join(PrintSubmission, PrintSubmission.job_id == PrintRemoval.job_id)
    groups: Any = PrintSubmission if fact is Fact.DELETED else model
    for name in ("department", "cost_center"):
        if value := getattr(scope, name):
            query = query.where(getattr(groups, name) == value)
    if scope.printer_id:
        query = query.where(model.printer_id == scope.printer_id if fact is Fact.RELEASED else literal(False))
    return query


def summed(fact: Fact, by: By, group: Any) -> Select[Any]:
    """The numbers of `ReportRow` for each value of `group`, a column; the caller says which facts, and groups."""
    if fact is Fact.RELEASED:
        many = PrintRelease.pages > 1
        duplex = func.sum(case((many & (PrintRelease.sides != ONE_SIDED), 1), else_=0))
        simplex = func.sum(case((many & (PrintRelease.sides == ONE_SIDED), 1), else_=0))
        sums = [func.sum(getattr(PrintRelease, name)) for name in ("impressions", "color_impressions", "sheets")]
        pages = func.sum(PrintRelease.pages * PrintRelease.copies)
        label = func.max(PrintRelease.printer_name) if by is By.PRINTER else literal("")
        query = select(group, label, func.count(), pages, *sums, duplex, simplex)
        return query.select_from(PrintRelease).outerjoin(PrintSubmission, PrintSubmission.job_id == PrintRelease.job_id)
    nothing = literal(0)
    if fact is Fact.SUBMITTED:
        many = PrintSubmission.pages > 1
        duplex = func.sum(case((many & (PrintSubmission.sides != ONE_SIDED), 1), else_=0))
        simplex = func.sum(case((many & (PrintSubmission.sides == ONE_SIDED), 1), else_=0))
        pages, zeros = func.sum(PrintSubmission.pages), [nothing] * 3
        return select(group, literal(""), func.count(), pages, *zeros, duplex, simplex).select_from(PrintSubmission)
    pages, zeros = func.sum(PrintRemoval.pages), [nothing] * 5
    return select(group, literal(""), func.count(), pages, *zeros).select_from(PrintRemoval)


def row_of(found: Any) -> ReportRow:
    """A line of what `summed` has found."""
    key, label, *numbers = found
    text = str(key or "").strip()
    return ReportRow(text, str(label or "") or text or UNSPECIFIED, *(int(one or 0) for one in numbers))


def _moment(session: Session, fact: Fact) -> ColumnElement[str]:
    """The moment in UTC as text, to ten minutes."""
    column = MOMENTS[fact]
    if session.get_bind().dialect.name == "sqlite":
        return func.substr(column, 1, MOMENT_LENGTH, type_=String)
    text = func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24:MI")
    return func.substr(text, 1, MOMENT_LENGTH, type_=String)


def _by_time(rows: list[ReportRow], by: By, asked: Allowed) -> list[ReportRow]:
    found: dict[str, ReportRow] = {}
    length = len("2026-01-01") if by is By.DAY else len("2026-01")
    for row in rows:
        moment = datetime.strptime(f"{row.key}0", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        key = moment.astimezone(asked.zone).date().isoformat()[:length]
        found.setdefault(key, ReportRow(key, key)).add(row)
    return [found[key] for key in sorted(found)]


def _name_people(session: Session, rows: list[ReportRow]) -> None:
    """Names of people; who was deleted has none any more (PR-15)."""
    people = {
        user.id: shown_name(user)
        for start in range(0, len(rows), 500)
        for user in session.scalars(
            select(User).where(
                User.id.in_([row.key for row in rows[start : start + 500]]), User.status != UserStatus.DELETED
            )
        )
    }
    for row in rows:
        row.label = people.get(row.key, "")
