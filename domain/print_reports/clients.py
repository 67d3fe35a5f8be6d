"""Which version of a client each person printed with last: the client version export (PR-299, AN-44)."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.organizations.models import User, UserStatus, shown_name
from domain.print_reports.kinds import ReportFormat
from domain.print_reports.lines import lines_to
from domain.print_reports.scope import Allowed
from domain.print_reports.sums import Fact, within
from domain.printing.models import PrintSubmission

HEADER = ("user", "email", "department", "cost_center", "client", "client_version", "last_submitted")


def write_clients(asked: Allowed, target: Path, form: ReportFormat) -> int:
    """Write the lines to a file; how many there were. Raises `ROLE_MISSING` where people must not be told apart."""
    asked.need_names()
    count = 0
    with asked.session() as session, lines_to(target, HEADER, "clients", form) as write:
        for line in _lines(session, asked):
            write(line)
            count += 1
    return count


def _lines(session: Session, asked: Allowed) -> Iterator[Sequence[Any]]:
    """The latest submission of each person with each client; ways of handing in without a client are left out."""
    newest = func.row_number().over(
        partition_by=(PrintSubmission.user_id, PrintSubmission.client_type),
        order_by=(PrintSubmission.submitted.desc(), PrintSubmission.job_id.desc()),
    )
    ranked = select(PrintSubmission.job_id, newest.label("place")).where(PrintSubmission.client_type != "")
    latest = within(ranked, Fact.SUBMITTED, asked).subquery()
    query = (
        select(PrintSubmission, User)
        .join(latest, latest.c.job_id == PrintSubmission.job_id)
        .join(User, User.id == PrintSubmission.user_id)
        .where(latest.c.place == 1, User.status != UserStatus.DELETED)
        .order_by(User.email, PrintSubmission.client_type)
    )
    for one, user in session.execute(query):
        yield (
            *(shown_name(user), user.email, one.department, one.cost_center),
            *(one.client_type, one.client_version, one.submitted.astimezone(asked.zone)),
        )
