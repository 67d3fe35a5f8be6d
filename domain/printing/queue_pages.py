"""Pages of a print queue: filters, search, order, page after page; quick with a hundred thousand jobs in one queue.

What a page consists of is found out in an index alone that holds whatever is asked and sorted by; the jobs themselves,
which are twenty times as large, are read only for the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from domain.organizations.models import now
from domain.printing.models import PrintJob, search_key
from domain.printing.states import AT_PRINTER, INCOMING, RELEASABLE, JobState
from domain.printing.views import JobView

LARGEST_PAGE = 200
MOST_WORDS = 10
"""Of a search; further ones are not looked for."""
REFUSED = frozenset({JobState.REJECTED, JobState.FAILED})
REFUSED_SHOWN = timedelta(days=1)
"""How long a job that was not accepted stands in the queue with its reason, unless it is deleted."""


class QueueSort(StrEnum):
    """What a queue can be sorted by."""

    SUBMITTED = "submitted"
    NAME = "name"
    PAGES = "pages"
    SIZE = "size"
    EXPIRES = "expires"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which jobs of a queue are listed. `user_id`: whose queue, empty for the actor's own; `search` looks at names and
    descriptions. `descending` None: as the organization wants it (PR-31). `after` is the key of the last job before.
    """

    user_id: str = ""
    search: str = ""
    states: frozenset[JobState] = frozenset()
    sort: QueueSort = QueueSort.SUBMITTED
    descending: bool | None = None
    after: tuple[str, str] | None = None
    limit: int = 50


def page_of_queue(session: Session, owner_id: str, chosen: QueueFilter, *, descending: bool) -> list[PrintJob]:
    """The next jobs of that person's queue; raises `ValueError` for an `after` that is none."""
    key = _keys(chosen)[chosen.sort]
    query = select(PrintJob.number).where(PrintJob.user_id == owner_id, shown_in_queue(), *_conditions(chosen))
    if chosen.after is not None:
        place, last = tuple_(key, PrintJob.number), tuple_(*_last(chosen.sort, chosen.after))
        query = query.where(place < last if descending else place > last)
    order = [key.desc(), PrintJob.number.desc()] if descending else [key, PrintJob.number]
    numbers = session.scalars(query.order_by(*order).limit(min(chosen.limit, LARGEST_PAGE))).all()
    if not numbers:
        return []
    found = session.scalars(select(PrintJob).where(PrintJob.number.in_(numbers)))
    jobs = {job.number: job for job in found}
    return [jobs[number] for number in numbers if number in jobs]


def key_of_job(job: JobView, sort: QueueSort) -> tuple[str, str]:
    """The key by which the page after this job is asked for."""
    value = {
        QueueSort.SUBMITTED: job.submitted.isoformat(),
        QueueSort.NAME: search_key(job.name, job.description),
        QueueSort.PAGES: str(job.pages or 0),
        QueueSort.SIZE: str(job.size),
        QueueSort.EXPIRES: (job.expires_at or job.submitted).isoformat(),
    }[sort]
    return value, str(job.number)


def shown_in_queue() -> ColumnElement[bool]:
    """The condition of jobs that a queue shows: not ended, not expired (PR-177); refused ones for a day."""
    lasts = or_(PrintJob.expires_at.is_(None), PrintJob.expires_at > now())
    waits = and_(PrintJob.state.in_(INCOMING | RELEASABLE), lasts)
    refused = and_(PrintJob.state.in_(REFUSED), PrintJob.changed > now() - REFUSED_SHOWN)
    return or_(waits, PrintJob.state.in_(AT_PRINTER), refused)


def _conditions(chosen: QueueFilter) -> list[ColumnElement[bool]]:
    words = chosen.search.casefold().split()[:MOST_WORDS]
    found: list[ColumnElement[bool]] = [PrintJob.search_key.contains(word, autoescape=True) for word in words]
    if chosen.states:
        found.append(PrintJob.state.in_(chosen.states))
    return found


def _keys(chosen: QueueFilter) -> dict[QueueSort, ColumnElement[Any]]:
    """What each order goes by. With a search, jobs are not walked in the order of time: that index lacks the texts."""
    submitted: ColumnElement[Any] = PrintJob.submitted.expression
    return {
        QueueSort.SUBMITTED: func.coalesce(submitted, submitted) if chosen.search.split() else submitted,
        QueueSort.NAME: PrintJob.search_key.expression,
        QueueSort.PAGES: func.coalesce(PrintJob.pages, 0),
        QueueSort.SIZE: PrintJob.size.expression,
        QueueSort.EXPIRES: func.coalesce(PrintJob.expires_at, PrintJob.submitted),
    }


def _last(sort: QueueSort, after: tuple[str, str]) -> Sequence[Any]:
    """The typed key of the last job of the page before; raises `ValueError` for what is none."""
    value, number = after
    if sort in (QueueSort.SUBMITTED, QueueSort.EXPIRES):
        return datetime.fromisoformat(value), int(number)
    return (value if sort is QueueSort.NAME else int(value)), int(number)
