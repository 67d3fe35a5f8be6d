"""Removing every row of an organization, whichever tables there are (AC-21).

The tables are read from the database itself, so that none is forgotten that a later release adds: whatever has an
`organization_id` belongs to an organization. Rows go in batches, those that refer to others first.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, MetaData, Table, delete, func, select, tuple_, type_coerce
from sqlalchemy.orm import Session

from connectors.database import Utc

BATCH = 500
"""Rows deleted in one transaction: other people's writes wait for it."""

OWNER = "organization_id"
LEASE = "lease_until"

GOES_WITH_ITS_ORGANIZATION = frozenset({"audit_event"})
"""Tables whose rows the database deletes with the organization's own row and not before."""


def tables_of_organizations(connection: Connection) -> list[Table]:
    """Every table with rows of organizations, in the order in which they are to be emptied."""
    metadata = MetaData()
    metadata.reflect(connection)
    tables = [table for table in reversed(metadata.sorted_tables) if OWNER in table.c]
    return [table for table in tables if table.name not in GOES_WITH_ITS_ORGANIZATION]


def delete_batch(session: Session, table: Table, organization_id: str) -> int:
    """Delete up to `BATCH` rows of the organization; returns how many, fewer once there are none left."""
    keys = list(table.primary_key.columns)
    some = select(*keys).where(table.c[OWNER] == organization_id).limit(BATCH)
    gone = session.execute(delete(table).where(tuple_(*keys).in_(some)).returning(keys[0]))
    return len(gone.all())


def leases_end(session: Session, tables: Sequence[Table], organization_id: str) -> datetime | None:
    """Until when workers may hold work of the organization; None where none does."""
    latest = [
        select(func.max(type_coerce(table.c[LEASE], Utc()))).where(table.c[OWNER] == organization_id)
        for table in tables
        if LEASE in table.c
    ]
    ends = [session.scalar(query) for query in latest]
    return max((end for end in ends if end is not None), default=None)
