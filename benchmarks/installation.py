"""A whole installation on loopback, for tests and benchmarks: engine, worker and portal as real processes."""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.engine_database import lay_engine_database
from connectors.settings import Settings, get_settings
from domain.organizations.actor import Actor
from domain.organizations.service import local_administrator
from pressroom.first_start import prepare
from pressroom.supervisor import Part, running

PASSWORD = "Correct horse 9 battery staple!"


@dataclass
class RunningInstallation:
    """What a test needs of it. The administrator's password is `PASSWORD`."""

    settings: Settings
    parts: list[Part]
    administrator: Actor

    @property
    def url(self) -> str:
        return self.settings.public_url

    def client(self) -> httpx.Client:
        """The administrator at the REST API."""
        client = httpx.Client(base_url=self.url, trust_env=False, timeout=30)
        answer = client.post("/api/v1/sessions", json={"email": self.administrator.email, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['token']}"
        return client

    def part(self, name: str) -> Part:
        return next(part for part in self.parts if part.name == name)


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that was free just now on loopback."""
    with socket.socket(type=kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """PRESSROOM_… variables for this process and those it starts, and settings read anew."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    get_settings.cache_clear()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        get_settings.cache_clear()


@contextmanager
def running_installation(home: Path, **settings: str) -> Iterator[RunningInstallation]:
    """Everything started and ready; `settings` are PRESSROOM_… values by their lower-case names."""
    bell = free_port(socket.SOCK_DGRAM)
    values = {
        "home": str(home),
        "portal_port": str(free_port()),
        "prefect_port": str(free_port()),
        "mail_catcher_port": str(free_port()),
        "ipp_port": "0",
        "mail_in_port": "0",
        "doorbells": f"127.0.0.1:{bell}",
        "doorbell_bind": f"127.0.0.1:{bell}",
        "admin_password": PASSWORD,
        "log_level": "WARNING",
        **settings,
    }
    with environment({f"PRESSROOM_{name.upper()}": value for name, value in values.items()}):
        prepare(get_settings())
        lay_engine_database(get_settings())
        with running(get_settings()) as parts:
            yield RunningInstallation(get_settings(), parts, local_administrator())
