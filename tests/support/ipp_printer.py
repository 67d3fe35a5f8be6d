"""A real IPP printer without paper: CUPS' `ippeveprinter` on the loopback interface.

It insists on announcing itself by DNS-SD. Where no Avahi daemon is running, one is started for the time being, with a
message bus of its own that listens in a temporary folder. Debian packages: cups-ipp-utils, avahi-daemon, dbus.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import pytest

from connectors.errors import PressroomError
from connectors.ipp.client import Printer

PROGRAMS = ("ippeveprinter", "avahi-daemon", "dbus-daemon")
READY_SECONDS = 15
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={folder}/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/>
<allow send_type="method_call"/><allow send_type="signal"/>
<allow send_requested_reply="true" send_type="method_return"/>
<allow send_requested_reply="true" send_type="error"/>
<allow receive_type="method_call"/><allow receive_type="method_return"/>
<allow receive_type="error"/><allow receive_type="signal"/></policy></busconfig>
"""
AVAHI = """[server]
host-name=pressroom-tests
use-ipv6=no
allow-interfaces=lo
"""

_running: list[dict[str, str]] = []
"""The environment of the daemon that this process uses at the moment, if any."""


@dataclass
class TestPrinter:
    """A running printer. It hands each job's file to `command` and keeps it in `spool`."""

    __test__ = False

    address: str
    spool: Path
    command: Path

    def on_job(self, script: str) -> None:
        """What the printer does with a job from now on: a shell script, which gets the file as $1."""
        fresh = self.command.with_suffix(".new")
        fresh.write_text("#!/bin/sh\n" + script + "\n")
        fresh.chmod(0o755)
        fresh.replace(self.command)

    def on_job_wait_for(self, file: Path, first: str = ":", then: str = ":") -> None:
        """Keep each job in work until `file` is there."""
        self.on_job(f"{first}; while [ ! -e {file} ]; do sleep 0.1; done; {then}; exit 0")

    def printed(self) -> list[bytes]:
        """The files of all jobs so far, in the order of arrival."""
        files = [path for path in self.spool.iterdir() if path.suffix != ".prn"]  # .prn is what the command wrote
        return [path.read_bytes() for path in sorted(files, key=lambda path: int(path.name.partition("-")[0]))]


@contextmanager
def dns_sd() -> Iterator[dict[str, str]]:
    """The environment in which programs find a DNS-SD daemon. One test process at a time has it, once or nested."""
    if _running:
        yield _running[0]
        return
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (Debian: cups-ipp-utils, avahi-daemon, dbus)")
    with ExitStack() as ending:
        lock = ending.enter_context((Path(gettempdir()) / "pressroom-dns-sd.lock").open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        _running.append(_system_dns_sd() or _start_dns_sd(ending))
        ending.callback(_running.clear)
        yield _running[0]


def _system_dns_sd() -> dict[str, str] | None:
    check = subprocess.run(["avahi-daemon", "--check"], check=False, capture_output=True)
    return None if check.returncode else dict(os.environ)


def _start_dns_sd(ending: ExitStack) -> dict[str, str]:
    if os.geteuid() != 0:
        pytest.skip("only root can start avahi-daemon: start the system's, or run these tests as root")
    folder = Path(ending.enter_context(TemporaryDirectory(prefix="pressroom-dns-sd-")))
    (folder / "bus.conf").write_text(BUS.format(folder=folder))
    (folder / "avahi.conf").write_text(AVAHI)
    environment = os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={folder}/bus"}
    _start(["dbus-daemon", "--nofork", f"--config-file={folder}/bus.conf"], environment, ending)
    _wait_for((folder / "bus").exists, "the message bus")
    Path("/run/avahi-daemon").mkdir(exist_ok=True)
    options = ["--no-drop-root", "--no-chroot", "--no-rlimits", "-f", str(folder / "avahi.conf")]
    _start(["avahi-daemon", *options], environment, ending)
    return environment


@contextmanager
def ipp_printer(folder: Path, environment: dict[str, str], *options: str, formats: str = "") -> Iterator[TestPrinter]:
    """A printer whose spool is in `folder`; `options` are further ones of ippeveprinter."""
    spool, command = folder / "spool", folder / "command"
    spool.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    printer = TestPrinter(f"ipp://127.0.0.1:{port}/ipp/print", spool, command)
    printer.on_job("exit 0")
    arguments = ["-n", "localhost", "-p", str(port), "-d", str(spool), "-k", "-c", str(command)]
    arguments += ["-f", formats or "application/pdf,image/jpeg", *options, f"Pressroom {port}"]
    with ExitStack() as ending:
        started = [_start(["ippeveprinter", *arguments], environment, ending)]

        def answers() -> bool:
            if started[-1].poll() is not None:  # Avahi was not ready yet
                started.append(_start(["ippeveprinter", *arguments], environment, ending))
            return _answers(printer.address)

        _wait_for(answers, "the printer")
        yield printer


def _answers(address: str) -> bool:
    try:
        with Printer(address, "tests") as printer:
            printer.status()
    except PressroomError:
        return False
    return True


def _start(command: list[str], environment: dict[str, str], ending: ExitStack) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environment, stdin=quiet, stdout=quiet, stderr=quiet)
    ending.callback(process.wait, 10)
    ending.callback(process.terminate)
    return process


def _wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} was not ready after {READY_SECONDS} seconds")
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
