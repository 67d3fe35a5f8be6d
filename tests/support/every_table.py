"""A row of an organization in every table that there is, made from what the database tells of its tables."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import count
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from connectors.database import open_engine
from connectors.settings import get_settings
from domain.tenancy import system_session

OWNER = "organization_id"
_numbers = count(1)
"""No two rows have the same number: some must not."""


def tables() -> Sequence[sa.Table]:
    """All tables of the installation, those that others refer to first."""
    return _tables_at(get_settings().records_url)


@lru_cache(maxsize=1)
def _tables_at(address: str) -> Sequence[sa.Table]:
    metadata = sa.MetaData()
    metadata.reflect(open_engine(address))
    return [table for table in metadata.sorted_tables if table.name != "alembic_version"]


def fill_every_table(organization_id: str) -> None:
    """One more row in each table with rows of organizations; rows that refer to others refer to those just made."""
    made: dict[str, dict[str, Any]] = {"organization": {"id": organization_id}}
    with system_session() as session:
        for table in (table for table in tables() if OWNER in table.c):
            values = {column.name: _value(column, made) for column in table.c if _is_needed(column, made)}
            result = session.execute(table.insert().values({**values, OWNER: organization_id}))
            keys = dict(zip(table.primary_key.columns.keys(), result.inserted_primary_key or (), strict=True))
            made[table.name] = {**values, **keys}


def rows_of(organization_id: str) -> dict[str, int]:
    """How many rows each table holds of the organization, its own row included; tables without any are left out."""
    with system_session(read_only=True) as session:
        counts = {}
        for table in tables():
            owner = table.c.id if table.name == "organization" else table.c.get(OWNER)
            if owner is not None:
                query = sa.select(sa.func.count()).select_from(table).where(owner == organization_id)
                counts[table.name] = session.scalar(query) or 0
    return {name: count for name, count in counts.items() if count}


def _is_needed(column: sa.Column[Any], made: dict[str, dict[str, Any]]) -> bool:
    if column.foreign_keys:
        return next(iter(column.foreign_keys)).column.table.name in made
    is_number_of_row = column.primary_key and isinstance(column.type, sa.Integer)
    return not column.nullable and not is_number_of_row


def _value(column: sa.Column[Any], made: dict[str, dict[str, Any]]) -> Any:
    if column.foreign_keys:
        target = next(iter(column.foreign_keys)).column
        return made[target.table.name][target.name]
    match column.type:
        case sa.String():
            return uuid4().hex[: column.type.length or 32]
        case sa.Boolean():
            return False
        case sa.Integer() | sa.Float() | sa.Numeric():
            return next(_numbers)
        case sa.DateTime():
            return datetime.now(UTC)
        case sa.Date():
            return datetime.now(UTC).date()
        case sa.Time():
            return datetime.now(UTC).time()
        case sa.LargeBinary():
            return b"content"
        case sa.JSON():
            return {}
    raise TypeError(f"no value for {column} of type {column.type!r}")


def everything_of(organization_id: str) -> dict[str, list[str]]:
    """Every row of the organization, table by table, to see whether anything has changed; last uses do not count."""
    with system_session(read_only=True) as session:
        found = {}
        for table in tables():
            owner = table.c.id if table.name == "organization" else table.c.get(OWNER)
            if owner is not None:
                columns = [column for column in table.c if not column.name.startswith("last_")]
                rows = session.execute(sa.select(*columns).where(owner == organization_id))
                found[table.name] = sorted(map(str, rows))
    return found
