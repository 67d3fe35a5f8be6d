"""Health checks of containers: what each part's command says while the part lives, and when it does not."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from connectors.settings import Settings
from portal_api.ipp.application import create_print_service
from pressroom.part_health import is_healthy
from pressroom.print_certificate import certificate_files
from tests.support.installation import installed
from tests.support.portal_server import serving

HERE = socket.gethostname()


@contextmanager
def answering(status: int, content: Any) -> Iterator[int]:
    """A server on a free port of loopback that answers everything with `content`; yields the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def settings(port: int) -> Settings:
    """Every part of the installation at one port."""
    ports = dict.fromkeys(("portal_port", "prefect_port", "ipp_port", "mail_in_port"), port)
    return Settings.model_validate({**ports, "prefect_api_url": f"http://127.0.0.1:{port}/api"})


@pytest.mark.parametrize("part", ["portal", "engine"])
@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (500, False)])
def test_a_part_is_healthy_when_it_says_so(part: str, status: int, healthy: bool) -> None:
    with answering(status, {"status": "ok"}) as port:
        assert is_healthy(part, settings(port)) is healthy


@pytest.mark.parametrize(
    ("workers", "healthy"),
    [
        ([{"name": f"{HERE}-7", "status": "ONLINE"}], True),
        ([{"name": f"{HERE}-7", "status": "OFFLINE"}, {"name": f"{HERE}-8", "status": "ONLINE"}], True),
        ([{"name": f"{HERE}-7", "status": "OFFLINE"}], False),
        ([{"name": "another-host-7", "status": "ONLINE"}], False),
        ([], False),
    ],
)
def test_a_worker_is_healthy_while_the_engine_counts_it_online(workers: list[dict[str, str]], healthy: bool) -> None:
    with answering(200, workers) as port:
        assert is_healthy("worker", settings(port)) is healthy


def test_the_print_service_is_healthy_whatever_its_certificate_is_for(tmp_path: Path) -> None:
    with (
        installed(tmp_path / "home") as here,
        serving(create_print_service(), certificate=certificate_files(here.settings)) as url,
    ):
        port = int(url.rpartition(":")[2])
        assert is_healthy("ipp", settings(port)) is True


@pytest.mark.parametrize(
    ("greeting", "healthy"), [(b"220 here ESMTP\r\n", True), (b"421 too busy\r\n", False), (b"", False)]
)
def test_who_takes_mail_is_healthy_while_it_greets(greeting: bytes, healthy: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with listener.accept()[0] as connection:
                connection.sendall(greeting)

        thread = Thread(target=answer)
        thread.start()
        assert is_healthy("mail-in", settings(listener.getsockname()[1])) is healthy
        thread.join()


@pytest.mark.parametrize("part", ["portal", "ipp", "mail-in", "engine", "worker"])
def test_nobody_answers(part: str) -> None:
    with answering(200, {}) as port:
        pass
    assert is_healthy(part, settings(port)) is False
