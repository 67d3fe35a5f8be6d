"""A session bound to an organization neither sees nor writes another's rows, whichever way it is asked.

Each way around is tried: it is either narrowed to the organization's own rows, or refused.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import (
    ForeignKey,
    String,
    case,
    create_engine,
    delete,
    exists,
    func,
    insert,
    join,
    literal,
    outerjoin,
    select,
    text,
    true,
    tuple_,
    union,
    union_all,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.orm import (
    Bundle,
    DeclarativeBase,
    Mapped,
    Session,
    aliased,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
    subqueryload,
)

from connectors.database import transaction
from domain.audit.models import AuditHorizon
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, User, now
from domain.solutions.models import Solution
from domain.solutions.service import create_solution
from domain.tenancy import ForeignRowError, Tenant, TenantRow, TenantSession, new_id, system_session, tenant_session
from tests.domain.test_rules import DOWNLOAD, solution

OURS, THEIRS = "Our solution", "Their solution"
TABLE = Solution.__table__
OTHER = aliased(Solution)


@pytest.fixture
def both(administrator: Actor, stranger: Actor) -> tuple[Actor, Actor]:
    """Two administrators, each with a solution of their own."""
    for actor, name in ((administrator, OURS), (stranger, THEIRS)):
        create_solution(actor, solution(DOWNLOAD).model_copy(update={"name": name}))
    return administrator, stranger


def names(actor: Actor) -> list[str]:
    """The solutions an organization has in truth."""
    with system_session() as session:
        query = select(Solution.name).where(Solution.organization_id == actor.organization_id)
        return sorted(session.scalars(query))


def their_id() -> str:
    with system_session() as session:
        return session.scalars(select(Solution.id).where(Solution.name == THEIRS)).one()


def recursive() -> Any:
    own = select(Solution.name).cte(recursive=True)
    return select(own.union_all(select(Solution.name).where(func.length(own.c.name) < 0)).c.name)


READ: dict[str, Callable[[], Any]] = {
    "columns": lambda: select(Solution.name),
    "function": lambda: select(func.group_concat(Solution.name)),
    "bundle": lambda: select(Bundle("bundle", Solution.name)),
    "alias": lambda: select(OTHER.name),
    "join of an alias": lambda: select(OTHER.name).select_from(User).join(OTHER, true()),
    "outer join of an alias": lambda: select(OTHER.name).select_from(User).outerjoin(OTHER, OTHER.owner_id == User.id),
    "explicit join": lambda: select(Solution.name).select_from(join(User, Solution, true())),
    "explicit outer join": lambda: select(Solution.name).select_from(outerjoin(User, Solution, true())),
    "two classes": lambda: select(Solution.name, OTHER.name),
    "function over a join": lambda: select(Solution.name + OTHER.name).join(OTHER, OTHER.id == Solution.id),
    "cartesian product": lambda: select(Solution.name, User.id),
    "subquery": lambda: select(select(Solution.name).subquery().c.name),
    "class over a subquery": lambda: select(aliased(Solution, select(Solution).subquery()).name),
    "common table expression": lambda: select(select(Solution.name).cte().c.name),
    "recursive expression": recursive,
    "scalar subquery": lambda: select(User.id, select(func.group_concat(Solution.name)).scalar_subquery()),
    "correlated subquery": lambda: select(
        User.id, select(func.group_concat(Solution.name)).where(Solution.owner_id == User.id).scalar_subquery()
    ),
    "union": lambda: union_all(select(Solution.name), select(OTHER.name)),
    "union of joins": lambda: union(
        select(Solution.name).join(User, true()), select(OTHER.name).where(OTHER.name != "")
    ),
    "union in a subquery": lambda: select(union(select(Solution.name), select(OTHER.name)).subquery().c.name),
    "window": lambda: select(Solution.name, func.row_number().over(order_by=Solution.name)),
    "condition on the organization": lambda: select(Solution.name).where(
        Solution.organization_id.in_(select(User.organization_id)) | true()
    ),
    "tuple comparison": lambda: select(Solution.name).where(tuple_(Solution.name, Solution.id) > ("", "")),
}


@pytest.mark.parametrize("way", READ)
def test_a_query_sees_only_own_rows(both: tuple[Actor, Actor], way: str) -> None:
    with tenant_session(both[0].organization_id) as session:
        found = str(session.execute(READ[way]()).all())
    assert OURS in found
    assert THEIRS not in found


ORACLE: dict[str, Callable[[], Any]] = {
    "exists": lambda: select(exists(select(Solution.id).where(Solution.name == THEIRS))),
    "in": lambda: select(User.id).where(literal(THEIRS).in_(select(Solution.name))),
    "exists beside a row": lambda: select(User.id).where(exists(Solution.id).where(Solution.name == THEIRS)),
    "case": lambda: select(case((exists(select(OTHER.id).where(OTHER.name == THEIRS)), 1), else_=0)),
    "count": lambda: select(func.count()).select_from(Solution).where(Solution.name == THEIRS),
    "count of kept columns": lambda: (
        select(Solution).where(Solution.name == THEIRS).with_only_columns(func.count(), maintain_column_froms=True)
    ),
    "count of a subquery": lambda: select(func.count()).select_from(
        select(Solution).where(Solution.name == THEIRS).subquery()
    ),
}


@pytest.mark.parametrize("way", ORACLE)
def test_a_condition_tells_nothing_of_foreign_rows(both: tuple[Actor, Actor], way: str) -> None:
    answers = []
    for actor in both:
        with tenant_session(actor.organization_id) as session:
            answers.append(session.scalar(ORACLE[way]()))
    assert not answers[0]
    assert answers[1], "the same question finds it in its own organization"


REFUSED: dict[str, Callable[[], Any]] = {
    "SQL as text": lambda: text("SELECT name FROM solution"),
    "text in a condition": lambda: select(Solution).where(text("1 = 1")),
    "rows from text": lambda: select(Solution).from_statement(text("SELECT * FROM solution")),
    "rows from a statement": lambda: select(Solution).from_statement(select(Solution)),
    "columns of a table": lambda: select(TABLE.c.name),
    "a table": lambda: select(TABLE),
    "count of a table": lambda: select(func.count()).select_from(TABLE),
    "alias of a table": lambda: select(TABLE.alias().c.name),
    "join of a table": lambda: select(User.id, TABLE.c.name).join(TABLE, true()),
    "alias of a table beside a class": lambda: select(User.id, TABLE.alias().c.name),
    "subquery over a table": lambda: select(User.id, select(TABLE.c.name).subquery().c.name),
    "class over a table's subquery": lambda: select(aliased(Solution, select(TABLE).subquery())),
    "table in a condition": lambda: select(User.id).where(exists().where(TABLE.c.name == THEIRS)),
    "union with a table": lambda: union_all(select(Solution.name), select(TABLE.c.name)),
    "class in a condition only": lambda: select(User.id).where(Solution.name == THEIRS),
    "class in exists() only": lambda: select(User.id).where(exists().where(Solution.name == THEIRS)),
    "class in the order only": lambda: select(User.id).order_by(Solution.name),
    "class in having only": lambda: select(User.id).group_by(User.id).having(func.max(Solution.name) != ""),
    "class in a join's condition only": lambda: select(User.id).join(Solution, Solution.id == OTHER.id),
    "second class of an expression": lambda: select(Solution.name + OTHER.name),
    "columns left behind": lambda: select(Solution).where(Solution.name != "").with_only_columns(func.count()),
    "subquery of a FROM list that looks outside": lambda: select(
        Solution.id, select(User.id).where(Solution.name == THEIRS).subquery().c.id
    ),
    "update of a table": lambda: update(TABLE).values(name="stolen"),
    "update from another class": lambda: update(Solution).values(name=OTHER.name).where(OTHER.name == THEIRS),
    "update of the organization": lambda: update(Solution).values(organization_id="x"),
    "ordered update of the organization": lambda: update(Solution).ordered_values((Solution.organization_id, "x")),
    "delete from a table": lambda: delete(TABLE),
    "delete by another class": lambda: delete(Solution).where(Solution.name == OTHER.name),
    "insert of what a query finds": lambda: insert(Solution).from_select(["id"], select(OTHER.id)),
    "insert into a table": lambda: insert(TABLE).values(id="x"),
    "insert of a foreign row": lambda: insert(Solution).values(**_row(organization_id="foreign")),
    "insert of several rows, one foreign": lambda: insert(Solution).values([_row(), _row(organization_id="foreign")]),
    "insert of an organization": lambda: insert(Organization).values(id="x"),
    "upsert over a foreign key": lambda: (
        upsert(Solution).values(**_row(id=their_id())).on_conflict_do_update(["id"], set_={"name": "stolen"})
    ),
    "upsert that moves": lambda: (
        upsert(Solution).values(**_row()).on_conflict_do_update(_UNIQUE, set_={"organization_id": "foreign"})
    ),
    "a table of the installation": lambda: select(AuditHorizon),
}
_UNIQUE = ["organization_id", "owner_id", "type", "name_key"]


def _row(**more: Any) -> dict[str, Any]:
    moment = now()
    return {
        **{"id": new_id(), "owner_id": "x", "type": "personal", "name": "New", "name_key": "new", "definition": {}},
        **{"version": 1, "created": moment, "changed": moment},
        **more,
    }


@pytest.mark.parametrize("way", REFUSED)
def test_what_cannot_be_narrowed_is_refused(both: tuple[Actor, Actor], way: str) -> None:
    with pytest.raises(ForeignRowError), tenant_session(both[0].organization_id) as session:
        session.execute(REFUSED[way]())
    assert (names(both[0]), names(both[1])) == ([OURS], [THEIRS])


def test_updates_and_deletes_stop_at_the_border(both: tuple[Actor, Actor]) -> None:
    ours, theirs = both
    with tenant_session(ours.organization_id) as session:
        session.execute(update(Solution).values(name="changed"))
        session.query(Solution).update({"version": 2})
        inner = select(OTHER.id).where(OTHER.organization_id == theirs.organization_id)
        session.execute(update(Solution).values(name="wrong").where(exists(inner)))
    assert (names(ours), names(theirs)) == (["changed"], [THEIRS])
    with tenant_session(ours.organization_id) as session:
        session.execute(delete(Solution))
    assert (names(ours), names(theirs)) == ([], [THEIRS])


def test_a_value_of_an_update_or_an_insert_comes_from_own_rows(both: tuple[Actor, Actor]) -> None:
    newest = select(func.max(OTHER.name)).scalar_subquery()
    with tenant_session(both[0].organization_id) as session:
        session.execute(insert(Solution).values(**_row(owner_id=both[0].user_id, name=newest)))
        found = set(session.scalars(select(Solution.name)))
        changed = update(Solution).values(name=newest).execution_options(synchronize_session=False)
        session.execute(changed)
        found |= set(session.scalars(select(Solution.name)))
    assert found == {OURS}


def test_an_upsert_whose_constraint_names_the_organization_passes(both: tuple[Actor, Actor]) -> None:
    ours, theirs = both
    row = _row(owner_id=theirs.user_id, name_key=THEIRS.casefold(), organization_id=ours.organization_id)
    with tenant_session(ours.organization_id) as session:
        for name in ("First", "Second"):
            statement = upsert(Solution).values(**{**row, "name": name})
            session.execute(statement.on_conflict_do_update(_UNIQUE, set_={"name": name}))
    assert (names(ours), names(theirs)) == ([OURS, "Second"], [THEIRS])


@pytest.mark.parametrize("several", [False, True], ids=["one", "several at once"])
def test_rows_inserted_by_a_statement_are_stamped(both: tuple[Actor, Actor], several: bool) -> None:
    row = _row(owner_id=both[0].user_id)
    with tenant_session(both[0].organization_id) as session:
        if several:
            session.execute(insert(Solution), [row, _row(owner_id=both[0].user_id, name_key="other")])
        else:
            session.execute(insert(Solution).values(**row))
    assert len(names(both[0])) == 2 + several


def test_foreign_rows_are_not_inserted_in_bulk(both: tuple[Actor, Actor]) -> None:
    foreign = _row(owner_id=both[1].user_id, organization_id=both[1].organization_id)
    with pytest.raises(ForeignRowError), tenant_session(both[0].organization_id) as session:
        session.execute(insert(Solution), [_row(owner_id=both[0].user_id), foreign])
    assert (names(both[0]), names(both[1])) == ([OURS], [THEIRS])


PAST: dict[str, Callable[[Session], Any]] = {
    "connection": lambda session: session.connection(),
    "bulk save": lambda session: session.bulk_save_objects([Solution(**_row())]),
    "bulk insert": lambda session: session.bulk_insert_mappings(Solution, [_row()]),
    "bulk update": lambda session: session.bulk_update_mappings(Solution, [{"id": their_id(), "name": "stolen"}]),
    "update by keys": lambda session: session.execute(update(Solution), [{"id": their_id(), "name": "stolen"}]),
}


@pytest.mark.parametrize("way", PAST)
def test_ways_past_the_sessions_events_are_closed(both: tuple[Actor, Actor], way: str) -> None:
    with pytest.raises(ForeignRowError), tenant_session(both[0].organization_id) as session:
        PAST[way](session)
    assert names(both[1]) == [THEIRS]


def test_a_key_finds_nothing_foreign(both: tuple[Actor, Actor]) -> None:
    with tenant_session(both[0].organization_id) as session:
        assert session.get(Solution, their_id()) is None
        assert session.get(Organization, both[1].organization_id) is None
        assert session.get(Organization, both[0].organization_id) is not None


class TestForeignObjects:
    """An object that was read elsewhere does not become one of the session's."""

    def foreign(self) -> Solution:
        with system_session() as session:
            return session.scalars(select(Solution).where(Solution.name == THEIRS)).one()

    def test_it_is_not_taken_in(self, both: tuple[Actor, Actor]) -> None:
        with pytest.raises(ForeignRowError), tenant_session(both[0].organization_id) as session:
            session.add(self.foreign())

    def test_it_is_not_deleted(self, both: tuple[Actor, Actor]) -> None:
        with pytest.raises(ForeignRowError), tenant_session(both[0].organization_id) as session:
            session.delete(self.foreign())
        assert names(both[1]) == [THEIRS]

    def test_it_cannot_be_relabelled(self, both: tuple[Actor, Actor]) -> None:
        stolen = self.foreign()
        stolen.organization_id = both[0].organization_id
        with pytest.raises(ForeignRowError), tenant_session(both[0].organization_id) as session:
            session.add(stolen)
        assert names(both[1]) == [THEIRS]

    def test_an_own_one_cannot_be_given_away(self, both: tuple[Actor, Actor]) -> None:
        with pytest.raises(ForeignRowError), tenant_session(both[0].organization_id) as session:
            session.scalars(select(Solution)).one().organization_id = both[1].organization_id
        assert names(both[0]) == [OURS]

    def test_a_new_one_of_another_organization_is_refused(self, both: tuple[Actor, Actor]) -> None:
        foreign = User(organization_id=both[1].organization_id, email="x@y.z", name="X", password_hash="")
        with pytest.raises(ForeignRowError), tenant_session(both[0].organization_id) as session:
            session.add(foreign)


def test_new_rows_are_stamped(both: tuple[Actor, Actor]) -> None:
    with system_session() as session:
        row = session.scalars(select(Solution).where(Solution.name == OURS)).one()
        assert row.organization_id == both[0].organization_id


class TestOrganizations:
    """The organizations' own table: each sees itself and its children, and changes itself."""

    def test_it_sees_itself_and_its_children(self, both: tuple[Actor, Actor]) -> None:
        from domain.organizations.service import new_organization

        with system_session() as session:
            child = new_organization(session, "Child", both[0].organization_id)
        with tenant_session(both[0].organization_id) as session:
            assert set(session.scalars(select(Organization.name))) == {"Pressroom", "Child"}
        with tenant_session(child.id) as session:
            assert session.scalars(select(Organization.name)).all() == ["Child"]

    def test_it_changes_itself_only(self, both: tuple[Actor, Actor]) -> None:
        with tenant_session(both[0].organization_id) as session:
            session.execute(update(Organization).values(time_zone="Europe/Stockholm"))
        with system_session() as session:
            zones = {one.id: one.time_zone for one in session.scalars(select(Organization))}
        assert zones == {both[0].organization_id: "Europe/Stockholm", both[1].organization_id: "UTC"}

    def test_it_makes_none(self, both: tuple[Actor, Actor]) -> None:
        with pytest.raises(ForeignRowError), tenant_session(both[0].organization_id) as session:
            session.add(Organization(name="X", sibling_key="x"))

    def test_it_does_not_end_itself(self, both: tuple[Actor, Actor]) -> None:
        with pytest.raises(ForeignRowError), tenant_session(both[0].organization_id) as session:
            session.delete(session.get_one(Organization, both[0].organization_id))
        with pytest.raises(ForeignRowError), tenant_session(both[0].organization_id) as session:
            session.execute(delete(Organization))


class Records(DeclarativeBase):
    """Tables with relationships, which none of ours have yet."""


class House(Tenant, Records):
    __tablename__ = "organization"


class Shelf(TenantRow, Records):
    __tablename__ = "shelf"
    id: Mapped[str] = mapped_column(String, primary_key=True)
    books: Mapped[list["Book"]] = relationship(back_populates="shelf")


class Book(TenantRow, Records):
    __tablename__ = "book"
    id: Mapped[str] = mapped_column(String, primary_key=True)
    shelf_id: Mapped[str] = mapped_column(ForeignKey("shelf.id"))
    shelf: Mapped[Shelf] = relationship(back_populates="books")


class TestRelationships:
    """A foreign row that points at an own one is not loaded with it, however it is loaded."""

    @pytest.fixture
    def tenant(self) -> Iterator[Session]:
        engine = create_engine("sqlite://")
        Records.metadata.create_all(engine)
        with Session(engine) as session, session.begin():
            session.add_all([House(id="a"), House(id="b"), Shelf(id="s", organization_id="a")])
            session.add_all(Book(id=f"book of {one}", shelf_id="s", organization_id=one) for one in "ab")
        with transaction(engine, TenantSession, organization_id="a") as session:
            yield session

    @pytest.mark.parametrize("load", [None, joinedload, selectinload, subqueryload])
    def test_loaded_with_a_query(self, tenant: Session, load: Any) -> None:
        query = select(Shelf).options(load(Shelf.books)) if load else select(Shelf)
        assert [book.id for book in tenant.scalars(query).unique().one().books] == ["book of a"]

    def test_loaded_for_an_object_that_no_query_found(self, tenant: Session) -> None:
        shelf = Shelf(id="new")
        tenant.add(shelf)
        tenant.flush()
        Session.connection(tenant).execute(text("UPDATE book SET shelf_id = 'new'"))
        tenant.expire(shelf)
        assert [book.id for book in shelf.books] == ["book of a"]

    def test_joined(self, tenant: Session) -> None:
        assert tenant.scalars(select(Book.id).select_from(Shelf).join(Shelf.books)).all() == ["book of a"]
        assert tenant.scalars(select(Book.id).select_from(Shelf).join(Book, Shelf.books)).all() == ["book of a"]
        with pytest.raises(ForeignRowError):
            tenant.scalars(select(Book.id).join(Shelf.books))

    def test_refreshed(self, tenant: Session) -> None:
        shelf = tenant.scalars(select(Shelf)).one()
        tenant.refresh(shelf, ["books"])
        assert [book.id for book in shelf.books] == ["book of a"]

    def test_towards_a_foreign_parent(self, tenant: Session) -> None:
        Session.connection(tenant).execute(text("UPDATE shelf SET organization_id = 'b'"))
        assert tenant.scalars(select(Book)).one().shelf is None
