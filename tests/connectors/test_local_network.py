"""Printers that advertise themselves, on the loopback interface: found while they do, and of the right kinds only."""

import asyncio
import socket

import pytest
from zeroconf import ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from connectors.printers.local_network import advertised_addresses, local_subnets

LOOPBACK = ["127.0.0.1"]
SECONDS = 2.0
KINDS = ("_ipp._tcp.local.", "_ipps._tcp.local.", "_printer._tcp.local.", "_pdl-datastream._tcp.local.")


def service(kind: str, name: str, address: str) -> ServiceInfo:
    packed = [socket.inet_aton(address)]
    return ServiceInfo(kind, f"{name}.{kind}", port=631, addresses=packed, server=f"{name}.local.")


def found(*services: ServiceInfo) -> set[str]:
    """What is found while these services are advertised."""

    async def run() -> set[str]:
        async with AsyncZeroconf(interfaces=LOOPBACK) as network:
            await asyncio.gather(*[await network.async_register_service(one) for one in services])
            return await advertised_addresses(SECONDS, LOOPBACK)

    return asyncio.run(run())


@pytest.mark.parametrize("kind", KINDS)
def test_a_printer_is_found_by_each_kind_of_service(kind: str) -> None:
    """FL-84."""
    assert found(service(kind, "laser", "127.20.0.5")) == {"127.20.0.5"}


def test_printers_are_found_once_and_other_services_are_not() -> None:
    advertised = [
        service(KINDS[0], "ink", "127.20.0.6"),
        service(KINDS[3], "ink", "127.20.0.6"),
        service(KINDS[1], "laser", "127.20.0.7"),
        service("_http._tcp.local.", "server", "127.20.0.8"),
    ]
    assert found(*advertised) == {"127.20.0.6", "127.20.0.7"}


def test_nobody_advertises_nobody_is_found() -> None:
    assert asyncio.run(advertised_addresses(0.5, LOOPBACK)) == set()


def test_subnets_of_this_host_are_no_larger_than_a_search_can_mean() -> None:
    for subnet in local_subnets():
        assert int(subnet.partition("/")[2]) >= 22
        assert not subnet.startswith("127.")
