"""Looking at the drives, sites and folders of a service, and making folders there (SCAN-60…SCAN-65)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from connectors.settings import get_settings
from connectors.storage import StorageConnector, open_storage
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.scan_destinations.accounts import check_offered, scan_account
from domain.scan_destinations.faults import ADMINISTRATORS_ONLY, NO_FOLDERS
from domain.scan_destinations.service import kept_secrets, may_have_personal, visible_row
from domain.scan_settings.families import EMAIL, SERVICES, service_title
from domain.scan_settings.service import usable_settings


@dataclass(frozen=True, slots=True)
class FolderPlace:
    """Where to look. `access` and `secrets` as in a destination; those of `destination_id` count where none are given
    and the address is the same.
    """

    service: str
    path: str = ""
    drive_name: str = ""
    site_name: str = ""
    access: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    destination_id: str = ""


def list_folders(actor: Actor, place: FolderPlace) -> list[str]:
    """Names of the folders at that place, sorted; raises `SERVICE_OFF`, `SIGNED_OUT`, and what the service says."""
    with opened(actor, place) as storage:
        return storage.list_folders(place.path)


def list_places(actor: Actor, place: FolderPlace, within: str = "") -> list[str]:
    """The drives (Google Drive) or sites (SharePoint) of the actor's account, or the libraries within a site."""
    with opened(actor, place) as storage:
        return storage.list_places(within)


def create_folder(actor: Actor, place: FolderPlace) -> None:
    """Make the folder `place.path`; raises `DUPLICATE_FOLDER` (SC-E23) or `PATH_TOO_LONG` (SC-E24)."""
    with opened(actor, place) as storage:
        storage.create_folder(place.path)


@contextmanager
def opened(actor: Actor, place: FolderPlace) -> Iterator[StorageConnector]:
    """A connector to the place with the access that the actor may use, closed at the end."""
    actor.need(Permission.SCAN_OPEN)
    if place.service == EMAIL:
        raise NO_FOLDERS(service=service_title(EMAIL))
    with actor.session(read_only=True) as session:
        settings = usable_settings(session, actor)
        check_offered(settings, place.service)
        secrets = dict(place.secrets)
        if SERVICES[place.service].own_access:
            if not actor.may(Permission.SCAN_MANAGE) and not may_have_personal(actor, settings):
                raise ADMINISTRATORS_ONLY()
            if place.destination_id and not any(secrets.values()):
                row = visible_row(session, actor, place.destination_id, settings)
                same = (row.service, row.definition.get("access")) == (place.service, dict(place.access))
                secrets = kept_secrets(row) if same else {}
    account = scan_account(actor, place.service, place.access, secrets)
    storage = open_storage(
        account, get_settings(), drive_name=place.drive_name.strip(), site_name=place.site_name.strip()
    )
    try:
        yield storage
    finally:
        storage.close()
