"""Agents to ask: net-snmp's snmpd as the independent oracle, our simulator, and agents that lie or say nonsense."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from connectors.snmp.ber import BerError, Oid, Tag, oid_content
from connectors.snmp.message import CommunityMessage, community_message, parse_community_message, pdu, variable
from printers_sim.printer import SimulatedPrinter
from printers_sim.snmp.agents import Access, SnmpAgents

Reply = Callable[[CommunityMessage], bytes | Sequence[bytes] | None]
"""Takes a request; returns the bytes to send back, several datagrams of them, or None for silence."""


@contextmanager
def simulated(
    printers: Sequence[SimulatedPrinter] = (),
    access: Access | None = None,
    recordings: Mapping[str, Mapping[Oid, bytes]] | None = None,
) -> Iterator[int]:
    """The port of simulated agents that are served in a thread of their own."""
    agents = SnmpAgents(printers, access or Access(), 0, recordings)
    over = threading.Event()

    def is_over() -> bool:
        agents.send_late()
        return over.is_set()

    thread = threading.Thread(target=agents.server.serve_until, args=(is_over,))
    thread.start()
    try:
        yield agents.server.port
    finally:
        over.set()
        thread.join()
        agents.server.close()


@contextmanager
def replying(reply: Reply) -> Iterator[int]:
    """The port on 127.0.0.1 of an agent that answers what `reply` says."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    data, asker = server.recvfrom(65_535)
                    answer = reply(parse_community_message(data))
                except (TimeoutError, BerError):
                    continue
                for datagram in (answer,) if isinstance(answer, bytes) else answer or ():
                    server.sendto(datagram, asker)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            thread.join()


def response(
    request: CommunityMessage, bindings: Sequence[tuple[Oid, bytes]], status: int = 0, index: int = 0
) -> bytes:
    """A response to `request` of these objects and encoded values."""
    encoded = [variable(oid_content(oid), value) for oid, value in bindings]
    answer = pdu(Tag.RESPONSE, request.pdu.request_id, status, index, encoded)
    return community_message(request.version, request.community, answer)


@contextmanager
def snmpd(folder: Path, configuration: str) -> Iterator[int]:
    """The port on 127.0.0.1 of net-snmp's own agent."""
    program = shutil.which("snmpd") or "/usr/sbin/snmpd"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "snmpd.conf").write_text(configuration)
    command = [program, "-f", "-C", "-c", str(folder / "snmpd.conf"), "-Lf", str(folder / "log"), f"127.0.0.1:{port}"]
    environment = os.environ | {"SNMP_PERSISTENT_DIR": str(folder), "SNMPCONFPATH": str(folder)}
    process = subprocess.Popen(command, env=environment)
    try:
        deadline = time.monotonic() + 20
        while "NET-SNMP version" not in ((folder / "log").read_text() if (folder / "log").exists() else ""):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, "snmpd did not start"
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)
