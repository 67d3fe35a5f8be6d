"""What a workstation is: its name, system and addresses, of which printers are told (PR-314, PR-331)."""

import platform
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

import ifaddr

from pressroom.workstation.configuration import NetworkInterfaceSelectorSettings

VIRTUAL = ("docker", "veth", "br-", "virbr", "vmnet", "vboxnet", "tun", "tap", "wg")
"""How names of interfaces begin that lead to no real network."""


@dataclass(frozen=True, slots=True)
class HostFacts:
    """The workstation as it is now; of `addresses`, the first is the likeliest for printers."""

    host: str
    system: str
    addresses: tuple[str, ...]


def host_facts(chosen: NetworkInterfaceSelectorSettings) -> HostFacts:
    """Name, system, and the addresses that the settings let through."""
    found = ((one.nice_name, str(one.ip)) for adapter in ifaddr.get_adapters() for one in adapter.ips if one.is_IPv4)
    return HostFacts(socket.gethostname() or "workstation", system_name(), usable_addresses(found, chosen))


def usable_addresses(found: Iterable[tuple[str, str]], chosen: NetworkInterfaceSelectorSettings) -> tuple[str, ...]:
    """Of the interfaces' names and addresses, those that printers can be told, virtual ones last (or first)."""
    include = [ip_network(one) for one in chosen.subnet_filter.include]
    exclude = [ip_network(one) for one in chosen.subnet_filter.exclude]
    kept: list[tuple[bool, str]] = []
    for name, text in found:
        address = ip_address(text)
        is_own = address.is_link_local and chosen.filter_auto_ip_addresses
        if address.is_loopback or is_own or any(address in one for one in exclude):
            continue
        if include and not any(address in one for one in include):
            continue
        kept.append((name.lower().startswith(VIRTUAL) != chosen.prioritize_virtual_adapters, text))
    return tuple(text for _, text in sorted(kept, key=lambda one: one[0]))


def system_name() -> str:
    """The operating system, as Linux 6.1."""
    return f"{platform.system()} {platform.release().split('-')[0]}".strip()
