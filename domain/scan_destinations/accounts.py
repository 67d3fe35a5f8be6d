"""With whose access a scan goes to its destination, or folders there are looked at (SCAN-20, SCAN-71, SCAN-73)."""

from collections.abc import Mapping

from domain.organizations.actor import Actor
from domain.scan_destinations.faults import SERVICE_OFF
from domain.scan_destinations.models import ScanDestination
from domain.scan_destinations.service import kept_secrets
from domain.scan_settings.families import SERVICES, service_title
from domain.scan_settings.settings import ScanSettings, stored_settings
from domain.storage_accounts.service import own_account
from domain.tenancy import NOT_FOUND
from steps.contract import StorageAccount


def scan_account(actor: Actor, service: str, access: Mapping[str, str], secrets: Mapping[str, str]) -> StorageAccount:
    """The account for a service: whoever scans uses their own; a WebDAV server or a bucket is the destination's.

    Raises `SIGNED_OUT` where the actor has not signed in to the family (SCAN-111).
    """
    if SERVICES[service].own_access:
        return StorageAccount(service, access.get("user", ""), dict(access), dict(secrets), lambda _secrets: None)
    return own_account(actor, service)


def account_of_scan(actor: Actor, destination_id: str, service: str) -> StorageAccount:
    """The account for a scan on its way to that destination, as things are now.

    Raises `SERVICE_OFF` (SC-E22) or `SIGNED_OUT`, and `NOT_FOUND` where the destination held the access and is gone.
    """
    with actor.session(read_only=True) as session:
        settings = stored_settings(session, actor.organization_id)
        row = session.get(ScanDestination, destination_id)
        secrets = kept_secrets(row) if row is not None else {}
    check_offered(settings, service)
    if SERVICES[service].own_access and row is None:
        raise NOT_FOUND(what="scan destination")
    return scan_account(actor, service, row.definition.get("access", {}) if row is not None else {}, secrets)


def check_offered(settings: ScanSettings, service: str) -> None:
    """Raise `SERVICE_OFF` where people cannot scan to that service now (SCAN-18)."""
    if not settings.offers(service):
        raise SERVICE_OFF(service=service_title(service))
