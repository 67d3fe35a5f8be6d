"""How quick accounts are: lists and searches of 100,000 people, the check of who asks, an import of 10,000 rows.

Run it by `python -m benchmarks.accounts`, which takes SQLite; `--database` names another database, which must be empty.
The last line is one JSON object.
"""

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.installation import environment
from benchmarks.own_process import peak_memory_mb
from benchmarks.people import questions, seed_people, session_of
from benchmarks.questions import slowest_question
from connectors.logs import configure_logs
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.service import local_administrator
from domain.people.import_file import HEADER
from domain.people.imports import start_import
from domain.tasks.service import get_task
from pressroom.first_start import prepare

TARGETS = {"import_s": 60.0, "import_mb": 300.0, "search_p95_ms": 100.0, "auth_ms": 3.0}
"""What must not be exceeded."""
PASSWORD, REST = "Blue-Kettle-72", "L,,,Crew,,CC1,Sales"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import took: in the process that did it, which did nothing else."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    result: str


def main() -> int:
    """Measure and print; 1 where a target is missed."""
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=100_000)
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--skip-passwords", action="store_true", help="no import of people with passwords")
    options.add_argument("--database", default="", help="SQLAlchemy address of an empty database; else SQLite")
    chosen = options.parse_args()
    with ExitStack() as kept:
        home = Path(kept.enter_context(TemporaryDirectory(prefix="pressroom-accounts-")))
        values = {"PRESSROOM_HOME": str(home), "PRESSROOM_DOORBELLS": "", "PRESSROOM_LOG_LEVEL": "ERROR"}
        if chosen.database:
            values["PRESSROOM_DATABASE_URL"] = chosen.database
        kept.enter_context(environment(values))
        configure_logs(get_settings())
        prepare(get_settings())
        actor = local_administrator()
        seed_people(actor, chosen.people)
        measured = {
            "search_p95_ms": _searches(actor),
            "auth_ms": _checks(actor),
            **_imports(chosen.rows, with_passwords=not chosen.skip_passwords),
        }
    print(json.dumps({name: round(value, 2) for name, value in measured.items()}))
    return 1 if any(measured[name] > limit for name, limit in TARGETS.items()) else 0


def _searches(actor: Actor) -> float:
    """The slowest question's 95th percentile, in milliseconds."""
    return slowest_question(questions(actor, session_of(actor)))


def _checks(actor: Actor) -> float:
    """What the dearest kind of check adds to a request, in milliseconds."""
    from benchmarks.auth import overheads  # the portal, which must not be in the processes that import

    found = overheads(actor)
    for kind, overhead in found.items():
        print(f"check of a {kind:18} adds {overhead.wall_ms:5.2f} ms to a request, {overhead.cpu_ms:5.2f} ms of CPU")
    return max(overhead.wall_ms for overhead in found.values())


def _imports(count: int, *, with_passwords: bool) -> dict[str, float]:
    """Of people who are sent links, of people with passwords, and of changes; each in a process of its own."""
    numbers = range(count)
    rows = {
        "links": [f"l{number}@example.com,CREATE,,F{number},{REST}" for number in numbers],
        "changes": [f"l{number}@example.com,UPDATE,,G{number},,,,,,," for number in numbers],
    }
    if with_passwords:
        rows["passwords"] = [f"p{number}@example.com,CREATE,{PASSWORD},F{number},{REST}" for number in numbers]
    found = {}
    for kind, lines in rows.items():
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:
            done = apart.submit(_import, lines, send_links=kind == "links").result()
        print(
            f"import of {count} rows, {kind:9}: {done.seconds:5.1f} s, {done.cpu_seconds:5.1f} s of CPU, "
            f"at most {done.peak_mb:.0f} MB; {done.result}"
        )
        found[kind] = done
    return {
        "import_s": found["links"].seconds,
        "import_mb": max(done.peak_mb for done in found.values()),
        "import_cpu_s": found["links"].cpu_seconds,
        "import_changes_s": found["changes"].seconds,
    } | ({"import_passwords_s": found["passwords"].seconds} if with_passwords else {})


def _import(lines: list[str], *, send_links: bool) -> Imported:
    """Do an import as the worker does, in this process."""
    from flows.background_task import perform_task
    from flows.import_users import _import as do

    configure_logs(get_settings())
    actor = local_administrator()
    content = "\n".join((",".join(HEADER), *lines)).encode()
    task_id = start_import(actor, "people.csv", content, send_links=send_links)
    wall, cpu = time.perf_counter(), time.process_time()
    perform_task(task_id, do)
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    peak = peak_memory_mb()
    return Imported(seconds, cpu_seconds, peak, str(get_task(actor, task_id).result))


if __name__ == "__main__":
    sys.exit(main())
