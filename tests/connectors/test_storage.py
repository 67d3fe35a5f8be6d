"""One conformance suite over every storage connector, then what is particular to the providers."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from connectors.errors import Fault, PressroomError
from connectors.settings import Settings
from connectors.storage import PROVIDERS, StorageConnector, faults, open_storage
from connectors.storage.connector import folder_parts
from connectors.storage.hashes import dropbox_content_hash, quick_xor_hash
from steps.contract import StorageAccount
from tests.support.fake_box import FakeBox
from tests.support.fake_cloud import FakeCloud, Interruption
from tests.support.fake_dropbox import FakeDropbox
from tests.support.fake_google_drive import SHARED_DRIVE, FakeGoogleDrive
from tests.support.fake_graph import LIBRARY, SITE, FakeGraph
from tests.support.s3_server import S3Server, free_ports
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
        return Rig(_account(name, {"root": "org-1"}, {}), settings, lambda: _files_in(folder))
    if name == "webdav":
        dav: WebDavServer = request.getfixturevalue("webdav_server")
        folder = dav.folder / uuid4().hex
        folder.mkdir()
        options = {"address": f"{dav.address}/{folder.name}", "user": dav.user}
        return Rig(_account(name, options, {"password": dav.password}), settings, lambda: _files_in(folder))
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
    return Rig(_account(name, options, secrets), settings, files)


def _account(name: str, options: dict[str, str], secrets: dict[str, str]) -> StorageAccount:
    return StorageAccount(name, "ann@example.com", options, secrets, lambda _secrets: None)


def _files_in(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture(params=list(PROVIDERS))
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    if request.param in CLOUDS:
        return cloud_rig(request.param, tmp_path)
    return local_rig(request.param, request, tmp_path)


@pytest.fixture(params=list(CLOUDS))
def cloud(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr("connectors.storage.pieces.FIRST_PAUSE", 0)
    return cloud_rig(request.param, tmp_path)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "content"
    path.write_bytes(b"the letter")
    return path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large"
    path.write_bytes(os.urandom(LARGE))
    return path


def send(storage: StorageConnector, path: Path, name: str = "letter.pdf", folder: str = "", **more: object) -> str:
    arguments: dict[str, object] = {"key": KEY, "on_progress": lambda done, total: None, **more}
    return storage.upload(path, name, folder, **arguments)  # type: ignore[arg-type]


def refused(act: Callable[[], object], fault: Fault) -> PressroomError:
    with pytest.raises(PressroomError) as caught:
        act()
    assert caught.value.fault is fault, caught.value
    assert "{" not in caught.value.message + caught.value.remedy
    return caught.value


# --- every connector


def test_a_file_arrives_in_folders_made_for_it(rig: Rig, letter: Path) -> None:
    storage = rig.connect()
    assert send(storage, letter, "Räksmörgås & 'co' #1 100%.pdf", "Från skannern/It's 50%") == (
        "Från skannern/It's 50%/Räksmörgås & 'co' #1 100%.pdf"
    )
    assert send(storage, letter, "top.pdf") == "top.pdf"
    assert rig.files() == {
        "Från skannern/It's 50%/Räksmörgås & 'co' #1 100%.pdf": b"the letter",
        "top.pdf": b"the letter",
    }


def test_taken_names_are_numbered_and_nothing_is_overwritten(rig: Rig, letter: Path) -> None:
    storage = rig.connect()
    for number, expected in enumerate(["letter.pdf", "letter_1.pdf", "letter_2.pdf"]):
        letter.write_bytes(b"%d" % number)
        assert send(storage, letter, folder="a", key=f"{number}" * 64) == f"a/{expected}"
    assert rig.files() == {"a/letter.pdf": b"0", "a/letter_1.pdf": b"1", "a/letter_2.pdf": b"2"}


def test_a_repeated_upload_is_recognised(rig: Rig, letter: Path) -> None:
    storage = rig.connect()
    letter.write_bytes(b"another")
    send(storage, letter, folder="a", key="f" * 64)
    letter.write_bytes(b"the letter")
    first = send(storage, letter, folder="a")
    assert send(rig.connect(), letter, folder="a", repeated=True) == first == "a/letter_1.pdf"
    assert len(rig.files()) == 2
    assert storage.repeatable is PROVIDERS[rig.account.provider].repeatable is True


def test_a_repeated_upload_that_had_not_arrived_is_sent(rig: Rig, letter: Path) -> None:
    assert send(rig.connect(), letter, folder="a", repeated=True) == "a/letter.pdf"
    assert rig.files() == {"a/letter.pdf": b"the letter"}


@pytest.mark.parametrize("size", [0, 1, LARGE])
def test_every_size_arrives_whole_with_progress(rig: Rig, size: int, tmp_path: Path) -> None:
    path = tmp_path / "content"
    path.write_bytes(os.urandom(size))
    shown: list[tuple[int, int]] = []
    send(rig.connect(), path, on_progress=lambda done, total: shown.append((done, total)))
    assert rig.files() == {"letter.pdf": path.read_bytes()}
    if size:
        assert shown[-1] == (size, size)
        assert [done for done, _ in shown] == sorted(done for done, _ in shown)


def test_cancelling_leaves_no_file(rig: Rig, large: Path) -> None:
    class Cancelled(Exception):
        pass

    def cancel(done: int, total: int) -> None:
        if done < total:
            raise Cancelled

    with pytest.raises(Cancelled):
        send(rig.connect(), large, on_progress=cancel)
    hidden = ".arriving-" if rig.account.provider == "webdav" else "nothing"  # the server may notice later than we ask
    assert [name for name in rig.files() if not name.startswith(hidden)] == []
    assert send(rig.connect(), large, repeated=True) == "letter.pdf"
    assert rig.files() == {"letter.pdf": large.read_bytes()}


def test_folders_are_listed_and_made(rig: Rig, letter: Path) -> None:
    storage = rig.connect()
    for folder in ("b/å", "a", "b/c d", "b/Z"):
        storage.create_folder(folder)
    send(storage, letter, folder="b")
    assert storage.list_folders("") == ["a", "b"]
    assert storage.list_folders("b") == ["Z", "c d", "å"]
    assert storage.list_folders("a") == []


def test_a_duplicate_folder_is_said(rig: Rig) -> None:
    storage = rig.connect()
    storage.create_folder("a/b")
    for folder in ("a", "a/b", ""):
        refused(lambda folder=folder: storage.create_folder(folder), faults.DUPLICATE_FOLDER)  # type: ignore[misc]


def test_a_folder_that_is_not_there_is_said(rig: Rig) -> None:
    refused(lambda: rig.connect().list_folders("no/such"), faults.FOLDER_UNAVAILABLE)


@pytest.mark.parametrize(
    ("folder", "fault"),
    [
        ("x" * 256, faults.PATH_TOO_LONG),
        ("/".join(["x" * 100] * 4), faults.PATH_TOO_LONG),
        ("a/../../b", faults.BAD_PATH),
        ("a\n/b\0", faults.BAD_PATH),
    ],
)
def test_folder_paths_have_limits(rig: Rig, letter: Path, folder: str, fault: Fault) -> None:
    refused(lambda: send(rig.connect(), letter, folder=folder), fault)
    assert rig.files() == {}


def test_longest_paths_and_odd_spellings() -> None:
    assert folder_parts("/".join(["x" * 132] * 3)) == ("x" * 132,) * 3
    assert folder_parts("/ a /b\\c//") == ("a", "b", "c")


# --- the five providers


def test_an_expired_token_is_refreshed_once_and_kept(cloud: Rig, letter: Path) -> None:
    assert cloud.cloud is not None
    cloud.cloud.expire_token()
    send(cloud.connect(), letter)
    assert cloud.saved["access_token"] == cloud.cloud.token
    assert cloud.saved["refresh_token"] == cloud.cloud.refresh_token
    assert sum(("token" in line and "login" in line) or "oauth2" in line for line in cloud.cloud.seen) == 1


def test_a_revoked_account_is_signed_out(cloud: Rig, letter: Path) -> None:
    assert cloud.cloud is not None
    cloud.cloud.expire_token()
    cloud.cloud.revoked = True
    error = refused(lambda: send(cloud.connect(), letter), faults.ACCOUNT_SIGNED_OUT)
    assert error.fault.spec == "SC-E20"
    assert PROVIDERS[cloud.account.provider].title in error.message
    assert not error.transient


def test_a_large_upload_goes_on_where_it_was_interrupted(cloud: Rig, large: Path) -> None:
    assert cloud.cloud is not None
    words = PIECE_ADDRESS[cloud.account.provider]
    cloud.cloud.interruptions = [
        Interruption(words, "before"),
        Interruption(words, "after"),
        Interruption(words, httpx.Response(503, headers={"Retry-After": "0"})),
        Interruption(words, httpx.Response(500)),
    ]
    sent: list[int] = []
    send(cloud.connect(), large, on_progress=lambda done, total: sent.append(done))
    assert cloud.files() == {"letter.pdf": large.read_bytes()}
    assert all(interruption.times == 0 for interruption in cloud.cloud.interruptions)
    assert sent == sorted(sent)


PIECE_ADDRESS = {
    "onedrive": "PUT https://upload.example.net/",
    "sharepoint": "PUT https://upload.example.net/",
    "google_drive": "PUT https://www.googleapis.com/upload/",
    "box": "PUT https://upload.box.com/api/2.0/files/upload_sessions/",
    "dropbox": "upload_session/append_v2",
}
LAST_STEP = {
    "onedrive": "letter.pdf:/content",
    "sharepoint": "letter.pdf:/content",
    "google_drive": "PUT https://www.googleapis.com/upload/",
    "box": "/files/content",
    "dropbox": "files/upload",
}


def test_a_lost_answer_does_not_double_the_file(cloud: Rig, letter: Path) -> None:
    """The file arrived, but nobody said so: the step fails transiently, and its repetition finds the file."""
    assert cloud.cloud is not None
    cloud.cloud.interruptions = [Interruption(LAST_STEP[cloud.account.provider], "after")]
    try:
        send(cloud.connect(), letter, folder="a")
    except PressroomError as error:
        assert error.transient  # noqa: PT017 — a provider that can be asked goes on by itself
    assert send(cloud.connect(), letter, folder="a", repeated=True) == "a/letter.pdf"
    assert cloud.files() == {"a/letter.pdf": b"the letter"}


@pytest.mark.parametrize(
    ("words", "lost"),
    [
        ("onedrive", "PUT https://upload.example.net/"),
        ("box", "/commit"),
        ("dropbox", "upload_session/finish"),
        ("google_drive", "PUT https://www.googleapis.com/upload/"),
    ],
)
def test_a_lost_end_of_a_large_upload_does_not_double_the_file(
    words: str, lost: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.storage.pieces.FIRST_PAUSE", 0)
    rig = cloud_rig(words, tmp_path)
    assert rig.cloud is not None
    path = tmp_path / "large"
    path.write_bytes(os.urandom(20_000_000))
    pieces = {"onedrive": 4, "google_drive": 3}.get(words, 1)  # the last of so many loses its answer
    passed = Interruption(lost, "after", 1)
    seen = 0
    original = rig.cloud.handle_request

    def count(request: httpx.Request) -> httpx.Response:
        nonlocal seen
        seen += lost in f"{request.method} {request.url}"
        rig.cloud.interruptions = [passed] if seen == pieces else []  # type: ignore[union-attr]
        return original(request)

    monkeypatch.setattr(rig.cloud, "handle_request", count)
    try:
        send(rig.connect(), path)
    except PressroomError as error:
        assert error.transient  # noqa: PT017
    assert passed.times == 0
    assert send(rig.connect(), path, repeated=True) == "letter.pdf"
    assert rig.files() == {"letter.pdf": path.read_bytes()}


@pytest.mark.parametrize(
    ("provider", "words", "answer"),
    [
        ("onedrive", "PUT https://upload.example.net/", httpx.Response(404)),
        ("google_drive", "PUT https://www.googleapis.com/upload/", httpx.Response(404)),
        ("box", "/commit", httpx.Response(404)),
        ("dropbox", "append_v2", httpx.Response(409, json={"error_summary": "not_found/..", "error": {}})),
    ],
)
def test_a_session_that_the_provider_forgot_is_begun_anew_by_the_next_attempt(
    provider: str, words: str, answer: httpx.Response, tmp_path: Path, large: Path
) -> None:
    rig = cloud_rig(provider, tmp_path)
    assert rig.cloud is not None
    rig.cloud.interruptions = [Interruption(words, answer)]
    assert refused(lambda: send(rig.connect(), large), faults.UPLOAD_INTERRUPTED).transient
    send(rig.connect(), large, repeated=True)
    assert rig.files() == {"letter.pdf": large.read_bytes()}


def test_patience_is_as_long_as_asked_and_has_an_end(cloud: Rig, letter: Path) -> None:
    assert cloud.cloud is not None
    busy = httpx.Response(429, headers={"Retry-After": "7"})
    cloud.cloud.interruptions = [Interruption("", busy, times=2)]
    send(cloud.connect(), letter)
    assert cloud.pauses == [7, 7]
    cloud.cloud.interruptions = [Interruption("", httpx.Response(429, headers={"Retry-After": "3600"}), times=99)]
    assert refused(lambda: send(cloud.connect(), letter), faults.STORAGE_BUSY).transient
    assert cloud.pauses == [7, 7]


@pytest.mark.parametrize(
    ("status", "fault"),
    [(500, faults.STORAGE_UNREACHABLE), (403, faults.STORAGE_REFUSED), (400, faults.STORAGE_REFUSED)],
)
def test_other_answers_are_told_apart(cloud: Rig, letter: Path, status: int, fault: Fault) -> None:
    assert cloud.cloud is not None
    cloud.cloud.interruptions = [Interruption("", httpx.Response(status, json={"error": {}}), times=99)]
    refused(lambda: send(cloud.connect(), letter), fault)


def test_a_broken_line_is_unreachable(cloud: Rig, letter: Path) -> None:
    assert cloud.cloud is not None
    cloud.cloud.interruptions = [Interruption("", "before", times=99)]
    assert refused(lambda: send(cloud.connect(), letter), faults.STORAGE_UNREACHABLE).transient


def test_a_full_account_is_said(cloud: Rig, letter: Path) -> None:
    assert cloud.cloud is not None
    cloud.cloud.capacity = 5
    assert not refused(lambda: send(cloud.connect(), letter), faults.STORAGE_FULL).transient
    assert cloud.files() == {}


def test_no_secret_is_shown(cloud: Rig, letter: Path) -> None:
    assert cloud.cloud is not None
    cloud.cloud.interruptions = [Interruption("", "before", times=99)]
    error = refused(lambda: send(cloud.connect(), letter), faults.STORAGE_UNREACHABLE)
    assert "token-1" not in f"{error} {error.facts} {cloud.account!r}"


def test_google_sends_to_the_named_drive(tmp_path: Path, letter: Path) -> None:
    rig = cloud_rig("google_drive", tmp_path)
    assert rig.cloud is not None
    send(rig.connect("Shared 'Scans'"), letter)
    assert [node.parent for node in rig.cloud.nodes.values()] == [SHARED_DRIVE]
    refused(lambda: send(rig.connect("No such drive"), letter), faults.FOLDER_UNAVAILABLE)


def test_sharepoint_wants_a_site_that_is_there(tmp_path: Path, letter: Path) -> None:
    rig = cloud_rig("sharepoint", tmp_path)
    storage = open_storage(rig.account, rig.settings, site_name="Sales", transport=rig.cloud)
    send(storage, letter)
    gone = open_storage(rig.account, rig.settings, site_name="Team", transport=rig.cloud)
    assert refused(lambda: send(gone, letter), faults.FOLDER_UNAVAILABLE).fault.spec == "SC-E25"


def test_box_may_take_its_time(tmp_path: Path, large: Path) -> None:
    rig = cloud_rig("box", tmp_path)
    assert isinstance(rig.cloud, FakeBox)
    rig.cloud.slow_commits = 2
    send(rig.connect(), large)
    assert rig.pauses == [1, 1]
    assert rig.files() == {"letter.pdf": large.read_bytes()}


# --- WebDAV, S3, and what is chosen by users


@pytest.mark.parametrize("name", ["webdav", "s3"])
def test_wrong_credentials_are_told_apart(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, letter: Path
) -> None:
    rig = local_rig(name, request, tmp_path)
    rig.account.secrets.update(password="wrong", secret_key="wrong")
    refused(
        lambda: send(rig.connect(), letter),
        {"webdav": faults.ACCOUNT_SIGNED_OUT, "s3": faults.STORAGE_REFUSED}[name],
    )


@pytest.mark.parametrize("name", ["webdav", "s3"])
def test_a_server_that_is_not_there_is_unreachable(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, letter: Path
) -> None:
    rig = local_rig(name, request, tmp_path)
    port = free_ports(1)[0]
    rig.account.options.update(address=f"http://127.0.0.1:{port}/", endpoint=f"127.0.0.1:{port}")
    assert refused(lambda: send(rig.connect(), letter), faults.STORAGE_UNREACHABLE).transient


@pytest.mark.parametrize("name", ["onedrive", "webdav", "s3"])
def test_an_incomplete_account_is_said(name: str, letter: Path) -> None:
    account = _account(name, {}, {"refresh_token": "x"})
    refused(lambda: send(open_storage(account, Settings(_env_file=None)), letter), faults.INCOMPLETE_ACCOUNT)


def test_an_unknown_provider_is_said() -> None:
    refused(lambda: open_storage(_account("ftp", {}, {}), Settings(_env_file=None)), faults.UNKNOWN_PROVIDER)


def test_a_link_does_not_lead_out_of_the_folder(request: pytest.FixtureRequest, tmp_path: Path, letter: Path) -> None:
    rig = local_rig("folder", request, tmp_path)
    send(rig.connect(), letter, folder="a")
    (tmp_path / "storage" / "org-1" / "out").symlink_to(tmp_path)
    refused(lambda: send(rig.connect(), letter, folder="out"), faults.FOLDER_UNAVAILABLE)


def test_very_many_files_of_one_name_have_an_end(request: pytest.FixtureRequest, tmp_path: Path, letter: Path) -> None:
    from connectors.documents.file_names import numbered

    rig = local_rig("folder", request, tmp_path)
    send(rig.connect(), letter, folder="a")
    for number in range(1, 200):
        (tmp_path / "storage" / "org-1" / "a" / numbered("letter.pdf", number)).touch()
    refused(lambda: send(rig.connect(), letter, folder="a"), faults.TOO_MANY_COPIES)


@pytest.mark.parametrize(
    ("size", "expected"),
    [(0, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="), (1, "SgAAAAAAAAAAAAAAAQAAAAAAAAA="), (2, "taAFAAAAAAAAAAAAAgAAAAAAAAA=")],
)
def test_quick_xor_hash_of_known_content(size: int, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "content"
    path.write_bytes({0: b"", 1: b"\x4a", 2: b"\xb5\xb4"}[size])
    assert quick_xor_hash(path) == expected


def test_quick_xor_hash_of_long_content_is_that_of_the_definition(tmp_path: Path) -> None:
    """Against the definition, bit by bit: byte i goes 11·i bits round a ring of 160."""
    content = os.urandom(5_003)
    ring = 0
    for index, byte in enumerate(content):
        for bit in range(8):
            ring ^= (byte >> bit & 1) << ((index * 11 + bit) % 160)
    expected = bytearray(ring.to_bytes(20, "little"))
    for index, byte in enumerate(len(content).to_bytes(8, "little")):
        expected[12 + index] ^= byte
    path = tmp_path / "content"
    path.write_bytes(content)
    import base64

    assert base64.b64decode(quick_xor_hash(path)) == bytes(expected)


def test_dropbox_hash_of_the_documented_kind(tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / "content"
    path.write_bytes(b"a" * (4 << 20) + b"b")
    blocks = hashlib.sha256(b"a" * (4 << 20)).digest() + hashlib.sha256(b"b").digest()
    assert dropbox_content_hash(path) == hashlib.sha256(blocks).hexdigest()


def test_places_are_the_drives_and_sites_that_the_account_sees(tmp_path: Path) -> None:
    assert cloud_rig("google_drive", tmp_path).connect().list_places() == ["Archive", "Shared 'Scans'"]
    sharepoint = cloud_rig("sharepoint", tmp_path).connect()
    assert sharepoint.list_places() == ["Finance", "Sales Team"]
    assert sharepoint.list_places("Sales Team") == ["Documents", "Reports"]
    refused(lambda: sharepoint.list_places("Nobody's"), faults.FOLDER_UNAVAILABLE)
    for name in ("onedrive", "box", "dropbox"):
        assert cloud_rig(name, tmp_path).connect().list_places() == []


def test_a_library_of_a_site_is_named_after_it(tmp_path: Path, letter: Path) -> None:
    rig = cloud_rig("sharepoint", tmp_path)
    rig.cloud = FakeGraph(f"/drives/{LIBRARY['id']}")
    connect = partial(open_storage, rig.account, rig.settings, transport=rig.cloud, pause=rig.pauses.append)
    assert connect(site_name="Sales Team/Reports").upload(letter, "a.pdf", "2026", KEY, lambda *_: None) == "2026/a.pdf"
    refused(lambda: connect(site_name="Sales Team/Nothing").list_folders(""), faults.FOLDER_UNAVAILABLE)
