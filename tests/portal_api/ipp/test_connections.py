"""Clients that send too much, too slowly, or stop in the middle (PR-325, PR-328)."""

import base64
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from connectors.ipp.service import body
from connectors.ipp.service.statuses import Status
from connectors.ipp.wire import decode
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.printing.service import queued_jobs
from tests.printers_sim.conftest import wait_until
from tests.support.print_service import PRINT_JOB, VALIDATE_JOB, Computer

SECONDS = 60


@contextmanager
def connection(computer: Computer, *headers: str) -> Iterator[socket.socket]:
    """An open request of the computer, after its headers; the body follows in chunks."""
    parts = urlsplit(computer.address)
    name = base64.b64encode(f"{computer.email}:{computer.password}".encode()).decode()
    head = (
        f"POST {computer.path} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Content-Type: application/ipp",
        f"Authorization: Basic {name}",
        *(headers or ("Transfer-Encoding: chunked",)),
    )
    with socket.create_connection((parts.hostname or "", parts.port or 0), SECONDS) as client:
        client.sendall("\r\n".join((*head, "", "")).encode())
        yield client


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def answer_of(client: socket.socket) -> tuple[bytes, bytes]:
    """Headers and body of the answer, read until the other side closes."""
    answer = b""
    while piece := client.recv(1 << 16):
        answer += piece
    head, _, content = answer.partition(b"\r\n\r\n")
    return head, content


def pour(client: socket.socket) -> None:
    """Send without an end."""
    while True:
        client.sendall(chunk(b"x" * 65_536))


def is_clean(person: Actor) -> bool:
    return queued_jobs(person) == [] and list(get_settings().scratch_folder.glob("ipp-*")) == []


def test_a_document_that_is_too_large_is_told_so_before_the_connection_ends(person: Actor, computer: Computer) -> None:
    with connection(computer) as client:
        client.sendall(chunk(computer.message(PRINT_JOB) + b"%PDF-1.7"))
        for _ in range(100):
            client.sendall(chunk(b"x" * 65_536))
        head, content = answer_of(client)
    assert b"connection: close" in head.lower()
    assert decode(content)[0].code == Status.ENTITY_TOO_LARGE
    assert is_clean(person)


def test_an_endless_document_is_ended(person: Actor, computer: Computer) -> None:
    with connection(computer) as client:
        client.sendall(chunk(computer.message(PRINT_JOB) + b"%PDF-1.7"))
        with pytest.raises(OSError, match=r"reset|pipe|aborted"):
            pour(client)
    wait_until(lambda: is_clean(person), SECONDS)


def test_a_client_that_waits_for_leave_is_refused_before_it_sends(computer: Computer) -> None:
    """A wrong password is told at the attributes, not after all of the document."""
    computer.password = "wrong"
    headers = ("Content-Length: 100000000", "Expect: 100-continue")
    with connection(computer, *headers) as client:
        assert client.recv(1024).startswith(b"HTTP/1.1 100")
        client.sendall(computer.message(PRINT_JOB))
        began = time.monotonic()
        head, _ = answer_of(client)
        assert head.startswith(b"HTTP/1.1 401")
        assert time.monotonic() - began < SECONDS / 2


def test_a_client_that_stops_sending_is_not_waited_for(
    person: Actor, computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "IDLE_SECONDS", 0.5)
    with connection(computer) as client:
        client.sendall(chunk(computer.message(PRINT_JOB) + b"%PDF-1.7"))
        _, content = answer_of(client)
    assert decode(content)[0].code == Status.TIMEOUT
    assert is_clean(person)


def test_a_client_that_drips_is_ended(person: Actor, computer: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "START_SECONDS", 1.0)
    monkeypatch.setattr(body, "LINGER_SECONDS", 0.1)
    ended = threading.Event()

    def drip(client: socket.socket) -> None:
        try:
            while not ended.wait(0.05):
                client.sendall(chunk(b"x"))
        except OSError:
            ended.set()

    with connection(computer) as client:
        client.sendall(chunk(computer.message(PRINT_JOB) + b"%PDF-1.7"))
        dripping = threading.Thread(target=drip, args=(client,))
        dripping.start()
        try:
            _, content = answer_of(client)
        finally:
            ended.set()
            dripping.join()
    assert decode(content)[0].code == Status.TIMEOUT
    assert is_clean(person)


def test_attributes_may_come_in_the_smallest_pieces(computer: Computer) -> None:
    message = computer.message(VALIDATE_JOB)
    with connection(computer, f"Content-Length: {len(message)}", "Connection: close") as client:
        for octet in message:
            client.sendall(bytes([octet]))
        _, content = answer_of(client)
    assert decode(content)[0].code == Status.OK


def test_of_a_document_that_breaks_off_nothing_is_kept(person: Actor, computer: Computer) -> None:
    with connection(computer) as client:
        client.sendall(chunk(computer.message(PRINT_JOB) + b"%PDF-1.7" + b"x" * 100_000))
        wait_until(lambda: list(get_settings().scratch_folder.glob("ipp-*")) != [], SECONDS)
    wait_until(lambda: is_clean(person), SECONDS)
