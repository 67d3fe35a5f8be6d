"""What a tenant's session lets through, and how a statement is narrowed to the organization's own rows.

SQLAlchemy can add the condition on `organization_id` only to statements over mapped classes. Whatever it cannot narrow
(tables named directly, SQL as text, writes by key that name no condition) is refused, so that nothing passes unseen.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Executable, Insert, Update
from sqlalchemy.dialects import postgresql, sqlite

from domain.statement_levels import ForeignRowError, levels_of

ORGANIZATION = "organization_id"
Row = dict[Any, Any]


def mapped_classes(statement: Executable) -> set[type]:
    """The mapped classes that `statement` is about.

    Raises `ForeignRowError` where it reaches a table without its class, or a class in a way that cannot be narrowed:
    named in a condition only, so that nothing but the condition brings its table in.
    """
    levels = levels_of(statement)
    for level in levels:
        level.check()
    return {entity.mapper.class_ for level in levels for entity in (*level.sources, *level.mentioned)}


def check_update(statement: Update, parameters: object) -> None:
    """Refuse an update that would move rows to another organization, or that names rows by their keys alone."""
    if isinstance(parameters, list):
        raise ForeignRowError("an update of many rows by their keys")
    given = (*_names(getattr(statement, "_values", None) or {}), *_names(_ordered(statement)))
    if ORGANIZATION in given or (isinstance(parameters, Mapping) and ORGANIZATION in parameters):
        raise ForeignRowError("an update of organization_id")


def stamp_insert(statement: Insert, parameters: Any, organization_id: str) -> Insert:
    """`statement` with its rows belonging to the organization; raises `ForeignRowError` for rows of another."""
    if statement.select is not None:
        raise ForeignRowError("an insert of what a query finds")
    _check_conflict(statement)
    for row in _rows(parameters):
        if row.setdefault(ORGANIZATION, organization_id) != organization_id:
            raise ForeignRowError("an insert of a foreign row")
    several: Sequence[Sequence[Mapping[Any, Any]]] = getattr(statement, "_multi_values", ())
    for values in (values for rows in several for values in rows):
        _check_values(values, organization_id)
    single: Mapping[Any, Any] | None = getattr(statement, "_values", None)
    if single is not None and ORGANIZATION in _names(single):
        _check_values(single, organization_id)
    elif single is not None or not (several or parameters):
        return statement.values({ORGANIZATION: organization_id})
    return statement


def _ordered(statement: Update) -> dict[Any, Any]:
    return dict(getattr(statement, "_ordered_values", None) or ())


def _names(values: Iterable[Any]) -> list[str]:
    return [str(getattr(key, "key", key)) for key in values]


def _rows(parameters: Any) -> list[Row]:
    if isinstance(parameters, dict):
        return [parameters]
    return list(parameters or ())


def _check_values(values: Mapping[Any, Any], organization_id: str) -> None:
    by_name = dict(zip(_names(values), values.values(), strict=True))
    given = by_name.get(ORGANIZATION)
    if getattr(given, "value", given) != organization_id:
        raise ForeignRowError("an insert of a foreign row")


def _check_conflict(statement: Insert) -> None:
    """What an upsert changes must be the organization's own: its constraint has to name the organization."""
    clause = getattr(statement, "_post_values_clause", None)
    if not isinstance(clause, postgresql.dml.OnConflictDoUpdate | sqlite.dml.OnConflictDoUpdate):
        return
    named = _names(clause.inferred_target_elements or ())
    if ORGANIZATION not in named or ORGANIZATION in _names(dict(clause.update_values_to_set)):
        raise ForeignRowError("an upsert whose constraint does not name the organization")
