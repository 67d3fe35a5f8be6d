"""What a new installation needs before anything can run: its folders, its secret key, its tables, its administrator."""

import os
import secrets

from connectors.settings import DEFAULT_SECRET, Settings, get_settings
from domain.migrations import migrate
from domain.organizations.service import Bootstrap, bootstrap


def prepare(settings: Settings) -> Bootstrap:
    """Make what is missing; safe to repeat. Returns the administrator, with a password if one was made just now."""
    settings.home.mkdir(parents=True, exist_ok=True)
    if settings.secret_key.get_secret_value() == DEFAULT_SECRET and settings.environment == "development":
        _make_secret(settings)
    migrate(settings.records_url)
    return bootstrap(settings)


def _make_secret(settings: Settings) -> None:
    descriptor = os.open(settings.secret_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    get_settings.cache_clear()
