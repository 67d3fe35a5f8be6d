"""A real PostgreSQL server for tests, from Debian's package, on a free port of 127.0.0.1."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

from sqlalchemy import create_engine, text

from benchmarks.installation import free_port
from connectors.database import open_engine
from domain.migrations import migrate

READY_SECONDS = 60
TEMPLATE = "migrated"
Command = list[str | Path]


@contextmanager
def running_postgres(*databases: str) -> Iterator[str]:
    """Start a server with the databases named; yields its address without a database: postgresql://…:port."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
    folder = Path(mkdtemp(prefix="pressroom-postgres-"))
    as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if as_user:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data, port = folder / "data", free_port()
    initdb: Command = [
        *as_user,
        programs / "initdb",
        "-D",
        data,
        "-U",
        "pressroom",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder)
    options: Command = ["-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F"]
    serve: Command = [*as_user, programs / "postgres", "-D", data, *options]
    server = subprocess.Popen(
        serve,
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_ready(programs, port)
        for database in databases:
            create: Command = [programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "pressroom", database]
            subprocess.run(create, check=True)
        yield f"postgresql+psycopg://pressroom@127.0.0.1:{port}"
    finally:
        pid = int((data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)  # at once: what it would write down first is deleted with the folder
        server.wait(60)
        shutil.rmtree(folder)


@dataclass(frozen=True)
class RecordsServer:
    """A server at `address` whose database `TEMPLATE` has every migration."""

    address: str
    _numbers: Iterator[int] = field(default_factory=count)

    def new_records(self) -> str:
        """The address of a new database with all tables: a copy, which takes a moment and no migration."""
        name = f"records_{next(self._numbers)}"
        engine = create_engine(f"{self.address}/postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY"))
        engine.dispose()
        return f"{self.address}/{name}"


@contextmanager
def records_server() -> Iterator[RecordsServer]:
    """A server for the records of many test modules, each with a database of its own."""
    with running_postgres(TEMPLATE) as address:
        template = f"{address}/{TEMPLATE}"
        migrate(template)
        open_engine(template).dispose()  # nobody may be there while it is copied
        yield RecordsServer(address)


def _wait_ready(programs: Path, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    ask: Command = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(ask, check=False).returncode != 0:
        if time.monotonic() > deadline:
            raise TimeoutError("PostgreSQL did not start")
        time.sleep(0.1)
