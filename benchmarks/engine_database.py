"""The engine's empty database, made once for a version of Prefect: its hundred migrations take half of a start."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from connectors.settings import Settings
from pressroom.engine_environment import engine_environment


def lay_engine_database(settings: Settings) -> None:
    """Put an empty database where the engine of a new installation would make one; an engine elsewhere has its own."""
    if settings.prefect_database_url or settings.prefect_api_url:
        return
    environment = engine_environment(settings)
    made = Path(tempfile.gettempdir()) / f"pressroom-engine-{os.getuid()}-{version('prefect')}.db"
    if not made.exists() or made.stat().st_uid != os.getuid():
        _make(made, environment)
    shutil.copyfile(made, Path(environment["PREFECT_HOME"]) / "prefect.db")


def _make(target: Path, environment: dict[str, str]) -> None:
    """In a process of its own, which alone has Prefect's settings; at once or not at all."""
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        new = Path(folder) / "prefect.db"
        url = {"PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{new}"}
        subprocess.run([sys.executable, "-m", __name__], env=environment | url, check=True)
        new.replace(target)


if __name__ == "__main__":
    from prefect.server.database import provide_database_interface

    asyncio.run(provide_database_interface().create_db())
