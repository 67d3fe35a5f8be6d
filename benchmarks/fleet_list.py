"""How quick the list of printers is with 100,000 of them: filters, searches, sorting by any column, paging, counting.

On SQLite and on a PostgreSQL of its own.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select

from benchmarks.fleet_parts import FleetOptions, at_most
from benchmarks.own_records import own_records, tidy
from benchmarks.questions import slowest_question
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.tenancy import system_session, tenant_session
from fleet.agents.built_in import built_in_agent
from fleet.agents.models import AgentKind
from fleet.printers.columns import SORTABLE, Column
from fleet.printers.filters import PrinterFilter
from fleet.printers.listing import PrinterQuery, count_printers, list_printers, matching_ids, values_in_use
from fleet.printers.models import (
    Communication,
    Printer,
    PrinterReadingRow,
    Severity,
    Tag,
    TaggedPrinter,
    address_key,
    search_key,
)
from fleet.printers.views import SYSTEM_VIEWS
from tests.support.postgres import running_postgres

TARGETS = {"list_p95_ms": at_most(150.0), "list_postgresql_p95_ms": at_most(150.0)}
BATCH = 5000
MODELS = (
    "PX C4150",
    "PX C9235",
    "PX M3250",
    "PX M5270",
    "LaserJet 600",
    "ECOSYS P3155",
    "bizhub C250i",
    "WorkForce 5790",
)
MAKES = ("Pressroom", "Pressroom", "Pressroom", "Pressroom", "HP", "KYOCERA", "KONICA MINOLTA", "EPSON")
CITIES = ("Stockholm", "Göteborg", "Malmö", "Umeå", "Kiruna", "Lund", "Växjö")
READING = {
    "supplies": [
        {
            "key": f"s{number}",
            "kind": "toner",
            "description": f"{name} toner",
            "colour": name,
            "percent": 12 * number + 5,
        }
        for number, name in enumerate(("black", "cyan", "magenta", "yellow"))
    ],
    "alerts": [{"severity": "warning", "text": "Toner low", "group": "markerSupplies"}],
}


def measure(options: FleetOptions) -> Mapping[str, float]:
    """The 95th percentile of the slowest question, in milliseconds, on each database."""
    count = options.count(100_000)
    with own_records() as actor:
        figures = {"list_p95_ms": _slowest(actor, count)}
    with running_postgres("fleet") as address, own_records(f"{address}/fleet") as actor:
        return figures | {"list_postgresql_p95_ms": _slowest(actor, count)}


def _slowest(actor: Actor, count: int) -> float:
    seed_printers(actor, count)
    worst = slowest_question(questions(actor))
    began = time.perf_counter()
    found = len(matching_ids(actor, PrinterFilter()))
    print(f"{'all ids for a bulk command':34} {(time.perf_counter() - began) * 1000:6.1f} ms for {found}")
    return worst


def questions(actor: Actor) -> Mapping[str, Callable[[], object]]:
    """What is asked of the list, by what it is called in the table."""
    found: dict[str, Callable[[], object]] = {}
    for number, column in enumerate(SORTABLE):
        is_falling = number % 2 == 1
        query = PrinterQuery(sort=column, descending=is_falling, columns=frozenset(SYSTEM_VIEWS[0].columns))
        name = f"sorted by {column.value}{', falling' if is_falling else ''}"
        found[name] = lambda query=query: list_printers(actor, query)  # type: ignore[misc]
    filters = {
        "search, rare": PrinterFilter(search="127.30.77.7"),
        "search, common": PrinterFilter(search="px st"),
        "search, nothing": PrinterFilter(search="zzzz"),
        "communication": PrinterFilter(communication=(Communication.SILENT,)),
        "agent kinds and alerts": PrinterFilter(
            agent_kinds=(AgentKind.FLEET, AgentKind.NATIVE), printer_alerts=(Severity.ERROR,)
        ),
        "tag of many": PrinterFilter(tag_ids=(f"{1:032x}",)),
        "tag of few": PrinterFilter(tag_ids=(f"{2:032x}",)),
        "models": PrinterFilter(models=MODELS[:2]),
        "maker and firmware": PrinterFilter(manufacturers=("HP",), firmware_update=True),
        "five filters": PrinterFilter(
            search="stockholm",
            communication=(Communication.COMMUNICATING,),
            supply_alerts=(Severity.WARNING,),
            models=MODELS[:4],
            tag_ids=(f"{1:032x}",),
        ),
    }
    for name, chosen in filters.items():
        for sort in (Column.ADDRESS, Column.LAST_CONTACT):
            query = PrinterQuery(chosen, sort=sort, columns=frozenset(SYSTEM_VIEWS[0].columns))
            found[f"{name}, by {sort.value}"] = lambda query=query: list_printers(actor, query)  # type: ignore[misc]
        found[f"count: {name}"] = lambda chosen=chosen: count_printers(actor, chosen)  # type: ignore[misc]
    deep = PrinterQuery(after=(_middle(actor), ""))
    found["page in the middle"] = lambda: list_printers(actor, deep)
    for view in SYSTEM_VIEWS:
        of_view = PrinterQuery(columns=frozenset(view.columns))
        found[f"view {view.name}"] = lambda query=of_view: list_printers(actor, query)  # type: ignore[misc]
    found["count of all"] = lambda: count_printers(actor)
    found["models in use"] = lambda: values_in_use(actor, Column.MODEL)
    found["makers in use"] = lambda: values_in_use(actor, Column.MANUFACTURER)
    return found


def _middle(actor: Actor) -> str:
    """The address by which half of the printers come before, as it is sorted."""
    with actor.session(read_only=True) as session:
        half = (session.scalar(select(func.count(Printer.id))) or 0) // 2
        by_address = select(Printer.address_key).order_by(Printer.address_key)
        return str(session.scalar(by_address.offset(half).limit(1)))


def seed_printers(actor: Actor, count: int) -> None:
    """Put `count` printers with their readings and tags into the actor's organization."""
    home = actor.organization_id
    with tenant_session(home) as session:
        agent_id = built_in_agent(session, home).id
    rows = list(_printers(home, agent_id, count))
    with system_session() as session:
        session.execute(insert(Tag), [_tag(home, number) for number in (1, 2)])
        for start in range(0, count, BATCH):
            some = rows[start : start + BATCH]
            session.execute(insert(Printer), some)
            common = {"organization_id": home, "at": now(), "reading": READING}
            session.execute(insert(PrinterReadingRow), [{**common, "printer_id": row["id"]} for row in some])
        for number, every in ((1, 3), (2, 500)):
            tagged = {"organization_id": home, "tag_id": f"{number:032x}"}
            session.execute(insert(TaggedPrinter), [{**tagged, "printer_id": row["id"]} for row in rows[::every]])
    tidy()


def _tag(home: str, number: int) -> dict[str, Any]:
    return {"id": f"{number:032x}", "organization_id": home, "name": f"Tag {number}", "name_key": f"tag {number}"}


def _printers(home: str, agent_id: str, count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        kind, address = number % len(MODELS), f"127.{30 + number // 62500}.{number // 250 % 250}.{number % 250 + 1}"
        facts = {
            "id": f"{number * 7919 % 1_000_003:032x}",
            "organization_id": home,
            "agent_id": agent_id,
            "agent_kind": AgentKind.FLEET if number % 5 else AgentKind.NATIVE,
            "serial_number": f"PXC{number:07}",
            "manufacturer": MAKES[kind],
            "model": MODELS[kind],
            "is_vendor": MAKES[kind] == "Pressroom",
            "address": address,
            "host_name": f"printer-{number}.example.com",
            "name": f"Printer {number % 977}",
            "asset_tag": f"A{number * 31 % count:06}",
            "location": f"{CITIES[number % len(CITIES)]}, floor {number % 9}",
            "contact": f"desk{number % 50}@example.com",
            "firmware_level": f"081.{200 + number % 30}",
            "offered_firmware": "081.230" if number % 4 == 0 else "",
            "communication": Communication.COMMUNICATING if number % 11 else Communication.SILENT,
            "alert_severity": Severity.ERROR if number % 40 == 0 else None,
            "supply_severity": Severity.WARNING if number % 6 == 0 else None,
            "life_pages": number * 13 % 900_000,
            "copies": number * 17 % 50_000 if number % 3 else None,
            "scans": number * 19 % 50_000,
            "last_contact": now() - timedelta(seconds=number * 37 % 864_000),
        }
        yield {**facts, "address_key": address_key(address), "search_key": search_key(facts)}
