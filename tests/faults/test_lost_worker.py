"""A worker that dies in the middle of a run: the run completes after all and nothing is delivered twice."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from benchmarks.installation import RunningInstallation, running_installation
from tests.support.mail_server import Mailbox, mail_server
from tests.support.main_job import Person

EMAIL = {"kind": "email", "parameters": {"addresses": "ann@example.com"}}
GATE = {"kind": "gate"}
DOWNLOAD = {"kind": "download"}


@dataclass
class Scene:
    installation: RunningInstallation
    mailbox: Mailbox
    person: Person
    gate: Path

    def kill_worker(self) -> None:
        """As the kernel would: the worker and, with it, all its children."""
        process = self.installation.part("worker").process
        assert process is not None
        processes = self.processes()
        process.kill()
        process.wait()
        assert_ended(processes)

    def processes(self, name: str = "") -> list[psutil.Process]:
        """All below the worker, or those of that name."""
        process = self.installation.part("worker").process
        assert process is not None
        below = psutil.Process(process.pid).children(recursive=True)
        return [one for one in below if name in ("", one.name())]


def assert_ended(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert not alive, "a process outlived its worker"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    home = tmp_path_factory.mktemp("home")
    gate = home / "gate"
    os.environ["PRESSROOM_TEST_GATE"] = str(gate)
    with (
        mail_server() as mailbox,
        running_installation(
            home,
            extra_steps="tests.support.gate_step",
            smtp_host="127.0.0.1",
            smtp_port=str(mailbox.port),
            lease_seconds="3",
            worker_processes="1",
            fleet_processes="0",
            print_processes="0",
        ) as running,
    ):
        yield Scene(running, mailbox, Person(running), gate)


@pytest.fixture
def scene(installation: Scene) -> Iterator[Scene]:
    installation.gate.unlink(missing_ok=True)
    installation.mailbox.envelopes.clear()
    yield installation
    installation.mailbox.after_dot = None
    if installation.installation.part("worker").has_ended():
        installation.installation.part("worker").start()


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Ann")
    return path


def test_killed_worker_is_resumed_after_restart_and_the_mail_arrives_once(scene: Scene, letter: Path) -> None:
    solution = scene.person.compose("kill", EMAIL, GATE, DOWNLOAD)
    run = scene.person.hand_in(solution, letter)
    scene.person.wait_for_step(run, "gate")
    assert len(scene.mailbox.messages) == 1
    scene.kill_worker()
    scene.gate.touch()
    scene.installation.part("worker").start()
    details = scene.person.wait(run)
    assert details["run"]["state"] == "COMPLETED"
    assert {step["kind"]: step["attempts"] for step in details["steps"]} == {"email": 1, "gate": 2, "download": 1}
    assert len(scene.mailbox.messages) == 1
    (path,) = scene.person.download(details, letter.parent / "..")
    assert path.read_text() == "Dear Ann"


def test_worker_killed_while_the_mail_is_handed_over_leaves_a_visible_doubt_and_no_second_mail(
    scene: Scene, letter: Path
) -> None:
    scene.mailbox.after_dot = scene.kill_worker
    scene.gate.touch()
    solution = scene.person.compose("doubt", EMAIL, DOWNLOAD)
    run = scene.person.hand_in(solution, letter)
    scene.person.wait_until(run, lambda _: scene.installation.part("worker").has_ended())
    scene.mailbox.after_dot = None
    scene.installation.part("worker").start()
    details = scene.person.wait(run)
    assert details["run"]["state"] == "COMPLETED_WITH_ERRORS"
    assert details["run"]["error"]["code"] == "delivery.uncertain"
    assert [delivery["state"] for delivery in details["deliveries"] if "ann" in delivery["target"]] == ["committing"]
    assert details["downloads"], "the other destination was served all the same (SC-114)"
    assert len(scene.mailbox.messages) <= 1

    scene.mailbox.envelopes.clear()
    scene.person.client.post(f"/api/v1/runs/{run}/run-again").raise_for_status()
    assert scene.person.wait(run)["run"]["state"] == "COMPLETED"
    assert len(scene.mailbox.messages) == 1, "asked to run the step again, the user gets the mail"


def test_one_lost_process_is_replaced_and_its_run_goes_on_at_once(scene: Scene, letter: Path) -> None:
    solution = scene.person.compose("child", GATE, EMAIL)
    run = scene.person.hand_in(solution, letter)
    scene.person.wait_for_step(run, "gate")
    (process,) = scene.processes("press-run")
    process.kill()
    scene.gate.touch()
    details = scene.person.wait(run)
    assert details["run"]["state"] == "COMPLETED"
    assert len(scene.mailbox.messages) == 1


def test_worker_that_loses_its_template_ends_and_its_run_goes_on_after_the_restart(scene: Scene, letter: Path) -> None:
    """The template cannot be forked again from a process with threads; whoever started the worker starts it anew."""
    solution = scene.person.compose("template", EMAIL, GATE, DOWNLOAD)
    run = scene.person.hand_in(solution, letter)
    scene.person.wait_for_step(run, "gate")
    processes = scene.processes()
    (template,) = scene.processes("press-template")
    worker = scene.installation.part("worker").process
    assert worker is not None
    template.kill()
    assert worker.wait(30) == 1
    assert_ended(processes)
    scene.gate.touch()
    scene.installation.part("worker").start()
    assert scene.person.wait(run)["run"]["state"] == "COMPLETED"
    assert len(scene.mailbox.messages) == 1


def test_run_that_keeps_losing_its_worker_fails_with_the_reason(scene: Scene, letter: Path) -> None:
    solution = scene.person.compose("deadly", GATE, DOWNLOAD)
    run = scene.person.hand_in(solution, letter)
    for attempt in range(1, scene.installation.settings.max_attempts + 1):
        scene.person.wait_until(
            run,
            lambda details, n=attempt: any(s["attempts"] == n and s["state"] == "RUNNING" for s in details["steps"]),
        )
        for process in scene.processes("press-run"):
            process.kill()
    details = scene.person.wait(run)
    assert (details["run"]["state"], details["run"]["error"]["code"]) == ("FAILED", "run.worker_lost")


def test_run_that_was_taken_but_never_begun_is_queued_again(scene: Scene, letter: Path) -> None:
    """The worker dies after it has taken the flow run and before it claims the run."""
    scene.kill_worker()
    run = scene.person.hand_in(scene.person.compose("taken", DOWNLOAD), letter)
    parameters = {"parameters": {"run_id": run}, "idempotency_key": run, "state": {"type": "PENDING"}}
    with httpx.Client(base_url=scene.installation.settings.engine_url, trust_env=False) as engine:
        deployment = engine.get("/deployments/name/run-solution/run-solution").raise_for_status().json()["id"]
        engine.post(f"/deployments/{deployment}/create_flow_run", json=parameters).raise_for_status()
    scene.installation.part("worker").start()
    assert scene.person.wait(run)["run"]["state"] == "COMPLETED"


def test_running_run_is_cancelled_by_its_user(scene: Scene, letter: Path) -> None:
    solution = scene.person.compose("cancel", GATE, EMAIL)
    run = scene.person.hand_in(solution, letter)
    scene.person.wait_for_step(run, "gate")
    scene.person.client.post(f"/api/v1/runs/{run}/cancel").raise_for_status()
    details = scene.person.wait(run)
    assert details["run"]["state"] == "CANCELLED"
    assert [step["state"] for step in details["steps"]] == ["CANCELLED"]
    assert scene.mailbox.messages == []
