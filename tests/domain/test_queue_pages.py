"""Pages of print queues: orders, searches and filters, on both databases, and found out in an index alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, event, text

from connectors.database import open_engine
from connectors.settings import get_settings
from domain.migrations import _config, migrate
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.printing.changes import JobChange, change_job
from domain.printing.jobs import find_job
from domain.printing.models import LONGEST_SEARCH_KEY, search_key
from domain.printing.queue import list_queue, list_queue_owners, owner_of_queue
from domain.printing.queue_pages import QueueFilter, QueueSort, key_of_job
from domain.printing.states import JobState
from domain.tenancy import new_id
from tests.support.databases import new_records
from tests.support.people import person
from tests.support.postgres import running_postgres
from tests.support.print_queues import add_held, add_many

BOTH_WAYS = [False, True]
BEFORE = "0044"
"""The last revision of the tables without what queues are searched in."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def administrator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Actor]:
    home = tmp_path_factory.mktemp(request.param)
    with running_records(home, is_server=request.param == "postgresql") as one:
        yield one


@contextmanager
def running_records(home: Path, *, is_server: bool) -> Iterator[Actor]:
    if is_server:
        with running_postgres("queues") as address, new_records(home, f"{address}/queues") as one:
            yield one
    else:
        with new_records(home) as one:
            yield one


@pytest.fixture
def ann(administrator: Actor) -> Actor:
    """Somebody new, whose queue is empty."""
    return person(administrator, f"ann-{new_id()}@one.example", Role.PRINT_RELEASE_USER.value)


def names(actor: Actor, **chosen: Any) -> list[str]:
    return [job.name for job in list_queue(actor, QueueFilter(**chosen))]


def paged(actor: Actor, chosen: QueueFilter) -> list[str]:
    """The ids of all jobs, five a page."""
    found: list[str] = []
    after = None
    while page := list_queue(actor, QueueFilter(**facts(chosen) | {"after": after, "limit": 5})):
        found += [job.id for job in page]
        after = key_of_job(page[-1], chosen.sort)
    return found


def facts(chosen: QueueFilter) -> dict[str, Any]:
    return {name: getattr(chosen, name) for name in ("search", "states", "sort", "descending")}


@pytest.mark.parametrize("search", ["", "DOCUMENT 0"])
@pytest.mark.parametrize("sort", list(QueueSort))
@pytest.mark.parametrize("descending", BOTH_WAYS)
def test_every_order_is_paged_without_gaps(ann: Actor, sort: QueueSort, descending: bool, search: str) -> None:
    add_many(ann, 12)
    add_many(ann, 3, name="Document 0 of the same name", submitted=now(), size=7, pages=2)
    add_held(ann, "Document 0, no pages yet", state=JobState.CONVERTING, pages=None, expires_at=None)
    chosen = QueueFilter(search=search, sort=sort, descending=descending, limit=100)
    everything = [job.id for job in list_queue(ann, chosen)]
    assert len(everything) == 16
    assert paged(ann, chosen) == everything


def test_names_are_sorted_whatever_the_case_of_their_letters(ann: Actor) -> None:
    for name in ("pear.pdf", "Apple.pdf", "apple.pdf", "Banana.pdf"):
        add_held(ann, name)
    assert names(ann, sort=QueueSort.NAME) == ["Apple.pdf", "apple.pdf", "Banana.pdf", "pear.pdf"]
    assert names(ann, sort=QueueSort.NAME, descending=True)[0] == "pear.pdf"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("budget", ["Budget 2026.xlsx"]),
        ("BOARD 2026", ["Budget 2026.xlsx"]),
        ("ÅRSREDOVISNING", ["årsredovisning.pdf"]),
        ("strasse", ["Straße.pdf"]),
        ("100%", ["Menu.pdf"]),
        ("1_0", []),
        ("budget menu", []),
        ("  ", ["Budget 2026.xlsx", "Menu.pdf", "Straße.pdf", "årsredovisning.pdf"]),
    ],
)
def test_search_finds_words_of_name_and_description(ann: Actor, search: str, found: list[str]) -> None:
    add_held(ann, "Budget 2026.xlsx", description="for the board")
    add_held(ann, "Menu.pdf", description="100% vegetarian")
    add_held(ann, "årsredovisning.pdf")
    add_held(ann, "Straße.pdf")
    assert sorted(names(ann, search=search)) == found
    assert sorted(names(ann, search=search, sort=QueueSort.SIZE)) == found


def test_a_changed_description_is_found_and_the_old_one_no_more(ann: Actor) -> None:
    job = add_held(ann, "Plan.pdf", description="for Monday")
    change_job(ann, job, JobChange("for ÖREBRO"))
    assert names(ann, search="plan örebro") == ["Plan.pdf"]
    assert names(ann, search="monday") == []


@pytest.mark.parametrize("letter", ["x", "å", "語"])
def test_the_longest_texts_fit_into_the_index(ann: Actor, letter: str) -> None:
    """PostgreSQL refuses rows whose entry in an index is too long: whoever prints must not meet that."""
    job = add_held(ann, letter * 250 + ".pdf", description="".join(new_id() for _ in range(31)) + letter)
    with ann.session(read_only=True) as session:
        assert len(find_job(session, job).search_key.encode()) <= LONGEST_SEARCH_KEY
    assert names(ann, search=f"{letter * 9}.pdf") == [letter * 250 + ".pdf"]
    whole = search_key("語" * 255, "語" * 1000)
    assert whole.encode().decode() == whole, "no letter is cut through"


def test_filters_by_state_and_search_meet(ann: Actor) -> None:
    add_held(ann, "Report, held")
    add_held(ann, "Report, at a printer", state=JobState.PRINTING)
    add_held(ann, "Letter, at a printer", state=JobState.PRINTING)
    busy = frozenset({JobState.PRINTING})
    assert names(ann, states=busy, search="report") == ["Report, at a printer"]
    assert names(ann, states=frozenset({JobState.CONVERTING}), search="report") == []


def test_whose_queues_there_are_counts_only_what_waits(administrator: Actor, ann: Actor) -> None:
    """PR-106."""
    add_many(ann, 3)
    add_held(ann, state=JobState.PRINTED)
    add_held(ann, expires_at=now() - timedelta(seconds=1))
    nobody = person(administrator, f"nobody-{new_id()}@one.example", Role.PRINT_RELEASE_USER.value)
    manager = person(administrator, f"m-{new_id()}@one.example", Role.PRINT_RELEASE_ADMINISTRATOR.value)
    counts = {one.user_id: one.jobs for one in list_queue_owners(manager, limit=200)}
    assert (counts[ann.user_id], nobody.user_id in counts) == (3, False)
    assert [one.jobs for one in list_queue_owners(manager, nobody.email)] == [0]
    assert owner_of_queue(ann).jobs == 3


def test_which_jobs_a_page_shows_is_found_out_in_an_index_alone(tmp_path: Path) -> None:
    """So that a hundred thousand jobs in one queue are quick; how quick is for the benchmark."""
    with new_records(tmp_path) as administrator:
        ann = person(administrator, "ann@one.example", Role.PRINT_RELEASE_USER.value)
        add_many(ann, 50)
        for sort in QueueSort:
            for chosen in ({}, {"search": "document"}, {"states": frozenset({JobState.HELD})}):
                for descending in BOTH_WAYS:
                    wanted = QueueFilter(sort=sort, descending=descending, **chosen)  # type: ignore[arg-type]
                    plan = plan_of_page(ann, wanted)
                    assert "USING COVERING INDEX ix_print_job_" in plan, wanted
                    if sort is QueueSort.SUBMITTED and not wanted.search:
                        assert "TEMP B-TREE" not in plan, "not all of them are sorted for one page"


def plan_of_page(actor: Actor, chosen: QueueFilter) -> str:
    """How SQLite finds out which jobs a page shows."""
    plans: list[str] = []

    def explain(connection: Connection, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith("SELECT print_job.number \n"):
            cursor = connection.connection.cursor()
            plans.append(" ".join(str(row) for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values)))

    engine = open_engine(get_settings().records_url)
    event.listen(engine, "before_cursor_execute", explain)
    try:
        assert list_queue(actor, chosen)
    finally:
        event.remove(engine, "before_cursor_execute", explain)
    [plan] = plans
    return plan


def test_jobs_from_before_are_found_after_the_migration(tmp_path: Path) -> None:
    with new_records(tmp_path) as administrator:
        ann = person(administrator, "ann@one.example", Role.PRINT_RELEASE_USER.value)
        add_held(ann, "Årsredovisning.pdf", description="FOR THE BOARD")
        url = get_settings().records_url
        command.downgrade(_config(url), BEFORE)
        with open_engine(url).connect() as connection:
            [job] = connection.execute(text("SELECT * FROM print_job")).mappings()
            assert "search_key" not in job
        migrate(url)
        assert names(ann, search="årsredovisning board") == ["Årsredovisning.pdf"]
