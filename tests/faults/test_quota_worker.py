"""Runs on the real engine: every metered step is charged exactly once, also when its worker is killed in the middle."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from benchmarks.installation import RunningInstallation, running_installation
from domain.organizations.actor import Actor
from domain.quotas.models import EntryState
from domain.quotas.user_quotas import set_default_quota
from steps.contract import Service
from steps.samples import scan_png
from tests.support.main_job import Person
from tests.support.quotas import Balance, balance, entries, held_anywhere, set_limits, wrong_counters

METERED = {"kind": "metered_gate"}
DOWNLOAD = {"kind": "download"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstallation]:
    home = tmp_path_factory.mktemp("home")
    os.environ["PRESSROOM_TEST_GATE"] = str(home / "gate")
    steps = "tests.support.gate_step,tests.support.metered_gate_step"
    with running_installation(
        home, extra_steps=steps, lease_seconds="3", worker_processes="1", fleet_processes="0", print_processes="0"
    ) as installation:
        yield installation


@pytest.fixture
def person(running: RunningInstallation) -> Iterator[Person]:
    gate().unlink(missing_ok=True)
    yield Person(running)
    assert wrong_counters() == []
    assert held_anywhere() == 0
    set_limits(running.administrator, redaction=None)
    set_default_quota(running.administrator, {})


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Ann")
    return path


def gate() -> Path:
    return Path(os.environ["PRESSROOM_TEST_GATE"])


def used(actor: Actor) -> int:
    return balance(actor, Service.REDACTION).used


def kill_runner(running: RunningInstallation) -> None:
    """SIGKILL to the process that has the run; its worker replaces it."""
    worker = running.part("worker").process
    assert worker is not None
    below = psutil.Process(worker.pid).children(recursive=True)
    (process,) = [one for one in below if one.name() == "press-run"]
    process.kill()


def states(details: dict[str, Any]) -> dict[str, str]:
    return {step["kind"]: step["state"] for step in details["steps"]}


def test_a_worker_killed_in_the_middle_of_a_step_leads_to_one_charge(
    running: RunningInstallation, person: Person, letter: Path
) -> None:
    actor, before = running.administrator, used(running.administrator)
    run = person.hand_in(person.compose("killed", METERED, DOWNLOAD), letter)
    for attempt in (1, 2):
        person.wait_until(
            run,
            lambda details, n=attempt: any(s["attempts"] == n and s["state"] == "RUNNING" for s in details["steps"]),
        )
        person.wait_until(run, lambda _: balance(actor, Service.REDACTION) == Balance(before, reserved=3))
        if attempt == 1:
            kill_runner(running)
    gate().touch()
    details = person.wait(run)
    assert details["run"]["state"] == "COMPLETED"
    assert {step["kind"]: step["attempts"] for step in details["steps"]} == {"metered_gate": 2, "download": 1}
    assert balance(actor, Service.REDACTION) == Balance(before + 3, reserved=0)
    assert [(entry.operation, entry.state, entry.pages) for entry in entries(run)] == [
        ("metered_gate", EntryState.SETTLED, 3),
        ("download", EntryState.SETTLED, 0),
    ]


def test_a_run_that_keeps_losing_its_worker_is_charged_nothing(
    running: RunningInstallation, person: Person, letter: Path
) -> None:
    before = used(running.administrator)
    run = person.hand_in(person.compose("deadly", METERED, DOWNLOAD), letter)
    for attempt in range(1, running.settings.max_attempts + 1):
        person.wait_until(
            run,
            lambda details, n=attempt: any(s["attempts"] == n and s["state"] == "RUNNING" for s in details["steps"]),
        )
        kill_runner(running)
    assert person.wait(run)["run"]["error"]["code"] == "run.worker_lost"
    assert balance(running.administrator, Service.REDACTION) == Balance(before, reserved=0)


def test_a_cancelled_run_is_charged_nothing(running: RunningInstallation, person: Person, letter: Path) -> None:
    before = used(running.administrator)
    run = person.hand_in(person.compose("cancelled", METERED, DOWNLOAD), letter)
    person.wait_for_step(run, "metered_gate")
    person.client.post(f"/api/v1/runs/{run}/cancel").raise_for_status()
    assert person.wait(run)["run"]["state"] == "CANCELLED"
    assert balance(running.administrator, Service.REDACTION) == Balance(before, reserved=0)


def test_a_step_that_turns_out_longer_than_what_is_left_fails_before_its_work(
    running: RunningInstallation, person: Person, letter: Path
) -> None:
    """TR-64: one page is left, which lets it begin; it is three pages long."""
    before = used(running.administrator)
    set_limits(running.administrator, redaction=before + 1)
    details = person.wait(person.hand_in(person.compose("long", METERED, DOWNLOAD), letter))
    assert states(details) == {"metered_gate": "FAILED"}
    assert details["run"]["error"]["code"] == "quota.exhausted"
    assert balance(running.administrator, Service.REDACTION) == Balance(before, reserved=0)


def test_a_quota_used_up_while_a_run_waits_refuses_it_at_the_step(
    running: RunningInstallation, person: Person, letter: Path
) -> None:
    """It was handed in while there was enough; a second gate before the metered step holds it."""
    solution = person.compose("late", {"kind": "gate"}, METERED, DOWNLOAD)
    run = person.hand_in(solution, letter)
    person.wait_for_step(run, "gate")
    set_default_quota(running.administrator, {Service.REDACTION: 0})
    gate().touch()
    details = person.wait(run)
    assert states(details) == {"gate": "COMPLETED", "metered_gate": "FAILED"}
    assert details["run"]["error"]["code"] == "quota.exceeded"


def test_a_real_scan_is_charged_by_the_characters_that_were_read(
    running: RunningInstallation, person: Person, tmp_path: Path
) -> None:
    before = balance(running.administrator).used
    run = person.hand_in(person.compose("scan", {"kind": "ocr", "parameters": {"output_type": "txt"}}, DOWNLOAD),
                         scan_png(tmp_path))  # fmt: skip
    details = person.wait(run)
    assert details["run"]["state"] == "COMPLETED"
    entry = entries(run)[0]
    assert (entry.state, entry.physical_pages) == (EntryState.SETTLED, 1)
    assert entry.characters > 100
    assert entry.pages == max(1, -(-entry.characters // 1800))
    assert balance(running.administrator) == Balance(before + entry.pages, reserved=0)
