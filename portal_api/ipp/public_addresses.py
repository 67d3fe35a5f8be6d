"""Where people find the print service from outside: what they type into their systems (PR-322)."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from connectors.settings import Settings, get_settings
from domain.print_access.callers import organization_name
from portal_api.ipp.addresses import ROOT


@dataclass(frozen=True, slots=True)
class QueueAddresses:
    """One queue: as a printer's address, and as the web address that Windows asks for."""

    ipps: str
    https: str


def queue_addresses(organization_id: str, secret: str = "") -> QueueAddresses:
    """The addresses of an organization's queue; with a `secret`, those that stand for its person."""
    path = f"{ROOT}/{organization_name(organization_id)}" + (f"/{secret}" if secret else "")
    host = public_host(get_settings())
    return QueueAddresses(f"ipps://{host}{path}", f"https://{host}{path}")


def public_host(settings: Settings) -> str:
    """Host and port of the print service, always with the port: `ipps` and `https` have different usual ones.

    A portal that is reached by https serves it too, so that no second port is needed (PR-322: 443).
    """
    if settings.ipp_url:
        return _with_port(settings.ipp_url)
    if settings.public_url.startswith("https://"):
        return _with_port(settings.public_url)
    return f"{settings.ipp_host}:{settings.ipp_port}"


def _with_port(url: str) -> str:
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}:{parts.port or 443}"
