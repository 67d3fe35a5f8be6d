"""Whatever dies between any two writes: the ledger balances, nothing stays held, and nothing is charged twice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from sqlalchemy import select, true, update

from connectors.errors import PressroomError
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.quotas.distributions import edit_distribution
from domain.quotas.models import Duration, EntryState, LedgerEntry
from domain.quotas.rules import charged_pages
from domain.quotas.terms import Terms
from domain.quotas.upkeep import correct_counters, expire_distributions, release_leftovers
from domain.runs.execution import (
    Work,
    begin_step,
    claim,
    complete_step,
    fail_step,
    finish,
    measure_step,
    release_lost,
    requeue_expired,
)
from domain.runs.models import Run, RunState, StepRun, StepState
from domain.runs.service import cancel_run, run_again
from domain.tenancy import system_session
from steps.contract import FORMAT_REFUSED, Service, StepResult
from steps.registry import step_kind
from tests.support.databases import new_records
from tests.support.kill_points import dies, dies_by_the_kernel, moments_of
from tests.support.quotas import (
    balance,
    customer_of,
    document,
    entries,
    give,
    held_anywhere,
    new_run,
    partner_of,
    person_of,
    step,
    wrong_counters,
)

PLAN = (
    step("ocr", 0, output_type="docx"),
    step("translate", 1, source_language="en", target_languages=["es", "fr"]),
    step("redact", 2, pii=["PERSON"]),
    step("footer", 3, text="x"),
)
LENGTHS = {"ocr": 3500, "translate": 1900, "redact": 5, "footer": 0}
"""Characters of each step's work, each target."""
CHARGES = {"ocr": 2, "translate": 4, "redact": 1}


def outcome_of(kind: str) -> StepResult:
    """What a step leaves that worked on `LENGTHS` characters."""
    targets = {"es": LENGTHS[kind], "fr": LENGTHS[kind]} if kind == "translate" else {}
    return StepResult(documents=(document(),), characters=LENGTHS[kind], pages=2, characters_by_target=targets)


def go(run_id: str, owner: str, failing: int | None = None) -> None:
    """A worker's go at a run, as the flow does it; the step at position `failing` fails."""
    work = claim(run_id, owner)
    if work is None:
        return
    try:
        for one in work.plan:
            _perform(work, one.position, is_failing=one.position == failing)
    except PressroomError as error:
        finish(work, RunState.FAILED, error)
    else:
        finish(work, RunState.COMPLETED)


def _perform(work: Work, position: int, *, is_failing: bool) -> None:
    one = work.plan[position]
    if begin_step(work, one, "0", document(2)) is not None:
        return
    try:
        if one.kind in ("translate", "redact"):
            measure_step(work, one, "0", LENGTHS[one.kind], ("es", "fr") if one.kind == "translate" else ())
        if is_failing:
            raise FORMAT_REFUSED(name="x")
    except PressroomError as error:
        fail_step(work, one, "0", error)
        raise
    complete_step(work, one, "0", outcome_of(one.kind))


def assert_it_balances(*run_ids: str) -> None:
    """The counters are the ledger's sums; the ledger says what the steps (of these runs, or of all) say."""
    assert wrong_counters() == []
    with system_session(read_only=True) as session:
        chosen = select(Run.id).where(Run.id.in_(run_ids) if run_ids else true())
        runs = {run.id: run for run in session.scalars(select(Run).where(Run.id.in_(chosen)))}
        steps = session.scalars(select(StepRun).where(StepRun.run_id.in_(chosen)))
        done = {(row.run_id, row.position): row for row in steps}
        ledger = session.scalars(select(LedgerEntry).where(LedgerEntry.run_id.in_(chosen))).all()
    for entry in ledger:
        row = done[entry.run_id, entry.position]
        if entry.state == EntryState.SETTLED:
            assert row.state == StepState.COMPLETED
        if entry.state == EntryState.RESERVED:
            assert row.state == StepState.RUNNING
            assert not RunState(runs[entry.run_id].state).is_final
    charged = sum(entry.pages for entry in ledger if entry.state == EntryState.SETTLED)
    assert charged == sum(_due(row) for row in done.values() if row.state == StepState.COMPLETED)


def _due(row: StepRun) -> int:
    """What a completed step is to be charged, by its own result."""
    if step_kind(row.kind).service is None:
        return 0
    result = StepResult.model_validate(row.result)
    lengths = result.characters_by_target.values() if row.kind == "translate" else [result.characters]
    return sum(charged_pages(length, 1800) for length in lengths)


def recover(run_ids: list[str]) -> None:
    """Time passes: lost leases run out and new workers take what is queued, until everything has ended."""
    attempt = 0
    while _open_runs():
        attempt += 1
        assert attempt <= get_settings().max_attempts + 1
        with system_session() as session:
            session.execute(
                update(Run).where(Run.state == RunState.RUNNING).values(lease_until=now() - timedelta(seconds=1))
            )
        requeue_expired()
        for run_id in run_ids:
            go(run_id, f"recovery:{attempt}")


def _open_runs() -> bool:
    with system_session(read_only=True) as session:
        final = [state for state in RunState if state.is_final]
        return session.scalar(select(Run.id).where(Run.state.not_in(final)).limit(1)) is not None


@pytest.fixture(params=["sqlite", "postgresql"])
def customer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Actor]:
    """Somebody of a department, in an organization with plenty of pages."""
    url = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    with new_records(tmp_path, url) as administrator:
        yield _somebody(administrator)


@pytest.fixture
def stride(customer: Actor) -> int:
    """How many moments to go on each time: all of them on SQLite, some on the slower PostgreSQL."""
    return 7 if get_settings().database_url else 2


def _somebody(administrator: Actor, pages: int = 1_000_000) -> Actor:
    partner = partner_of(administrator)
    chief = customer_of(partner, "Contoso")
    give(partner, chief, ocr=pages, translation=pages, redaction=pages)
    return person_of(chief, "ann@contoso.example", department="Sales", cost_center="CC 1")


Kill = Callable[[int, Callable[[], object]], bool]


@pytest.mark.slow
@pytest.mark.parametrize("kill", [dies, dies_by_the_kernel], ids=["raised", "SIGKILL"])
def test_a_worker_killed_at_any_moment_is_charged_for_each_finished_step_once(
    customer: Actor, stride: int, kill: Kill
) -> None:
    """Every write and both sides of every commit of a whole run, one after the other."""
    go(new_run(customer, *PLAN), "w:0")  # counters that did not exist are made only once
    first = new_run(customer, *PLAN)
    moments = moments_of(lambda: go(first, "w:0"))
    assert moments > 60
    for moment in range(0, moments, stride):
        run_id = new_run(customer, *PLAN)
        assert kill(moment, lambda run_id=run_id: go(run_id, "w:1"))  # type: ignore[misc]
        assert_it_balances(run_id)
        recover([run_id])
        settled = {entry.operation: 0 for entry in entries(run_id) if entry.service}
        for entry in entries(run_id):
            settled[entry.operation] = settled.get(entry.operation, 0) + entry.pages
        assert {kind: pages for kind, pages in settled.items() if pages} == CHARGES, moment
    assert_it_balances()
    assert held_anywhere() == 0


@pytest.mark.slow
def test_a_failing_run_killed_at_any_moment_ends_with_nothing_held(customer: Actor, stride: int) -> None:
    for moment in range(0, moments_of(lambda: go(new_run(customer, *PLAN), "w:0", failing=1)), stride):
        run_id = new_run(customer, *PLAN)
        dies(moment, lambda run_id=run_id: go(run_id, "w:1", failing=1))  # type: ignore[misc]
        assert_it_balances(run_id)
        recover([run_id])
    assert_it_balances()
    assert held_anywhere() == 0


def test_giving_up_a_lost_run_may_itself_be_killed_at_any_moment(customer: Actor) -> None:
    def lost() -> str:
        run_id = new_run(customer, *PLAN, lost_workers=get_settings().max_attempts - 1)
        work = claim(run_id, "w:1")
        assert work is not None
        begin_step(work, PLAN[0], "0", document(2))
        return run_id

    lost()
    for moment in range(moments_of(lambda: release_lost("w:1"))):
        run_id = lost()
        assert dies(moment, lambda: release_lost("w:1"))
        assert_it_balances(run_id)
        release_lost("w:1")
        assert [entry.state for entry in entries(run_id)] == [EntryState.RELEASED]
    assert_it_balances()


MOMENT = st.one_of(st.none(), st.integers(0, 90))


class LedgerMachine(RuleBasedStateMachine):
    """People, workers and administrators do things in any order, and each may die in the middle of it."""

    runs = Bundle("runs")

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self._records = new_records(Path(self._folder.name))
        administrator = self._records.__enter__()
        self.ann = _somebody(administrator, pages=30)
        self.partner = partner_of_again(administrator)
        self.state = Kept()

    @rule(target=runs, length=st.integers(1, len(PLAN)))
    def hand_in(self, length: int) -> str:
        run_id = new_run(self.ann, *PLAN[:length])
        self.state.run_ids.append(run_id)
        return run_id

    @rule(run_id=runs, failing=st.one_of(st.none(), st.integers(0, 3)), moment=MOMENT)
    def work(self, run_id: str, failing: int | None, moment: int | None) -> None:
        self.state.owner += 1
        dies(moment, lambda: go(run_id, f"w:{self.state.owner}", failing))

    @rule(moment=MOMENT)
    def lose_the_worker(self, moment: int | None) -> None:
        owners = [f"w:{number}" for number in range(1, self.state.owner + 1)]
        dies(moment, lambda: [release_lost(owner) for owner in owners])

    @rule(run_id=runs, moment=MOMENT)
    def cancel(self, run_id: str, moment: int | None) -> None:
        dies(moment, lambda: _tried(lambda: cancel_run(self.ann, run_id)))

    @rule(run_id=runs, moment=MOMENT)
    def run_again(self, run_id: str, moment: int | None) -> None:
        dies(moment, lambda: _tried(lambda: run_again(self.ann, run_id)))

    @rule(pages=st.integers(1, 60), moment=MOMENT)
    def change_the_limits(self, pages: int, moment: int | None) -> None:
        terms = Terms(Duration.PERPETUAL, dict.fromkeys(Service, pages))
        dies(moment, lambda: edit_distribution(self.partner, self.ann.organization_id, terms))

    @rule(moment=MOMENT)
    def look_after_the_quotas(self, moment: int | None) -> None:
        dies(moment, lambda: (release_leftovers(), expire_distributions()))

    @invariant()
    def it_balances(self) -> None:
        assert_it_balances()

    def teardown(self) -> None:
        try:
            recover(self.state.run_ids)
            assert_it_balances()
            assert held_anywhere() == 0
            assert correct_counters() == []
            assert all(balance(self.ann, service).reserved == 0 for service in Service)
        finally:
            self._records.__exit__(None, None, None)
            self._folder.cleanup()


@dataclass
class Kept:
    """What the machine remembers."""

    run_ids: list[str] = field(default_factory=list)
    owner: int = 0


def partner_of_again(administrator: Actor) -> Actor:
    """The partner as they count now that they are in the access group."""
    from domain.organizations.actor import actor_of_user

    return actor_of_user(administrator.user_id)


def _tried(action: Callable[[], object]) -> None:
    """An action that may be refused: nothing to cancel, nothing failed."""
    try:
        action()
    except PressroomError as error:
        assert error.code in ("run.not_running", "run.still_running", "run.nothing_failed"), error.code  # noqa: PT017


LedgerMachine.TestCase.settings = settings(
    max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLedgerMachine = LedgerMachine.TestCase
