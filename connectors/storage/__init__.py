"""Cloud storage: one interface, `StorageConnector`, over a folder, WebDAV, S3 and five providers (SC-88)."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from connectors.messages import N_
from connectors.settings import Settings
from connectors.storage.connector import Account, Progress, StorageConnector, folder_parts
from connectors.storage.faults import UNKNOWN_PROVIDER

if TYPE_CHECKING:
    import httpx

__all__ = [
    "PROVIDERS",
    "Account",
    "Progress",
    "Provider",
    "StorageConnector",
    "folder_parts",
    "open_storage",
    "provider",
]


@dataclass(frozen=True, slots=True)
class Provider:
    """A storage provider as forms show it.

    `fields` are the step's parameters that mean something to it, `required` those that must be filled in; `family` is
    the account it needs (SCAN-8); `options` and `secrets` are what that account holds; `repeatable` says whether an
    interrupted upload is recognised when it is repeated.
    """

    name: str
    title: str
    family: str
    fields: tuple[str, ...]
    required: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    repeatable: bool = True


OAUTH = ("client_id", "client_secret", "refresh_token", "access_token")

PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        entry.name: entry
        for entry in (
            Provider("onedrive", "OneDrive", "microsoft", ("path",), secrets=OAUTH),
            Provider("sharepoint", "SharePoint", "microsoft", ("site_name", "path"), ("site_name",), secrets=OAUTH),
            Provider("google_drive", "Google Drive", "google", ("drive_name", "path"), secrets=OAUTH),
            Provider("box", "Box", "box", ("path",), secrets=OAUTH),
            Provider("dropbox", "Dropbox", "dropbox", ("path",), secrets=OAUTH),
            Provider("folder", N_("Folder of this installation"), "folder", ("path",), options=("root",)),
            Provider("webdav", "WebDAV", "webdav", ("path",), options=("address", "user"), secrets=("password",)),
            Provider(
                "s3",
                "S3",
                "s3",
                ("path",),
                options=("endpoint", "bucket", "region", "secure"),
                secrets=("access_key", "secret_key"),
            ),
        )
    }
)
"""Every provider by its name, the spec's five first."""


def provider(name: str) -> Provider:
    """The provider of that name; raises `UNKNOWN_PROVIDER`."""
    if name not in PROVIDERS:
        raise UNKNOWN_PROVIDER(provider=name, known=", ".join(PROVIDERS))
    return PROVIDERS[name]


def open_storage(
    account: Account,
    settings: Settings,
    *,
    drive_name: str = "",
    site_name: str = "",
    transport: "httpx.BaseTransport | None" = None,
    pause: Callable[[float], None] = time.sleep,
) -> StorageConnector:
    """A connector to `account`; to be closed after use. `transport` and `pause` stand in for network and clock."""
    entry = provider(account.provider)
    if entry.name == "folder":
        from connectors.storage.folder import FolderStorage

        return FolderStorage(account, settings.storage_folder or settings.home.resolve() / "storage")
    if entry.name == "s3":
        from connectors.storage.s3 import S3Storage

        return S3Storage(account, allow_private=settings.allow_private_addresses)
    from connectors.storage.network import web_client

    client = web_client(entry.title, allow_private=settings.allow_private_addresses, transport=transport)
    if entry.name == "webdav":
        from connectors.storage.webdav import WebDavStorage

        return WebDavStorage(account, client)
    return _open_provider(account, entry.name, client, drive_name, site_name, pause)


def _open_provider(
    account: Account,
    name: str,
    client: "httpx.Client",
    drive_name: str,
    site_name: str,
    pause: Callable[[float], None],
) -> StorageConnector:
    from connectors.storage import box, dropbox, google_drive, graph
    from connectors.storage.web_api import WebApi

    if name == "google_drive":
        return google_drive.GoogleDriveStorage(
            account, WebApi(account, google_drive.DIALECT, client, pause), drive_name
        )
    if name == "box":
        return box.BoxStorage(account, WebApi(account, box.DIALECT, client, pause), pause)
    if name == "dropbox":
        return dropbox.DropboxStorage(account, WebApi(account, dropbox.DIALECT, client, pause))
    api = WebApi(account, graph.dialect(PROVIDERS[name].title), client, pause)
    return graph.GraphStorage(account, api, site_name if name == "sharepoint" else None)
