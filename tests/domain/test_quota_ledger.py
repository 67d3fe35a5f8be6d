"""The ledger: what a step holds, is charged and gives back, and that nothing is charged twice (SQ-60…SQ-69)."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from connectors.errors import PressroomError
from connectors.settings import get_settings
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import Group, Organization, User, now
from domain.quotas.distributions import revoke_distribution, suspend_distribution
from domain.quotas.models import EntryState, LedgerEntry, QuotaKind, QuotaUse
from domain.quotas.user_quotas import create_custom_quota, set_default_quota
from domain.runs.execution import (
    begin_step,
    complete_step,
    fail_step,
    finish,
    measure_step,
    release_lost,
    requeue_expired,
)
from domain.runs.models import ClientType, Run, RunState, StepRun, StepState
from domain.runs.service import HandIn, cancel_run, get_run, list_runs, run_again, start_run
from domain.solutions.service import create_solution
from domain.tenancy import system_session
from steps.contract import CANCELLED, FORMAT_REFUSED, Service
from steps.samples import scan_png
from tests.domain.test_rules import DOWNLOAD, TRANSLATE, solution
from tests.domain.test_rules import OCR as OCR_STEP
from tests.support.quotas import (
    OCR,
    Balance,
    balance,
    claimed,
    customer_of,
    document,
    entries,
    give,
    held_anywhere,
    new_run,
    partner_of,
    person_of,
    result,
    step,
    wrong_counters,
)


@pytest.fixture
def partner(administrator: Actor) -> Actor:
    return partner_of(administrator)


@pytest.fixture
def customer(partner: Actor) -> Actor:
    """The administrator of a customer with ten pages of OCR and of translation."""
    one = customer_of(partner, "Contoso")
    give(partner, one, ocr=10, translation=10)
    return one


@pytest.fixture(autouse=True)
def _counters_follow_the_ledger(administrator: Actor):  # type: ignore[no-untyped-def]
    yield
    assert wrong_counters() == []


def code_of(action: Callable[[], object]) -> str:
    with pytest.raises(PressroomError) as error:
        action()
    return error.value.code


def test_pages_are_held_while_the_step_works_and_charged_by_its_characters(customer: Actor) -> None:
    """SQ-7, TR-61, SC-115: what somebody uses counts against the distribution, once the step has succeeded."""
    run = new_run(customer, pages=3)
    work = claimed(run)
    assert begin_step(work, OCR, "0", document(3)) is None
    assert balance(customer) == Balance(used=0, reserved=3)
    complete_step(work, OCR, "0", result(1801, pages=3))
    assert balance(customer) == Balance(used=2, reserved=0)
    (entry,) = entries(run)
    assert (entry.state, entry.pages, entry.characters, entry.physical_pages) == (EntryState.SETTLED, 2, 1801, 3)
    assert (entry.service, entry.operation, entry.client_type) == (Service.OCR, "ocr", "browser")
    assert entry.closed is not None


@pytest.mark.parametrize(("characters", "pages"), [(0, 1), (1, 1), (1800, 1), (1801, 2), (3600, 2), (3601, 3)])
def test_a_charge_is_whole_pages_of_1800_characters_and_at_least_one(
    customer: Actor, characters: int, pages: int
) -> None:
    work = claimed(new_run(customer))
    begin_step(work, OCR, "0", document())
    complete_step(work, OCR, "0", result(characters))
    assert balance(customer).used == pages


def test_who_when_and_from_where_stays_with_the_entry_though_the_person_moves_on(customer: Actor) -> None:
    ann = person_of(customer, "ann@contoso.example", department="Sales", cost_center="CC 100")
    run = new_run(ann, client_type="printer", printer_address="ipp://printer-7")
    work = claimed(run)
    begin_step(work, OCR, "0", document())
    with system_session() as session:
        session.get_one(User, ann.user_id).department = "Legal"
    complete_step(work, OCR, "0", result(10))
    (entry,) = entries(run)
    assert (entry.user_id, entry.department, entry.cost_center) == (ann.user_id, "Sales", "CC 100")
    assert (entry.client_type, entry.printer_id) == ("printer", "ipp://printer-7")
    with system_session(read_only=True) as session:
        uses = {(use.kind, use.holder): use.used for use in session.scalars(select(QuotaUse))}
    assert uses == {
        (QuotaKind.PERSONAL, ann.user_id): 1,
        (QuotaKind.DEPARTMENT, "Sales"): 1,
        (QuotaKind.COST_CENTER, "CC 100"): 1,
    }


def test_translation_is_charged_for_each_language_that_was_made(customer: Actor) -> None:
    """TR-63. SQ-68. One of the three turned out to be the document's own language."""
    translate = step("translate", target_languages=["es", "fr", "en"])
    run = new_run(customer, translate)
    work = claimed(run)
    begin_step(work, translate, "0", document(None))
    assert balance(customer, Service.TRANSLATION).reserved == 3
    measure_step(work, translate, "0", 4000, ["es", "fr"])
    assert balance(customer, Service.TRANSLATION).reserved == 3 + 3 + 1
    complete_step(work, translate, "0", result(7900, es=4000, fr=3900))
    assert balance(customer, Service.TRANSLATION) == Balance(used=6, reserved=0)
    assert [(entry.target, entry.state, entry.pages) for entry in entries(run)] == [
        ("en", EntryState.RELEASED, 0),
        ("es", EntryState.SETTLED, 3),
        ("fr", EntryState.SETTLED, 3),
    ]


def test_more_than_is_left_is_refused_before_the_work_when_the_step_knows_its_length(customer: Actor) -> None:
    """TR-64."""
    translate = step("translate", target_languages=["es"])
    work = claimed(new_run(customer, translate))
    begin_step(work, translate, "0", document(None))
    assert code_of(lambda: measure_step(work, translate, "0", 18_001, ["es"])) == "quota.exhausted"
    assert balance(customer, Service.TRANSLATION).reserved == 1
    measure_step(work, translate, "0", 18_000, ["es"])
    assert balance(customer, Service.TRANSLATION).reserved == 10


def test_recognition_is_charged_what_was_read_even_if_more_than_was_held(customer: Actor) -> None:
    """SC-80a."""
    """SQ-65: only the reading itself tells; nothing more can be begun then."""
    work = claimed(new_run(customer))
    begin_step(work, OCR, "0", document(10))
    complete_step(work, OCR, "0", result(12 * 1800))
    assert balance(customer) == Balance(used=12, reserved=0)
    assert code_of(lambda: begin_step(claimed(new_run(customer)), OCR, "0", document())) == "quota.exhausted"


@pytest.mark.parametrize("fault", [FORMAT_REFUSED, CANCELLED])
def test_a_step_that_fails_or_is_cancelled_costs_nothing(customer: Actor, fault) -> None:  # type: ignore[no-untyped-def]
    """TR-63, SC-115."""
    run = new_run(customer)
    work = claimed(run)
    begin_step(work, OCR, "0", document(4))
    fail_step(work, OCR, "0", fault(name="x"))
    assert balance(customer) == Balance(0, 0)
    assert [entry.state for entry in entries(run)] == [EntryState.RELEASED]


def test_a_lost_worker_leaves_the_pages_held_for_the_next_one_and_they_are_charged_once(customer: Actor) -> None:
    run = new_run(customer)
    begin_step(claimed(run), OCR, "0", document(4))
    assert release_lost("w:1") == [run]
    assert balance(customer) == Balance(used=0, reserved=4)
    second = claimed(run, "w:2")
    assert begin_step(second, OCR, "0", document(4)) is None
    assert balance(customer) == Balance(used=0, reserved=4)
    complete_step(second, OCR, "0", result(100, pages=4))
    assert balance(customer) == Balance(used=1, reserved=0)
    assert release_lost("w:2") == [run]
    third = claimed(run, "w:3")
    assert begin_step(third, OCR, "0", document(4)) is not None, "its result is known"
    assert balance(customer) == Balance(used=1, reserved=0)


def test_a_step_at_work_when_its_organization_is_suspended_may_finish_after_a_lost_worker(
    customer: Actor, partner: Actor
) -> None:
    run = new_run(customer)
    begin_step(claimed(run), OCR, "0", document())
    suspend_distribution(partner, customer.organization_id)
    release_lost("w:1")
    work = claimed(run, "w:2")
    begin_step(work, OCR, "0", document())
    complete_step(work, OCR, "0", result(1))
    assert balance(customer) == Balance(used=1, reserved=0)
    assert code_of(lambda: begin_step(claimed(new_run(customer)), OCR, "0", document())) == "quota.suspended"


def test_a_run_that_lost_too_many_workers_holds_nothing(customer: Actor) -> None:
    run = new_run(customer)
    for attempt in range(get_settings().max_attempts):
        begin_step(claimed(run, f"w:{attempt}"), OCR, "0", document(4))
        with system_session() as session:
            session.execute(update(Run).values(lease_until=now() - timedelta(seconds=1)))
        assert requeue_expired() == [run]
    assert balance(customer) == Balance(0, 0)


def test_a_run_cancelled_while_it_waits_for_its_next_worker_holds_nothing(customer: Actor) -> None:
    run = new_run(customer)
    begin_step(claimed(run), OCR, "0", document(4))
    release_lost("w:1")
    cancel_run(customer, run)
    assert balance(customer) == Balance(0, 0)


def test_nothing_stays_held_when_a_run_ends_however_it_ends(customer: Actor) -> None:
    run = new_run(customer)
    work = claimed(run)
    begin_step(work, OCR, "0", document(4))
    finish(work, RunState.FAILED)
    assert (balance(customer), held_anywhere()) == (Balance(0, 0), 0)


def test_a_step_run_again_after_it_failed_holds_and_is_charged_anew(customer: Actor) -> None:
    run = new_run(customer)
    work = claimed(run)
    begin_step(work, OCR, "0", document())
    fail_step(work, OCR, "0", FORMAT_REFUSED(name="x"))
    finish(work, RunState.FAILED)
    run_again(customer, run)
    work = claimed(run, "w:2")
    begin_step(work, OCR, "0", document())
    complete_step(work, OCR, "0", result(1))
    finish(work, RunState.COMPLETED)
    assert balance(customer) == Balance(used=1, reserved=0)
    assert len(entries(run)) == 1


def test_the_same_step_is_never_charged_twice(customer: Actor) -> None:
    """Even if it is begun again on another document after it was charged."""
    run = new_run(customer)
    work = claimed(run)
    for number in range(3):
        changed = document().model_copy(update={"sha256": f"{number}" * 64})
        assert begin_step(work, OCR, "0", changed) is None
        complete_step(work, OCR, "0", result(5000))
    assert balance(customer) == Balance(used=3, reserved=0)


def test_a_dry_run_uses_the_service_and_is_charged_but_records_no_delivery(customer: Actor) -> None:
    download = step("download", 1)
    run = new_run(customer, OCR, download, dry_run=True)
    work = claimed(run)
    for one in (OCR, download):
        begin_step(work, one, "0", document())
        complete_step(work, one, "0", result(1))
    assert balance(customer).used == 1
    assert [entry.operation for entry in entries(run)] == ["ocr"]


def test_other_steps_are_noted_without_pages_and_take_nothing(customer: Actor) -> None:
    """SQ-60, SQ-97."""
    footer = step("footer", text="x")
    run = new_run(customer, footer)
    work = claimed(run)
    for _ in range(2):
        begin_step(work, footer, "0", document())
        complete_step(work, footer, "0", result(99_999))
    (entry,) = entries(run)
    assert (entry.operation, entry.service, entry.state, entry.pages) == ("footer", None, EntryState.SETTLED, 0)
    assert [balance(customer, service) for service in (Service.OCR, Service.TRANSLATION)] == [Balance(0, 0)] * 2


class TestRefusals:
    """SQ-66: entitlement, role, state of the distribution, what it has left, the person's quota; the first one wins."""

    def spoil(self, partner: Actor, customer: Actor, ann: Actor, *flaws: str) -> None:
        if "person" in flaws:
            create_custom_quota(customer, QuotaKind.PERSONAL, ann.email, {Service.OCR: 0})
        if "left" in flaws:
            work = claimed(new_run(customer, pages=10), "other")
            begin_step(work, OCR, "0", document(10))
        if "state" in flaws:
            suspend_distribution(partner, customer.organization_id, [Service.OCR])
        with system_session() as session:
            if "entitlement" in flaws:
                session.get_one(Organization, customer.organization_id).entitlements = ["solutions"]
            if "role" in flaws:
                session.get_one(User, ann.user_id).roles = ["Solutions User"]

    @pytest.mark.parametrize(
        ("flaws", "code"),
        [
            (("entitlement", "role", "state", "left", "person"), "quota.not_entitled"),
            (("role", "state", "left", "person"), "role.missing"),
            (("state", "left", "person"), "quota.suspended"),
            (("left", "person"), "quota.exhausted"),
            (("person",), "quota.exceeded"),
        ],
    )
    def test_the_first_reason_is_told_at_the_step(
        self, partner: Actor, customer: Actor, flaws: tuple[str, ...], code: str
    ) -> None:
        ann = person_of(customer, "ann@contoso.example")
        self.spoil(partner, customer, ann, *flaws)
        run = new_run(ann)
        work = claimed(run)
        before = balance(customer)
        assert code_of(lambda: begin_step(work, OCR, "0", document())) == code
        assert balance(customer) == before
        with system_session(read_only=True) as session:
            row = session.scalars(select(StepRun).where(StepRun.run_id == run)).one()
            assert (row.state, row.error and row.error["code"]) == (StepState.FAILED, code)

    @pytest.mark.parametrize(
        ("flaws", "code"),
        [
            (("entitlement", "role", "state"), "quota.not_entitled"),
            (("role", "state"), "role.missing"),
            (("state", "person"), "quota.suspended"),
            (("left", "person"), "quota.exhausted"),
            (("person",), "quota.exceeded"),
        ],
    )
    def test_the_first_reason_is_told_when_a_run_is_handed_in_and_nothing_is_kept(
        self, partner: Actor, customer: Actor, flaws: tuple[str, ...], code: str, tmp_path: Path
    ) -> None:
        ann = person_of(customer, "ann@contoso.example")
        shared = solution(OCR_STEP, DOWNLOAD).model_copy(update={"share_with_organization": True})
        view = create_solution(customer, shared)
        self.spoil(partner, customer, ann, *flaws)
        ann = actor_of_user(ann.user_id)
        scan = scan_png(tmp_path)
        assert code_of(lambda: start_run(ann, view.id, HandIn(scan, scan.name))) == code
        assert list_runs(ann) == []
        assert not list((get_settings().documents_folder).rglob("*.png"))

    def test_a_customer_without_a_distribution_has_no_pages(self, partner: Actor) -> None:
        bare = customer_of(partner, "Bare")
        assert code_of(lambda: begin_step(claimed(new_run(bare)), OCR, "0", document())) == "quota.missing"

    def test_a_service_that_was_not_given_has_no_pages(self, customer: Actor) -> None:
        redact = step("redact", pii=["PERSON"])
        work = claimed(new_run(customer, redact))
        assert code_of(lambda: begin_step(work, redact, "0", document())) == "quota.missing"

    def test_a_revoked_distribution_says_so(self, partner: Actor, customer: Actor) -> None:
        revoke_distribution(partner, customer.organization_id, "Contoso")
        assert code_of(lambda: begin_step(claimed(new_run(customer)), OCR, "0", document())) == "quota.revoked"

    def test_the_pages_of_several_targets_and_steps_are_added_up_before_anything_is_kept(
        self, customer: Actor, tmp_path: Path
    ) -> None:
        targets = {**TRANSLATE, "parameters": {"target_languages": ["es", "fr", "de"], "source_language": "en"}}
        view = create_solution(customer, solution(OCR_STEP, targets, DOWNLOAD))
        set_default_quota(customer, {Service.TRANSLATION: 2})
        scan = scan_png(tmp_path)
        with pytest.raises(PressroomError) as error:
            start_run(customer, view.id, HandIn(scan, scan.name))
        assert (error.value.code, error.value.facts["needed"], error.value.facts["left"]) == ("quota.exceeded", 3, 2)


def test_the_first_run_of_a_new_installation_simply_works(administrator: Actor, tmp_path: Path) -> None:
    """Organizations of the first level are billed by use until somebody sets a limit."""
    view = create_solution(administrator, solution(OCR_STEP, DOWNLOAD))
    scan = scan_png(tmp_path)
    run = start_run(administrator, view.id, HandIn(scan, scan.name, ClientType.API))
    work = claimed(run.id)
    begin_step(work, work.plan[0], "0", work.original)
    complete_step(work, work.plan[0], "0", result(9000))
    assert balance(administrator) == Balance(used=5, reserved=0)
    assert get_run(administrator, run.id).steps[0].state is StepState.COMPLETED


def test_somebody_of_the_partner_uses_the_pages_of_the_customer_they_work_in(partner: Actor, customer: Actor) -> None:
    """SC-35."""
    with system_session() as session:
        for group in session.scalars(select(Group).where(Group.name == "Customers")):
            group.roles = ["OCR User", "Solutions User"]
    visitor = actor_of_user(partner.user_id, customer.organization_id)
    work = claimed(new_run(visitor))
    begin_step(work, OCR, "0", document())
    complete_step(work, OCR, "0", result(1))
    assert balance(customer).used == 1
    assert balance(partner).used == 0


def test_the_ledger_outlives_the_run_and_the_person(customer: Actor) -> None:
    work = claimed(new_run(customer))
    begin_step(work, OCR, "0", document())
    complete_step(work, OCR, "0", result(1))
    with system_session() as session:
        session.delete(session.get_one(User, customer.user_id))
    with system_session(read_only=True) as session:
        assert session.scalars(select(Run)).all() == []
        assert len(session.scalars(select(LedgerEntry)).all()) == 1
