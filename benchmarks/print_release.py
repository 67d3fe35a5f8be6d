"""How fast a released job reaches its printer: portal → outbox → Prefect → warm worker → IPP.

Each job is asked for through the REST API, one after the other, at a simulated printer in a process of its own. "First
byte" is when the worker sends (the attempt's mark in the records, written just before), "ended" when the release has
ended, both counted from just before the request. A delivery has to start within 3 seconds (PR-196).
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx

from benchmarks.installation import RunningInstallation
from benchmarks.simulated_devices import simulated_devices
from domain.organizations.models import User
from domain.printing.service import queued_jobs
from domain.printing.states import JobSource, JobState
from domain.printing.submission import Submission, submit_file
from domain.tenancy import system_session
from fleet.agents.built_in import built_in_agent
from fleet.printers.models import Printer
from printers_sim.printer import address_of
from steps.samples import letter_pdf

TIMEOUT = 120.0
POLL_SECONDS = 0.05
FIRST = 3
"""Releases that are not counted: they meet caches that are cold."""


def measure_releases(system: RunningInstallation, folder: Path, count: int) -> Mapping[str, float]:
    """Milliseconds from the request to the first byte and to the end, over `count` releases."""
    with simulated_devices(1) as port:
        printer = _enrol(system, port)
        jobs = _held_jobs(system, folder, count + FIRST)
        client = system.client()
        times = [_released(client, printer, job) for job in jobs][FIRST:]
    first, ended = ([pair[place] for pair in times] for place in (0, 1))
    return {
        "release_first_byte_p50_ms": round(median(first)),
        "release_first_byte_p95_ms": round(quantiles(first, n=20)[-1]),
        "release_ended_p50_ms": round(median(ended)),
    }


def _enrol(system: RunningInstallation, port: int) -> str:
    with system_session() as session:
        administrator = session.get_one(User, system.administrator.user_id)
        agent = built_in_agent(session, administrator.organization_id)
        printer = Printer(
            organization_id=administrator.organization_id,
            agent_id=agent.id,
            agent_kind=agent.kind,
            serial_number="PXC0000000001",
            address=address_of(0),
            ports={"http": port},
        )
        session.add(printer)
        session.flush()
        return printer.id


def _held_jobs(system: RunningInstallation, folder: Path, count: int) -> list[str]:
    letter = letter_pdf(folder)
    submissions = (Submission(f"{number}.pdf", JobSource.API) for number in range(count))
    jobs = [submit_file(system.administrator, one, letter).id for one in submissions]
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        if {job.id for job in queued_jobs(system.administrator) if job.state is JobState.HELD} >= set(jobs):
            return jobs
        time.sleep(POLL_SECONDS)
    raise SystemExit("the jobs were not prepared in time")


def _released(client: httpx.Client, printer: str, job: str) -> tuple[float, float]:
    """Milliseconds to the first byte, and to the end."""
    began = datetime.now(UTC)
    asked = client.post("/api/v1/print-releases", json={"printer_id": printer, "job_ids": [job]})
    address = f"/api/v1/print-releases/{asked.raise_for_status().json()['id']}"
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        release: dict[str, Any] = client.get(address).json()
        if release["ended"]:
            if release["state"] != "completed":
                raise SystemExit(f"the release ended as {release['state']}: {release['jobs']}")
            return tuple(_milliseconds(began, text) for text in (release["jobs"][0]["sent"], release["ended"]))  # type: ignore[return-value]
        time.sleep(POLL_SECONDS)
    raise SystemExit("the release did not end in time")


def _milliseconds(began: datetime, text: str) -> float:
    return (datetime.fromisoformat(text) - began).total_seconds() * 1000
