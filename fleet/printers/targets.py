"""How an agent reaches a printer: address, ports, SNMP profile and credentials, decrypted for the order only."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.secrets import decrypt, encrypt
from fleet.agents.models import SnmpProfile
from fleet.agents.snmp_profiles import access_by
from fleet.printers.models import Printer
from steps.printer_work import Access, AuthenticationType, PrinterTarget, SnmpAccess

SNMP_PORT, HTTP_PORT = 161, 80


def snmp_accesses(session: Session, printers: Iterable[Printer]) -> Mapping[str, SnmpAccess]:
    """By the id of its profile, how printers are asked (FL-112)."""
    wanted = {printer.snmp_profile_id for printer in printers if printer.snmp_profile_id}
    found = session.scalars(select(SnmpProfile).where(SnmpProfile.id.in_(wanted))) if wanted else ()
    return {profile.id: access_by(profile) for profile in found}


def printer_target(printer: Printer, snmp: SnmpAccess | None = None) -> PrinterTarget:
    """The target of a printer; without `snmp` it is asked in the usual way."""
    ports = printer.ports or {}
    return PrinterTarget(
        address=printer.address,
        serial_number=printer.serial_number,
        snmp_port=int(ports.get("snmp", SNMP_PORT)),
        http_port=int(ports.get("http", HTTP_PORT)),
        https_port=int(ports["https"]) if ports.get("https") else None,
        is_vendor=printer.is_vendor,
        snmp=snmp or SnmpAccess(),
        access=access_of(printer),
    )


def access_of(printer: Printer) -> Access:
    """How the agent signs in to the printer."""
    if not printer.access:
        return Access()
    kept = decrypt(printer.access)
    return Access(type=AuthenticationType(kept["type"]), user=kept["user"], secret=kept["secret"])


def keep_access(printer: Printer, access: Access) -> None:
    """Keep it encrypted (F-13)."""
    values = {"type": access.type.value, "user": access.user, "secret": access.secret.get_secret_value()}
    printer.access = encrypt(values)
