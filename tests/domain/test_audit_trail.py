"""The audit trail is only ever added to, on both databases, until its organization or its time is over."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from benchmarks.installation import PASSWORD, environment
from connectors.database import open_engine
from connectors.settings import get_settings
from domain.audit.models import AuditEvent, AuditHorizon
from domain.audit.service import record
from domain.migrations import migrate
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.service import create_organization
from domain.tenancy import system_session, tenant_session


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def records(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated database of each kind."""
    if request.param == "sqlite":
        yield from _migrated(f"sqlite:///{tmp_path_factory.mktemp('audit') / 'records.db'}")
    else:
        yield from _migrated(request.getfixturevalue("postgres"))


def _migrated(url: str) -> Iterator[str]:
    with environment({"PRESSROOM_DATABASE_URL": url}):
        migrate(get_settings().records_url)
        yield url
        open_engine(url).dispose()


@pytest.fixture
def actor(records: str, request: pytest.FixtureRequest) -> Actor:
    """The administrator of a new organization, with one event in its trail."""
    name = f"Northwind {abs(hash(request.node.name))}"
    actor = create_organization(name, f"{abs(hash(request.node.name))}@example.com", "Ann", PASSWORD)
    with tenant_session(actor.organization_id) as session:
        record(session, actor, "organization.renamed", "organization", actor.organization_id, {"fields": ["name"]})
    return actor


def events_of(organization_id: str) -> int:
    with system_session() as session:
        return session.query(AuditEvent).filter(AuditEvent.organization_id == organization_id).count()


def in_the_database(statement: str, **values: object) -> None:
    """As a program would that has the whole database: no session of ours is asked."""
    with open_engine(get_settings().records_url).begin() as connection:
        connection.execute(text(statement), values)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET action = 'nothing.happened' WHERE organization_id = :id",
        "UPDATE audit_event SET facts = '{}' WHERE organization_id = :id",
        "DELETE FROM audit_event WHERE organization_id = :id",
    ],
)
def test_what_was_recorded_is_neither_changed_nor_deleted(actor: Actor, statement: str) -> None:
    with pytest.raises(IntegrityError, match="the audit trail is only ever added to"):
        in_the_database(statement, id=actor.organization_id)
    with pytest.raises(IntegrityError), system_session() as session:
        session.query(AuditEvent).filter(AuditEvent.organization_id == actor.organization_id).one().action = "other"
    assert events_of(actor.organization_id) == 1


def test_it_cannot_be_emptied_either(actor: Actor, records: str) -> None:
    if records.startswith("postgresql"):
        with pytest.raises(IntegrityError, match="only ever added to"):
            in_the_database("TRUNCATE audit_event")
    with pytest.raises(IntegrityError, match="only ever added to"):
        in_the_database("DELETE FROM audit_event")
    assert events_of(actor.organization_id) == 1


def test_the_trail_of_a_deleted_organization_goes_with_it(actor: Actor) -> None:
    email = f"{actor.organization_id}@example.com"
    other = create_organization(f"Contoso {actor.organization_id}", email, "Bo", PASSWORD)
    with tenant_session(other.organization_id) as session:
        record(session, other, "organization.renamed", "organization")
    with system_session() as session:
        Session.connection(session).execute(
            text("DELETE FROM organization WHERE id = :id"), {"id": actor.organization_id}
        )
    assert (events_of(actor.organization_id), events_of(other.organization_id)) == (0, 1)


def test_what_is_older_than_the_horizon_may_go(actor: Actor) -> None:
    with system_session() as session:
        session.add(
            AuditEvent(
                organization_id=actor.organization_id,
                action="a.b",
                target_kind="x",
                facts={},
                at=now() - timedelta(days=400),
            )
        )
        session.merge(AuditHorizon(id=1, kept_since=now() - timedelta(days=365)))
    with system_session() as session:
        session.query(AuditEvent).filter(
            AuditEvent.organization_id == actor.organization_id, AuditEvent.action == "a.b"
        ).delete()
    assert events_of(actor.organization_id) == 1
    with pytest.raises(IntegrityError):
        in_the_database("DELETE FROM audit_event WHERE organization_id = :id", id=actor.organization_id)


def test_a_table_made_anew_by_a_migration_gets_its_triggers_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    migrate(url)
    with open_engine(url).begin() as connection:
        connection.execute(text("DROP TRIGGER audit_event_not_changed"))
    migrate(url)
    with open_engine(url).connect() as connection:
        names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
    assert set(names) == {"audit_event_not_changed", "audit_event_not_deleted"}
