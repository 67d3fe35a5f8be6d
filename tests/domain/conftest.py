"""A new installation's records, without any running process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.installation import PASSWORD, environment, free_port
from connectors.settings import get_settings
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.service import create_organization, local_administrator
from pressroom.first_start import prepare


@pytest.fixture
def administrator(tmp_path: Path) -> Iterator[Actor]:
    """The bootstrap administrator of an installation in `tmp_path`."""
    values = {
        "PRESSROOM_HOME": str(tmp_path),
        "PRESSROOM_ADMIN_PASSWORD": PASSWORD,
        "PRESSROOM_DOORBELLS": f"127.0.0.1:{free_port()}",
        "PRESSROOM_PORTAL_PORT": "8080",
    }
    with environment(values):
        prepare(get_settings())
        yield local_administrator()


@pytest.fixture
def stranger(administrator: Actor) -> Actor:
    """The administrator of another organization."""
    return create_organization("Contoso", "chief@contoso.example", "Chief", PASSWORD)


@pytest.fixture
def colleague(administrator: Actor) -> Actor:
    """Somebody of the administrator's organization who may run solutions only."""
    from domain.organizations.models import User

    with administrator.session() as session:
        user = User(email="user@pressroom.example", name="User", password_hash="", roles=["Solutions User", "OCR User"])
        session.add(user)
        session.flush()
    return actor_of_user(user.id)
