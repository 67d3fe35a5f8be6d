"""Every storage provider to test against, with what it really holds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from connectors.errors import Fault, PressroomError
from connectors.settings import Settings
from connectors.storage import StorageConnector, open_storage
from steps.contract import StorageAccount
from tests.support.fake_box import FakeBox
from tests.support.fake_cloud import FakeCloud
from tests.support.fake_dropbox import FakeDropbox
from tests.support.fake_google_drive import FakeGoogleDrive
from tests.support.fake_graph import SITE, FakeGraph
from tests.support.s3_server import S3Server
from tests.support.webdav_server import WebDavServer

CLOUDS: dict[str, Callable[[], FakeCloud]] = {
    "onedrive": FakeGraph,
    "sharepoint": lambda: FakeGraph(f"/sites/{SITE['id']}/drive"),
    "google_drive": FakeGoogleDrive,
    "box": FakeBox,
    "dropbox": FakeDropbox,
}
LARGE = 21_000_001
KEY = "0123456789abcdef" * 4


@dataclass
class Rig:
    """A provider to test against: `files` shows what it really holds."""

    account: StorageAccount
    settings: Settings
    files: Callable[[], dict[str, bytes]]
    cloud: FakeCloud | None = None
    saved: dict[str, str] = field(default_factory=dict)
    pauses: list[float] = field(default_factory=list)

    def connect(self, drive_name: str = "") -> StorageConnector:
        return open_storage(
            self.account,
            self.settings,
            drive_name=drive_name,
            site_name="Sales Team",
            transport=self.cloud,
            pause=self.pauses.append,
        )


def cloud_rig(name: str, tmp_path: Path) -> Rig:
    cloud = CLOUDS[name]()
    secrets = {"access_token": cloud.token, "refresh_token": cloud.refresh_token, "client_secret": "s"}
    saved: dict[str, str] = {}
    account = StorageAccount(name, "ann@example.com", {"client_id": "client"}, secrets, saved.update)
    return Rig(account, Settings(_env_file=None), cloud.files, cloud, saved)


def local_rig(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    settings = Settings(_env_file=None, storage_folder=tmp_path / "storage", allow_private_addresses=True)
    if name == "folder":
        folder = tmp_path / "storage" / "org-1"
        return Rig(account_of(name, {"root": "org-1"}, {}), settings, lambda: _files_in(folder))
    if name == "webdav":
        dav: WebDavServer = request.getfixturevalue("webdav_server")
        folder = dav.folder / uuid4().hex
        folder.mkdir()
        options = {"address": f"{dav.address}/{folder.name}", "user": dav.user}
        return Rig(account_of(name, options, {"password": dav.password}), settings, lambda: _files_in(folder))
    server: S3Server = request.getfixturevalue("s3_server")
    address = server.address(f"storage-{uuid4().hex[:8]}")
    client = address.client()
    client.make_bucket(bucket_name=address.bucket)

    def files() -> dict[str, bytes]:
        names = [str(found.object_name) for found in client.list_objects(bucket_name=address.bucket, recursive=True)]
        found = {}
        for each in names:
            response = client.get_object(bucket_name=address.bucket, object_name=each)
            found[each] = response.read()
            response.close()
            response.release_conn()
        return {each: content for each, content in found.items() if not each.endswith("/")}

    options = {"endpoint": server.endpoint, "bucket": address.bucket, "secure": "false"}
    secrets = {"access_key": server.access_key, "secret_key": server.secret_key}
    return Rig(account_of(name, options, secrets), settings, files)


def account_of(name: str, options: dict[str, str], secrets: dict[str, str]) -> StorageAccount:
    return StorageAccount(name, "ann@example.com", options, secrets, lambda _secrets: None)


def _files_in(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def send(storage: StorageConnector, path: Path, name: str = "letter.pdf", folder: str = "", **more: object) -> str:
    arguments: dict[str, object] = {"key": KEY, "on_progress": lambda done, total: None, **more}
    return storage.upload(path, name, folder, **arguments)  # type: ignore[arg-type]


def refused(act: Callable[[], object], fault: Fault) -> PressroomError:
    with pytest.raises(PressroomError) as caught:
        act()
    assert caught.value.fault is fault, caught.value
    assert "{" not in caught.value.message + caught.value.remedy
    return caught.value
