"""What makes the audit trail append-only: triggers of the database, which no program of ours can forget to ask.

Changing an event is always refused. Deleting one is allowed in two cases only: its organization is gone (the trail goes
with it, by the foreign key's cascade), or it is older than the horizon, which the retention of the trail moves forward.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, event, inspect, text

from domain.audit.models import AuditEvent

TABLE = AuditEvent.__tablename__
_REFUSAL = "the audit trail is only ever added to"
_MAY_GO = (
    "NOT EXISTS (SELECT 1 FROM organization WHERE id = OLD.organization_id)"
    " OR EXISTS (SELECT 1 FROM audit_horizon WHERE kept_since > OLD.at)"
)
_SQLITE = (
    f"CREATE TRIGGER IF NOT EXISTS audit_event_not_changed BEFORE UPDATE ON {TABLE}"
    f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    f"CREATE TRIGGER IF NOT EXISTS audit_event_not_deleted BEFORE DELETE ON {TABLE} WHEN NOT ({_MAY_GO})"
    f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
)
_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    f" RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
    "CREATE OR REPLACE FUNCTION audit_event_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    f" IF {_MAY_GO} THEN RETURN OLD; END IF;"
    f" RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
    f"CREATE OR REPLACE TRIGGER audit_event_not_changed BEFORE UPDATE ON {TABLE}"
    " FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()",
    f"CREATE OR REPLACE TRIGGER audit_event_not_deleted BEFORE DELETE ON {TABLE}"
    " FOR EACH ROW EXECUTE FUNCTION audit_event_guard()",
    f"CREATE OR REPLACE TRIGGER audit_event_not_emptied BEFORE TRUNCATE ON {TABLE}"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()",
)


def make_append_only(connection: Connection) -> None:
    """Put the triggers on the audit trail where they are missing; a table that was made anew has lost them."""
    if inspect(connection).has_table("audit_horizon") and not _present(connection):
        for statement in _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE:
            connection.execute(text(statement))


def _present(connection: Connection) -> bool:
    catalogue = (
        "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'audit_event_not_%' AND tgrelid = to_regclass('audit_event')"
        if connection.dialect.name == "postgresql"
        else "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_event_not_%'"
    )
    wanted: Sequence[str] = _POSTGRESQL[2:] if connection.dialect.name == "postgresql" else _SQLITE
    return bool(connection.scalar(text(catalogue)) == len(wanted))


@event.listens_for(AuditEvent.metadata, "after_create")
def _complete(_metadata: object, connection: Connection, **_facts: object) -> None:
    make_append_only(connection)
