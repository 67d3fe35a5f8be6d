"""What is particular to the five cloud providers."""

import os
from functools import partial
from pathlib import Path

import httpx
import pytest

from connectors.errors import Fault, PressroomError
from connectors.storage import PROVIDERS, faults, open_storage
from tests.connectors.storage.rigs import KEY, Rig, cloud_rig, refused, send
from tests.support.fake_box import FakeBox
from tests.support.fake_cloud import Interruption
from tests.support.fake_google_drive import SHARED_DRIVE
from tests.support.fake_graph import LIBRARY, FakeGraph


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
    """SCAN-60."""
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


def test_places_are_the_drives_and_sites_that_the_account_sees(tmp_path: Path) -> None:
    """SCAN-60, SCAN-62."""
    assert cloud_rig("google_drive", tmp_path).connect().list_places() == ["Archive", "Shared 'Scans'"]
    sharepoint = cloud_rig("sharepoint", tmp_path).connect()
    assert sharepoint.list_places() == ["Finance", "Sales Team"]
    assert sharepoint.list_places("Sales Team") == ["Documents", "Reports"]
    refused(lambda: sharepoint.list_places("Nobody's"), faults.FOLDER_UNAVAILABLE)
    for name in ("onedrive", "box", "dropbox"):
        assert cloud_rig(name, tmp_path).connect().list_places() == []


def test_a_library_of_a_site_is_named_after_it(tmp_path: Path, letter: Path) -> None:
    """SCAN-62."""
    rig = cloud_rig("sharepoint", tmp_path)
    rig.cloud = FakeGraph(f"/drives/{LIBRARY['id']}")
    connect = partial(open_storage, rig.account, rig.settings, transport=rig.cloud, pause=rig.pauses.append)
    assert connect(site_name="Sales Team/Reports").upload(letter, "a.pdf", "2026", KEY, lambda *_: None) == "2026/a.pdf"
    refused(lambda: connect(site_name="Sales Team/Nothing").list_folders(""), faults.FOLDER_UNAVAILABLE)
