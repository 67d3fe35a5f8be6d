"""How quick a print queue is with a hundred thousand jobs in it: filters, searches, every order, paging, counting."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from benchmarks.own_records import tidy
from benchmarks.questions import slowest_question
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.printing.models import PrintJob
from domain.printing.queue import list_queue, list_queue_owners, owner_of_queue
from domain.printing.queue_pages import QueueFilter, QueueSort, key_of_job
from domain.printing.states import JobKind, JobSource, JobState
from domain.tenancy import system_session

BATCH = 2000
ENDED_EVERY, MOVING_EVERY = 5, 500
"""Of the jobs: one in five more is over already, one in five hundred is on its way."""
TITLES = ("Invoice", "Minutes", "Årsredovisning", "Lesson plan", "Offer", "Drawing", "Timetable", "Letter to parents")
PLACES = ("Stockholm", "Göteborg", "Malmö", "Umeå", "Kiruna")


def slowest_page(actor: Actor) -> float:
    """The 95th percentile of the slowest question about the jobs of `seed_jobs`, in milliseconds."""
    return round(slowest_question(questions(actor)), 1)


def questions(actor: Actor) -> Mapping[str, Callable[[], object]]:
    """What is asked of the queue, by what it is called in the table."""
    found: dict[str, Callable[[], object]] = {}
    filters = {
        "everything": QueueFilter(),
        "search, rare": QueueFilter(search="malmö 00077"),
        "search, common": QueueFilter(search="invoice"),
        "search of descriptions": QueueFilter(search="floor 7"),
        "search, nothing": QueueFilter(search="zzzz"),
        "few of a state": QueueFilter(states=frozenset({JobState.PRINTING})),
        "state and search": QueueFilter(search="årsredovisning", states=frozenset({JobState.HELD})),
        "few of a state, and search": QueueFilter(search="a e i", states=frozenset({JobState.CONVERTING})),
    }
    for name, chosen in filters.items():
        for number, sort in enumerate(QueueSort, len(found)):
            wanted = replace(chosen, sort=sort, descending=number % 2 == 1)
            called = f"{name}, by {sort.value}{', falling' if wanted.descending else ''}"
            found[called] = lambda wanted=wanted: list_queue(actor, wanted)  # type: ignore[misc]
    for sort in QueueSort:
        middle = _page_in_the_middle(actor, sort)
        found[f"page in the middle, by {sort.value}"] = lambda middle=middle: list_queue(actor, middle)  # type: ignore[misc]
    found["how many"] = lambda: owner_of_queue(actor)
    found["whose queues there are"] = lambda: list_queue_owners(actor)
    found["whose queues there are, search"] = lambda: list_queue_owners(actor, actor.email[:3])
    return found


def _page_in_the_middle(actor: Actor, sort: QueueSort) -> QueueFilter:
    """After the job that comes first among those of one place."""
    some = list_queue(actor, QueueFilter(search="letter malmö 5", sort=sort, limit=1))
    return QueueFilter(sort=sort, descending=False, after=key_of_job(some[0], sort))


def seed_jobs(actor: Actor, count: int) -> None:
    """Put `count` jobs that wait into the actor's queue, and a fifth of that which are over already."""
    rows = _rows(actor, count)
    with system_session() as session:
        while some := [row for row, _ in zip(rows, range(BATCH), strict=False)]:
            session.execute(insert(PrintJob), some)
    tidy()


def _rows(actor: Actor, count: int) -> Iterator[dict[str, Any]]:
    moment = now()
    for number in range(count + count // ENDED_EVERY):
        submitted = moment - timedelta(seconds=number * 7919 % 200_000)
        yield {
            "id": f"{number:032x}",
            "organization_id": actor.organization_id,
            "user_id": actor.user_id,
            "submission_key": f"queue-{number}",
            "name": f"{TITLES[number % len(TITLES)]} {PLACES[number % len(PLACES)]} {number:06}.pdf",
            "description": f"for floor {number % 11}, please on thick paper" if number % 4 == 0 else "",
            "source": JobSource.WEB,
            "kind": JobKind.CLOUD,
            "state": _state(number, count),
            **{part: _document(actor, number, part) for part in ("original", "printable", "preview")},
            "media_type": "application/pdf",
            "size": 20_000 + number * 613 % 900_000,
            "pages": number * 31 % 97 + 1,
            "is_color": number % 3 == 0,
            "sides": "one-sided",
            "ticket": {"copies": number % 5 + 1, "sides": "two-sided-long-edge", "color_mode": "monochrome"},
            "client": {"type": "ipp", "version": "2.0", "address": "127.0.0.1", "user": "kim"},
            "submitted": submitted,
            "held": submitted,
            "expires_at": submitted + timedelta(days=7),
        }


def _state(number: int, count: int) -> JobState:
    if number >= count:
        return JobState.PRINTED
    if number % MOVING_EVERY:
        return JobState.HELD
    return JobState.PRINTING if number % (2 * MOVING_EVERY) else JobState.CONVERTING


def _document(actor: Actor, number: int, part: str) -> dict[str, Any]:
    return {
        "key": f"{actor.organization_id}/print-jobs/{number:032x}/{part}",
        "name": f"{number:06}.pdf",
        "media_type": "application/pdf",
        "size": 20_000 + number % 9_000,
        "sha256": f"{number:064x}",
        "pages": 3,
    }
