"""The destinations that a person finds at a printer, and what they may choose there (SCAN-110…SCAN-116, SCAN-120)."""

from dataclasses import dataclass

from pydantic import ValidationError

from connectors.value_problems import own_fault
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.scan_destinations.browsing import FolderPlace, create_folder, list_folders
from domain.scan_destinations.definition import DestinationDefinition
from domain.scan_destinations.faults import NO_FOLDER_CHOICE, TEMPLATE_FOLDER
from domain.scan_destinations.service import (
    MOST_DESTINATIONS,
    DestinationView,
    Scope,
    get_destination,
    list_destinations,
)
from domain.scan_settings.service import scan_settings
from domain.storage_accounts.service import AccountState, account_state, list_accounts


@dataclass(frozen=True, slots=True)
class OfferedDestination:
    """A destination at the printer. `account`: where the person is with the account that it takes; None: it takes none.

    `allow_folder`: the folder may be chosen there; organization and destination must both allow it (SCAN-19).
    """

    id: str
    scope: Scope
    definition: DestinationDefinition
    account: AccountState | None
    allow_folder: bool

    @property
    def is_ready(self) -> bool:
        """Whether one can scan there at once."""
        return self.account in (None, AccountState.SIGNED_IN)


def offered_destinations(actor: Actor) -> list[OfferedDestination]:
    """At most fifty, by name; those whose provider is switched off are not there (SCAN-116)."""
    actor.need(Permission.SCAN_USE)
    settings = scan_settings(actor)
    accounts = {view.family: account_state(view) for view in list_accounts(actor)}
    usable = [view for scope in Scope for view in list_destinations(actor, scope) if view.problem is None]
    usable.sort(key=lambda view: view.definition.name.casefold())
    return [_offered(view, accounts, folder_choice=settings.folder_choice) for view in usable[:MOST_DESTINATIONS]]


def offered_destination(actor: Actor, destination_id: str) -> OfferedDestination:
    """One of them; raises `NOT_FOUND`, `SCAN_OFF` or `SERVICE_OFF`."""
    actor.need(Permission.SCAN_USE)
    settings = scan_settings(actor)
    view = get_destination(actor, destination_id)
    if view.problem is not None:
        raise view.problem
    accounts = {each.family: account_state(each) for each in list_accounts(actor)}
    return _offered(view, accounts, folder_choice=settings.folder_choice)


def folders_at_printer(actor: Actor, destination_id: str, path: str | None) -> list[str]:
    """The folders at `path` of the destination's service, from its top; with None those in its own folder.

    Raises `NO_FOLDER_CHOICE` (SCAN-19), and `TEMPLATE_FOLDER` (SCAN-E08) for the own folder of an OneDrive destination
    of the organization, which everybody has in their own OneDrive only once they have scanned there.
    """
    offered = _with_folders(actor, destination_id)
    if path is None and offered.scope is Scope.ORGANIZATIONAL and offered.definition.service == "onedrive":
        raise TEMPLATE_FOLDER()
    return list_folders(actor, place_of(offered, offered.definition.path if path is None else path))


def make_folder_at_printer(actor: Actor, destination_id: str, path: str) -> None:
    """Make a folder at the destination's service; raises `NO_FOLDER_CHOICE`, `DUPLICATE_FOLDER`, `PATH_TOO_LONG`."""
    create_folder(actor, place_of(_with_folders(actor, destination_id), path))


def place_of(offered: OfferedDestination, path: str) -> FolderPlace:
    """A folder of the service that the destination is at."""
    definition = offered.definition
    return FolderPlace(
        definition.service,
        path,
        definition.drive_name,
        definition.site_name,
        definition.access,
        destination_id=offered.id,
    )


def in_folder(offered: OfferedDestination, path: str) -> DestinationDefinition:
    """The destination with the folder that was chosen; raises `NO_FOLDER_CHOICE` or `PATH_TOO_LONG` (SC-E24)."""
    if not offered.allow_folder:
        raise NO_FOLDER_CHOICE()
    try:
        return offered.definition.in_folder(path)
    except ValidationError as error:
        own = own_fault(error.errors()[0], {})
        raise own or error from error


def _with_folders(actor: Actor, destination_id: str) -> OfferedDestination:
    offered = offered_destination(actor, destination_id)
    if not offered.allow_folder:
        raise NO_FOLDER_CHOICE()
    return offered


def _offered(view: DestinationView, accounts: dict[str, AccountState], *, folder_choice: bool) -> OfferedDestination:
    family = view.definition.family
    account = accounts.get(family.name, AccountState.SIGNED_OUT) if family.needs_account else None
    allow = view.definition.allow_folder and folder_choice and view.definition.service != "email"
    return OfferedDestination(view.id, view.scope, view.definition, account, allow)
