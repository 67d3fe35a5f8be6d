"""How fast a run starts and ends: portal → outbox → Prefect → warm worker, against Prefect's stock process worker.

    python -m benchmarks.engine [--runs 40] [--stock-runs 3]

Everything runs for real on loopback. A run is triggered through the REST API; "first task" is when its first step
begins, "complete" when the run has ended, both by the records' own clock, counted from just before the request.
The same five-step solution of steps that do nothing is then given to a stock `prefect worker start --type process`.
Targets: first task p50 ≤ 250 ms, complete p50 ≤ 350 ms, at least 15 times faster than the stock worker.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import httpx
from prefect.client.orchestration import get_client
from rich.console import Console
from rich.table import Table

from benchmarks.installation import RunningInstallation, running_installation
from domain.organizations.actor import Actor
from domain.runs.models import ClientType
from domain.runs.service import HandIn, get_run, start_run
from domain.runs.views import RunDetails
from domain.solutions.definition import SolutionDefinition
from domain.solutions.service import create_solution
from pressroom.engine_environment import engine_environment

NOOP = SolutionDefinition.model_validate({"name": "Five steps of nothing", "steps": [{"kind": "noop"}] * 5})
TIMEOUT = 120.0


def main() -> None:
    """Measure, print the table and, as the last line, one JSON object."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=40)
    arguments.add_argument("--burst", type=int, default=30)
    arguments.add_argument("--stock-runs", type=int, default=3)
    chosen = arguments.parse_args()
    with TemporaryDirectory() as home, running_installation(Path(home), extra_steps="benchmarks.noop_step") as system:
        solution = create_solution(system.administrator, NOOP).id
        client = system.client()
        _one_at_a_time(client, system.administrator, solution, 5)
        first, complete = _one_at_a_time(client, system.administrator, solution, chosen.runs)
        runs_per_s = _burst(client, system.administrator, solution, chosen.burst)
        stock = _stock(system, solution, chosen.stock_runs)
    figures = {
        "first_task_p50_ms": round(median(first)),
        "first_task_p95_ms": round(quantiles(first, n=20)[-1]),
        "complete_p50_ms": round(median(complete)),
        "complete_p95_ms": round(quantiles(complete, n=20)[-1]),
        "stock_first_task_p50_ms": round(median(stock)),
        "ratio": round(median(stock) / median(first), 1),
        "runs_per_s": round(runs_per_s, 2),
    }
    table = Table("Figure", "Value", "Target")
    targets = {"first_task_p50_ms": "≤ 250", "complete_p50_ms": "≤ 350", "ratio": "≥ 15"}
    for name, value in figures.items():
        table.add_row(name, str(value), targets.get(name, ""))
    Console().print(table)
    print(json.dumps(figures))


def _trigger(client: httpx.Client, solution: str) -> str:
    answer = client.post(f"/api/v1/solutions/{solution}/runs", files={"file": ("noop.txt", b"nothing", "text/plain")})
    answer.raise_for_status()
    return str(answer.json()["id"])


def _one_at_a_time(
    client: httpx.Client, actor: Actor, solution: str, count: int
) -> tuple[Sequence[float], Sequence[float]]:
    first, complete = [], []
    for _ in range(count):
        begun = datetime.now(UTC)
        details = _ended(actor, _trigger(client, solution))
        first.append(_milliseconds(begun, details.steps[0].started))
        complete.append(_milliseconds(begun, details.run.finished))
    return first, complete


def _burst(client: httpx.Client, actor: Actor, solution: str, count: int) -> float:
    begun = time.monotonic()
    runs = [_trigger(client, solution) for _ in range(count)]
    for run in runs:
        _ended(actor, run)
    return count / (time.monotonic() - begun)


def _stock(system: RunningInstallation, solution: str, count: int) -> Sequence[float]:
    """First-task times with Prefect's process worker, which starts an interpreter for every run."""
    environment = engine_environment(system.settings)
    os.environ.update(environment)
    _deploy_stock()
    system.part("worker").stop()
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "stock", "--type", "process"]
    worker = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait_for_worker(system)
        return [_stock_run(system, solution) for _ in range(count)]
    finally:
        worker.terminate()
        worker.wait(60)


def _deploy_stock() -> None:
    from prefect.client.schemas.actions import WorkPoolCreate

    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name="stock", type="process"))
        client.create_deployment(
            client.create_flow_from_name("run-solution"),
            "stock",
            entrypoint="flows.run_solution.run_solution",
            path=str(Path.cwd()),
            work_pool_name="stock",
            enforce_parameter_schema=False,
        )


def _stock_run(system: RunningInstallation, solution: str) -> float:
    path = system.settings.home / "noop.txt"
    path.write_text("nothing")
    begun = datetime.now(UTC)
    run = start_run(system.administrator, solution, HandIn(path, path.name, ClientType.API))
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name("run-solution/stock")
        client.create_flow_run_from_deployment(deployment.id, parameters={"run_id": run.id})
    return _milliseconds(begun, _ended(system.administrator, run.id).steps[0].started)


def _wait_for_worker(system: RunningInstallation) -> None:
    url = f"{system.settings.engine_url}/work_pools/stock/workers/filter"
    deadline = time.monotonic() + TIMEOUT
    while not httpx.post(url, json={}, trust_env=False).json():
        if time.monotonic() > deadline:
            raise TimeoutError("the stock worker did not start")
        time.sleep(0.2)


def _ended(actor: Actor, run_id: str) -> RunDetails:
    deadline = time.monotonic() + TIMEOUT
    while not (details := get_run(actor, run_id)).run.state.is_final:
        if time.monotonic() > deadline:
            raise TimeoutError(f"run {run_id} did not end")
        time.sleep(0.05)  # looking more often would take the processors from what is measured
    return details


def _milliseconds(begun: datetime, moment: datetime | None) -> float:
    if moment is None:
        raise RuntimeError("the run ended without that moment")
    return (moment - begun).total_seconds() * 1000


if __name__ == "__main__":
    main()
