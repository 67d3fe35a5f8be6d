"""Announcing printers by mDNS and DNS-SD (RFC 6762, RFC 6763, PWG 5100.14 §4.2) on the loopback interface only.

`zeroconf` does the protocol; it needs no daemon.
"""

import asyncio
import socket
from collections.abc import Sequence

from zeroconf import IPVersion, ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from printers_sim.device.settings import setting
from printers_sim.escl.documents import FORMATS as SCAN_FORMATS
from printers_sim.escl.documents import VERSION
from printers_sim.escl.endpoint import ROOT
from printers_sim.ipp.description import PATH, printer_uuid
from printers_sim.knobs import Behaviour
from printers_sim.printer import SimulatedPrinter
from printers_sim.rendering.document import FORMATS

LOOK_SECONDS = 0.5
AT_ONCE = 50
"""Announcements sent before other work of the process gets its turn."""
IPP, IPPS, HTTP = "_ipp._tcp.local.", "_ipps._tcp.local.", "_http._tcp.local."
USCAN, USCANS = "_uscan._tcp.local.", "_uscans._tcp.local."
SWITCH = "network.mdns_enabled"


class Announcer:
    """Keeps announced whoever is there and has the announcement turned on."""

    def __init__(self, printers: Sequence[SimulatedPrinter], port: int, secure_port: int | None = None) -> None:
        self._printers = printers
        self._ports = (port, secure_port)
        self._announced: dict[str, tuple[str, list[ServiceInfo]]] = {}

    async def run(self) -> None:
        """Announce until cancelled; then say goodbye (RFC 6762 §10.1)."""
        responder = AsyncZeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only)
        try:
            while True:
                await self._catch_up(responder)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await responder.async_unregister_all_services()
            await responder.async_close()

    async def _catch_up(self, responder: AsyncZeroconf) -> None:
        """Announce anew whatever has come or changed, and take back what has gone."""
        for count, printer in enumerate(self._printers):
            wanted = self._facts(printer)
            known = self._announced.get(printer.serial)
            if wanted == (known[0] if known else None):
                continue
            for service in known[1] if known else ():
                await responder.async_unregister_service(service)
            self._announced.pop(printer.serial, None)
            if wanted is not None:
                services = services_of(printer, *self._ports)
                for service in services:
                    await responder.async_register_service(service, cooperating_responders=True, strict=False)
                self._announced[printer.serial] = (wanted, services)
            if count % AT_ONCE == 0:
                await asyncio.sleep(0)

    def _facts(self, printer: SimulatedPrinter) -> str | None:
        """What an announcement depends on; None if there is to be none."""
        is_there = not printer.is_away and printer.behaviour is not Behaviour.SILENT
        if not is_there or setting(printer, SWITCH) is not True:
            return None
        return f"{printer.model}\n{printer.host_name}\n{printer.location}"


def services_of(printer: SimulatedPrinter, port: int, secure_port: int | None = None) -> list[ServiceInfo]:
    """The printer as an IPP printer and a scanner (eSCL), each with and without TLS, and as a web site."""
    name = f"{printer.profile.make} {printer.model} ({printer.serial})"
    host = f"{printer.serial.lower()}.local."
    web = f"http://{printer.address}:{port}/"
    print_facts = {
        "txtvers": "1",
        "qtotal": "1",
        "rp": PATH.lstrip("/"),
        "ty": f"{printer.profile.make} {printer.model}",
        "product": f"({printer.model})",
        "note": printer.location,
        "adminurl": web,
        "pdl": ",".join(FORMATS),
        "UUID": printer_uuid(printer).removeprefix("urn:uuid:"),
        "usb_MFG": printer.profile.make,
        "usb_MDL": printer.model,
        "Color": "T" if printer.profile.color else "F",
        "Duplex": "T" if printer.profile.duplex else "F",
        "Scan": "T" if printer.profile.scan else "F",
        "Fax": "T" if printer.profile.fax else "F",
        "priority": "50",
    }
    address = socket.inet_aton(printer.address)
    services = [(IPP, port, print_facts), (HTTP, port, {"path": "/"})]
    if secure_port is not None:
        services.append((IPPS, secure_port, print_facts | {"TLS": "1.2"}))
    if printer.profile.scan:
        services.append((USCAN, port, _scan_facts(printer, web)))
        if secure_port is not None:
            services.append((USCANS, secure_port, _scan_facts(printer, web)))
    return [
        ServiceInfo(kind, f"{name}.{kind}", at, properties=facts, server=host, addresses=[address])
        for kind, at, facts in services
    ]


def _scan_facts(printer: SimulatedPrinter, web: str) -> dict[str, str]:
    """The scanner (Mopria eSCL 2.97, §4)."""
    return {
        "txtvers": "1",
        "vers": VERSION,
        "rs": ROOT.lstrip("/"),
        "ty": f"{printer.profile.make} {printer.model}",
        "note": printer.location,
        "adminurl": f"{web}scanner",
        "representation": f"{web}icon.png",
        "pdl": ",".join(SCAN_FORMATS),
        "UUID": printer_uuid(printer).removeprefix("urn:uuid:"),
        "cs": "binary,grayscale,color",
        "is": "platen,adf",
        "duplex": "T",
    }
