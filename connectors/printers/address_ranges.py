"""Where to look for printers: addresses, subnets, ranges and host names, as people write them (FL-109…FL-113)."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
    summarize_address_range,
)

from connectors.errors import Fault
from connectors.messages import N_

BAD_ENTRY = Fault(
    "discovery.entry",
    422,
    N_("“{entry}” is no address, subnet, range or host name."),
    N_("Write an entry like 10.0.0.7, 10.0.0.0/24, 10.0.0.1-10.0.0.99 or printer.example.com."),
    spec="FL-109",
)
TOO_MANY = Fault(
    "discovery.too_many",
    422,
    N_("The entries cover more than {limit} addresses."),
    N_("Use smaller subnets or ranges, or share them out among several agents."),
    spec="FL-109",
)
MOST_ADDRESSES = 65_536
SAMPLE = "10.0.0.7\n10.0.1.0/24\n10.0.2.1-10.0.2.99\nprinter.example.com\n"
"""The sample file of the import (FL-110)."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_NAME = re.compile(r"(?=.{1,253}$)(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})*", re.IGNORECASE)


def checked_entry(text: str) -> str:
    """The entry as it is kept, without spaces and in lower case; raises `BAD_ENTRY`."""
    entry = re.sub(r"\s*-\s*", "-", text.strip().lower())
    if networks_of(entry) is None and not _is_name(entry):
        raise BAD_ENTRY(entry=text.strip()[:100])
    return entry


def networks_of(entry: str) -> Sequence[Network] | None:
    """The networks that together are the entry's addresses; None for a host name."""
    first, dash, last = entry.partition("-")
    try:
        if not dash:
            return [ip_network(entry, strict=False)]
        low, high = ip_address(first), ip_address(last)
        return list(summarize_address_range(low, high))
    except (ValueError, TypeError):
        return None


def wanted_addresses(include: Iterable[str], exclude: Iterable[str]) -> Iterator[str]:
    """Every address and host name of `include` once, without those of `exclude`: exclusion always wins (FL-113).

    A subnet stands for its hosts. Raises `TOO_MANY` once there are more than `MOST_ADDRESSES`.
    """
    left_out = Entries(exclude)
    seen: set[str] = set()
    for entry in include:
        for address in _spread(entry):
            if address not in seen and not left_out.covers(address):
                if len(seen) >= MOST_ADDRESSES:
                    raise TOO_MANY(limit=MOST_ADDRESSES)
                seen.add(address)
                yield address


def count_addresses(include: Iterable[str]) -> int:
    """How many addresses the entries cover at most."""
    return sum(sum(network.num_addresses for network in networks_of(entry) or ()) or 1 for entry in include)


class Entries:
    """Entries to be asked about one address after the other, as what a search includes or leaves alone.

    A host name that resolves to an excluded address is asked for with that address too.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        self._names: set[str] = set()
        self._networks: list[Network] = []
        for entry in entries:
            networks = networks_of(entry)
            if networks is None:
                self._names.add(entry)
            else:
                self._networks.extend(networks)

    @property
    def has_names(self) -> bool:
        """Whether host names are among them: only a name service knows which addresses these are."""
        return bool(self._names)

    def covers(self, address: str) -> bool:
        """Whether that address or host name is among them."""
        try:
            number = ip_address(address)
        except ValueError:
            return address.lower() in self._names
        return any(number in network for network in self._networks)


def entries_of_file(content: bytes) -> list[str]:
    """The entries of a .csv or .txt file: the first column of every row that has one. Raises `BAD_ENTRY`."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig", errors="replace")), delimiter=",")
    cells = (row[0].strip() for row in rows if row and row[0].strip())
    return list(dict.fromkeys(checked_entry(cell) for cell in cells if not cell.startswith("#")))


def entries_file(entries: Iterable[str]) -> str:
    """A file that `entries_of_file` reads."""
    return "".join(f"{entry}\n" for entry in entries)


def _spread(entry: str) -> Iterator[str]:
    networks = networks_of(entry)
    if networks is None:
        yield entry
    elif "-" in entry:
        for network in networks:
            yield from map(str, network)
    else:
        for network in networks:
            yield from map(str, network.hosts())


def _is_name(entry: str) -> bool:
    return bool(_NAME.fullmatch(entry)) and not re.fullmatch(r"[\d.-]+", entry)
