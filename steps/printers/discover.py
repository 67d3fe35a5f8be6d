"""Looking for printers in the agent's network (F-3, steps 1 to 3): addresses, exclusions, probes, identities.

Each address is asked by SNMP and over HTTP at once, for printers of our own make tell more there; one that gives no
answer to either is no printer. One that answers, but not so that it can be enrolled, is a part of the report that says
why: it may be the printer that is missing (FL-551). The delay lies between the beginnings of two probes (FL-122).
"""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from pydantic import BaseModel, ConfigDict, SecretStr

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from connectors.printers.address_ranges import Entries, wanted_addresses
from connectors.printers.device import Device
from connectors.printers.device_answers import DeviceIdentity
from connectors.printers.device_connection import DeviceAddress
from connectors.printers.local_network import advertised_addresses, local_subnets
from connectors.printers.probing import found_by_snmp, probe
from connectors.printers.reading import Identity
from steps.found_printers import FoundPrinter
from steps.printer_snmp import snmp_target
from steps.printer_standards import AS_TOLD
from steps.printer_work import ComponentResult, Order, Outcome, PrinterStepKind, Report, SnmpAccess, WorkFiles
from steps.revealed import revealed

IN_FLIGHT = 256
"""Addresses that are waited for at a time; each takes two sockets."""
MDNS_SECONDS = 5.0
IDENTITY_SECONDS = 3.0
MOST_TOLD = 200
"""Addresses that answered otherwise, of which the report tells."""
ONLY_HTTP = N_("A web server answers, but nothing that is a printer by SNMP. Check that SNMP is on, and the community.")
SNMP_SECRET = "snmp"  # noqa: S105 — a name


class Discover(BaseModel):
    """What to search: the local network (`local`), or what `include` names, without what `exclude` names.

    `delay` in milliseconds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    local: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    delay: int = 250
    http_port: int = 80
    snmp_port: int = 161


def snmp_secrets(access: SnmpAccess) -> dict[str, SecretStr]:
    """An SNMP profile as it goes with an order, where nobody else may read it."""
    return {SNMP_SECRET: SecretStr(json.dumps(revealed(access)))}


async def discover(order: Order, _files: WorkFiles) -> Report:
    """Search, and report who was found where."""
    search = Discover.model_validate(order.parameters)
    given = order.secrets.get(SNMP_SECRET)
    access = SnmpAccess.model_validate_json(given.get_secret_value()) if given else SnmpAccess()
    probed, found = 0, []
    missed: list[ComponentResult] = []
    async for address, one in _probes(search, access):
        probed += 1
        if one.printer is not None:
            found.append(one.printer.model_dump(mode="json"))
        elif one.why_not is not None and len(missed) < MOST_TOLD:
            missed.append(
                ComponentResult(kind="address", name=address, outcome=Outcome.NOT_SUPPORTED, message=one.why_not)
            )
    return Report(facts={"found": found, "probed": probed}, components=tuple(missed))


@dataclass(frozen=True, slots=True)
class _Probed:
    """The printer at an address, or why whoever answers there was not taken for one."""

    printer: FoundPrinter | None = None
    why_not: Message | None = None


async def _probes(search: Discover, access: SnmpAccess) -> AsyncGenerator[tuple[str, _Probed], None]:
    """What each probe finds, as soon as it is known."""

    async def ask(address: str) -> _Probed:
        return await _probe(address, search, access)

    async for found in probe(_addresses(search), ask, delay=search.delay / 1000, at_once=IN_FLIGHT):
        yield found


async def _addresses(search: Discover) -> AsyncIterator[str]:
    """Addresses to probe, each once. Names are looked up here, and what they lead to may be excluded (FL-113)."""
    left_out = Entries(search.exclude)
    seen: set[str] = set()
    include: Iterable[str] = search.include
    if search.local:
        include = [*sorted(await advertised_addresses(MDNS_SECONDS)), *local_subnets()]
    for wanted in wanted_addresses(include, search.exclude):
        address = wanted if _is_address(wanted) else await _looked_up(wanted)
        if address and address not in seen and not left_out.covers(address):
            seen.add(address)
            yield address


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


async def _looked_up(name: str) -> str:
    """The first address of a host name; empty where it has none, which is as if nobody answered there."""
    loop = asyncio.get_running_loop()
    try:
        return str((await loop.getaddrinfo(name, None, type=socket.SOCK_STREAM))[0][4][0])
    except OSError:
        return ""


async def _probe(address: str, search: Discover, access: SnmpAccess) -> _Probed:
    told, device = await asyncio.gather(
        _by_snmp(address, search.snmp_port, access), _by_device(address, search.http_port)
    )
    refusal = told if isinstance(told, Message) else None
    identity = told if isinstance(told, Identity) else None
    ports = {"http": (search.http_port, 80), "snmp": (search.snmp_port, 161)}
    unusual = {name: port for name, (port, usual) in ports.items() if port != usual}
    if isinstance(device, DeviceIdentity):
        return _Probed(_own_make(address, device, identity or Identity(), unusual))
    if identity is not None:
        return _Probed(_any_make(address, identity, unusual))
    return _Probed(why_not=refusal or device)


async def _by_snmp(address: str, port: int, access: SnmpAccess) -> Identity | Message | None:
    """Who answers by SNMP, or why it is not to be asked with this profile; None where nobody answers."""
    try:
        return await found_by_snmp(snmp_target(address, port, access))
    except PressroomError as error:
        return Message.of(AS_TOLD, reason=error.message)


async def _by_device(address: str, port: int) -> DeviceIdentity | Message | None:
    """Which printer of our own make answers, or that a web server of another kind does; None where nobody does."""
    try:
        async with asyncio.timeout(IDENTITY_SECONDS):
            async with Device(DeviceAddress(host=address, port=port)) as device:
                return await device.identity()
    except PressroomError as error:
        return None if error.transient else Message.of(ONLY_HTTP)
    except TimeoutError:
        return None


def _own_make(address: str, device: DeviceIdentity, told: Identity, ports: dict[str, int]) -> FoundPrinter:
    return FoundPrinter(
        address=address,
        serial_number=device.serial_number,
        manufacturer=device.manufacturer,
        model=device.model,
        is_vendor=True,
        is_color=device.color,
        host_name=device.host_name,
        mac=device.mac,
        location=told.location,
        contact=told.contact,
        asset_tag=told.asset_tag,
        firmware_level=device.firmware,
        framework_version=device.framework or "",
        agent_version=device.printer_agent or "",
        pages_per_minute=device.speed_ppm,
        needs_credentials=device.authentication_type != "none",
        ports=ports,
    )


def _any_make(address: str, told: Identity, ports: dict[str, int]) -> FoundPrinter:
    return FoundPrinter(
        address=address,
        serial_number=told.serial_number[:64],
        manufacturer=told.manufacturer[:128],
        model=told.model[:128],
        is_color=told.is_colour,
        host_name=told.host_name[:255],
        mac=told.mac[:32],
        location=told.location[:255],
        contact=told.contact[:255],
        asset_tag=told.asset_tag[:255],
        firmware_level=told.firmware_level[:64],
        pages_per_minute=told.pages_per_minute,
        ports=ports,
    )


STEPS = (PrinterStepKind("discover", N_("Discover and enrol printers"), Discover, discover),)
