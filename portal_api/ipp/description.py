"""What the printer says of itself (RFC 8011, 5.4; PWG 5100.12; PWG 5100.14; PR-326).

All of it is the same for every organization, so that who is not signed in learns nothing; addresses are those by which
the client reached us.
"""

import uuid
from functools import lru_cache

from connectors.ipp.service.offer import Offer, offered, printer_state
from connectors.ipp.values import keywords, names, texts, uris
from connectors.ipp.wire import Attributes
from connectors.settings import get_settings
from domain.texts.catalogue import locales
from portal_api.ipp.addresses import PrinterAddress

NAMESPACE = uuid.UUID("0d1b7a0e-7d3a-4a4e-9a55-6c0a5d2f6b11")
MAKE = "Pressroom Print Queue"


def printer_uuid(address: PrinterAddress) -> str:
    """The same queue always has the same one."""
    return uuid.uuid5(NAMESPACE, address.path).urn


def dns_sd_name(address: PrinterAddress) -> str:
    """How the queue is called where printers are looked for."""
    return f"Pressroom {address.organization}"


def description(address: PrinterAddress, queued: int) -> Attributes:
    """Everything but the operations; `queued` jobs of the asking person wait."""
    return {**_identity(address), **printer_state(queued), **abilities()}


def _identity(address: PrinterAddress) -> Attributes:
    name = dns_sd_name(address)
    return {
        "printer-uri-supported": uris(address.uri),
        "uri-security-supported": keywords("tls" if address.is_secure else "none"),
        "uri-authentication-supported": keywords("requesting-user-name" if address.secret else "basic"),
        "printer-name": names(name.replace(" ", "-").lower()),
        "printer-dns-sd-name": names(name),
        "printer-info": texts("Pressroom"),
        "printer-location": texts(""),
        "printer-uuid": uris(printer_uuid(address)),
        "printer-more-info": uris(f"{address.web}/print-queue"),
        "printer-supply-info-uri": uris(f"{address.web}/print-queue"),
        "printer-icons": uris(f"{address.web}/ipp/icon.png"),
    }


@lru_cache(maxsize=1)
def abilities() -> Attributes:
    """What does not change while the process lives."""
    settings = get_settings()
    return offered(Offer(MAKE, settings.print_max_mb, settings.print_max_pages, tuple(locales())))
