"""Firmware: the catalogue, what is offered, updates on simulated printers, windows and stages."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.messages import Message
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.tasks.execution import LEASE_LOST
from domain.tenancy import tenant_session
from fleet.firmware.offers import refresh_offers
from fleet.firmware.service import (
    add_image,
    count_with_update,
    delete_image,
    fleet_firmware,
    list_images,
    recommend,
    share_image,
)
from fleet.firmware.updates import FirmwareUpdate, UpdateTime, start_update, starting, window_hint
from fleet.printers.models import Printer, PrinterApp
from fleet.tasks.execution import counts_of, end_jobs, for_agent, status_of, take_jobs
from fleet.tasks.kinds import TaskKind
from fleet.tasks.listing import FleetTaskFilter, list_fleet_tasks
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.rollout import Rollout
from fleet.tasks.service import NewTask, start_fleet_task
from fleet.tasks.status import JobStatus, TaskStatus
from flows.fleet_task import work_on_printers
from printers_sim.device.state import InstalledApp
from printers_sim.knobs import FailingStep
from printers_sim.packages import app_package, firmware_image
from steps.printer_work import Outcome, Report
from tests.fleet.simulated_office import SimulatedOffice, simulated_office
from tests.support.fleet import add_agent, add_printers
from tests.support.installation import Installation, installed

MODEL = "PX C4150"
OFFERED_NOW = FirmwareUpdate()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[SimulatedOffice]:
    with simulated_office(tmp_path / "home") as one:
        one.device().firmware = "081.215"
        one.change("color-mfp", firmware_level="081.215")
        yield one


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return image_file(tmp_path, "081.223")


def image_file(folder: Path, level: str, *models: str) -> Path:
    """An image of that level."""
    path = folder / f"{level}.fls"
    path.write_bytes(firmware_image(level, models or (MODEL,), 5000))
    return path


def update(office: SimulatedOffice, wanted: FirmwareUpdate = OFFERED_NOW, *profiles: str) -> str:
    """Update printers and wait for the end; returns the task's id."""
    ids = [office.id_of(profile) for profile in profiles or ("color-mfp",)]
    task_id = start_update(office.administrator, ids, wanted)
    office.work(task_id)
    return task_id


# --- the catalogue


def test_an_image_is_offered_to_the_models_it_is_for(office: SimulatedOffice, image: Path) -> None:
    """F-27, FL-303."""
    view = add_image(office.administrator, image, "px.fls", "Fixes the fuser.")
    assert (view.level, view.models, view.is_own) == ("081.223", (MODEL,), True)
    assert office.printer().offered_firmware == "081.223"
    assert office.printer("mono-mfp").offered_firmware == ""
    assert count_with_update(office.administrator, office.ids) == 1
    (row,) = [one for one in fleet_firmware(office.administrator) if one.model == MODEL]
    assert (row.printers, row.with_update, row.offered, row.levels) == (1, 1, "081.223", ("081.215",))


def test_what_is_no_firmware_is_refused(office: SimulatedOffice, tmp_path: Path) -> None:
    path = tmp_path / "app.fls"
    path.write_bytes(app_package("forms", "Forms", "1.0"))
    with pytest.raises(PressroomError) as refused:
        add_image(office.administrator, path, "app.fls")
    assert refused.value.code == "printer_file.not_what_it_says"
    assert list_images(office.administrator) == []


def test_an_image_is_taken_in_once(office: SimulatedOffice, image: Path) -> None:
    add_image(office.administrator, image, "px.fls")
    with pytest.raises(PressroomError) as refused:
        add_image(office.administrator, image, "px.fls")
    assert refused.value.code == "firmware.already_there"


OFFERED: list[tuple[list[str], str, str, str]] = [
    (["081.223", "230.100"], "081.215", "", "230.100"),
    (["081.223", "230.100"], "081.215", "081.223", "081.223"),
    (["081.223", "230.100"], "230.100", "081.223", ""),
    (["081.223"], "081.223", "", ""),
    (["081.9", "081.10"], "081.8", "", "081.10"),
]


@pytest.mark.parametrize(("levels", "installed_level", "recommended", "offered"), OFFERED)
def test_the_recommended_level_counts_else_the_newest(
    office: SimulatedOffice, tmp_path: Path, levels: list[str], installed_level: str, recommended: str, offered: str
) -> None:
    """Levels compare part by part, as numbers (0.1); nothing is offered downwards."""
    office.change("color-mfp", firmware_level=installed_level)
    for level in levels:
        add_image(office.administrator, image_file(tmp_path, level), "px.fls")
    recommend(office.administrator, MODEL, recommended)
    assert office.printer().offered_firmware == offered


def test_a_level_that_is_not_there_cannot_be_recommended(office: SimulatedOffice) -> None:
    with pytest.raises(PressroomError) as refused:
        recommend(office.administrator, MODEL, "999.1")
    assert refused.value.code == "firmware.no_such_level"


def test_images_are_shared_by_the_operator_alone(office: SimulatedOffice, image: Path) -> None:
    stranger = office.installation.stranger
    shared = add_image(office.administrator, image, "px.fls")
    (printer,) = add_printers(stranger.organization_id, 1)
    assert list_images(stranger) == []
    share_image(office.administrator, shared.id, shared=True)
    assert refresh_offers(stranger.organization_id) == 1
    (view,) = list_images(stranger)
    assert (view.id, view.is_own, view.is_shared) == (shared.id, False, True)
    with tenant_session(stranger.organization_id, read_only=True) as session:
        assert session.get_one(Printer, printer).offered_firmware == "081.223"
    for attempt in (lambda: delete_image(stranger, shared.id), lambda: share_image(stranger, shared.id, shared=True)):
        with pytest.raises(PressroomError) as refused:
            attempt()
        assert refused.value.code in ("not_found", "firmware.operator_needed")


def test_an_image_stays_while_firmware_is_being_updated(office: SimulatedOffice, image: Path) -> None:
    view = add_image(office.administrator, image, "px.fls")
    task_id = start_update(office.administrator, [office.id_of()], FirmwareUpdate())
    with pytest.raises(PressroomError) as refused:
        delete_image(office.administrator, view.id)
    assert refused.value.code == "firmware.in_use"
    office.work(task_id)
    delete_image(office.administrator, view.id)
    assert office.printer().offered_firmware == ""


def test_viewers_change_nothing(office: SimulatedOffice, image: Path) -> None:
    viewer = office.installation.add_person("viewer@example.com", Role.FLEET_VIEWER)
    with pytest.raises(PressroomError) as refused:
        add_image(viewer, image, "px.fls")
    assert refused.value.code == "role.missing"


# --- updates


def test_an_update_is_sent_once_and_verified(office: SimulatedOffice, image: Path) -> None:
    """F-26, FL-305, FL-310, FL-313: the level after the restart is what counts; status and apps follow."""
    add_image(office.administrator, image, "px.fls")
    task_id = update(office)
    assert office.outcome(task_id) == (JobStatus.COMPLETED, "")
    assert (office.device().firmware, office.device().device.firmware_updates) == ("081.223", 1)
    printer = office.printer()
    assert (printer.firmware_level, printer.offered_firmware) == ("081.223", "")
    again = update(office)
    assert office.outcome(again) == (JobStatus.COMPLETED, "Firmware 081.223 is current already: nothing was sent.")
    assert office.device().device.firmware_updates == 1


def test_nothing_is_downgraded_by_accident(office: SimulatedOffice, tmp_path: Path) -> None:
    """A chosen older image leaves printers alone, unless a downgrade is asked for, which then tells what it cost."""
    office.device().firmware = "230.347"
    office.device().device.apps["printer-agent"] = InstalledApp("printer-agent", "Printer agent", "3.1")
    older = add_image(office.administrator, image_file(tmp_path, "081.215"), "px.fls")
    kept = update(office, FirmwareUpdate(image_id=older.id))
    assert office.outcome(kept) == (JobStatus.COMPLETED, "Firmware 230.347 is current already: nothing was sent.")
    down = update(office, FirmwareUpdate(image_id=older.id, allow_downgrade=True))
    job = office.job(down)
    assert (job.status, office.device().firmware) == (JobStatus.COMPLETED, "081.215")
    assert [str(Message.model_validate(one)) for one in job.warnings] == [
        "The downgrade has removed these apps: printer-agent.",
        "The downgrade has removed the printer agent: enrol the printer again.",
    ]
    with tenant_session(office.home, read_only=True) as session:
        assert "printer-agent" not in set(session.scalars(select(PrinterApp.app_id)))


FAILURES: list[tuple[dict[str, Any], JobStatus, str]] = [
    ({"fail_at": {FailingStep.FIRMWARE_INSTALL}}, JobStatus.FAILED, "come back with firmware 081.215 instead of"),
    ({"fail_at": {FailingStep.FIRMWARE}}, JobStatus.FAILED, "The printer refuses"),
    ({"busy": True}, JobStatus.FAILED, "in use"),
    ({"unresolved_error": "Fuser missing"}, JobStatus.FAILED, "Fuser missing"),
    ({"offline": True}, JobStatus.NOT_COMMUNICATING, "does not answer"),
]


@pytest.mark.parametrize(("knobs", "status", "told"), FAILURES)
def test_updates_that_do_not_succeed(
    office: SimulatedOffice, image: Path, knobs: dict[str, Any], status: JobStatus, told: str
) -> None:
    add_image(office.administrator, image, "px.fls")
    for name, value in knobs.items():
        setattr(office.device().knobs, name, value)
    found = office.outcome(update(office))
    assert found[0] is status
    assert told in found[1]
    assert office.device().firmware == "081.215"


def test_models_without_firmware_are_not_supported(office: SimulatedOffice, image: Path) -> None:
    view = add_image(office.administrator, image, "px.fls")
    offered = update(office, OFFERED_NOW, "color-mfp", "mono-mfp", "third-party-color")
    chosen = update(office, FirmwareUpdate(image_id=view.id), "mono-mfp")
    assert office.outcome(offered)[0] is JobStatus.COMPLETED
    assert office.outcome(offered, "mono-mfp")[1] == "The catalogue has no firmware for the model PX M2250."
    assert office.outcome(offered, "third-party-color")[0] is JobStatus.NOT_SUPPORTED
    assert office.outcome(chosen, "mono-mfp")[1] == "The chosen firmware is not for the model PX M2250."


def test_a_task_brings_what_was_offered_when_it_was_made(office: SimulatedOffice, tmp_path: Path) -> None:
    """A newer image that comes while a task waits does not change what it does."""
    add_image(office.administrator, image_file(tmp_path, "081.223"), "px.fls")
    task_id = start_update(office.administrator, [office.id_of()], FirmwareUpdate())
    add_image(office.administrator, image_file(tmp_path, "230.100"), "px.fls")
    office.work(task_id)
    assert office.device().firmware == "081.223"
    assert office.printer().offered_firmware == "230.100"


# --- times and windows


def test_a_start_is_read_in_its_zone(office: SimulatedOffice) -> None:
    """FL-306, FL-309: the window begins with it; until then the task is among those that wait."""
    day = (now() + timedelta(days=40)).date()
    when = UpdateTime(name="Night", day=day, at=time(1, 30), zone="America/New_York", window_minutes=120)
    task_id = start_update(office.administrator, office.ids, FirmwareUpdate(when=when))
    with tenant_session(office.home, read_only=True) as session:
        task = session.get_one(FleetTask, task_id)
        assert task.starts is not None
        assert task.window_end is not None
        assert task.window_end - task.starts == timedelta(hours=2)
        assert task.starts.hour in (5, 6)
        assert task.name == "Night"
    office.work(task_id)
    assert office.job(task_id).status == JobStatus.PENDING
    office.do(TaskKind.REFRESH)
    assert [one.id for one in list_fleet_tasks(office.administrator, FleetTaskFilter(waits=True))] == [task_id]


@pytest.mark.parametrize(
    ("day", "zone", "code"),
    [
        (date(2020, 1, 1), "Europe/Stockholm", "firmware.in_the_past"),
        (date(2099, 1, 1), "Nowhere/No", "firmware.no_such_zone"),
    ],
)
def test_starts_that_cannot_be(day: date, zone: str, code: str) -> None:
    with pytest.raises(PressroomError) as refused:
        starting(UpdateTime(name="Night", day=day, at=time(1, 30), zone=zone, window_minutes=60))
    assert refused.value.code == code


def test_a_local_time_that_does_not_exist_is_the_next_one() -> None:
    """FL-514: clocks go forward from 02:00 to 03:00."""
    when = UpdateTime(name="Night", day=date(2099, 3, 29), at=time(2, 30), zone="Europe/Stockholm", window_minutes=60)
    assert starting(when) == datetime(2099, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(("printers", "minutes", "short"), [(100, 10, False), (101, 10, True), (1000, 100, False)])
def test_short_windows_are_warned_of(office: SimulatedOffice, printers: int, minutes: int, short: bool) -> None:
    """FL-308."""
    assert (window_hint(printers, minutes) is not None) is short


# --- stages


STAGES = [
    (Rollout(percentages=(100,)), 3, [0, 0, 0]),
    (Rollout(percentages=(10, 50, 100)), 10, [0, 1, 1, 1, 1, 2, 2, 2, 2, 2]),
    (Rollout(percentages=(1, 10, 100)), 3, [0, 1, 2]),
    (Rollout(percentages=(50, 100)), 1, [0]),
]


@pytest.mark.parametrize(("rollout", "count", "stages"), STAGES)
def test_every_stage_has_a_printer_while_there_are_any(rollout: Rollout, count: int, stages: list[int]) -> None:
    assert rollout.stages(count) == stages


@pytest.mark.parametrize("percentages", [(), (50,), (0, 100), (50, 50, 100), (100, 50), (50, 101)])
def test_stages_rise_to_a_hundred(percentages: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="percentages"):
        Rollout(percentages=percentages)


class Staged:
    """A task in stages over printers of an agent that calls in, so that each report is made by hand."""

    def __init__(self, office: Installation, rollout: Rollout) -> None:
        self.home = office.administrator.organization_id
        self.agent = add_agent(self.home, version="2.1.18")
        printers = add_printers(self.home, 10, self.agent)
        new = NewTask(TaskKind.RESTART, rollout=rollout)
        self.task_id = start_fleet_task(office.administrator, new, printers)

    def take(self) -> list[int]:
        with tenant_session(self.home) as session:
            return [order.job_id for order in take_jobs(session, for_agent(self.agent), 100).orders]

    def end(self, jobs: Sequence[int], outcome: Outcome = Outcome.COMPLETED) -> None:
        with tenant_session(self.home) as session:
            end_jobs(session, [(job, Report(outcome=outcome)) for job in jobs])

    def state(self) -> tuple[TaskStatus, dict[JobStatus, int]]:
        with tenant_session(self.home, read_only=True) as session:
            return status_of(session, self.task_id), counts_of(session, self.task_id)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


def test_a_stage_opens_when_the_one_before_has_gone_well(small: Installation) -> None:
    staged = Staged(small, Rollout(percentages=(10, 50, 100), most_failures=25))
    first = staged.take()
    assert (len(first), staged.take()) == (1, [])
    staged.end(first)
    second = staged.take()
    assert len(second) == 4
    staged.end(second[:3])
    assert staged.take() == []
    staged.end(second[3:], Outcome.FAILED)
    third = staged.take()
    assert len(third) == 5
    staged.end(third)
    assert staged.state() == (TaskStatus.COMPLETED_WITH_ERRORS, {JobStatus.COMPLETED: 9, JobStatus.FAILED: 1})


def test_a_rollout_is_halted_by_failures(small: Installation) -> None:
    """What is left is stopped, with the reason, and nothing of it can be taken any more."""
    staged = Staged(small, Rollout(percentages=(40, 100), most_failures=25))
    first = staged.take()
    staged.end(first[:2])
    staged.end(first[2:], Outcome.FAILED)
    assert staged.take() == []
    expected = {JobStatus.COMPLETED: 2, JobStatus.FAILED: 2, JobStatus.STOPPED: 6}
    assert staged.state() == (TaskStatus.COMPLETED_WITH_ERRORS, expected)
    with tenant_session(staged.home, read_only=True) as session:
        reasons = session.scalars(select(Job.reason).where(Job.status == JobStatus.STOPPED)).all()
    assert {str(Message.model_validate(reason)) for reason in reasons} == {
        "The rollout was halted: 2 of 4 printers have failed, more than 25 percent."
    }


def test_silent_printers_do_not_halt_a_rollout(small: Installation) -> None:
    staged = Staged(small, Rollout(percentages=(40, 100), most_failures=0))
    staged.end(staged.take(), Outcome.NOT_COMMUNICATING)
    assert len(staged.take()) == 6


def test_our_worker_goes_through_all_stages(office: SimulatedOffice, image: Path) -> None:
    add_image(office.administrator, image, "px.fls")
    rollout = Rollout(percentages=(20, 100))
    ids = [office.id_of(), *add_printers(office.home, 4, firmware_level="081.223", address="127.20.77.1")]
    task_id = start_update(office.administrator, ids, FirmwareUpdate(rollout=rollout))
    office.work(task_id)
    assert office.outcome(task_id)[0] is JobStatus.COMPLETED
    with tenant_session(office.home, read_only=True) as session:
        assert counts_of(session, task_id) == {JobStatus.COMPLETED: 1, JobStatus.NOT_COMMUNICATING: 4}


def test_a_worker_that_was_replaced_begins_no_printer(tmp_path: Path, image: Path) -> None:
    """What it had done and not reported is found done by the worker that took over."""
    with simulated_office(tmp_path / "fleet", ("color-mfp",), 3, fleet_in_flight="1") as office:
        for printer in office.simulation.printers:
            printer.firmware = "081.215"
        add_image(office.administrator, image, "px.fls")
        task_id = start_update(office.administrator, office.ids, OFFERED_NOW)
        begun = count(1)

        def check() -> None:
            if next(begun) > 1:
                raise LEASE_LOST()

        with pytest.raises(PressroomError):
            work_on_printers.fn(office.home, task_id, resumes=True, check=check)
        assert sorted(one.device.firmware_updates for one in office.simulation.printers) == [0, 0, 1]
        office.work(task_id)
        assert [one.device.firmware_updates for one in office.simulation.printers] == [1, 1, 1]
        with tenant_session(office.home, read_only=True) as session:
            assert status_of(session, task_id) is TaskStatus.COMPLETED
