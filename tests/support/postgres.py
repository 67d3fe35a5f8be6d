"""A real PostgreSQL server for tests, from Debian's package, on a free port of 127.0.0.1."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from benchmarks.installation import free_port

READY_SECONDS = 60
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
        os.kill(pid, 2)  # SIGINT: fast shutdown
        server.wait(30)
        shutil.rmtree(folder)


def _wait_ready(programs: Path, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    ask: Command = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(ask, check=False).returncode != 0:
        if time.monotonic() > deadline:
            raise TimeoutError("PostgreSQL did not start")
        time.sleep(0.1)
