"""Migrations of our tables, from the first one on; `migrate` brings a database up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from connectors.database import open_engine


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest revision."""
    command.upgrade(_config(url), "head")


def is_current(url: str) -> bool:
    """Whether the database has every migration."""
    with open_engine(url).connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    return present == ScriptDirectory.from_config(_config(url)).get_current_head()


def make_revision(url: str, message: str) -> None:
    """Write a new revision from the difference between the models and the database (for developers)."""
    command.revision(_config(url), message=message, autogenerate=True)
