"""Where scans can go: the services, and the families by which an organization switches them on (SCAN-8, SCAN-12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from connectors.messages import N_
from connectors.storage import PROVIDERS

EMAIL = "email"


@dataclass(frozen=True, slots=True)
class ScanFamily:
    """What is switched on or off together.

    `needs_account`: whoever scans signs in to an account of their own. `personal_only`: no destination of the
    organization can be there (SCAN-32). `own_access`: a destination holds its address and its password itself.
    """

    name: str
    title: str
    services: tuple[str, ...]
    icon: str
    needs_account: bool = False
    personal_only: bool = False
    own_access: bool = False


FAMILIES: Mapping[str, ScanFamily] = MappingProxyType(
    {
        family.name: family
        for family in (
            ScanFamily("microsoft", "Microsoft", ("onedrive", "sharepoint"), "cloud", needs_account=True),
            ScanFamily("google", "Google", ("google_drive",), "add_to_drive", needs_account=True),
            ScanFamily("box", "Box", ("box",), "inventory_2", needs_account=True, personal_only=True),
            ScanFamily("dropbox", "Dropbox", ("dropbox",), "deployed_code", needs_account=True, personal_only=True),
            ScanFamily("folder", N_("Folder of this installation"), ("folder",), "folder"),
            ScanFamily("webdav", "WebDAV", ("webdav",), "lan", own_access=True),
            ScanFamily("s3", "S3", ("s3",), "database", own_access=True),
            ScanFamily(EMAIL, N_("E-mail"), (EMAIL,), "mail"),
        )
    }
)
"""Every family by its name: the four with accounts first, then our own services."""

SERVICES: Mapping[str, ScanFamily] = MappingProxyType(
    {service: family for family in FAMILIES.values() for service in family.services}
)
"""The family of each service."""


def service_title(service: str) -> str:
    """The service's name for people, to be translated."""
    return PROVIDERS[service].title if service in PROVIDERS else SERVICES[service].title
