"""Login methods at printers as they are configured, used and kept."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import User, now
from domain.organizations.roles import Role
from domain.printer_login.configuration import change_settings
from domain.printer_login.models import Badge, LoginCode, Pin
from domain.printer_login.rules import PrinterLoginSettings
from domain.tenancy import system_session

USER = "user@pressroom.example"


def configure(administrator: Actor, **values: object) -> None:
    change_settings(administrator, PrinterLoginSettings.model_validate(values))


def code(attempt: object) -> str:
    with pytest.raises(PressroomError) as caught:
        attempt()  # type: ignore[operator]
    return caught.value.code


def person(administrator: Actor, email: str, *roles: Role) -> Actor:
    with administrator.session() as session:
        user = User(email=email, name=email.partition("@")[0], roles=[role.value for role in roles])
        session.add(user)
        session.flush()
    return actor_of_user(user.id)


def later(table: type[Badge] | type[Pin] | type[LoginCode], moment_ago: timedelta) -> None:
    """As if what is kept had ended so long ago."""
    with system_session() as session:
        session.execute(update(table).values(expires=now() - moment_ago))


def actions(prefix: str) -> list[tuple[str, dict[str, object]]]:
    with system_session(read_only=True) as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.id))
        return [(event.action, event.facts) for event in events if event.action.startswith(prefix)]


def everything_kept() -> str:
    """All rows of all tables as text: what somebody who stole the database would read."""
    with system_session(read_only=True) as session:
        tables = session.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        return "\n".join(str(row) for table in tables for row in session.execute(text(f"SELECT * FROM {table}")))
