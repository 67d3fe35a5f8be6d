"""Migrations give exactly the tables that the models describe, and keep what a former release has stored."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from connectors.database import Base, open_engine
from domain.migrations import _config, is_current, migrate
from tests.support.postgres import running_postgres


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'records.db'}"


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with running_postgres("migrated") as server:
        yield f"{server}/migrated"


def assert_tables_are_as_described(url: str) -> None:
    migrate(url)
    assert is_current(url)
    with open_engine(url).connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert [one for one in differences if "alembic_version" not in str(one)] == []


def test_the_migrations_give_the_tables_of_the_models_on_sqlite(sqlite: str) -> None:
    assert_tables_are_as_described(sqlite)


def test_the_migrations_give_the_tables_of_the_models_on_postgresql(postgres: str) -> None:
    assert_tables_are_as_described(postgres)


def test_what_the_first_release_stored_is_kept(sqlite: str) -> None:
    """People and their sessions survive the change of the tables that they refer to; roles get new labels."""
    command.upgrade(_config(sqlite), "0001")
    moment = "2026-11-01 12:00:00"
    roles = json.dumps(["Solution Center Administrator", "OCR User", "Print Management User"])
    rows = (
        f"INSERT INTO organization VALUES ('o', 'Northwind  Traders', '{moment}', 1, '[]', '[]')",
        "INSERT INTO user_account (id, email, name, password_hash, roles, locale, time_zone, created, failed_sign_ins,"
        f" organization_id) VALUES ('u', 'ann@example.com', 'Ann', 'x', '{roles}', 'sv', 'UTC', '{moment}', 0, 'o')",
        "INSERT INTO sign_in_session (token_hash, user_id, created, expires, organization_id)"
        f" VALUES ('t', 'u', '{moment}', '{moment}', 'o')",
    )
    with open_engine(sqlite).begin() as connection:
        for row in rows:
            connection.execute(text(row))
    migrate(sqlite)
    with open_engine(sqlite).begin() as connection:
        person = connection.execute(text("SELECT * FROM user_account")).one()
        organization = connection.execute(text("SELECT sibling_key, entitlements, status FROM organization")).one()
        groups = connection.execute(text("SELECT count(*) FROM user_group WHERE kind = 'predefined'")).scalar()
        sessions = connection.execute(text("SELECT count(*) FROM sign_in_session")).scalar()
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    assert json.loads(person.roles) == ["Solutions Administrator", "OCR User", "Print Release Management User"]
    assert (person.is_operator, person.search_key, person.status) == (1, "ann@example.com\nann", "active")
    assert person.name_key == "ann"
    assert (organization.sibling_key, organization.status) == ("/northwind traders", "active")
    assert "redaction" in json.loads(organization.entitlements)
    assert (groups, sessions, broken) == (5, 1, [])
