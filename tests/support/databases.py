"""New installations on SQLite and on a real PostgreSQL, for what must hold on both."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.installation import PASSWORD, environment, free_port
from connectors.database import open_engine
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.service import local_administrator
from pressroom.first_start import prepare
from tests.support.new_records import empty_database


@contextmanager
def new_records(home: Path, database_url: str = "") -> Iterator[Actor]:
    """The bootstrap administrator of a new installation; a PostgreSQL database is emptied first."""
    values = {
        "PRESSROOM_HOME": str(home),
        "PRESSROOM_DATABASE_URL": database_url,
        "PRESSROOM_ADMIN_PASSWORD": PASSWORD,
        "PRESSROOM_DOORBELLS": f"127.0.0.1:{free_port()}",
    }
    with environment(values):
        engine = open_engine(get_settings().records_url)
        if database_url:
            empty_database(database_url)
        try:
            prepare(get_settings())
            yield local_administrator()
        finally:
            engine.dispose()
