"""A whole installation on a folder of its own: settings, tables, two organizations, each with its administrator."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from connectors.database import open_engine
from connectors.settings import Settings, get_settings
from domain.organizations.actor import Actor, actor_for
from domain.organizations.models import User
from domain.organizations.roles import Role
from domain.organizations.service import local_administrator, new_organization
from domain.tenancy import system_session
from pressroom.first_start import prepare
from steps.registry import step_kinds
from tests.support.new_records import empty_database

PASSWORD = "Correct horse 9 battery staple!"


@dataclass(frozen=True)
class Installation:
    """A running configuration. `administrator` belongs to the first organization, `stranger` administers another."""

    home: Path
    settings: Settings
    administrator: Actor
    stranger: Actor

    def add_person(self, email: str, *roles: Role, organization_id: str | None = None) -> Actor:
        """One more person, who signs in with `PASSWORD`."""
        with system_session() as session:
            administrator = session.get_one(User, self.administrator.user_id)
            user = User(
                organization_id=organization_id or administrator.organization_id,
                email=email,
                name=email.partition("@")[0].title(),
                password_hash=administrator.password_hash,
                roles=[role.value for role in roles],
            )
            session.add(user)
            session.flush()
            return actor_for(session, user)


@contextmanager
def installed(home: Path, **settings: str) -> Iterator[Installation]:
    """An installation in `home`; `settings` are further `PRESSROOM_…` values by their names in lower case.

    A PostgreSQL database that they name is emptied first. The process's settings, step kinds and engine are this
    installation's until the end.
    """
    with patch.dict(os.environ, _environment(home, settings)):
        _forget()
        chosen = get_settings()
        engine = open_engine(chosen.records_url)
        try:
            if chosen.database_url:
                empty_database(chosen.records_url)
            prepare(chosen)
            chosen = get_settings()
            administrator = local_administrator()
            yield Installation(home, chosen, administrator, _add_stranger(administrator))
        finally:
            engine.dispose()
            _forget()
    _forget()


def _environment(home: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """No worker of this machine is woken; no mail server and no portal of the environment is used."""
    values = {"home": str(home), "admin_password": PASSWORD, "doorbells": "", "smtp_host": "", "portal_port": "8080"}
    values |= settings
    return {f"PRESSROOM_{name.upper()}": value for name, value in values.items()}


def _add_stranger(administrator: Actor) -> Actor:
    with system_session() as session:
        organization = new_organization(session, "Another organization")
        user = User(
            organization_id=organization.id,
            email="administrator@another.example",
            name="Stranger",
            password_hash=session.get_one(User, administrator.user_id).password_hash,
            roles=[role.value for role in Role],
        )
        session.add(user)
        session.flush()
        return actor_for(session, user)


def _forget() -> None:
    get_settings.cache_clear()
    step_kinds.cache_clear()
    open_engine.cache_clear()
