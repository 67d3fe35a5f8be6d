"""The worker's processes: copies of one template that share its memory, whatever becomes of them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from benchmarks.installation import RunningInstallation, running_installation
from tests.support.main_job import Person

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstallation]:
    with running_installation(tmp_path_factory.mktemp("home"), worker_processes="2") as running:
        yield running


def processes(installation: RunningInstallation) -> tuple[psutil.Process, psutil.Process, list[psutil.Process]]:
    """The worker, its template, and the processes that run steps."""
    part = installation.part("worker").process
    assert part is not None
    worker = psutil.Process(part.pid)
    (template,) = worker.children()
    return worker, template, template.children()


def kilobytes(process: psutil.Process) -> dict[str, int]:
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(value) for name, value, *_ in (line.replace(":", "").split() for line in lines)}


def assert_shares_memory(process: psutil.Process) -> None:
    """Far most of what `process` sees is the template's. A process of its own would share none but the files."""
    memory = kilobytes(process)
    assert memory["Rss"] > 100_000
    assert memory["Private_Dirty"] < memory["Anonymous"] / 3, memory


def test_the_processes_are_copies_of_one_template_and_share_its_memory(installation: RunningInstallation) -> None:
    worker, template, runs = processes(installation)
    assert [worker.name(), template.name(), *(run.name() for run in runs)] == [
        *(worker.name(), "press-template"),
        *["press-run"] * 4,  # two for documents, one for fleet tasks, one for print jobs
    ]
    assert (template.num_threads(), template.open_files(), template.net_connections("inet")) == (1, [], [])
    for run in runs:
        assert_shares_memory(run)


def test_the_kernel_would_end_a_run_rather_than_the_worker(installation: RunningInstallation) -> None:
    worker, template, runs = processes(installation)
    scores = [int(Path(f"/proc/{one.pid}/oom_score_adj").read_text()) for one in (worker, template, *runs)]
    assert scores[2:] == [min(scores[0] + 500, 1000)] * len(runs)
    assert scores[1] == scores[0]


def test_a_process_that_dies_at_rest_is_replaced_by_another_copy(
    installation: RunningInstallation, tmp_path: Path
) -> None:
    """Nobody has to hand in a run for that, and one that is handed in at that moment does not meet the dead one."""
    person = Person(installation)
    solution = person.compose("copies", {"kind": "download"})
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Ann")
    worker, template, dead = processes(installation)
    for run in dead:
        run.kill()
    details = [person.wait(person.hand_in(solution, letter)) for _ in dead]
    assert [one["run"]["state"] for one in details] == ["COMPLETED"] * len(dead)
    assert {step["attempts"] for one in details for step in one["steps"]} == {1}
    same_worker, same_template, others = processes(installation)
    assert (same_worker, same_template) == (worker, template)
    assert len(others) == len(dead)
    assert not {run.pid for run in others} & {run.pid for run in dead}
    for run in others:
        assert_shares_memory(run)


def test_a_step_whose_preload_leaves_a_thread_is_refused_by_name(tmp_path: Path) -> None:
    """A fork would lose the thread, and with it whatever waits for it."""
    environment = {
        **os.environ,
        "PRESSROOM_HOME": str(tmp_path),
        "PRESSROOM_EXTRA_STEPS": "tests.support.threaded_step",
        "PRESSROOM_PRELOAD_LANGUAGES": "",
    }
    program = "from flows.worker.template import load; load([])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "RuntimeError: `preload` of the step 'threaded' left 1 threads running" in done.stderr
