"""Announcing the print service by mDNS and DNS-SD, so that phones and computers find it (PWG 5100.14, 4.2; AirPrint).

`zeroconf` does the protocol; it needs no daemon. It keeps one type for a name, so that each of the types under which
systems look for a printer has a responder of its own.
"""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from zeroconf import IPVersion, ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from connectors.ipp.service.formats import TAKEN
from connectors.settings import Settings
from domain.organizations.models import Organization, OrganizationStatus
from domain.print_access.callers import organization_name
from domain.tenancy import system_session
from portal_api.ipp.addresses import PrinterAddress
from portal_api.ipp.description import MAKE, abilities, dns_sd_name, printer_uuid
from portal_api.ipp.public_addresses import public_host

SECURE, PLAIN = "_ipps._tcp.local.", "_ipp._tcp.local."
SUBTYPES = ("", "_universal._sub.", "_print._sub.")
"""Nothing, AirPrint, IPP Everywhere."""
MOST_ORGANIZATIONS = 100
LOOK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Announced:
    """One queue that is announced, at `port`."""

    address: PrinterAddress
    port: int

    def service(self, subtype: str, interfaces: Sequence[str]) -> ServiceInfo:
        """As zeroconf wants it."""
        kind = SECURE if self.address.is_secure else PLAIN
        name = f"{dns_sd_name(self.address)}.{kind}"
        host = f"{socket.gethostname().partition('.')[0]}.local."
        packed = [socket.inet_aton(each) for each in interfaces]
        return ServiceInfo(
            subtype + kind, name, self.port, properties=dict(self.facts()), server=host, addresses=packed
        )

    def facts(self) -> Mapping[str, str]:
        """What is told of it (Bonjour Printing, TXT record)."""
        urf = ",".join(str(value) for value in abilities()["urf-supported"].values)
        secure = {"TLS": "1.2"} if self.address.is_secure else {}
        return secure | {
            "txtvers": "1",
            "qtotal": "1",
            "rp": self.address.path.lstrip("/"),
            "ty": MAKE,
            "product": f"({MAKE})",
            "note": "",
            "adminurl": f"{self.address.web}/print-queue",
            "pdl": ",".join(TAKEN),
            "UUID": printer_uuid(self.address).removeprefix("urn:uuid:"),
            "URF": urf,
            "air": "username,password",
            "kind": "document,photo",
            "PaperMax": "tabloid-A3",
            "Color": "T",
            "Duplex": "T",
            "Copies": "T",
            "Collate": "T",
            "Scan": "F",
            "Fax": "F",
            "priority": "50",
        }


class Announcer:
    """Keeps the queues of all organizations announced on some interfaces."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[Announced, list[ServiceInfo]] = {}

    async def run(self) -> None:
        """Announce until cancelled; then say goodbye (RFC 6762, 10.1)."""
        interfaces = list(self._settings.ipp_announce)
        responders = [AsyncZeroconf(interfaces=interfaces, ip_version=IPVersion.V4Only) for _ in SUBTYPES]
        try:
            while True:
                await self._catch_up(responders, interfaces)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            for responder in responders:
                await responder.async_unregister_all_services()
                await responder.async_close()

    async def _catch_up(self, responders: Sequence[AsyncZeroconf], interfaces: Sequence[str]) -> None:
        wanted = set(await asyncio.to_thread(announced, self._settings))
        for gone in self._known.keys() - wanted:
            for responder, service in zip(responders, self._known.pop(gone), strict=True):
                await responder.async_unregister_service(service)
        for new in wanted - self._known.keys():
            self._known[new] = [new.service(subtype, interfaces) for subtype in SUBTYPES]
            for responder, service in zip(responders, self._known[new], strict=True):
                await responder.async_register_service(service, cooperating_responders=True, strict=False)


def announced(settings: Settings) -> list[Announced]:
    """The queues to be announced: of every organization; also in the clear, where that is allowed."""
    active = select(Organization.id).where(Organization.status == OrganizationStatus.ACTIVE)
    with system_session(read_only=True) as session:
        ids = list(session.scalars(active.order_by(Organization.created).limit(MOST_ORGANIZATIONS)))
    host = public_host(settings)
    port = int(host.rpartition(":")[2])
    found = [Announced(PrinterAddress(host, True, organization_name(one)), port) for one in ids]
    if settings.ipp_in_the_clear:
        plain = f"{settings.portal_host}:{settings.portal_port}"
        found += [Announced(PrinterAddress(plain, False, organization_name(one)), settings.portal_port) for one in ids]
    return found
