"""Records of their own for a benchmark that needs no running installation: on SQLite, or in an empty PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from benchmarks.installation import environment
from connectors.database import open_engine
from connectors.logs import configure_logs
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.service import local_administrator
from pressroom.first_start import prepare


@contextmanager
def own_records(database_url: str = "", **settings: str) -> Iterator[Actor]:
    """The administrator of a new installation until the end of the block; `settings` by their lower-case names."""
    with TemporaryDirectory(prefix="pressroom-benchmark-") as home:
        values = {"home": home, "doorbells": "", "log_level": "ERROR", "database_url": database_url, **settings}
        with environment({f"PRESSROOM_{name.upper()}": value for name, value in values.items()}):
            configure_logs(get_settings())
            prepare(get_settings())
            try:
                yield local_administrator()
            finally:
                open_engine(get_settings().records_url).dispose()


def tidy() -> None:
    """What PostgreSQL does by itself before long; SQLite is measured as it is."""
    engine = open_engine(get_settings().records_url)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
