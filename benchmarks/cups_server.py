"""A CUPS of one's own on loopback, with queues, a spool and filters as a Linux computer has them."""

import getpass
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.installation import free_port

DRIVERLESS_SECONDS = 60.0
START_SECONDS = 30
DAEMON = "/usr/sbin/cupsd"
PROGRAMS = Path("/usr/lib/cups")
CONFIGURATION = """
Listen 127.0.0.1:{port}
LogLevel debug
MaxLogSize 0
Browsing No
DefaultAuthType None
WebInterface No
PreserveJobHistory Yes
JobRetryInterval 1
<Location />
  Allow all
</Location>
<Location /admin>
  Allow all
</Location>
<Policy default>
  JobPrivateAccess all
  JobPrivateValues none
  <Limit All>
    Allow all
  </Limit>
</Policy>
"""
FILES = """
User {user}
Group lp
SystemGroup root
ServerRoot {root}
RequestRoot {root}/spool
CacheDir {root}/cache
StateDir {root}/state
TempDir {root}/spool/tmp
ServerBin {programs}
DataDir /usr/share/cups
AccessLog {root}/access_log
ErrorLog {root}/error_log
PageLog {root}/page_log
SyncOnClose No
"""


@dataclass(frozen=True)
class Cups:
    """The server, by the programs that people use."""

    port: int
    root: Path

    def run(self, program: str, *arguments: str) -> str:
        """What `program` says; an error of it is one of the caller's."""
        command = [program, "-h", f"127.0.0.1:{self.port}", *arguments]
        environment = {**os.environ, "HOME": str(self.root), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}\n{self.log}"
        return done.stdout

    def add_driverless(self, name: str, uri: str) -> None:
        """A queue to a printer that needs no driver, ready to print: the server asks the printer in the background."""
        self.run("lpadmin", "-p", name, "-E", "-m", "everywhere", "-v", uri)
        self.wait_until_ready(name)

    def add_raw(self, name: str, uri: str) -> None:
        """A queue that knows nothing of its printer: it hands on documents and settings as they came."""
        self.run("lpadmin", "-p", name, "-E", "-m", "raw", "-v", uri)

    def wait_until_ready(self, name: str) -> None:
        """Until that driverless queue knows what its printer can do; before that, it prints without any settings."""
        deadline = time.monotonic() + DRIVERLESS_SECONDS
        while (
            httpx.get(f"http://127.0.0.1:{self.port}/printers/{name}.ppd", trust_env=False).status_code
            != httpx.codes.OK
        ):
            assert time.monotonic() < deadline, f"the queue {name} did not get ready\n{self.log}"
            time.sleep(0.1)

    @property
    def log(self) -> str:
        """What the server's log says of jobs."""
        lines = (self.root / "error_log").read_text(errors="replace").splitlines()
        return "\n".join([line for line in lines if "[Job" in line or line.startswith(("E ", "W "))][-80:])


@contextmanager
def cups_server(backends: Mapping[str, Path] | None = None) -> Iterator[Cups]:
    """Started and ready, with further `backends` by their names; everything of it is gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix="cups-"))  # not below the test's own folder, which only its user may enter
    server = Cups(free_port(), root)
    _write_configuration(server, _programs(root, backends or {}))
    command = [DAEMON, "-f", "-c", str(root / "cupsd.conf"), "-s", str(root / "cups-files.conf")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        _wait_until_ready(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(root, ignore_errors=True)


def _programs(root: Path, backends: Mapping[str, Path]) -> Path:
    """The folder of CUPS's own programs; where there are further backends, one that has both."""
    if not backends:
        return PROGRAMS
    own = root / "programs"
    for folder in PROGRAMS.iterdir():
        if folder.name != "backend":
            own.mkdir(exist_ok=True)
            (own / folder.name).symlink_to(folder)
    (own / "backend").mkdir()
    for backend in (PROGRAMS / "backend").iterdir():
        (own / "backend" / backend.name).symlink_to(backend)
    for name, file in backends.items():
        shutil.copy(file, own / "backend" / name)
    return own


def _write_configuration(server: Cups, programs: Path) -> None:
    user = "lp" if os.geteuid() == 0 else getpass.getuser()
    server.root.chmod(0o755)
    for folder in ("spool/tmp", "cache", "state", "ppd", "ssl"):
        (server.root / folder).mkdir(parents=True)
    (server.root / "cupsd.conf").write_text(CONFIGURATION.format(port=server.port))
    (server.root / "cups-files.conf").write_text(FILES.format(root=server.root, user=user, programs=programs))


def _wait_until_ready(server: Cups, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "cupsd ended"
        try:
            httpx.get(f"http://127.0.0.1:{server.port}/", timeout=2, trust_env=False)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("cupsd did not start")
