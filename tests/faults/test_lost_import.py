"""A worker that dies in the middle of an import: it goes on, and no row is done twice (AC-97)."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from benchmarks.installation import RunningInstallation, running_installation
from domain.people.import_file import HEADER
from domain.people.imports import start_import
from domain.people.listing import PersonFilter, count_people
from domain.tasks.models import TaskState
from domain.tasks.service import TaskView, get_task, task_lines
from pressroom.cli import app

ROWS = 400
SECONDS = 240.0


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstallation]:
    home = tmp_path_factory.mktemp("home")
    with running_installation(
        home, lease_seconds="3", worker_processes="1", fleet_processes="0", print_processes="0"
    ) as running:
        yield running


def people(first: int, count: int) -> bytes:
    numbers = range(first, first + count)
    rows = (f"p{number}@example.com,CREATE,Blue-Kettle-72,P{number},,,,Crew,,," for number in numbers)
    return "\n".join((",".join(HEADER), *rows)).encode()


def wait(
    installation: RunningInstallation, task_id: str, condition: Callable[[TaskView], bool] = lambda t: t.state.is_final
) -> TaskView:
    deadline = time.monotonic() + SECONDS
    while not condition(task := get_task(installation.administrator, task_id)):
        assert time.monotonic() < deadline, task
        time.sleep(0.02)
    return task


def processes(installation: RunningInstallation, name: str = "") -> list[psutil.Process]:
    """All below the worker, or those of that name."""
    process = installation.part("worker").process
    assert process is not None
    return [one for one in psutil.Process(process.pid).children(recursive=True) if name in ("", one.name())]


def test_a_killed_process_loses_no_row_and_does_none_twice(installation: RunningInstallation) -> None:
    actor = installation.administrator
    task_id = start_import(actor, "people.csv", people(0, ROWS))
    wait(installation, task_id, lambda task: 0 < task.done < ROWS)
    (process,) = processes(installation, "press-run")
    process.kill()
    task = wait(installation, task_id)
    assert (task.state, task.result) == (
        TaskState.FINISHED,
        {"created": ROWS, "changed": 0, "deleted": 0, "problems": 0},
    )
    assert count_people(actor, PersonFilter("example.com p")) >= ROWS
    numbers = [line.number for line in task_lines(actor, task_id, limit=2 * ROWS)]
    assert numbers == list(range(2, ROWS + 2))


def test_a_killed_worker_is_replaced_and_the_import_goes_on(installation: RunningInstallation) -> None:
    actor = installation.administrator
    task_id = start_import(actor, "people.csv", people(5000, ROWS))
    wait(installation, task_id, lambda task: 0 < task.done < ROWS)
    process = installation.part("worker").process
    assert process is not None
    below = processes(installation)
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(below, timeout=10)
    assert not alive
    installation.part("worker").start()
    task = wait(installation, task_id)
    assert task.result == {"created": ROWS, "changed": 0, "deleted": 0, "problems": 0}


def test_the_command_line_imports_and_tells_what_could_not_be_done(
    installation: RunningInstallation, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(people(9000, 3) + b"\np9000@example.com,CREATE,,,,,,,,,\nx,y\n")
    told = CliRunner().invoke(app, ["people", "import", str(file), "--links"])
    assert told.exit_code == 1, told.output
    for words in (
        "Row 5: Somebody has the e-mail address “p9000@example.com” already.",
        "Row 6: The row has 2 values instead of 11.",
        "3 created, 0 changed, 0 deleted, 2 rows could not be done.",
    ):
        assert words in " ".join(told.output.split())
    exported = CliRunner().invoke(app, ["people", "export"])
    assert "p9002@example.com,UPDATE,,P9002,,,,Crew,,," in exported.output
