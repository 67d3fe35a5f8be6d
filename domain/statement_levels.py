"""A statement taken apart into its levels, each SELECT being one: which classes it names, and where.

The author's own words count. What SQLAlchemy derives from them at compilation, such as the FROM list, is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Executable, Select, TextClause
from sqlalchemy.orm import QueryableAttribute
from sqlalchemy.orm.context import FromStatement
from sqlalchemy.sql.elements import ClauseElement, ColumnClause
from sqlalchemy.sql.selectable import AliasedReturnsRows, FromClause, Join, TableClause
from sqlalchemy.sql.util import extract_first_column_annotation
from sqlalchemy.sql.visitors import HasTraverseInternals

_EXAMINED = ("_raw_columns", "_from_obj", "_setup_joins")
"""What of a SELECT brings tables in by their classes, which is where SQLAlchemy can narrow them."""


class ForeignRowError(RuntimeError):
    """A program error: a session of one organization was about to reach rows of another, or could not tell."""


@dataclass
class Level:
    """One SELECT, or the outermost part of another statement. `reach` are the levels around it that it may refer to.

    `sources` are the classes (and aliases) that it selects from, `mentioned` those that its conditions name, `bare` are
    tables and columns that are named without a class.
    """

    reach: "tuple[Level, ...]" = ()
    sources: set[Any] = field(default_factory=set)
    mentioned: set[Any] = field(default_factory=set)
    bare: list[ClauseElement] = field(default_factory=list)

    def add_relationship(self, attribute: Any, *, is_target: bool) -> None:
        """Note a join along a relationship, which starts from a class that has to be selected from."""
        self.mentioned.add(attribute.parent)
        if is_target:
            self.sources.add(attribute.comparator.entity)

    def check(self) -> None:
        """Raise `ForeignRowError` for whatever cannot be narrowed to an organization's rows."""
        tables = {entity.local_table for entity in self.sources if entity.is_mapper}
        for element in self.bare:
            # SQLAlchemy itself names columns of a class's table that the same SELECT selects from by its class.
            if not (isinstance(element, Column) and element.table in tables):
                raise ForeignRowError(f"a table without its class: {element}")
        around = {entity for level in self.reach for entity in level.sources}
        for entity in self.mentioned - self.sources:
            if not self.sources or entity not in around:
                raise ForeignRowError(f"{entity} stands in a condition only: select from it or join it")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an element stands. `reach` are the levels that a SELECT inside it may refer to."""

    level: Level
    is_source: bool
    reach: tuple[Level, ...]


def levels_of(statement: Executable) -> list[Level]:
    """The levels of `statement`; raises `ForeignRowError` for what cannot be taken apart."""
    outermost = Level()
    levels = [outermost]
    waiting: list[tuple[Any, _Place]] = [(statement, _Place(outermost, True, (outermost,)))]
    followed = set[int]()
    while waiting:
        element, place = waiting.pop()
        if isinstance(element, Select):
            level = Level(place.reach)
            levels.append(level)
            waiting.extend(_parts(element, level))
            continue
        if isinstance(element, TextClause | FromStatement):
            raise ForeignRowError(f"SQL as text, or rows by a statement of their own: {str(element)[:80]}")
        if _add(element, place):
            continue
        waiting.extend(_children(element, place))
        source = _source_of(element)
        if source is not None and id(source) not in followed:
            followed.add(id(source))
            waiting.append((source, place))
    return levels


def _parts(select: Select[Any], level: Level) -> Iterator[tuple[Any, _Place]]:
    source, other = (_Place(level, is_source, (*level.reach, level)) for is_source in (True, False))
    for column in select._raw_columns:
        # Of an expression over several classes SQLAlchemy narrows the first one only.
        first = extract_first_column_annotation(column, "parententity")  # type: ignore[no-untyped-call]
        if first is not None:
            level.sources.add(first)
        yield column, other
    yield from ((element, source) for element in select._from_obj)
    for target, condition, left, _flags in select._setup_joins:
        for element, place in ((target, source), (left, source), (condition, other)):
            if isinstance(element, QueryableAttribute):
                level.add_relationship(element, is_target=element is target)
            elif element is not None:
                yield element, place
    rest = HasTraverseInternals.get_children(select, omit_attrs=_EXAMINED)
    yield from ((element, other) for element in rest)


def _children(element: Any, place: _Place) -> Iterator[tuple[Any, _Place]]:
    if isinstance(element, Join):
        yield from ((side, place) for side in (element.left, element.right))
        yield element.onclause, _Place(place.level, False, place.reach)
        return
    # A SELECT in a FROM list stands by itself; one in a condition or a column may refer to the levels around it.
    inside = _Place(place.level, False, ()) if isinstance(element, AliasedReturnsRows) else place
    yield from ((child, inside) for child in element.get_children())


def _add(element: Any, place: _Place) -> bool:
    """Note a table or column in its level; returns whether that says everything about the element."""
    entity = element._annotations.get("parententity") if isinstance(element, FromClause | ColumnClause) else None
    if entity is not None:
        (place.level.sources if place.is_source else place.level.mentioned).add(entity)
        return entity.is_mapper or _is_alias_of_its_table(entity)
    if _is_of_a_table(element):
        place.level.bare.append(element)
    return False


def _is_alias_of_its_table(entity: Any) -> bool:
    return getattr(entity.selectable, "element", None) is entity.mapper.local_table


def _source_of(element: Any) -> FromClause | None:
    """The subquery or alias that a column belongs to."""
    is_column = isinstance(element, ColumnClause) and not isinstance(element.table, TableClause)
    return element.table if is_column else None


def _is_of_a_table(element: Any) -> bool:
    return isinstance(element, TableClause) or (isinstance(element, Column) and isinstance(element.table, TableClause))
