"""What a job becomes at a printer, by the policy and the quota of its owner as they are then (F-4, PR-101…PR-104)."""

from datetime import UTC, datetime, time
from typing import Any

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.ipp.ticket import JobTicket
from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.organizations.roles import Role
from domain.print_definitions.assignments import assign
from domain.print_definitions.definitions import change_default, create_definition
from domain.print_definitions.models import TargetKind
from domain.print_policies.rules import DuplexRule, MonochromeRule, PolicyRules
from domain.print_policies.schedule import Schedule, Window
from domain.print_policies.subject import POLICIES
from domain.print_quotas.ledger import Usage, charge
from domain.print_quotas.limits import MonthLimit, QuotaLimits
from domain.print_quotas.subject import QUOTAS
from domain.printing.evaluation import Changes, Decision, PrinterFacts, evaluate
from domain.printing.models import PrintJob, ReleaseAttempt, ReleaseBatch
from domain.printing.states import BatchMode, BatchState, JobSource, JobState
from domain.printing.submission import check_may_submit
from tests.support.people import person
from tests.support.print_settings import set_print_settings

MOMENT = datetime(2026, 11, 25, 12, tzinfo=UTC)
PRINTER = PrinterFacts("p", "Hall", "UTC", is_color=True, is_duplex=True)
SIMPLEX = PrinterFacts("p", "Hall", "UTC", is_color=True, is_duplex=False)
MONOCHROME = PrinterFacts("p", "Hall", "UTC", is_color=False)


@pytest.fixture
def ann(administrator: Actor) -> Actor:
    """The owner of the jobs, in a cost centre."""
    set_print_settings(
        administrator,
        policies={"print_enabled": True, "print_assignment_mode": "cost_center"},
        quotas={"enabled": True},
    )
    one = person(administrator, "ann@pressroom.example", Role.PRINT_RELEASE_USER.value)
    with administrator.session() as session:
        session.get_one(User, one.user_id).cost_center = "CC1"
    return one


def released(
    owner: Actor, printer: PrinterFacts = PRINTER, moment: datetime = MOMENT, pages: int = 3, **changes: Any
) -> Decision:
    """A colour job of the owner, evaluated."""
    with owner.session() as session:
        job = PrintJob(
            organization_id=owner.organization_id,
            user_id=owner.user_id,
            submission_key=f"{owner.user_id}/{moment}/{changes}/{printer}/{pages}",
            name="letter.pdf",
            source=JobSource.WEB,
            state=JobState.HELD,
            pages=pages,
            is_color=True,
            sides="one-sided",
            ticket=JobTicket().chosen(),
        )
        session.add(job)
        session.flush()
        decision = evaluate(session, job, printer, Changes(**changes), moment)
        session.delete(job)
        return decision


def refused(code: str, owner: Actor, printer: PrinterFacts = PRINTER, **more: Any) -> PressroomError:
    with pytest.raises(PressroomError) as found:
        released(owner, printer, **more)
    assert found.value.code == code
    return found.value


def limit(administrator: Actor, **values: Any) -> None:
    change_default(administrator, QUOTAS, QuotaLimits(months=(MonthLimit(**values),)))


def used(owner: Actor, impressions: int, color: int = 0) -> None:
    with owner.session() as session:
        usage = Usage("job", f"{impressions}/{color}", owner.user_id, impressions, color, MOMENT)
        charge(session, owner.organization_id, usage)


def test_nothing_is_forced_where_nothing_is_set(ann: Actor) -> None:
    decision = released(ann, copies=2, sides="two-sided-long-edge")
    assert (decision.forced, decision.ticket.copies, decision.is_color) == ((), 2, True)
    assert (decision.quota.impressions, decision.quota.color_impressions) == (6, 6)


def test_the_policy_that_holds_at_the_release_counts(administrator: Actor, ann: Actor) -> None:
    """PR-103: assignments of that moment; the personal one replaces the cost centre's."""
    mono = create_definition(administrator, POLICIES, "Mono", PolicyRules(monochrome=MonochromeRule()))
    duplex = create_definition(administrator, POLICIES, "Duplex", PolicyRules(duplex=DuplexRule()))
    assign(administrator, POLICIES, TargetKind.COST_CENTER, "CC1", mono.id)
    assert [one.setting for one in released(ann, color_mode="color").forced] == ["color_mode"]
    assign(administrator, POLICIES, TargetKind.PERSONAL, ann.email, duplex.id)
    assert [one.setting for one in released(ann).forced] == ["sides"]
    assert released(administrator).forced == ()
    set_print_settings(administrator)
    assert released(ann).forced == ()


def test_outside_the_times_nothing_is_printed_in_the_printers_time(administrator: Actor, ann: Actor) -> None:
    """PR-89, PR-91."""
    window = Window(start=time(8), end=time(17))
    change_default(administrator, POLICIES, PolicyRules(schedule=Schedule(window=window)))
    released(ann)
    tokyo = PrinterFacts("p", "Hall", "Asia/Tokyo")
    assert refused("print_policy.schedule_closed", ann, tokyo).facts["opening"] == "2026-11-26 08:00"


def test_a_forced_duplex_is_not_put_aside_by_a_printer_that_cannot(administrator: Actor, ann: Actor) -> None:
    """PR-104; who has only chosen both sides gets one, and is told."""
    decision = released(ann, SIMPLEX, sides="two-sided-long-edge")
    assert [(one.setting, one.value) for one in decision.forced] == [("sides", "one-sided")]
    change_default(administrator, POLICIES, PolicyRules(duplex=DuplexRule()))
    refused("print_policy.printer_incapable", ann, SIMPLEX)


def test_whose_total_is_used_up_prints_nothing(administrator: Actor, ann: Actor) -> None:
    """PR-79; the last job may overdraw (PR-81)."""
    limit(administrator, total="limited", total_limit=10)
    used(ann, 9)
    assert released(ann, pages=5).quota.impressions == 5
    used(ann, 14)
    refused("print_quota.quota_exceeded", ann)
    set_print_settings(administrator, quotas={"enabled": False})
    assert released(ann).quota.standing is None


@pytest.mark.parametrize(("strict", "left"), [(False, 10), (True, 12)])
def test_what_is_printed_counts_before_the_printer_has_reported_it(
    administrator: Actor, ann: Actor, strict: bool, left: int
) -> None:
    """PR-81, PR-83: of several jobs in a row one may overdraw, not all of them."""
    set_print_settings(administrator, quotas={"enabled": True, "strict": strict})
    limit(administrator, total="limited", total_limit=20)
    used(ann, 20 - left)
    released(ann)
    with ann.session() as session:
        job = PrintJob(
            organization_id=ann.organization_id,
            user_id=ann.user_id,
            submission_key="printed",
            name="printed.pdf",
            source=JobSource.WEB,
            state=JobState.PRINTED,
            ticket={},
        )
        batch = ReleaseBatch(
            user_id=ann.user_id,
            printer_id="p",
            printer={},
            mode=BatchMode.ALL,
            state=BatchState.RUNNING,
            origin="panel",
        )
        session.add_all((job, batch))
        session.flush()
        numbers = {"impressions": 10, "color_impressions": 10}
        attempt = ReleaseAttempt(batch_id=batch.id, job_id=job.id, position=0, came_from=JobState.HELD, mark="m")
        attempt.measures, attempt.usage_due = numbers, MOMENT
        session.add(attempt)
    assert refused("print_quota.quota_exceeded", ann).facts["left"] == left - 10
    with ann.session() as session:
        session.scalars(select(ReleaseAttempt)).one().usage_due = None
    released(ann)


def test_strict_quotas_refuse_what_does_not_fit(administrator: Actor, ann: Actor) -> None:
    set_print_settings(administrator, quotas={"enabled": True, "strict": True})
    limit(administrator, total="limited", total_limit=10)
    assert released(ann, pages=10)
    assert refused("print_quota.quota_exceeded", ann, pages=3, copies=4).facts["needed"] == 12


def test_whose_colour_is_used_up_prints_in_black_and_white(administrator: Actor, ann: Actor) -> None:
    """PR-82: the same job without colour is let through; one that a policy makes monochrome needs none (PR-81)."""
    limit(administrator, color="limited", color_limit=5)
    used(ann, 5, 5)
    refused("print_quota.colour_quota_exceeded", ann)
    assert released(ann, color_mode="monochrome").quota.color_impressions == 0
    assert released(ann, MONOCHROME).quota.color_impressions == 0
    change_default(administrator, POLICIES, PolicyRules(monochrome=MonochromeRule()))
    assert not released(ann).is_color


def test_a_month_without_printing_refuses_jobs_at_the_door(administrator: Actor, ann: Actor) -> None:
    """PR-80, F-1 step 2."""
    check_may_submit(ann, JobSource.WEB)
    limit(administrator, total="disabled")
    refused("print_quota.printing_disabled", ann)
    with pytest.raises(PressroomError, match="printing_disabled"):
        check_may_submit(ann, JobSource.IPP)
