"""What a customer's firewall has to let through: one list, from the installation's own settings (TS-26)."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from connectors.messages import N_
from connectors.settings import Settings
from domain.printing.mail_address import mail_domain
from portal_api.ipp.public_addresses import public_host

PORTAL = N_("Portal, sign-in, programs, agents, workstations and panels of printers")
PRINT_SERVICE = N_("Print service, for computers and phones that print without an agent")
DOCUMENTS = N_("Downloads of documents, straight from the document store")
MAIL = N_("Mail with documents to print, to addresses of this domain")


@dataclass(frozen=True, slots=True)
class FirewallAddress:
    """A host and port that is called from inside a customer's network, and what for."""

    host: str
    port: int
    purpose: str


def firewall_addresses(settings: Settings) -> list[FirewallAddress]:
    """Each host and port once; nothing ever connects into a customer's network."""
    found: dict[tuple[str, int], FirewallAddress] = {}
    for one in _addresses(settings):
        found.setdefault((one.host, one.port), one)
    return list(found.values())


def _addresses(settings: Settings) -> Iterator[FirewallAddress]:
    portal = urlsplit(settings.public_url)
    yield FirewallAddress(portal.hostname or "", portal.port or (443 if portal.scheme == "https" else 80), PORTAL)
    printing = urlsplit(f"//{public_host(settings)}")
    yield FirewallAddress(printing.hostname or "", printing.port or 443, PRINT_SERVICE)
    if settings.s3_public_endpoint:
        store = urlsplit(f"//{settings.s3_public_endpoint}")
        yield FirewallAddress(store.hostname or "", store.port or 443, DOCUMENTS)
    if settings.mail_in_domain:
        yield FirewallAddress(mail_domain(), 25, MAIL)
