"""PostgreSQL's row-level security, the second wall between organizations: what the session filter misses it holds.

Every table with an `organization_id` has the policy that only rows of the organization of the transaction are seen and
written. Policies bind neither a table's owner nor a superuser, so a tenant's transaction takes a role of its own for
as long as it lasts, which may read and write rows and nothing else. `secure` makes role, rights and policies; it runs
at the end of every migration, so that no table can be forgotten, and changes only what is missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from domain.tenant_statements import ORGANIZATION

ROLE = "pressroom_tenant"
SETTING = "pressroom.organization_id"
ENTER = text(
    f"SELECT set_config('{SETTING}', :organization_id, true), set_config('role', '{ROLE}', true)"
    f" WHERE pg_has_role(to_regrole('{ROLE}'), 'MEMBER')"
)
"""Binds the transaction to an organization; finds no row where the role is missing."""

_OWN = f"current_setting('{SETTING}', true)"
POLICIES = {
    "tenant_rows": f"USING ({ORGANIZATION} = {_OWN}) WITH CHECK ({ORGANIZATION} = {_OWN})",
}
ORGANIZATION_POLICIES = {
    "tenant_sees_itself_and_its_children": f"FOR SELECT USING (id = {_OWN} OR parent_id = {_OWN})",
    "tenant_changes_itself": f"FOR UPDATE USING (id = {_OWN}) WITH CHECK (id = {_OWN})",
}
ROW_RIGHTS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
RIGHTS = {"organization": frozenset({"SELECT", "UPDATE"}), "audit_event": frozenset({"SELECT", "INSERT"})}
"""What a tenant's transaction may do with tables that are not like the others."""
HOW_TO_ALLOW = f"CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO "
"""What a database administrator runs where our own account may not create roles; the account's name follows."""


@dataclass(frozen=True, slots=True)
class SecuredTable:
    """One table, the policies it needs and the rights the role has."""

    name: str
    policies: dict[str, str]
    rights: frozenset[str]


def secure(connection: Connection) -> None:
    """Bring role, rights and policies up to date; does nothing on other databases than PostgreSQL."""
    if connection.dialect.name != "postgresql":
        return
    has_role = _make_role(connection)
    for table in secured_tables(connection):
        for statement in _missing(connection, table, has_role=has_role):
            connection.execute(text(statement))
    if has_role:
        connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {_schema(connection)} TO {ROLE}"))


def secured_tables(connection: Connection) -> Iterator[SecuredTable]:
    """The tables that belong to organizations, as the database's own catalogue knows them."""
    query = text(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND (c.relname = 'organization' OR EXISTS"
        " (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = :column AND NOT a.attisdropped))"
        " ORDER BY c.relname"
    )
    for name in connection.scalars(query, {"column": ORGANIZATION}).all():
        policies = ORGANIZATION_POLICIES if name == "organization" else POLICIES
        yield SecuredTable(name, policies, RIGHTS.get(name, ROW_RIGHTS))


def is_enforced(connection: Connection) -> bool:
    """Whether a tenant's transaction on `connection` is held by the policies."""
    query = text("SELECT coalesce(pg_has_role(to_regrole(:role), 'MEMBER'), false)")
    return bool(connection.scalar(query, {"role": ROLE}))


def _make_role(connection: Connection) -> bool:
    """Make the role and let our account take it, where that is allowed; returns whether it can be taken."""
    if is_enforced(connection):
        return True
    try:
        with connection.begin_nested():
            if not connection.scalar(text(f"SELECT to_regrole('{ROLE}')")):
                connection.execute(text(f"CREATE ROLE {ROLE} NOLOGIN"))
            connection.execute(text(f"GRANT {ROLE} TO CURRENT_USER"))
    except ProgrammingError:  # not permitted: `pressroom doctor` tells what a database administrator has to do
        return False
    return True


def _missing(connection: Connection, table: SecuredTable, *, has_role: bool) -> Iterator[str]:
    name = f'{_schema(connection)}."{table.name}"'
    facts = {"table": table.name}
    secured = connection.scalar(
        text("SELECT relrowsecurity FROM pg_class WHERE oid = to_regclass(quote_ident(:table))"), facts
    )
    if not secured:
        yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    query = text("SELECT policyname FROM pg_policies WHERE schemaname = current_schema() AND tablename = :table")
    present = set(connection.scalars(query, facts))
    for policy in sorted(table.policies.keys() - present):
        yield f"CREATE POLICY {policy} ON {name} {table.policies[policy]}"
    if has_role:
        granted = _granted(connection, table.name)
        for right in sorted(table.rights - granted):
            yield f"GRANT {right} ON {name} TO {ROLE}"
        for right in sorted(granted - table.rights):
            yield f"REVOKE {right} ON {name} FROM {ROLE}"


def _granted(connection: Connection, table: str) -> set[str]:
    query = text(
        "SELECT acl.privilege_type FROM pg_class c, aclexplode(c.relacl) acl"
        " WHERE c.oid = to_regclass(quote_ident(:table)) AND acl.grantee = to_regrole(:role)"
    )
    return set(connection.scalars(query, {"table": table, "role": ROLE}))


def _schema(connection: Connection) -> str:
    name = connection.scalar(text("SELECT quote_ident(current_schema())"))
    return str(name)
