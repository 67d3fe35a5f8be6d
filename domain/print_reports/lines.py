"""Every fact of a scope as a line of a file (PR-299), as CSV or XLSX, harmless in a spreadsheet (PR-340)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from connectors.spreadsheets import csv_lines, xlsx_lines
from domain.organizations.models import User, UserStatus, shown_name
from domain.print_reports.kinds import ReportFormat
from domain.print_reports.scope import Allowed
from domain.print_reports.sums import Fact, within
from domain.printing.models import PrintRelease, PrintRemoval, PrintSubmission

AT_ONCE = 2000
HEADERS = {
    Fact.RELEASED: (
        *("released", "user", "email", "department", "cost_center", "released_by", "printer", "address"),
        *("serial_number", "model", "source", "file_name", "pages", "copies", "impressions", "color_impressions"),
        *("mono_impressions", "sheets", "sides", "paper", "paper_type", "result", "numbers_from", "job_id"),
    ),
    Fact.SUBMITTED: (
        *("submitted", "user", "email", "department", "cost_center", "source", "mode", "client", "client_version"),
        *("file_name", "media_type", "pages", "color", "sides", "paper", "size", "job_id"),
    ),
    Fact.DELETED: ("deleted", "user", "email", "how", "pages", "job_id"),
}


def lines_to(
    target: Path, head: Sequence[str], title: str, form: ReportFormat
) -> AbstractContextManager[Callable[[Sequence[Any]], None]]:
    """What writes a line to a new file of that form."""
    return csv_lines(target, head) if form is ReportFormat.CSV else xlsx_lines(target, head, title)


def write_lines(session: Session, fact: Fact, asked: Allowed, target: Path, form: ReportFormat) -> int:
    """Write the facts to a file, oldest first, a part at a time; how many there were."""
    count = 0
    with lines_to(target, HEADERS[fact], fact.value, form) as write:
        for line in LINES[fact](session, asked):
            write(line)
            count += 1
    return count


def _released(session: Session, asked: Allowed) -> Iterator[Sequence[Any]]:
    by = aliased(User)
    query = (
        select(PrintRelease, User, by, PrintSubmission.source, PrintSubmission.file_name)
        .join(User, User.id == PrintRelease.user_id)
        .join(by, by.id == PrintRelease.released_by)
        .outerjoin(PrintSubmission, PrintSubmission.job_id == PrintRelease.job_id)
        .order_by(PrintRelease.released, PrintRelease.attempt_id)
    )
    for one, user, delegate, source, name in _streamed(session, within(query, Fact.RELEASED, asked)):
        yield (
            *(_local(one.released, asked), *_person(user, asked), one.department, one.cost_center),
            _person(delegate, asked)[0] if delegate.id != user.id else "",
            one.printer_name,
            *(one.printer_address, one.serial_number, one.model, source or ""),
            *(_file_name(name, asked), one.pages, one.copies),
            *(one.impressions, one.color_impressions, one.impressions - one.color_impressions, one.sheets, one.sides),
            *(one.paper, one.paper_type, one.result, one.source, one.job_id),
        )


def _submitted(session: Session, asked: Allowed) -> Iterator[Sequence[Any]]:
    query = (
        select(PrintSubmission, User)
        .join(User, User.id == PrintSubmission.user_id)
        .order_by(PrintSubmission.submitted, PrintSubmission.job_id)
    )
    for one, user in _streamed(session, within(query, Fact.SUBMITTED, asked)):
        yield (
            *(_local(one.submitted, asked), *_person(user, asked), one.department, one.cost_center),
            *(one.source, one.kind, one.client_type, one.client_version),
            *(_file_name(one.file_name, asked), one.media_type, one.pages),
            *("color" if one.is_color else "monochrome", one.sides, one.paper, one.size, one.job_id),
        )


def _deleted(session: Session, asked: Allowed) -> Iterator[Sequence[Any]]:
    query = (
        select(PrintRemoval, User)
        .join(User, User.id == PrintRemoval.user_id)
        .order_by(PrintRemoval.removed, PrintRemoval.job_id)
    )
    for one, user in _streamed(session, within(query, Fact.DELETED, asked)):
        yield _local(one.removed, asked), *_person(user, asked), one.how, one.pages, one.job_id


LINES: dict[Fact, Callable[[Session, Allowed], Iterator[Sequence[Any]]]] = {
    Fact.RELEASED: _released,
    Fact.SUBMITTED: _submitted,
    Fact.DELETED: _deleted,
}


def _streamed(session: Session, query: Any) -> Iterator[Any]:
    for part in session.execute(query.execution_options(yield_per=AT_ONCE)).partitions():
        yield from part
        session.expunge_all()


def _local(moment: datetime, asked: Allowed) -> datetime:
    return moment.astimezone(asked.zone)


def _person(user: User, asked: Allowed) -> tuple[str, str]:
    """Name and address; who was deleted has none any more (PR-15), nor has anybody in a report without people."""
    return (shown_name(user), user.email) if asked.has_names and _is_there(user) else ("", "")


def _file_name(name: str | None, asked: Allowed) -> str:
    """Names of files tell of people too."""
    return (name or "") if asked.has_names else ""


def _is_there(user: User) -> bool:
    return user.status != UserStatus.DELETED
