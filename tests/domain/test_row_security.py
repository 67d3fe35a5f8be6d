"""PostgreSQL holds the line between organizations by itself, whatever SQL a tenant's session sends."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session

from benchmarks.installation import PASSWORD, environment
from connectors.database import open_engine
from connectors.settings import get_settings
from domain.migrations import migrate
from domain.organizations.actor import Actor
from domain.organizations.models import Group, GroupMember, User
from domain.organizations.service import create_organization
from domain.row_security import HOW_TO_ALLOW, ROLE, is_enforced
from domain.solutions.service import create_solution
from domain.tenancy import system_session, tenant_session
from pressroom.doctor import examine_database
from tests.domain.test_rules import DOWNLOAD, solution
from tests.support.all_models import INSTALLATION_TABLES, TENANT_TABLES
from tests.support.postgres import running_postgres


@dataclass(frozen=True)
class Two:
    """Two organizations in one PostgreSQL database; each has a person, a group with a member, and a solution."""

    server: str
    ours: Actor
    theirs: Actor


@pytest.fixture(scope="module")
def two() -> Iterator[Two]:
    with (
        running_postgres("records", "unprivileged") as server,
        environment({"PRESSROOM_DATABASE_URL": f"{server}/records"}),
    ):
        migrate(get_settings().records_url)
        ours = create_organization("Ours", "ours@example.com", "Our person", PASSWORD)
        theirs = create_organization("Theirs", "theirs@example.com", "Their person", PASSWORD)
        for actor in (ours, theirs):
            create_solution(actor, solution(DOWNLOAD))
            _add_member(actor)
        yield Two(server, ours, theirs)
        open_engine(get_settings().records_url).dispose()


def _add_member(actor: Actor) -> None:
    with tenant_session(actor.organization_id) as session:
        group = Group(name="Everybody", name_key="everybody", roles=[])
        session.add(group)
        session.flush()
        session.add(GroupMember(group_id=group.id, user_id=actor.user_id))


def raw(session: Session, sql: str, **values: str) -> list[tuple[object, ...]]:
    """Send SQL past the session's own filter, as a mistake in it would."""
    result = Session.connection(session).execute(text(sql), values)
    return [tuple(row) for row in result] if result.returns_rows else []


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_every_table_of_an_organization_has_its_policy(two: Two, table: str) -> None:
    """A new table gets it by itself at the end of `pressroom migrate`; this shows that it did."""
    query = text(
        "SELECT c.relrowsecurity, p.policyname, p.cmd, p.qual, p.with_check FROM pg_class c"
        " LEFT JOIN pg_policies p ON p.tablename = c.relname WHERE c.oid = to_regclass(:table)"
    )
    with open_engine(get_settings().records_url).connect() as connection:
        (row,) = connection.execute(query, {"table": table}).all()
    assert row.relrowsecurity
    assert (row.policyname, row.cmd) == ("tenant_rows", "ALL")
    assert row.qual == row.with_check
    assert "organization_id" in row.qual


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_no_sql_of_a_tenant_sees_or_changes_foreign_rows(two: Two, table: str) -> None:
    with system_session() as session:
        everything = raw(session, f"SELECT count(*) FROM {table}")
    with tenant_session(two.ours.organization_id) as session:
        owners = raw(session, f"SELECT DISTINCT organization_id FROM {table}")
    assert owners in ([], [(two.ours.organization_id,)])
    with tenant_session("f" * 32) as session:
        assert raw(session, f"SELECT 1 FROM {table}") == []
        for change in (f"UPDATE {table} SET organization_id = organization_id", f"DELETE FROM {table}"):
            if table != "audit_event":  # where a tenant has no such right at all
                raw(session, change)
    with system_session() as session:
        assert raw(session, f"SELECT count(*) FROM {table}") == everything


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT name FROM user_account",
        "SELECT u.name FROM user_group g JOIN group_member m ON m.group_id = g.id"
        " JOIN user_account u ON u.id = m.user_id",
        "SELECT u.name FROM user_account u LEFT JOIN solution s ON s.owner_id = u.id",
        "WITH people AS (SELECT * FROM user_account) SELECT name FROM people",
        "SELECT name FROM user_account UNION ALL SELECT name FROM user_account",
        "SELECT name FROM user_account WHERE organization_id = :theirs OR true",
        "SELECT (SELECT string_agg(name, ',') FROM user_account)",
    ],
)
def test_joins_and_subqueries_see_only_own_rows(two: Two, sql: str) -> None:
    with tenant_session(two.ours.organization_id) as session:
        found = {value for (value,) in raw(session, sql, **_given(sql, theirs=two.theirs.organization_id))}
    assert found == {"Our person"}


def _given(sql: str, **values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if f":{name}" in sql}


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO user_group (id, name, name_key, kind, roles, created, organization_id)"
        " VALUES ('x', 'X', 'x', 'normal', '[]', now(), :theirs)",
        "UPDATE user_account SET organization_id = :theirs",
        "UPDATE organization SET id = 'x'",
    ],
)
def test_a_foreign_row_cannot_be_written(two: Two, sql: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        tenant_session(two.ours.organization_id) as session,
    ):
        raw(session, sql, **_given(sql, theirs=two.theirs.organization_id))


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM organization",
        "INSERT INTO organization (id) VALUES ('x')",
        "SELECT * FROM alembic_version",
        *(f"SELECT * FROM {table}" for table in INSTALLATION_TABLES),
        "UPDATE audit_event SET action = 'x'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "TRUNCATE user_account",
        "ALTER TABLE user_account DISABLE ROW LEVEL SECURITY",
        "DROP POLICY tenant_rows ON user_account",
        "CREATE TABLE mine (x int)",
    ],
)
def test_what_a_tenant_has_no_right_to(two: Two, sql: str) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        tenant_session(two.ours.organization_id) as session,
    ):
        raw(session, sql)


def test_an_organization_sees_itself_and_its_children_only(two: Two) -> None:
    from domain.organizations.service import new_organization

    with system_session() as session:
        child = new_organization(session, "Child", two.ours.organization_id)
    with tenant_session(two.ours.organization_id) as session:
        assert set(raw(session, "SELECT name FROM organization")) == {("Ours",), ("Child",)}
        raw(session, "UPDATE organization SET time_zone = 'Europe/Stockholm'")
    with tenant_session(child.id) as session:
        assert raw(session, "SELECT name FROM organization") == [("Child",)]
    with system_session() as session:
        changed = raw(session, "SELECT name FROM organization WHERE time_zone = 'Europe/Stockholm'")
    assert changed == [("Ours",)]


def test_the_binding_ends_with_its_transaction_and_survives_a_savepoint(two: Two) -> None:
    engine = open_engine(get_settings().records_url)
    with tenant_session(two.ours.organization_id) as session:
        with pytest.raises(DBAPIError), session.begin_nested():
            raw(session, "SELECT no_such_column FROM user_account")
        assert raw(session, "SELECT name FROM user_account") == [("Our person",)]
        used = raw(session, "SELECT pg_backend_pid()")
    for _ in range(3):
        with engine.connect() as connection:
            same = connection.execute(text("SELECT pg_backend_pid()")).all() == used
            role, bound = connection.execute(
                text("SELECT current_user, current_setting('pressroom.organization_id', true)")
            ).one()
            assert (role, bound or "") == ("pressroom", ""), f"the same connection: {same}"


def test_work_for_the_installation_stays_above_it(two: Two) -> None:
    with system_session() as session:
        assert {organization.organization_id for organization in session.query(User)} >= {
            two.ours.organization_id,
            two.theirs.organization_id,
        }


def test_an_account_that_may_not_create_roles_is_told_what_to_ask_for(two: Two) -> None:
    """Without the role tenants are still filtered by the session; `pressroom doctor` tells what is missing."""
    with open_engine(f"{two.server}/unprivileged").begin() as connection:
        connection.execute(text("CREATE ROLE plain LOGIN"))
        connection.execute(text("GRANT ALL ON SCHEMA public TO plain"))
    url = f"{two.server}/unprivileged".replace("pressroom@", "plain@")
    # The role is of the whole server: hide it, so that this database has to make it and may not.
    with open_engine(f"{two.server}/records").begin() as connection:
        connection.execute(text(f"ALTER ROLE {ROLE} RENAME TO hidden"))
    try:
        migrate(url)
        settings = get_settings().model_copy(update={"database_url": url})
        with open_engine(url).connect() as connection:
            assert not is_enforced(connection)
        (warning,) = [finding for finding in examine_database(settings) if finding.part == "row-level security"]
        assert not warning.ok
        assert f"{HOW_TO_ALLOW}plain" in warning.remedy
    finally:
        with open_engine(f"{two.server}/records").begin() as connection:
            connection.execute(text(f"ALTER ROLE hidden RENAME TO {ROLE}"))
    with open_engine(f"{two.server}/records").begin() as connection:
        connection.execute(text(f"GRANT {ROLE} TO plain"))
    migrate(url)
    with open_engine(url).connect() as connection:
        assert is_enforced(connection)
    (finding,) = [finding for finding in examine_database(settings) if finding.part == "row-level security"]
    assert finding.ok
