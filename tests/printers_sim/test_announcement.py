"""The announcement by mDNS, seen by a browser of services."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from zeroconf import IPVersion, ServiceBrowser, ServiceListener, Zeroconf

from printers_sim.announcement import IPP
from printers_sim.knobs import Behaviour
from printers_sim.simulation import Simulation, SimulationPlan
from tests.printers_sim.conftest import wait_until
from tests.support.simulation import running_simulation

ANNOUNCE_SECONDS = 20


class Seen(ServiceListener):
    """What is announced now: addresses by name."""

    def __init__(self) -> None:
        self.addresses: dict[str, tuple[str, int, dict[bytes, bytes | None]]] = {}

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """A printer has come."""
        info = zc.get_service_info(type_, name, 5000)
        if info is not None and info.port is not None:
            self.addresses[name] = (socket.inet_ntoa(info.addresses[0]), info.port, info.properties)

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """A printer has changed."""
        self.add_service(zc, type_, name)

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """A printer has gone."""
        self.addresses.pop(name, None)

    def of(self, simulation: Simulation) -> set[str]:
        """Addresses of the printers of this simulation; others may run on the same machine."""
        return {address for address, port, _ in self.addresses.values() if port == simulation.http_port}


@pytest.fixture
def simulation(tmp_path: Path) -> Iterator[Simulation]:
    """Three printers that announce themselves."""
    with running_simulation(SimulationPlan(3, http_port=0, snmp_port=0, announce=True, folder=tmp_path)) as running:
        yield running


def test_printers_are_announced_while_they_are_there_and_want_it(simulation: Simulation) -> None:
    """FL-577: by mDNS, until it is turned off (FL-84)."""
    seen = Seen()
    browser = Zeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only)
    try:
        ServiceBrowser(browser, IPP, seen)
        everybody = {printer.address for printer in simulation.printers}
        wait_until(lambda: seen.of(simulation) == everybody, ANNOUNCE_SECONDS)
        first, second, third = simulation.printers
        facts = next(facts for address, _, facts in seen.addresses.values() if address == first.address)
        assert (facts[b"rp"], facts[b"Color"], facts[b"ty"]) == (b"ipp/print", b"T", b"Pressroom PX C3025")
        first.device.settings["network.mdns_enabled"] = False
        second.knobs.offline = True
        wait_until(lambda: seen.of(simulation) == {third.address}, ANNOUNCE_SECONDS)
        second.knobs.offline = False
        third.behaviour = Behaviour.SILENT
        wait_until(lambda: seen.of(simulation) == {second.address}, ANNOUNCE_SECONDS)
        simulation.stop()
        wait_until(lambda: not seen.of(simulation), ANNOUNCE_SECONDS)
    finally:
        browser.close()
