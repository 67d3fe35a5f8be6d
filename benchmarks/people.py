"""How quick people are: lists, searches and the check of a permission over 100,000, and an import of 10,000 rows.

Run it by `python -m benchmarks.people`, which takes SQLite; `--database` names another database, which must be empty.
"""

import argparse
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import insert

from benchmarks.installation import environment
from connectors.database import open_engine
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.models import Group, GroupMember, Membership, User, now
from domain.organizations.permissions import Permission
from domain.organizations.service import local_administrator
from domain.people.import_file import HEADER
from domain.people.imports import start_import
from domain.people.listing import PersonFilter, PersonSort, count_people, list_people, membership_names
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.sessions import open_session
from domain.tasks.service import get_task
from domain.tenancy import system_session
from pressroom.first_start import prepare

FIRST = ("Anna", "Erik", "Åsa", "Lars", "Karin", "Johan", "Maria", "Per", "Eva", "Karl", "Ingrid", "Nils")
LAST = ("Lindberg", "Andersson", "Johansson", "Karlsson", "Nilsson", "Eriksson", "Larsson", "Olsson", "Persson")
BATCH = 5000
LIMIT_MS = 100.0


def main() -> int:
    """Measure and print; 1 where the 95th percentile of anything is over the limit."""
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=100_000)
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--links", action="store_true", help="new people get a link instead of a password")
    options.add_argument("--database", default="", help="SQLAlchemy address of an empty database; else SQLite")
    chosen = options.parse_args()
    with ExitStack() as kept:
        home = Path(kept.enter_context(TemporaryDirectory(prefix="pressroom-people-")))
        values = {"PRESSROOM_HOME": str(home), "PRESSROOM_DOORBELLS": "", "PRESSROOM_LOG_LEVEL": "WARNING"}
        if chosen.database:
            values["PRESSROOM_DATABASE_URL"] = chosen.database
        kept.enter_context(environment(values))
        prepare(get_settings())
        actor = local_administrator()
        slow = _measured(actor, chosen.people) if chosen.people else []
        if chosen.rows:
            _import(actor, chosen.rows, with_links=chosen.links)
    return 1 if slow else 0


def _measured(actor: Actor, count: int) -> list[str]:
    _seed(actor, count)
    with system_session() as session:
        token = open_session(session, session.get_one(User, actor.user_id)).token
    questions: dict[str, Callable[[], object]] = {
        "first page by name": lambda: list_people(actor),
        "first page by e-mail": lambda: list_people(actor, PersonFilter(sort=PersonSort.EMAIL)),
        "page in the middle": lambda: list_people(actor, PersonFilter(after=("karl lindberg", "0"))),
        "search, rare": lambda: list_people(actor, PersonFilter("berg77")),
        "search, common": lambda: list_people(actor, PersonFilter("anna a")),
        "search, nobody": lambda: list_people(actor, PersonFilter("zzzz")),
        "department": lambda: list_people(actor, PersonFilter(department="Dept 7")),
        "role": lambda: list_people(actor, PersonFilter(role="OCR User")),
        "count": lambda: count_people(actor),
        "count of a search": lambda: count_people(actor, PersonFilter("anna")),
        "departments": lambda: membership_names(actor, Membership.DEPARTMENT),
        "permission check": lambda: actor_of_token(token).need(Permission.USERS_VIEW),
    }
    slow = []
    for name, ask in questions.items():
        times = sorted(_milliseconds(ask) for _ in range(40))
        p95 = times[int(len(times) * 0.95) - 1]
        print(f"{name:24} best {times[0]:6.1f} ms   median {statistics.median(times):6.1f} ms   p95 {p95:6.1f} ms")
        slow += [name] if p95 > LIMIT_MS else []
    return slow


def _milliseconds(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000


def _seed(actor: Actor, count: int) -> None:
    rows = list(_people(actor, count))
    with system_session() as session:
        for start in range(0, count, BATCH):
            session.execute(insert(User), rows[start : start + BATCH])
        group = Group(organization_id=actor.organization_id, name="Crew", name_key="crew", roles=["OCR User"])
        session.add(group)
        session.flush()
        members = [
            {"organization_id": actor.organization_id, "group_id": group.id, "user_id": row["id"]} for row in rows[::10]
        ]
        session.execute(insert(GroupMember), members)
    with open_engine(get_settings().records_url).connect().execution_options(isolation_level="AUTOCOMMIT") as tidy:
        tidy.exec_driver_sql("VACUUM")  # what the database does by itself before long
        tidy.exec_driver_sql("ANALYZE")


def _people(actor: Actor, count: int) -> Iterator[dict[str, object]]:
    for number in range(count):
        first, last = FIRST[number % len(FIRST)], LAST[number * 7 % len(LAST)]
        email, name, short = f"{first}.{last}{number}@example.com".lower(), f"{first} {last}", f"{first[:2]}{number}"
        yield {
            "id": f"{number:032x}",
            "organization_id": actor.organization_id,
            "email": email,
            "name": name,
            "first_name": first,
            "last_name": last,
            "short_name": short,
            "department": f"Dept {number % 300}",
            "cost_center": f"CC{number % 500}",
            "custom_attributes": {"building": "North"},
            "roles": ["Solutions User"] if number % 3 else [],
            "search_key": "\n".join((email, name, first, last, short)).casefold(),
            "name_key": name.casefold(),
            "created": now(),
        }


def _import(actor: Actor, count: int, *, with_links: bool) -> None:
    from flows.background_task import perform_task
    from flows.import_users import _import as do

    password = "" if with_links else "Blue-Kettle-72"
    people = (f"i{number}@example.com,CREATE,{password},F{number},L,,,Crew,,CC1,Sales" for number in range(count))
    updates = (f"i{number}@example.com,UPDATE,,G{number},,,,,,," for number in range(count))
    for title, rows in (("create", people), ("update", updates)):
        content = "\n".join((",".join(HEADER), *rows)).encode()
        task_id = start_import(actor, "people.csv", content, send_links=with_links)
        began = time.perf_counter()
        perform_task(task_id, do)
        seconds = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"import, {title} {count} rows of {len(content)} bytes: {seconds:.1f} s, {os.cpu_count()} processors,")
        print(f"  peak memory of the process {peak:.0f} MB, {get_task(actor, task_id).result}")


if __name__ == "__main__":
    sys.exit(main())
