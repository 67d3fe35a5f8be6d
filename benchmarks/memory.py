"""How much memory the worker of a running installation holds, at rest and while it works on a long scan.

    python -m benchmarks.memory [--pages 300] [--full] [--solution NAME …]

The whole system runs for real on loopback, and a scanned PDF is handed in for each solution, one after the other: OCR →
download (searchable PDF), and OCR to DOCX → redact → footer → download; then for all of them at a time. Redact →
download (“redacted PDF”) reads every page several times: it takes an hour and must be asked for. The pages have a
little grey text each; with `--full` they are full of text, in black and white, which takes seven times as long.

The worker is its process and everything below it: the template, the processes forked from it and the programs that
they start. Its memory is the sum of their proportional set sizes (PSS, `/proc/PID/smaps_rollup`), in which a page that
several processes share counts once; the sum of their resident set sizes (RSS), in which it counts for each of them,
stands beside it. MB are 1,048,576 bytes. Target: the worker stays below 600 MB with one run at a time.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.installation import RunningInstallation, running_installation
from benchmarks.scans import page_text, scanned_pdf
from domain.organizations.actor import Actor
from domain.runs.models import RunState
from domain.runs.service import get_run
from domain.solutions.definition import SolutionDefinition
from domain.solutions.service import create_solution

OCR_TO_PDF = {"kind": "ocr", "parameters": {"output_type": "pdf", "language": "eng"}}
OCR_TO_DOCX = {"kind": "ocr", "parameters": {"output_type": "docx", "language": "eng"}}
REDACT = {
    "kind": "redact",
    "parameters": {"pii": ["PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE"], "language": "en"},
}
FOOTER = {"kind": "footer", "parameters": {"text": "{solution} · {page}/{pages}"}}
DOWNLOAD = {"kind": "download"}
SOLUTIONS: dict[str, list[dict[str, Any]]] = {
    "searchable PDF": [OCR_TO_PDF, DOWNLOAD],
    "redacted DOCX": [OCR_TO_DOCX, REDACT, FOOTER, DOWNLOAD],
    "redacted PDF": [REDACT, DOWNLOAD],
}
USUAL = ["searchable PDF", "redacted DOCX"]
REST, TOGETHER, REST_AGAIN = "at rest", "together", "at rest again"
FULL = 9
"""Paragraphs that fill a page."""
MEGABYTE = 1 << 20
PAUSE = 0.2
"""Seconds between two samples."""
REST_SAMPLES = 10


def main() -> None:
    """Measure, print the table and, as the last line, one JSON object."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--pages", type=int, default=300)
    arguments.add_argument("--full", action="store_true", help="pages full of text, in black and white")
    arguments.add_argument("--solution", action="append", choices=list(SOLUTIONS), help="only this one; repeatable")
    chosen = arguments.parse_args()
    names = chosen.solution or USUAL
    with TemporaryDirectory() as folder:
        texts = (page_text(number, FULL if chosen.full else 1) for number in range(chosen.pages))
        scan = scanned_pdf(Path(folder) / "long.pdf", texts, fax=chosen.full)
        with running_installation(Path(folder) / "home") as system:
            measured = _measured(system, scan, names)
    _show(measured)
    alone = [measured[name] for name in names]
    figures = {
        "worker_rest_mb": round(measured[REST].pss),
        "worker_peak_mb": round(max(memory.pss for memory in alone)),
        **({"worker_together_peak_mb": round(measured[TOGETHER].pss)} if TOGETHER in measured else {}),
        "pages": chosen.pages,
        "seconds": round(sum(memory.seconds for memory in alone), 1),
    }
    print(json.dumps(figures))


@dataclass
class Memory:
    """The most that was seen, in MB, in how many samples, and how much of it each process had at that moment."""

    pss: float = 0.0
    rss: float = 0.0
    samples: int = 0
    seconds: float = 0.0
    shares: Sequence[str] = field(default_factory=tuple)


def _measured(system: RunningInstallation, scan: Path, names: Sequence[str]) -> dict[str, Memory]:
    """By what the worker did meanwhile."""
    client, actor = system.client(), system.administrator
    part = system.part("worker")
    assert part.process is not None
    worker = psutil.Process(part.process.pid)
    solutions = [
        create_solution(actor, SolutionDefinition.model_validate({"name": name, "steps": SOLUTIONS[name]})).id
        for name in names
    ]
    measured = {REST: _at_rest(worker)}
    for name, solution in zip(names, solutions, strict=True):
        with _watched(worker) as measured[name]:
            _run(client, actor, scan, [solution])
    if len(solutions) > 1:
        with _watched(worker) as measured[TOGETHER]:
            _run(client, actor, scan, solutions)
    measured[REST_AGAIN] = _at_rest(worker)
    return measured


def _run(client: httpx.Client, actor: Actor, scan: Path, solutions: Sequence[str]) -> None:
    """Hand `scan` in for each of the solutions and wait until all runs are completed."""
    runs = []
    for solution in solutions:
        with scan.open("rb") as content:
            answer = client.post(f"/api/v1/solutions/{solution}/runs", files={"file": (scan.name, content)})
        runs.append(answer.raise_for_status().json()["id"])
    for run in runs:
        while not (state := get_run(actor, run).run.state).is_final:
            time.sleep(PAUSE)
        if state is not RunState.COMPLETED:
            raise SystemExit(f"a run ended as {state.value}: {get_run(actor, run).run.error}")


def _at_rest(worker: psutil.Process) -> Memory:
    """The median of some samples, as one that could be seen."""
    seen = []
    for _ in range(REST_SAMPLES):
        seen.append(_sample(worker))
        time.sleep(PAUSE)
    typical = median(memory.pss for memory in seen)
    return min(seen, key=lambda memory: abs(memory.pss - typical))


@contextmanager
def _watched(worker: psutil.Process) -> Iterator[Memory]:
    """The most that `worker` holds during the block."""
    peak, ended, started = Memory(), Event(), time.monotonic()

    def watch() -> None:
        while not ended.wait(PAUSE):
            now = _sample(worker)
            peak.samples += 1
            peak.rss = max(peak.rss, now.rss)
            if now.pss > peak.pss:
                peak.pss, peak.shares = now.pss, now.shares

    thread = Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()
        peak.seconds = time.monotonic() - started


def _sample(worker: psutil.Process) -> Memory:
    """What `worker` and everything below it hold now."""
    total = Memory(samples=1)
    shares = []
    for process in (worker, *worker.children(recursive=True)):
        try:
            rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
            name = process.name()
        except (OSError, psutil.NoSuchProcess):
            continue  # a page was done in between
        rss, pss = (_megabytes(rollup, field) for field in ("Rss:", "Pss:"))
        total.rss, total.pss = total.rss + rss, total.pss + pss
        shares.append(f"{name} {pss:.0f}/{rss:.0f}")
    total.shares = shares
    return total


def _megabytes(rollup: str, name: str) -> float:
    line = next(line for line in rollup.splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024 / MEGABYTE


def _show(measured: dict[str, Memory]) -> None:
    table = Table("The worker", "PSS MB", "RSS MB", "Seconds", "Samples", "Of which (PSS/RSS)")
    for name, memory in measured.items():
        table.add_row(
            name,
            f"{memory.pss:.0f}",
            f"{memory.rss:.0f}",
            f"{memory.seconds:.0f}" if memory.seconds else "",
            str(memory.samples),
            ", ".join(memory.shares),
        )
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
