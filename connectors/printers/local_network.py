"""What is in the agent's own network: printers that advertise themselves by mDNS, and the addresses of its subnets.

zeroconf, which also brings the list of network interfaces (ifaddr).
"""

import asyncio
from collections.abc import Iterator
from ipaddress import ip_network

import ifaddr
from zeroconf import ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

SERVICES = ("_ipp._tcp.local.", "_ipps._tcp.local.", "_printer._tcp.local.", "_pdl-datastream._tcp.local.")
LARGEST_SUBNET = 22
"""Subnets with a shorter prefix hold more hosts than a search of “the local network” can mean."""
ANSWER_MILLISECONDS = 1500


def local_subnets() -> Iterator[str]:
    """The IPv4 subnets of this host's interfaces, without loopback and link-local ones; large ones are cut to size."""
    for adapter in ifaddr.get_adapters():
        for one in adapter.ips:
            if not isinstance(one.ip, str):
                continue
            network = ip_network(f"{one.ip}/{max(one.network_prefix, LARGEST_SUBNET)}", strict=False)
            if not (network.is_loopback or network.is_link_local):
                yield str(network)


async def advertised_addresses(seconds: float, interfaces: list[str] | None = None) -> set[str]:
    """Addresses of printers that advertise themselves within that time (FL-84)."""
    addresses: set[str] = set()
    questions: set[asyncio.Task[None]] = set()

    async def ask(zeroconf: Zeroconf, kind: str, name: str) -> None:
        info = AsyncServiceInfo(kind, name)
        if await info.async_request(zeroconf, ANSWER_MILLISECONDS):
            addresses.update(address for address in info.parsed_addresses() if not address.startswith("fe80"))

    def noticed(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if state_change is ServiceStateChange.Added:
            questions.add(asyncio.create_task(ask(zeroconf, service_type, name)))

    async with AsyncZeroconf(interfaces=interfaces) if interfaces else AsyncZeroconf() as network:
        browser = AsyncServiceBrowser(network.zeroconf, list(SERVICES), handlers=[noticed])
        await asyncio.sleep(seconds)
        await browser.async_cancel()
        await asyncio.gather(*questions)
    return addresses
