"""A partner's reports on its customers: who gets which, without people's names, and never another's (AC-58, AN-13)."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import GroupKind, GroupMember, now
from domain.organizations.permissions import Permission
from domain.organizations.roles import Role
from domain.print_reports.customers import add_up_customers
from domain.print_reports.kinds import ReportFormat, ReportKind
from domain.print_reports.schedules.form import ReportScheduleForm
from domain.print_reports.schedules.models import ReportSchedule
from domain.print_reports.schedules.runs import run_report_schedule
from domain.print_reports.schedules.service import create_report_schedule, get_report_schedule
from domain.print_reports.scope import ReportScope
from domain.print_reports.service import ReportState, received_report, report_of, start_report, write_report
from domain.print_reports.subjects import ReportLevel, levels, subjects
from domain.print_reports.sums import By, Fact, add_up, total
from domain.printing.models import PrintRelease
from domain.tenancy import system_session
from flows.print_reports import make_print_report
from tests.support.installation import Installation, installed
from tests.support.people import group, person
from tests.support.quotas import customer_of, partner_of, person_of

TODAY = now().date()


@dataclass(frozen=True)
class World:
    """Two partners; of the first one two customers, one of which prints, and three who may report on them.

    `head` is a partner administrator, `fleet` a fleet analyst, `printing` a print analyst: all by access groups.
    """

    installation: Installation
    head: Actor
    fleet: Actor
    printing: Actor
    contoso: Actor
    idle: Actor
    other_partner: Actor
    fabrikam: Actor


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with installed(tmp_path_factory.mktemp("home")) as one:
        home = one.administrator
        head, fleet, printing = (
            person(home, f"{name}@partner.example", groups=(group(home, name, *roles, kind=GroupKind.CHILD_ACCESS),))
            for name, roles in (
                ("head", (Role.PARTNER_ADMINISTRATOR,)),
                ("fleet", (Role.FLEET_REPORTING_ANALYST,)),
                ("printing", (Role.FLEET_REPORTING_ANALYST, Role.PRINT_RELEASE_REPORTING_ANALYST)),
            )
        )
        other = partner_of(one.stranger, Role.PARTNER_ADMINISTRATOR)
        contoso, fabrikam = customer_of(head, "Contoso"), customer_of(other, "Fabrikam")
        ann = person_of(contoso, "ann@contoso.example", department="Sales")
        _print(ann, 3)
        _print(person_of(contoso, "bob@contoso.example"), 4)
        _print(person_of(fabrikam, "eve@fabrikam.example"), 50)
        _print(person_of(home, "own@partner.example"), 600)
        yield World(one, head, fleet, printing, contoso, customer_of(head, "Idle"), other, fabrikam)


def days(**more: Any) -> ReportScope:
    return ReportScope(first=TODAY - timedelta(days=7), last=TODAY + timedelta(days=1), **more)


def of(customer: Actor, **more: Any) -> ReportScope:
    return days(customer_id=customer.organization_id, **more)


def refusal(action: Any, *values: Any) -> str:
    with pytest.raises(PressroomError) as refused:
        action(*values)
    return refused.value.code


def test_a_customer_as_a_whole_without_people(world: World, tmp_path: Path) -> None:
    """Partner administrator and fleet analyst: sums of the customer, and files that name nobody (AN-13, AN-14)."""
    for actor in (world.head, world.fleet):
        rows = add_up(actor, Fact.RELEASED, By.DEPARTMENT, of(world.contoso))
        assert {row.label: row.pages for row in rows} == {"Sales": 3, "unspecified": 4}
        assert refusal(add_up, actor, Fact.RELEASED, By.PERSON, of(world.contoso)) == "role.missing"
        for narrow in ({"user_id": world.contoso.user_id}, {"department": "Sales"}, {"printer_id": "p1"}):
            assert refusal(add_up, actor, Fact.RELEASED, By.DAY, of(world.contoso, **narrow)) == "role.missing"
        assert refusal(start_report, actor, ReportKind.CLIENTS, of(world.contoso)) == "role.missing"
        made, count = write_report(actor, ReportKind.RELEASED, of(world.contoso), tmp_path)
        text = made[0].path.read_text(encoding="utf-8-sig")
        assert count == 2
        assert [row["pages"] for row in csv.DictReader(text.splitlines())] == ["3", "4"]
        assert not [word for word in ("Ann", "Bob", "contoso.example", "secret.docx") if word in text]


def test_who_may_make_print_reports_there_gets_everything(world: World, tmp_path: Path) -> None:
    rows = add_up(world.printing, Fact.RELEASED, By.PERSON, of(world.contoso))
    assert {row.label: row.pages for row in rows} == {"Ann": 3, "Bob": 4}
    assert total(add_up(world.printing, Fact.RELEASED, By.DAY, of(world.contoso, department="Sales"))).pages == 3
    made, _ = write_report(world.printing, ReportKind.FULL, of(world.contoso), tmp_path)
    assert "ann@contoso.example" in made[1].path.read_text(encoding="utf-8-sig")


def test_the_comparison_has_a_line_for_each_customer_of_ones_own(world: World, tmp_path: Path) -> None:
    """AN-61; for partner administrators alone."""
    rows = add_up_customers(world.head, days())
    assert [(row.label, row.jobs, row.pages) for row in rows] == [("Contoso", 2, 7), ("Idle", 0, 0)]
    assert [row.label for row in add_up_customers(world.other_partner, days())] == ["Fabrikam"]
    for actor in (world.fleet, world.printing, world.contoso, world.installation.add_person("a@partner.example")):
        assert refusal(add_up_customers, actor, days()) == "role.missing"
    assert refusal(add_up_customers, world.head, of(world.contoso)) == "print_report.of_all_customers"
    asked = start_report(world.head, ReportKind.CUSTOMERS, days(), ReportFormat.CSV)
    make_print_report.fn(asked.id)
    assert (report_of(world.head, asked.id).state, report_of(world.head, asked.id).rows) == (ReportState.READY, 1)
    made, _ = write_report(world.head, ReportKind.CUSTOMERS, days(), tmp_path)
    lines = list(csv.DictReader(made[0].path.read_text(encoding="utf-8-sig").splitlines()))
    assert [(line["customer"], line["pages"]) for line in lines] == [("Contoso", "7"), ("Idle", "0")]


def test_nobody_sees_the_customer_of_another(world: World) -> None:
    """Neither its partner's rivals, nor a customer its siblings, nor somebody without an access group."""
    for customer in (world.fabrikam, world.installation.stranger, replace(world.fabrikam, organization_id="0" * 32)):
        for actor in (world.head, world.fleet, world.printing):
            assert refusal(add_up, actor, Fact.RELEASED, By.DAY, of(customer)) == "not_found"
            assert refusal(start_report, actor, ReportKind.FULL, of(customer)) == "not_found"
    assert refusal(add_up, world.other_partner, Fact.RELEASED, By.DAY, of(world.contoso)) == "not_found"
    for actor in (world.contoso, world.idle, world.installation.administrator):
        assert not actor.may(Permission.REPORTS_CUSTOMERS)
        assert refusal(add_up, actor, Fact.RELEASED, By.DAY, of(world.contoso)) == "role.missing"
    visiting = actor_of_user(world.head.user_id, world.contoso.organization_id)
    assert refusal(add_up, visiting, Fact.RELEASED, By.DAY, of(world.idle)) == "not_found"
    assert refusal(add_up_customers, visiting, days()) == "not_found"


def test_what_there_is_to_choose(world: World) -> None:
    """AN-21: levels by role; departments, people and printers of the facts alone."""
    customers = {world.contoso.organization_id: "Contoso", world.idle.organization_id: "Idle"}
    for actor in (world.head, world.fleet):
        assert levels(actor) == [ReportLevel.ORGANIZATION, ReportLevel.CUSTOMER]
        assert subjects(actor, ReportLevel.CUSTOMER) == customers
        assert refusal(subjects, actor, ReportLevel.PERSON) == "role.missing"
    assert ReportLevel.CUSTOMER not in levels(world.contoso)
    assert refusal(subjects, world.contoso, ReportLevel.CUSTOMER) == "role.missing"
    assert subjects(world.contoso, ReportLevel.DEPARTMENT) == {"Sales": "Sales"}
    assert sorted(subjects(world.contoso, ReportLevel.PERSON).values()) == ["Ann", "Bob"]
    assert subjects(world.contoso, ReportLevel.PRINTER) == {"p1": "Hall"}


def test_a_scheduled_report_on_a_customer_ends_with_the_access_group(world: World) -> None:
    """Both organizations can see in their trails that the customer was reported on."""
    actor = world.fleet
    form = ReportScheduleForm.model_validate(
        {
            **{"name": "Contoso", "kind": "released", "period": "month_before", "recurrence": "monthly"},
            **{"month_day": 1, "start": "2026-01-01", "at": "07:00", "time_zone": "UTC"},
            **{"subject": {"customer_id": world.contoso.organization_id}, "recipients": [actor.email]},
        }
    )
    schedule_id = create_report_schedule(actor, form)
    report_id = _run(schedule_id)
    assert report_id is not None
    make_print_report.fn(report_id)
    assert received_report(actor, report_id).state in (ReportState.READY, ReportState.NO_DATA)
    assert refusal(received_report, world.contoso, report_id) == "not_found"
    with system_session() as session:
        trails = session.scalars(
            select(AuditEvent.organization_id).where(
                AuditEvent.action == "print_report.scheduled", AuditEvent.target_id == report_id
            )
        ).all()
        session.execute(delete(GroupMember).where(GroupMember.user_id == actor.user_id))
    assert set(trails) == {actor.organization_id, world.contoso.organization_id}
    assert _run(schedule_id) is None
    view = get_report_schedule(actor_of_user(actor.user_id), schedule_id)
    assert (view.is_paused, "may no longer" in str(view.note)) == (True, True)


def _run(schedule_id: str) -> str | None:
    due = now()
    with system_session() as session:
        session.get_one(ReportSchedule, schedule_id).next_run = due
    with system_session() as session:
        return run_report_schedule(session, schedule_id, due)


def _print(actor: Actor, pages: int, at: datetime | None = None) -> None:
    """A job of somebody, released at a printer of theirs."""
    facts = {
        **{"attempt_id": f"a{actor.user_id[:20]}", "job_id": f"j{actor.user_id[:20]}", "user_id": actor.user_id},
        **{"released_by": actor.user_id, "released": at or now(), "printer_id": "p1", "printer_name": "Hall"},
        **{"impressions": pages, "color_impressions": 0, "sheets": pages, "pages": pages, "copies": 1},
        **{"sides": "one-sided", "paper": "", "result": "printed", "source": "device"},
        **{"organization_id": actor.organization_id, "department": "Sales" if "ann" in actor.email else ""},
    }
    with system_session() as session:
        session.execute(insert(PrintRelease), [facts])
