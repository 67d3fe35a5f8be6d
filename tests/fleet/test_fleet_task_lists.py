"""Fleet tasks as people see them: lists, progress, filters, files; bulk tasks over organizations (FL-57…FL-64)."""

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from connectors.messages import Message
from domain.organizations.roles import Role
from domain.tenancy import system_session, tenant_session
from domain.texts.catalogue import translate
from fleet.agents.models import AgentKind
from fleet.printers.cells import Words
from fleet.printers.columns import Column
from fleet.printers.details import get_printer, printer_events
from fleet.printers.exports import export_installed_apps, export_printers
from fleet.printers.filters import PrinterFilter
from fleet.printers.identification import change_identification
from fleet.printers.listing import PrinterQuery
from fleet.printers.models import Communication, PrinterApp
from fleet.tasks.bulk import shares_of, start_bulk_task, stop_bulk_task
from fleet.tasks.execution import end_jobs, for_agent, take_jobs
from fleet.tasks.exports import export_jobs
from fleet.tasks.kinds import TaskKind
from fleet.tasks.listing import (
    FleetTaskFilter,
    JobFilter,
    get_fleet_task,
    issuers,
    list_fleet_tasks,
    list_jobs,
    parts_of,
)
from fleet.tasks.service import NewTask, start_fleet_task, stop_task
from fleet.tasks.status import JobStatus, TaskStatus
from steps.printer_work import Outcome, Report
from tests.fleet.test_printer_listing import Partner
from tests.support.fleet import add_agent, add_printers
from tests.support.installation import Installation, installed

WORDS = Words(lambda template, **facts: translate(template, "en", **facts) if template else "", str)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


def carried_out(office: Installation) -> str:
    """A restart of four printers: one done, one failed, one silent, one not yet taken; returns the task's id."""
    home = office.administrator.organization_id
    agent = add_agent(home, version="2.1.18")
    task_id = start_fleet_task(office.administrator, NewTask(TaskKind.RESTART), add_printers(home, 4, agent))
    reason = Message.of("Paper jam in tray {tray}.", tray=2)
    reports = (Report(), Report(outcome=Outcome.FAILED, reason=reason), Report(outcome=Outcome.NOT_COMMUNICATING))
    with tenant_session(home) as session:
        orders = take_jobs(session, for_agent(agent), 3).orders
        end_jobs(session, [(order.job_id, report) for order, report in zip(orders, reports, strict=True)])
    return task_id


def test_a_task_tells_how_far_it_is(office: Installation) -> None:
    """FL-481."""
    task = get_fleet_task(office.administrator, carried_out(office))
    assert (task.done, task.total, task.status) == (3, 4, TaskStatus.IN_PROGRESS)
    assert dict(task.counts) == {
        JobStatus.COMPLETED: 1,
        JobStatus.FAILED: 1,
        JobStatus.NOT_COMMUNICATING: 1,
        JobStatus.PENDING: 1,
    }
    assert task.is_stoppable
    assert task.issuer == office.administrator.name
    stop_task(office.administrator, task.id)
    ended = get_fleet_task(office.administrator, task.id)
    assert (ended.status, ended.is_stoppable) == (TaskStatus.COMPLETED_WITH_ERRORS, False)


def test_jobs_are_filtered_by_several_statuses_and_say_why(office: Installation) -> None:
    """FL-499; FL-485: one that failed says why."""
    task_id = carried_out(office)
    chosen = JobFilter((JobStatus.FAILED, JobStatus.PENDING))
    jobs = list_jobs(office.administrator, task_id, chosen)
    assert [job.status for job in jobs] == [JobStatus.FAILED, JobStatus.PENDING]
    assert str(jobs[0].reason) == "Paper jam in tray 2."
    pages = [list_jobs(office.administrator, task_id, JobFilter(after=jobs[0].id, limit=1)) for _ in range(1)]
    assert [job.status for job in pages[0]] == [JobStatus.NOT_COMMUNICATING]


def test_the_file_of_jobs_holds_what_passes_the_filter(office: Installation) -> None:
    """FL-318."""
    task_id = carried_out(office)
    pieces = export_jobs(office.administrator, task_id, JobFilter((JobStatus.FAILED,)), WORDS.say)
    rows = list(csv.DictReader(StringIO("".join(pieces).lstrip("\ufeff"))))
    assert [(row["Status"], row["Reason"]) for row in rows] == [("Failed", "Paper jam in tray 2.")]


FILTERS = [
    (FleetTaskFilter(), {"restart", "unenrol"}),
    (FleetTaskFilter(kind=TaskKind.RESTART), {"restart"}),
    (FleetTaskFilter(status=TaskStatus.IN_PROGRESS), {"restart"}),
    (FleetTaskFilter(status=TaskStatus.FAILED), set()),
    (FleetTaskFilter(issuer_id="nobody"), set()),
]


@pytest.mark.parametrize(("chosen", "kinds"), FILTERS)
def test_tasks_are_filtered(office: Installation, chosen: FleetTaskFilter, kinds: set[str]) -> None:
    carried_out(office)
    home = office.administrator.organization_id
    start_fleet_task(office.administrator, NewTask(TaskKind.UNENROL), add_printers(home, 1))
    assert {task.kind.value for task in list_fleet_tasks(office.administrator, chosen)} == kinds
    assert list_fleet_tasks(office.stranger) == []
    assert list(issuers(office.administrator)) == [office.administrator.user_id]


def test_pages_of_tasks_show_each_once(office: Installation) -> None:
    home = office.administrator.organization_id
    printers = add_printers(home, 1)
    started = [start_fleet_task(office.administrator, NewTask(TaskKind.REFRESH), printers) for _ in range(5)]
    first = list_fleet_tasks(office.administrator, FleetTaskFilter(limit=3))
    rest = list_fleet_tasks(office.administrator, FleetTaskFilter(limit=3, before=first[-1].key))
    assert [task.id for task in (*first, *rest)] == started[::-1]


def test_viewers_and_strangers_see_no_tasks(office: Installation) -> None:
    """FL-519."""
    task_id = carried_out(office)
    viewer = office.add_person("viewer@example.com", Role.FLEET_VIEWER)
    with pytest.raises(PressroomError) as refused:
        list_fleet_tasks(viewer)
    assert refused.value.code == "role.missing"
    with pytest.raises(PressroomError) as missing:
        get_fleet_task(office.stranger, task_id)
    assert missing.value.code == "not_found"


@pytest.fixture
def partner(office: Installation) -> Partner:
    return Partner(office)


def test_an_action_across_organizations_is_one_bulk_task_with_a_part_for_each(partner: Partner) -> None:
    """FL-60, FL-61."""
    bulk_id = start_bulk_task(partner.actor, NewTask(TaskKind.UPDATE_FIRMWARE), partner.printers)
    bulk = get_fleet_task(partner.actor, bulk_id)
    assert (bulk.is_bulk, bulk.organization, bulk.total, bulk.status) == (True, "", 3, TaskStatus.PENDING)
    parts = parts_of(partner.actor, bulk_id)
    assert {part.organization_id for part in parts} == {partner.actor.organization_id, *partner.customers}
    assert {job.organization for job in list_jobs(partner.actor, bulk_id)} == {part.organization for part in parts}
    of_one = FleetTaskFilter(across=True, organization_id=partner.customers[0])
    assert [task.parent_id for task in list_fleet_tasks(partner.actor, of_one)] == [bulk_id]
    pending = FleetTaskFilter(across=True, status=TaskStatus.PENDING)
    assert len(list_fleet_tasks(partner.actor, pending)) == 4
    assert stop_bulk_task(partner.actor, bulk_id) == 3
    assert get_fleet_task(partner.actor, bulk_id).status is TaskStatus.COMPLETED
    assert list_fleet_tasks(partner.actor, pending) == []


def test_only_three_updates_are_done_across_organizations(partner: Partner) -> None:
    """FL-58, FL-64 (A-2)."""
    for kind in (TaskKind.RESTART, TaskKind.UNENROL, TaskKind.DEPLOY_CONFIGURATION):
        with pytest.raises(PressroomError) as refused:
            start_bulk_task(partner.actor, NewTask(kind), partner.printers)
        assert refused.value.code == "fleet_task.not_across"


def test_printers_of_others_are_out_of_reach_and_nothing_is_started(office: Installation, partner: Partner) -> None:
    with pytest.raises(PressroomError) as refused:
        start_bulk_task(partner.actor, NewTask(TaskKind.UPDATE_FIRMWARE), [*partner.printers, partner.foreign])
    assert refused.value.code == "not_found"
    assert list_fleet_tasks(partner.actor, FleetTaskFilter(across=True)) == []
    administrator = office.add_person("fleet@example.com", Role.FLEET_ADMINISTRATOR)
    with pytest.raises(PressroomError) as missing:
        start_bulk_task(administrator, NewTask(TaskKind.UPDATE_FIRMWARE), partner.printers)
    assert missing.value.code == "role.missing"


def test_native_agents_are_left_out_of_updates_across_organizations(partner: Partner) -> None:
    """FL-58."""
    agents = {one: [add_agent(one, AgentKind.FLEET)] for one in partner.customers}
    native = add_agent(partner.customers[0], AgentKind.NATIVE)
    wanted = [native, *(agent for some in agents.values() for agent in some)]
    with system_session(read_only=True) as session:
        assert shares_of(session, TaskKind.UPDATE_AGENT, wanted, set(partner.customers)) == agents
        with pytest.raises(PressroomError) as refused:
            shares_of(session, TaskKind.UPDATE_AGENT, [native], set(partner.customers))
    assert refused.value.code == "fleet_task.nothing_chosen"


def test_the_file_of_printers_has_the_views_columns_and_no_formula(office: Installation) -> None:
    """FL-211, FL-314, CWE-1236."""
    home = office.administrator.organization_id
    add_printers(home, 1, name="=cmd()", communication=Communication.SILENT)
    add_printers(home, 1, name="quiet")
    query = PrinterQuery(PrinterFilter(communication=(Communication.SILENT,)))
    columns = [Column.ADDRESS, Column.NAME, Column.COMMUNICATION]
    text = "".join(export_printers(office.administrator, query, columns, WORDS)).lstrip("\ufeff")
    rows = list(csv.reader(StringIO(text)))
    assert rows[0] == ["IP address", "Printer name", "Communication"]
    assert [row[1:] for row in rows[1:]] == [["'=cmd()", "Not communicating"]]


def test_the_file_of_apps_has_a_column_for_each_app(office: Installation) -> None:
    """FL-211, FL-315."""
    home = office.administrator.organization_id
    first, second = add_printers(home, 2)
    with tenant_session(home) as session:
        for printer_id, app_id, version in ((first, "scan", "1.2"), (second, "scan", "1.3"), (second, "badge", "2.0")):
            session.add(PrinterApp(printer_id=printer_id, app_id=app_id, name=app_id.title(), version=version))
    text = "".join(export_installed_apps(office.administrator, WORDS)).lstrip("\ufeff")
    rows = list(csv.DictReader(StringIO(text)))
    assert [(row["Badge (badge)"], row["Scan (scan)"]) for row in rows] == [("", "1.2"), ("2.0", "1.3")]


def test_viewers_export_nothing(office: Installation) -> None:
    """FL-528 (A-41), F-42: files are for those who may manage."""
    viewer = office.add_person("viewer@example.com", Role.FLEET_VIEWER)
    for export in (
        lambda: export_printers(viewer, PrinterQuery(), [Column.ADDRESS], WORDS),
        lambda: export_installed_apps(viewer, WORDS),
    ):
        with pytest.raises(PressroomError) as refused:
            export()
        assert refused.value.code == "role.missing"


def test_what_is_written_down_about_a_printer_is_kept_and_recorded(office: Installation) -> None:
    """FL-217."""
    home = office.administrator.organization_id
    (printer,) = add_printers(home, 1)
    change_identification(office.administrator, printer, {"asset_tag": " INV  7 ", "location": "Hall"})
    view = get_printer(office.administrator, printer).view
    assert (view.asset_tag, view.location) == ("INV 7", "Hall")
    for values in ({"name": "x" * 256}, {"contact": "a\u200bb"}):
        with pytest.raises(PressroomError) as refused:
            change_identification(office.administrator, printer, values)
        assert refused.value.code == "printer.bad_value"
    with pytest.raises(PressroomError) as missing:
        change_identification(office.stranger, printer, {"name": "Taken"})
    assert missing.value.code == "not_found"
    assert printer_events(office.administrator, printer) == []
