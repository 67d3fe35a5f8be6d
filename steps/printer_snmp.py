"""How steps ask printers by SNMP: the way in of a printer as the port of `connectors.snmp` wants it."""

from connectors.snmp.client import Authentication, Privacy, SnmpTarget
from connectors.snmp.message import Version
from steps.printer_work import SnmpAccess

VERSIONS = {"1": Version.V1, "2c": Version.V2C, "3": Version.V3}


def snmp_target(address: str, port: int, access: SnmpAccess) -> SnmpTarget:
    """Whom to ask, and how (FL-112)."""
    return SnmpTarget(
        address=address,
        port=port,
        version=VERSIONS[access.version],
        community=access.community.get_secret_value(),
        write_community=access.write_community.get_secret_value(),
        user=access.user,
        authentication=Authentication(access.auth_protocol) if access.auth_protocol else None,
        authentication_password=access.auth_secret.get_secret_value(),
        privacy=Privacy(access.privacy_protocol) if access.privacy_protocol else None,
        privacy_password=access.privacy_secret.get_secret_value(),
        timeout=access.timeout,
        attempts=access.attempts,
    )
