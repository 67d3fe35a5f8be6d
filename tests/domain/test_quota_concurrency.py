"""Many at once: exactly what there is gets charged, never a page more, on both databases (SQ-67)."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest

from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.quotas.distributions import create_distribution, revoke_distribution, suspend_distribution
from domain.quotas.models import Duration, QuotaKind
from domain.quotas.terms import Terms
from domain.quotas.user_quotas import create_custom_quota, list_custom_quotas, set_default_quota
from domain.runs.execution import begin_step, complete_step, fail_step, finish
from domain.runs.models import RunState
from steps.contract import FORMAT_REFUSED, Service
from tests.support.databases import new_records
from tests.support.quotas import (
    OCR,
    Balance,
    balance,
    claimed,
    customer_of,
    document,
    give,
    held_anywhere,
    new_run,
    partner_of,
    person_of,
    result,
    set_limits,
    wrong_counters,
)

T = TypeVar("T")
AT_ONCE = 16


@pytest.fixture(params=["sqlite", "postgresql"])
def partner(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Actor]:
    url = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    with new_records(tmp_path, url) as administrator:
        yield partner_of(administrator)


@pytest.fixture
def customer(partner: Actor) -> Actor:
    one = customer_of(partner, "Contoso")
    give(partner, one, ocr=100)
    return one


def at_once(actions: Sequence[Callable[[], T]]) -> Counter[T | str]:
    """What came of all the actions; for a refused one the code of its error."""

    def tried(action: Callable[[], T]) -> T | str:
        try:
            return action()
        except PressroomError as error:
            return error.code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(tried, actions))


def whole_run(actor: Actor, number: int, *, failing: bool = False) -> Callable[[], str]:
    """A run from its claim to its end, one page long."""
    run_id = new_run(actor)

    def go() -> str:
        work = claimed(run_id, f"w:{number}")
        try:
            begin_step(work, OCR, "0", document())
        except PressroomError as error:
            finish(work, RunState.FAILED, error)
            raise
        if failing:
            fail_step(work, OCR, "0", FORMAT_REFUSED(name="x"))
            finish(work, RunState.FAILED)
            return "failed"
        complete_step(work, OCR, "0", result(900))
        finish(work, RunState.COMPLETED)
        return "charged"

    return go


def test_200_runs_at_once_against_100_pages_charge_exactly_100(customer: Actor) -> None:
    came = at_once([whole_run(customer, number) for number in range(200)])
    assert came == {"charged": 100, "quota.exhausted": 100}
    assert balance(customer) == Balance(used=100, reserved=0)
    assert (wrong_counters(), held_anywhere()) == ([], 0)


def test_200_steps_at_work_at_once_hold_exactly_what_there_is(customer: Actor) -> None:
    """All of them begin before any of them ends."""
    works = [claimed(new_run(customer), f"w:{number}") for number in range(200)]
    came = at_once([lambda work=work: begin_step(work, OCR, "0", document()) for work in works])  # type: ignore[misc]
    assert came == {None: 100, "quota.exhausted": 100}
    assert balance(customer) == Balance(used=0, reserved=100)
    at_once([lambda work=work: finish(work, RunState.FAILED) for work in works])  # type: ignore[misc]
    assert balance(customer) == Balance(0, 0)
    assert wrong_counters() == []


def test_what_failing_runs_give_back_others_get(customer: Actor) -> None:
    runs = [whole_run(customer, number, failing=number % 4 == 0) for number in range(120)]
    came = at_once(runs)
    assert came == {"charged": 90, "failed": 30}
    assert balance(customer) == Balance(used=90, reserved=0)
    assert wrong_counters() == []


def test_a_person_and_a_department_that_shares_get_no_page_more_than_their_quota(customer: Actor) -> None:
    create_custom_quota(customer, QuotaKind.DEPARTMENT, "Sales", {Service.OCR: 25}, pooled=True)
    set_default_quota(customer, {Service.OCR: 5})
    members = [person_of(customer, f"{name}@contoso.example", department="Sales") for name in "abc"]
    loner = person_of(customer, "loner@contoso.example")
    runs = [whole_run(members[number % 3], number) for number in range(40)]
    runs += [whole_run(loner, 100 + number) for number in range(12)]
    assert at_once(runs) == {"charged": 30, "quota.group_exceeded": 15, "quota.exceeded": 7}
    assert wrong_counters() == []


def test_nothing_is_taken_any_more_once_a_suspension_or_revocation_is_through(partner: Actor, customer: Actor) -> None:
    for stop, code in (
        (lambda: suspend_distribution(partner, customer.organization_id).state.value, "quota.suspended"),
        (lambda: revoke_distribution(partner, customer.organization_id, "Contoso").state.value, "quota.revoked"),
    ):
        before = balance(customer).used
        actions: list[Callable[[], str]] = [whole_run(customer, number) for number in range(30)]
        came = at_once([*actions[:10], stop, *actions[10:]])
        assert set(came) <= {"charged", code, "SUSPENDED", "REVOKED"}
        if code == "quota.suspended":
            assert balance(customer) == Balance(before + came["charged"], 0)
            from domain.quotas.distributions import resume_distribution

            resume_distribution(partner, customer.organization_id)
    assert (wrong_counters(), held_anywhere()) == ([], 0)


def test_two_partners_people_cannot_hand_out_the_same_pages(partner: Actor) -> None:
    """SQ-E04 under concurrency: ten customers of 30 pages each out of 100."""
    set_limits(partner, ocr=100)
    customers = [customer_of(partner, f"Customer{number}") for number in range(10)]

    def hand_out(customer: Actor) -> Callable[[], str]:
        def create() -> str:
            terms = Terms(Duration.PERPETUAL, {Service.OCR: 30})
            return create_distribution(partner, customer.organization_id, terms).state.value

        return create

    assert at_once([hand_out(one) for one in customers]) == {"ACTIVE": 3, "quota.too_many_pages": 7}


def test_an_organization_gets_one_open_distribution_however_many_create_one(partner: Actor) -> None:
    """SQ-28."""
    customer = customer_of(partner, "Contoso")

    def create() -> str:
        terms = Terms(Duration.PERPETUAL, {Service.OCR: 1})
        return create_distribution(partner, customer.organization_id, terms).state.value

    assert at_once([create] * 12) == {"ACTIVE": 1, "quota.open_already": 11}


def test_departments_and_cost_centres_exclude_each_other_also_at_the_same_moment(customer: Actor) -> None:
    """SQ-48, SQ-53."""

    def create(kind: QuotaKind, name: str) -> Callable[[], str]:
        return lambda: create_custom_quota(customer, kind, name, {Service.OCR: 1}).kind.value

    kinds = [QuotaKind.DEPARTMENT, QuotaKind.COST_CENTER] * 6
    came = at_once([create(kind, f"Name {number}") for number, kind in enumerate(kinds)])
    assert sorted(came.values()) == [6, 6]
    assert came["quota.other_kind"] == 6
    assert len({quota.kind for quota in list_custom_quotas(customer).quotas}) == 1
    first = list_custom_quotas(customer).quotas[0]
    assert at_once([create(first.kind, "Twice")] * 8) == {first.kind.value: 1, "quota.set_already": 7}
