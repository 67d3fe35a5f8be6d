"""The list of printers: filters, search, sorting by any column, paging by keys; quick with a hundred thousand."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.models import Organization
from fleet.printers.columns import COLUMNS, Column, Sorting
from fleet.printers.filters import PrinterFilter, collected, conditions
from fleet.printers.models import FILTERED_BY, Printer
from fleet.printers.rows import PrinterView, printer_views
from fleet.printers.scope import Scope, is_in, printer_scope

LARGEST_PAGE = 200
MOST_COUNTED = 10_000
"""Further printers are not counted: a list says “more than” then."""

NOT_SORTABLE = Fault(
    "printer.not_sortable",
    422,
    N_("A list of printers cannot be sorted by “{column}”."),
    N_("Sort by another column."),
)
NO_PLACE = Fault(
    "printer.no_place",
    422,
    N_("The place in the list of printers is not one of this sorting."),
    N_("Begin with the first page again."),
)
NOT_REPORTED = -1
"""Below every count, where printers stand that do not report it."""
WINDOW = 2000
"""So many printers are looked at along the index before all that a filter lets through are collected and sorted: where
a filter lets many through, the page is full by then; where it lets few through, sorting those few is quicker."""
WINDOW_COLUMNS = (*FILTERED_BY, "id", "organization_id", "search_key")
"""What filters ask of a printer."""


@dataclass(frozen=True, slots=True)
class PrinterQuery:
    """Which part of which list. `after` is the key of the last printer of the page before.

    `columns` are those that will be shown: what only some of them need is looked up for those only. `across`: the
    summary over all organizations (FL-176).
    """

    chosen: PrinterFilter = field(default_factory=PrinterFilter)
    sort: Column = Column.ADDRESS
    descending: bool = False
    after: tuple[str, str] | None = None
    limit: int = 50
    columns: frozenset[Column] = frozenset(Column)
    across: bool = False


@dataclass(frozen=True, slots=True)
class PrinterCount:
    """How many printers the filters let through; `is_capped`: there are more than that."""

    count: int
    is_capped: bool


def list_printers(actor: Actor, query: PrinterQuery | None = None) -> list[PrinterView]:
    """One page of the list; those whose value is not known come last. Raises `NOT_SORTABLE`, `NO_PLACE`."""
    query = query or PrinterQuery()
    check_sorting(query)
    if query.sort is Column.ORGANIZATION and not query.across:
        query = replace(query, sort=Column.ADDRESS)  # all are of one
    with printer_scope(actor, across=query.across) as scope:
        ids = _page(scope, replace(query, limit=min(query.limit, LARGEST_PAGE)))
        return _in_order(scope, ids, query)


def check_sorting(query: PrinterQuery) -> None:
    """Raise `NOT_SORTABLE` for a column without an order."""
    if not COLUMNS[query.sort].key:
        raise NOT_SORTABLE(column=query.sort.value)


def count_printers(actor: Actor, chosen: PrinterFilter | None = None, *, across: bool = False) -> PrinterCount:
    """How many the filters let through, on all pages."""
    with printer_scope(actor, across=across) as scope:
        matching = _matching(scope, chosen or PrinterFilter(), counts=True).with_only_columns(Printer.id)
        found = scope.session.scalar(select(func.count()).select_from(matching.limit(MOST_COUNTED + 1).subquery())) or 0
        return PrinterCount(min(found, MOST_COUNTED), found > MOST_COUNTED)


def printers_shown(actor: Actor, ids: Sequence[str], query: PrinterQuery) -> list[PrinterView]:
    """These printers as they are now, in this order, for a list that is open; those that are gone are left out."""
    with printer_scope(actor, across=query.across) as scope:
        return _in_order(scope, ids, query)


def matching_ids(actor: Actor, chosen: PrinterFilter, *, across: bool = False) -> list[str]:
    """The ids of all printers that the filters let through, for what is done to all of them."""
    with printer_scope(actor, across=across) as scope:
        statement = _matching(scope, chosen).with_only_columns(Printer.id)
        return list(scope.session.scalars(statement.order_by(Printer.address_key, Printer.id)))


def values_in_use(actor: Actor, column: Column, *, across: bool = False) -> list[str]:
    """The models or manufacturers that there are, for the choice of filters."""
    field_of = {Column.MODEL: Printer.model, Column.MANUFACTURER: Printer.manufacturer}[column]
    with printer_scope(actor, across=across) as scope:
        query = select(field_of).where(is_in(scope), field_of != "").distinct()
        return sorted(scope.session.scalars(query), key=str.casefold)


def organizations_in_scope(actor: Actor) -> dict[str, str]:
    """The organizations of the summary, by id, with their names (FL-176)."""
    with printer_scope(actor, across=True) as scope:
        return scope.organizations


def _matching(scope: Scope, chosen: PrinterFilter, *, counts: bool = False) -> Select[tuple[Printer]]:
    """All that the filters let through, found as is quickest where it is asked.

    PostgreSQL reads the table once, by the index that narrows most, and joins it with itself dearly; only what a search
    alone lets through is found sooner in the index of what is searched. SQLite finds each part in an index of its own.
    """
    is_postgresql = scope.session.get_bind().dialect.name == "postgresql"
    at_once = is_postgresql and (counts or not chosen.without_search.is_empty)
    return select(Printer).where(is_in(scope), *(conditions(chosen, Printer) if at_once else collected(chosen)))


def _in_order(scope: Scope, ids: Sequence[str], query: PrinterQuery) -> list[PrinterView]:
    found = scope.session.scalars(select(Printer).where(is_in(scope), Printer.id.in_(ids)))
    printers = {printer.id: printer for printer in found}
    return printer_views(scope, [printers[one] for one in ids if one in printers], query.columns, query.sort)


def _page(scope: Scope, query: PrinterQuery) -> list[str]:
    """The page's ids: along the index where that fills it, else collected and sorted; those without a value last."""
    key = _sort_key(query)
    if _may_lack(query) and query.after is not None and not query.after[0]:
        return _without_value(scope, query, key, query.limit)
    if query.chosen.is_empty and not query.across:
        found = list(scope.session.scalars(_walked(scope, query, key).limit(query.limit)))
        if len(found) < query.limit and _may_lack(query):
            found += _without_value(scope, query, key, query.limit - len(found))
        return found
    if not query.across:
        found = list(scope.session.scalars(_within_window(_walked(scope, query, key), query)))
        if len(found) == query.limit:
            return found
    return list(scope.session.scalars(_sorted(scope, query, key).limit(query.limit)))


def _walked(scope: Scope, query: PrinterQuery, key: ColumnElement[Any]) -> Select[tuple[str]]:
    """The printers that have a value, along the index of the sorting."""
    walked = select(Printer.id).where(is_in(scope))
    if _may_lack(query):
        walked = walked.where(key.is_not(None))
    if query.after is not None:
        walked = walked.where(_beyond(key, query, query.after))
    return walked.order_by(*((key.desc(), Printer.id.desc()) if query.descending else (key, Printer.id)))


def _within_window(walked: Select[tuple[str]], query: PrinterQuery) -> Select[tuple[str]]:
    """The first of the next printers along the index that the filters let through.

    The window is a table of its own: neither database then looks at all printers because that seems cheaper.
    """
    names = {*WINDOW_COLUMNS, COLUMNS[query.sort].key}
    window = walked.with_only_columns(*(getattr(Printer, name) for name in sorted(names))).limit(WINDOW)
    near = aliased(Printer, window.subquery())
    key = getattr(near, COLUMNS[query.sort].key)
    order = (key.desc(), near.id.desc()) if query.descending else (key, near.id)
    return select(near.id).where(*conditions(query.chosen, near)).order_by(*order).limit(query.limit)


def _without_value(scope: Scope, query: PrinterQuery, key: ColumnElement[Any], limit: int) -> list[str]:
    statement = _matching(scope, query.chosen).with_only_columns(Printer.id).where(key.is_(None))
    if query.after is not None and not query.after[0]:
        last = query.after[1]
        statement = statement.where(Printer.id < last if query.descending else Printer.id > last)
    return list(
        scope.session.scalars(statement.order_by(Printer.id.desc() if query.descending else Printer.id).limit(limit))
    )


def _sorted(scope: Scope, query: PrinterQuery, key: ColumnElement[Any]) -> Select[tuple[str]]:
    """All that the filters let through, those without a value last: found in one search, whatever they lack.

    Sorted once they are collected, not walked along an index: SQLite would look up each printer on the way.
    """
    statement = _matching(scope, query.chosen).with_only_columns(Printer.id)
    lacks = [key.is_(None)] if _may_lack(query) else []
    if query.after is not None:
        statement = statement.where(or_(_beyond(key, query, query.after), *lacks))
    collected = key + "" if COLUMNS[query.sort].sorting is Sorting.TEXT else key
    order = (collected.desc(), Printer.id.desc()) if query.descending else (collected, Printer.id)
    return statement.order_by(*lacks, *order)


def _may_lack(query: PrinterQuery) -> bool:
    """Whether printers may have no value in the column that is sorted by."""
    return query.sort is not Column.ORGANIZATION and bool(Printer.__table__.c[COLUMNS[query.sort].key].nullable)


def _sort_key(query: PrinterQuery) -> ColumnElement[Any]:
    if query.sort is Column.ORGANIZATION:
        name = select(Organization.name).where(Organization.id == Printer.organization_id)
        return func.coalesce(name.correlate(Printer).scalar_subquery(), "")
    column: ColumnElement[Any] = getattr(Printer, COLUMNS[query.sort].key).expression
    return column


def _beyond(key: ColumnElement[Any], query: PrinterQuery, after: tuple[str, str]) -> ColumnElement[bool]:
    place = tuple_(key, Printer.id)
    last = tuple_(literal(_value(after[0], COLUMNS[query.sort].sorting), key.type), literal(after[1]))
    return place < last if query.descending else place > last


def _value(text: str, sorting: Sorting) -> str | int | datetime:
    """What a view's key says, as the database compares it; raises `NO_PLACE`."""
    try:
        if sorting is Sorting.NUMBER:
            return int(text)
        if sorting is Sorting.MOMENT:
            return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise NO_PLACE() from error
    return text
