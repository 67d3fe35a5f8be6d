"""How an agent reaches a printer: address, ports, SNMP profile and credentials, decrypted for the order only."""

from connectors.secrets import decrypt, encrypt
from fleet.printers.models import Printer
from steps.printer_work import Access, AuthenticationType, PrinterTarget

SNMP_PORT, HTTP_PORT = 161, 80


def printer_target(printer: Printer) -> PrinterTarget:
    """The target of a printer."""
    ports = printer.ports or {}
    return PrinterTarget(
        address=printer.address,
        serial_number=printer.serial_number,
        snmp_port=int(ports.get("snmp", SNMP_PORT)),
        http_port=int(ports.get("http", HTTP_PORT)),
        https_port=int(ports["https"]) if ports.get("https") else None,
        is_vendor=printer.is_vendor,
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
