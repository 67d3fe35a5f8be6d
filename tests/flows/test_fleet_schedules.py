"""A schedule on the real engine: the run waits there, where operators see it, and starts its task in time (F-43)."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from benchmarks.installation import RunningInstallation, running_installation
from domain.organizations.models import now
from domain.recurrence.runs import hand_over
from domain.tenancy import system_session
from fleet.schedules.models import FleetSchedule
from fleet.schedules.service import create_schedule
from fleet.schedules.views import ScheduleForm
from fleet.tasks.models import FleetTask
from fleet.tasks.status import TaskStatus
from tests.support.fleet import add_printers

SECONDS = 120.0
FLOW = "run-fleet-schedule"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstallation]:
    with running_installation(tmp_path_factory.mktemp("home"), worker_processes="1") as running:
        yield running


def wait_for(look: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def flow_runs(installation: RunningInstallation, *states: str) -> list[dict[str, Any]]:
    wanted = {"flows": {"name": {"any_": [FLOW]}}, "flow_runs": {"state": {"type": {"any_": list(states)}}}}
    answer = httpx.post(f"{installation.settings.engine_url}/flow_runs/filter", json=wanted)
    return list(answer.raise_for_status().json())


def test_the_run_waits_in_the_engine_and_starts_the_task_when_it_is_due(installation: RunningInstallation) -> None:
    administrator = installation.administrator
    add_printers(administrator.organization_id, 2, is_vendor=False)
    form = ScheduleForm.model_validate(
        {
            "name": "Nightly",
            "kind": "check_compliance",
            "recurrence": "daily",
            "start": "2026-01-01",
            "at": (now() + timedelta(hours=12)).time().isoformat("minutes"),
            "time_zone": "UTC",
        }
    )
    schedule_id = create_schedule(administrator, form)
    (waiting,) = wait_for(lambda: flow_runs(installation, "SCHEDULED"))
    assert datetime.fromisoformat(waiting["expected_start_time"]) > now() + timedelta(hours=11)
    due = now() + timedelta(seconds=3)
    with system_session() as session:
        schedule = session.get_one(FleetSchedule, schedule_id)
        schedule.next_run = due
        hand_over(session, schedule)

    def task() -> FleetTask | None:
        with system_session(read_only=True) as session:
            return session.scalars(select(FleetTask).where(FleetTask.schedule_id == schedule_id)).one_or_none()

    assert wait_for(task).created >= due
    assert wait_for(lambda: (found := task()) and TaskStatus(found.status).is_final)
    found = task()
    assert found is not None
    assert found.status == TaskStatus.NOT_SUPPORTED
    with system_session(read_only=True) as session:
        schedule = session.get_one(FleetSchedule, schedule_id)
    assert (schedule.last_count, schedule.last_run is not None) == (2, True)
    assert schedule.next_run is not None
    assert schedule.next_run > now() + timedelta(hours=11)
