"""Everything on one machine: starts the parts in order, waits until each is ready, restarts what falls, stops all."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import httpx
import structlog

from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import Settings
from pressroom.engine_environment import engine_environment
from printers_sim.printer import address_of
from printers_sim.simulation import HTTP_PORT

log = structlog.get_logger(__name__)

NOT_READY = Fault(
    "up.not_ready",
    500,
    N_("“{part}” was not ready after {seconds} seconds."),
    N_("See its messages above. “pressroom doctor” looks for the usual causes."),
)
PORT_TAKEN = Fault(
    "up.port_taken",
    500,
    N_("Port {port}, needed by “{part}”, is in use by another program."),
    N_("Stop that program, or choose another port with {setting}."),
)
READY_SECONDS = 180.0
SIMULATED_PROFILES = ("color-mfp", "mono-mfp", "mono-printer", "color-mfp-upgradable", "third-party-color")
SIMULATED_SEED = "3"
"""The first three have panels of the three sizes, and firmware that can do everything they offer."""
SIMULATED_PAGES = 600
"""What each simulated printer prints in an hour: enough that counters and toner are seen to move."""
RESTART_PAUSES = (0.5, 1, 2, 5, 10, 30)


@dataclass
class Part:
    """One process of the installation: how to start it and how to see that it is ready (given its process id)."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    is_ready: Callable[[int], bool]
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    falls: int = field(default=0, init=False)

    def start(self) -> None:
        command = [sys.executable, "-m", "pressroom", *self.arguments]
        self.process = subprocess.Popen(  # noqa: S603 — our own program
            command, env=dict(self.environment), start_new_session=True, preexec_fn=_die_with_parent
        )

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """Ask the process to end, and end it with all its children when it does not within ten seconds."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextmanager
def running(settings: Settings, simulated: int = 0) -> Iterator[list[Part]]:
    """All parts, ready, and `simulated` printers besides; they are stopped at the end of the block.

    Raises `PORT_TAKEN` or `NOT_READY`.
    """
    parts = _parts(settings, simulated)
    _check_ports(settings, simulated)
    with ExitStack() as started:
        for part in parts:
            started.callback(part.stop)
            part.start()
        for part in parts:
            _wait_ready(part)
        yield parts


def watch(parts: list[Part]) -> None:
    """Restart parts that end by themselves, with growing pauses, until interrupted (Ctrl+C, SIGTERM)."""
    while True:
        time.sleep(0.5)
        for part in parts:
            if part.has_ended():
                pause = RESTART_PAUSES[min(part.falls, len(RESTART_PAUSES) - 1)]
                log.error("a part ended and is started again", part=part.name, pause=pause)
                part.falls += 1
                time.sleep(pause)
                part.start()


def _parts(settings: Settings, simulated: int) -> list[Part]:
    environment = engine_environment(settings)
    parts = []
    if simulated:
        profiles = (part for name in SIMULATED_PROFILES for part in ("--profile", name))
        pages = ("--pages-per-hour", str(SIMULATED_PAGES))
        arguments = ("sim", "--count", str(simulated), *profiles, "--seed", SIMULATED_SEED, *pages, "--quiet")
        first = address_of(0)
        parts.append(Part("simulated printers", arguments, environment, lambda _pid: _listens(first, HTTP_PORT)))
    if not settings.smtp_host:
        environment |= {
            "PRESSROOM_SMTP_HOST": "127.0.0.1",
            "PRESSROOM_SMTP_PORT": str(settings.mail_catcher_port),
            "PRESSROOM_SMTP_TLS": "none",
        }
        port = settings.mail_catcher_port
        parts.append(Part("mail catcher", ("mail-catcher",), environment, lambda _pid: _listens("127.0.0.1", port)))
    if not settings.prefect_api_url:
        parts.append(Part("engine", ("engine",), environment, lambda _pid: _answers(f"{settings.engine_url}/health")))
    parts.append(Part("portal", ("portal",), environment, lambda _pid: _answers(f"{_local_portal(settings)}/healthz")))
    if settings.ipp_port:
        host, ipp_port = settings.ipp_host, settings.ipp_port
        parts.append(Part("print service", ("ipp",), environment, lambda _pid: _listens(_local(host), ipp_port)))
    if settings.mail_in_port:
        mail_host, mail_port = settings.mail_in_host, settings.mail_in_port
        parts.append(
            Part("mail for printing", ("mail-in",), environment, lambda _: _listens(_local(mail_host), mail_port))
        )
    parts.append(Part("worker", ("worker",), environment, lambda pid: _has_worker(settings, pid)))
    return parts


def _local_portal(settings: Settings) -> str:
    return f"http://{_local(settings.portal_host)}:{settings.portal_port}"


def _local(host: str) -> str:
    """Where we ourselves reach what listens on `host`."""
    return "127.0.0.1" if host in ("0.0.0.0", "") else host  # noqa: S104


def _check_ports(settings: Settings, simulated: int) -> None:
    wanted = [("portal", settings.portal_host, settings.portal_port, "PRESSROOM_PORTAL_PORT")]
    if simulated:
        wanted.append(("simulated printers", address_of(0), HTTP_PORT, "“pressroom sim --http-port”, apart from “up”"))
    if settings.ipp_port:
        wanted.append(("print service", _local(settings.ipp_host), settings.ipp_port, "PRESSROOM_IPP_PORT"))
    if settings.mail_in_port:
        place = (_local(settings.mail_in_host), settings.mail_in_port)
        wanted.append(("mail for printing", *place, "PRESSROOM_MAIL_IN_PORT"))
    if not settings.prefect_api_url:
        wanted.append(("engine", settings.prefect_host, settings.prefect_port, "PRESSROOM_PREFECT_PORT"))
    if not settings.smtp_host:
        wanted.append(("mail catcher", "127.0.0.1", settings.mail_catcher_port, "PRESSROOM_MAIL_CATCHER_PORT"))
    for part, host, port, setting in wanted:
        if _listens(host, port):
            raise PORT_TAKEN(part=part, port=port, setting=setting)


def _wait_ready(part: Part) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not (part.process and part.is_ready(part.process.pid)):
        if part.has_ended() or time.monotonic() > deadline:
            raise NOT_READY(part=part.name, seconds=round(READY_SECONDS))
        time.sleep(0.1)


def _listens(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _has_worker(settings: Settings, pid: int) -> bool:
    url = f"{settings.engine_url}/work_pools/{settings.work_pool}/workers/filter"
    try:
        answer = httpx.post(url, json={}, timeout=2, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200 and any(worker["name"].endswith(f"-{pid}") for worker in answer.json())


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
