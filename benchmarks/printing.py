"""How many jobs the print service takes, how soon they are in the queue, and how soon a released one is at its printer.

    python -m benchmarks.printing [--jobs 200] [--seconds 30] [--releases 30] [--held 100000]
        [--due 20000] [--due-in-s3 1000]

The whole system runs for real on loopback; computers print PDFs of ten pages over IPP, with print passwords.

rush      everybody prints at once, from four computers: jobs a minute that were accepted, and that are held
steady    five jobs a second, which is 300 a minute: seconds from the answer to the queue (`held_p95_s`)
CUPS      the same rush into queues of a CUPS of this machine. One makes each job ready for a PostScript printer, which
          takes it at once: `vs_cups` is our jobs a minute over its. The other one only stores them, as a bare spooler
          does, without looking into them, counting or sealing: `vs_cups_storing` is the ratio of the accepted
releases  one after the other at a simulated printer: milliseconds to the first byte
queue     a hundred thousand jobs in one queue: the slowest of its filters, searches and orders (`queue_p95_ms`), on
          SQLite and on a PostgreSQL of this machine
expiry    of 20,000 of these jobs, with their content: seconds, most memory, and how much more than for 2,000; and of
          jobs whose content is in an S3 store of this machine

The last line is one JSON object. Targets: at least 300 jobs a minute, held p95 ≤ 1.5 s, first byte p50 ≤ 300 ms,
`vs_cups` ≥ 0.5, a page of the queue p95 ≤ 150 ms, expiry ≤ 60 s with no more memory than for
a tenth (growth ≤ 10 MB).
"""

import argparse
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

import httpx
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from benchmarks.cups_server import Cups, cups_server
from benchmarks.installation import RunningInstallation, running_installation
from benchmarks.print_records import measure_records
from benchmarks.print_release import measure_releases
from connectors.ipp.values import charsets, keywords, languages, media_types, names, uris
from connectors.ipp.wire import Attributes, Group, IppMessage, Tag, decode, encode
from domain.organizations.actor import Actor, Credential, CredentialKind, actor_of_user
from domain.organizations.models import User, now
from domain.organizations.roles import Role
from domain.print_access.callers import organization_name
from domain.print_access.models import PrintCredentialKind
from domain.print_access.service import make_credential
from domain.printing.models import PrintJob
from domain.printing.states import INCOMING
from domain.tenancy import system_session

PAGES = 10
COMPUTERS = 4
RATE = 5.0
"""Jobs a second of the steady load."""
TIMEOUT = 300.0
PRINT_JOB = 0x0002
SWALLOW = "swallow"
"""The backend of CUPS that takes what it is sent as quickly as it comes."""
POSTSCRIPT_PRINTER = "drv:///sample.drv/generic.ppd"
MOST_SUCCESSFUL = 0x00FF
TARGETS = {
    "jobs_per_min": "≥ 300",
    "held_p95_s": "≤ 1.5",
    "release_first_byte_p50_ms": "≤ 300",
    "vs_cups": "≥ 0.5",
    "queue_p95_ms": "≤ 150",
    "queue_postgresql_p95_ms": "≤ 150",
    "expiry_s": "≤ 60",
    "expiry_growth_mb": "≤ 10",
    "expiry_postgresql_s": "≤ 60",
    "expiry_postgresql_growth_mb": "≤ 10",
}


@dataclass(frozen=True)
class Queue:
    """Where computers print to: `url` speaks HTTP, `uri` is the printer's name in IPP."""

    url: str
    uri: str
    auth: httpx.Auth = httpx.Auth()  # noqa: RUF009 — none, and the same for all
    ticket: Attributes | None = None


def main() -> None:
    """Measure, print the table and, as the last line, one JSON object."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--jobs", type=int, default=200, help="of a rush")
    arguments.add_argument("--seconds", type=float, default=30, help="of the steady load")
    arguments.add_argument("--releases", type=int, default=30)
    arguments.add_argument("--held", type=int, default=100_000, help="jobs in the queue whose pages are asked for")
    arguments.add_argument("--due", type=int, default=20_000, help="of them, whose time is over")
    arguments.add_argument("--due-in-s3", type=int, default=1_000, help="jobs in an S3 store whose time is over")
    chosen = arguments.parse_args()
    with TemporaryDirectory() as folder:
        document = _document(Path(folder) / "ten pages.pdf")
        settings = {"ipp_in_the_clear": "true"}
        with running_installation(Path(folder) / "home", **settings) as system:
            queue = _own_queue(system)
            _rush(queue, document, COMPUTERS)
            _wait_until_held()
            figures = _measure_rush(queue, document, chosen.jobs)
            figures |= _measure_steady(queue, document, chosen.seconds)
            figures |= measure_releases(system, Path(folder), chosen.releases)
        figures |= _measure_cups(document, chosen.jobs)
    figures |= measure_records(chosen.held, chosen.due, chosen.due_in_s3)
    figures["vs_cups"] = round(figures["jobs_per_min"] / figures["cups_jobs_per_min"], 2)
    figures["vs_cups_storing"] = round(figures["accepted_per_min"] / figures["cups_stored_per_min"], 2)
    table = Table("Figure", "Value", "Target")
    for name, value in figures.items():
        table.add_row(name, f"{value:g}", TARGETS.get(name, ""))
    Console().print(table)
    print(json.dumps(figures))


def _measure_rush(queue: Queue, document: bytes, count: int) -> dict[str, float]:
    """Jobs a minute: accepted, and until the last of them waits in the queue."""
    began = time.monotonic()
    accepted = _rush(queue, document, count)
    _wait_until_held()
    return {"accepted_per_min": round(accepted), "jobs_per_min": round(count / (time.monotonic() - began) * 60)}


def _measure_steady(queue: Queue, document: bytes, seconds: float) -> dict[str, float]:
    """How long jobs that come evenly need from their acceptance to the queue."""
    began, started = now(), time.monotonic()
    with httpx.Client(timeout=60, trust_env=False) as client, ThreadPoolExecutor(COMPUTERS) as computers:
        sent = []
        for number in range(int(seconds * RATE)):
            time.sleep(max(0.0, started + number / RATE - time.monotonic()))
            sent.append(computers.submit(_print, client, queue, document))
        for one in sent:
            one.result()
    _wait_until_held()
    with system_session(read_only=True) as session:
        times = session.execute(select(PrintJob.submitted, PrintJob.held).where(PrintJob.submitted >= began)).all()
    waits = sorted((row.held - row.submitted).total_seconds() for row in times if row.held is not None)
    return {"held_p50_s": round(waits[len(waits) // 2], 2), "held_p95_s": round(quantiles(waits, n=20)[-1], 2)}


def _rush(queue: Queue, document: bytes, count: int) -> float:
    """Print as quickly as several computers can; returns how many a minute were accepted."""
    with httpx.Client(timeout=60, trust_env=False) as client, ThreadPoolExecutor(COMPUTERS) as computers:
        work: Callable[[int], None] = lambda _number: _print(client, queue, document)  # noqa: E731
        began = time.monotonic()
        list(computers.map(work, range(count)))
        return count / (time.monotonic() - began) * 60


def _print(client: httpx.Client, queue: Queue, document: bytes) -> None:
    asked: Attributes = {
        "attributes-charset": charsets("utf-8"),
        "attributes-natural-language": languages("en"),
        "printer-uri": uris(queue.uri),
        "requesting-user-name": names("kim"),
        "job-name": names("Ten pages"),
        "document-format": media_types("application/pdf"),
    }
    groups = [Group(Tag.OPERATION, asked)] + ([Group(Tag.JOB, queue.ticket)] if queue.ticket else [])
    body = encode(IppMessage(PRINT_JOB, 1, tuple(groups), (2, 0))) + document
    headers = {"Content-Type": "application/ipp"}
    answer = client.post(queue.url, content=body, headers=headers, auth=queue.auth).raise_for_status()
    status = decode(answer.content)[0].code
    if status > MOST_SUCCESSFUL:
        raise SystemExit(f"the job was not accepted: 0x{status:04x}")


def _own_queue(system: RunningInstallation) -> Queue:
    with system_session() as session:
        user = session.get_one(User, system.administrator.user_id)
        user.roles = [*user.roles, Role.PRINT_RELEASE_USER.value]
    person = _confirmed(actor_of_user(system.administrator.user_id))
    password, _ = make_credential(person, PrintCredentialKind.PASSWORD, "benchmark")
    path = f"/ipp/print/{organization_name(person.organization_id)}"
    return Queue(
        f"{system.url}{path}", system.url.replace("http", "ipp", 1) + path, httpx.BasicAuth(person.email, password)
    )


def _confirmed(person: Actor) -> Actor:
    """The person as after typing their password just now."""
    return replace(person, credential=Credential(CredentialKind.SESSION, "benchmark", now()))


def _wait_until_held() -> None:
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        with system_session(read_only=True) as session:
            if not session.scalar(select(func.count()).where(PrintJob.state.in_(INCOMING))):
                return
        time.sleep(0.05)
    raise SystemExit("the jobs were not prepared in time")


def _measure_cups(document: bytes, count: int) -> dict[str, float]:
    """Jobs a minute of CUPS: stored and held, and until the last of them has gone through its filters."""
    with TemporaryDirectory() as folder:
        swallow = Path(folder) / SWALLOW
        swallow.write_text("#!/bin/sh\nexec cat >/dev/null\n", encoding="ascii")
        swallow.chmod(0o755)
        with cups_server({SWALLOW: swallow}) as server:
            server.run("lpadmin", "-p", "storing", "-E", "-v", f"{SWALLOW}:/nothing", "-m", "raw")
            server.run("lpadmin", "-p", "printing", "-E", "-v", f"{SWALLOW}:/nothing", "-m", POSTSCRIPT_PRINTER)
            held = _cups_queue(server, "storing", {"job-hold-until": keywords("indefinite")})
            stored = _rush(held, document, count)
            began = time.monotonic()
            _rush(_cups_queue(server, "printing"), document, count)
            while server.run("lpstat", "-o", "printing"):
                if time.monotonic() - began > TIMEOUT:
                    raise SystemExit("CUPS did not print the jobs in time")
                time.sleep(0.2)
            return {
                "cups_stored_per_min": round(stored),
                "cups_jobs_per_min": round(count / (time.monotonic() - began) * 60),
            }


def _cups_queue(server: Cups, name: str, ticket: Attributes | None = None) -> Queue:
    address = f"127.0.0.1:{server.port}/printers/{name}"
    return Queue(f"http://{address}", f"ipp://{address}", ticket=ticket)


def _document(path: Path) -> bytes:
    canvas = Canvas(str(path), pagesize=A4)
    for number in range(1, PAGES + 1):
        for line in range(40):
            canvas.drawString(72, 760 - 17 * line, f"Page {number}, line {line}: what people print is mostly text.")
        canvas.showPage()
    canvas.save()
    return path.read_bytes()


if __name__ == "__main__":
    main()
