"""A print queue with a hundred thousand jobs: its pages and the expiry of many of them, on SQLite and on PostgreSQL."""

from benchmarks.own_records import own_records
from benchmarks.print_expiry import measure_expiry, measure_expiry_in_s3
from benchmarks.print_queues import seed_jobs, slowest_page
from domain.organizations.actor import Actor
from tests.support.postgres import running_postgres


def measure_records(held: int, due: int, due_in_s3: int) -> dict[str, float]:
    """The figures by their keys: `held` jobs wait, `due` of them have their time over, with content."""
    with own_records() as actor:
        figures = _measured(actor, held, due, "")
    with running_postgres("printing") as address, own_records(f"{address}/printing") as actor:
        figures |= _measured(actor, held, due, "postgresql_")
    return figures | measure_expiry_in_s3(due_in_s3)


def _measured(actor: Actor, held: int, due: int, records: str) -> dict[str, float]:
    seed_jobs(actor, held)
    return {f"queue_{records}p95_ms": slowest_page(actor)} | measure_expiry(actor, due, f"expiry_{records}")
