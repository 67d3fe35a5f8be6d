"""One conformance suite over every document store, then what is particular to each."""

import hashlib
import os
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO, RawIOBase
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from connectors.documents import DocumentStore, FolderStore, open_store
from connectors.documents.s3 import S3Store, attachment
from connectors.documents.sealed import CHUNK, SEAL_FOREIGN, TAG_BYTES, SealedStore
from connectors.documents.store import (
    BAD_KEY,
    DAMAGED,
    DISK_FULL,
    MISSING,
    STORE_FULL,
    STORE_REFUSED,
    STORE_UNREACHABLE,
    key_parts,
)
from connectors.documents.streams import save
from connectors.errors import Fault, PressroomError
from connectors.settings import Settings
from tests.support.failing_http import answering
from tests.support.s3_server import S3Server, free_ports

MB = 1 << 20
SEALING_KEY = bytes(range(32))


@pytest.fixture(params=["folder", "s3", "sealed folder", "sealed s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> DocumentStore:
    inner: DocumentStore
    if request.param.endswith("folder"):
        inner = FolderStore(tmp_path / "store")
    else:
        inner = s3_store(request.getfixturevalue("s3_server"), tmp_path)
    return SealedStore(inner, SEALING_KEY, tmp_path / "spool") if request.param.startswith("sealed") else inner


def s3_store(server: S3Server, tmp_path: Path) -> S3Store:
    return S3Store(server.address(f"test-{uuid4().hex[:12]}"), tmp_path / "spool")


def put(store: DocumentStore, key: str, content: bytes = b"content", media_type: str = "text/plain") -> str:
    return store.put(key, BytesIO(content), media_type).sha256


def read(store: DocumentStore, key: str) -> bytes:
    with store.open(key) as source:
        return source.read()


def keys(store: DocumentStore, prefix: str) -> list[str]:
    return [stored.key for stored in store.list(prefix)]


class Unseekable(RawIOBase):
    """Random bytes that come only once, as an upload does; `fail_after` breaks off."""

    def __init__(self, size: int, fail_after: int | None = None) -> None:
        self.left, self.sent, self.fail_after = size, 0, fail_after
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self.fail_after is not None and self.sent >= self.fail_after:
            raise ConnectionResetError("the sender went away")
        piece = os.urandom(min(self.left, 64 << 10 if size < 0 else size))
        self.left -= len(piece)
        self.sent += len(piece)
        self.digest.update(piece)
        return piece


@pytest.mark.parametrize("size", [0, 1, 5 * MB - 1, 17 * MB + 3], ids=lambda size: f"{size} bytes")
def test_what_is_put_comes_back(store: DocumentStore, size: int, tmp_path: Path) -> None:
    source = Unseekable(size)
    stored = store.put("org-1/run/scan.pdf", source, "application/pdf")  # type: ignore[arg-type]
    assert (stored.size, stored.sha256) == (size, source.digest.hexdigest())
    assert hashlib.sha256(read(store, stored.key)).hexdigest() == stored.sha256
    store.fetch(stored.key, tmp_path / "copy", stored.sha256)
    assert (tmp_path / "copy").stat().st_size == size
    known = store.stat(stored.key)
    assert (known.size, known.sha256, known.media_type) == (size, stored.sha256, "application/pdf")
    assert abs(datetime.now(UTC) - known.modified) < timedelta(minutes=2)


def test_put_replaces(store: DocumentStore) -> None:
    put(store, "org-1/a", b"a much longer first content", "image/png")
    sha256 = put(store, "org-1/a", b"second", "text/html")
    assert read(store, "org-1/a") == b"second"
    assert (store.stat("org-1/a").sha256, store.stat("org-1/a").media_type) == (sha256, "text/html")


def test_only_the_rest_of_a_seekable_source_is_stored(store: DocumentStore) -> None:
    source = BytesIO(b"header and body")
    source.seek(11)
    store.put("org-1/a", source, "text/plain")
    assert read(store, "org-1/a") == b"body"


def test_a_source_that_breaks_off_changes_nothing(store: DocumentStore) -> None:
    put(store, "org-1/kept", b"old")
    for key in ("org-1/kept", "org-1/new/never"):
        with pytest.raises(ConnectionResetError):
            store.put(key, Unseekable(3 * MB, fail_after=MB), "text/plain")  # type: ignore[arg-type]
    assert keys(store, "") == ["org-1/kept"]
    assert read(store, "org-1/kept") == b"old"


def test_listing_is_complete_and_in_key_order(store: DocumentStore) -> None:
    expected = sorted(
        [
            "o/a",
            "o/a-b",
            "o/a/b",
            "o/a.meta",
            "o/a.stored",
            "o/aa/x",
            "o/Z/1",
            "o/å/ä",
            "o/a b/(1)+2%.pdf",
            "o/日本語.txt",
        ]
    )
    for key in [*expected, "other/x", "oo/x"]:
        put(store, key, key.encode())
    in_order = list if isinstance(store, FolderStore) else sorted  # SeaweedFS goes folder by folder
    assert in_order(keys(store, "o")) == in_order(keys(store, "o/")) == expected
    assert in_order(keys(store, "")) == sorted([*expected, "other/x", "oo/x"])
    assert keys(store, "o/a") == ["o/a/b"]
    assert keys(store, "nobody") == []
    assert all(read(store, key) == key.encode() for key in expected)


def test_deleting_is_for_good_and_may_be_repeated(store: DocumentStore) -> None:
    put(store, "o/run/a")
    put(store, "o/run/ab")
    for _ in range(2):
        store.delete("o/run/a")
    assert keys(store, "o") == ["o/run/ab"]
    for attempt in (lambda: store.stat("o/run/a"), lambda: read(store, "o/run/a")):
        with pytest.raises(PressroomError) as caught:
            attempt()
        assert caught.value.fault is MISSING


def test_a_folder_is_deleted_without_its_neighbours(store: DocumentStore) -> None:
    for key in ("o/run/a", "o/run/b/c", "o/run2/a", "o/run"):
        put(store, key)
    assert store.delete_folder("o/run") == 2
    assert store.delete_folder("o/run") == 0
    assert keys(store, "o") == ["o/run", "o/run2/a"]


def test_a_folder_that_is_deleted_leaves_no_empty_one_and_nothing_foreign_goes(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    for key in ("o/jobs/1/original", "o/jobs/1/pages/1", "o/jobs/2/original"):
        put(store, key)
    foreign = store.path_of("o/jobs/2/original").parent / "notes.txt"
    foreign.write_text("of somebody else")
    assert [store.delete_folder(f"o/jobs/{number}") for number in (1, 2)] == [2, 1]
    assert sorted(path.name for path in (tmp_path / "objects").rglob("*")) == ["2", "jobs", "notes.txt", "o"]
    assert foreign.read_text() == "of somebody else"


def test_fetch_of_other_content_leaves_nothing(store: DocumentStore, tmp_path: Path) -> None:
    put(store, "o/a", b"x" * 3 * MB)
    wrong = hashlib.sha256(b"something else").hexdigest()
    with pytest.raises(PressroomError) as caught:
        store.fetch("o/a", tmp_path / "copy", wrong)
    assert caught.value.fault is DAMAGED
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


def test_open_with_another_checksum_never_hands_out_the_end(store: DocumentStore) -> None:
    put(store, "o/a", b"x" * 3 * MB)
    received = b""
    with pytest.raises(PressroomError) as caught, store.open("o/a", sha256="0" * 64) as source:  # noqa: PT012
        while piece := source.read(MB):
            received += piece
    assert caught.value.fault is DAMAGED
    assert len(received) < 3 * MB


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "a//b",
        "/etc/passwd",
        "../a",
        "a/../b",
        "a/./b",
        "a\\b",
        "a/\0",
        "a/\n",
        "a/\x7f",
        "a/\u202eb",
        "a/\ud800",
        "a/" + "x" * 241,
        "/".join(["x" * 200] * 5),
    ],
)
def test_keys_that_could_leave_the_store_are_refused(store: DocumentStore, key: str) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: put(store, key),
        lambda: store.open(key),
        lambda: store.stat(key),
        lambda: store.delete(key),
        lambda: store.delete_folder(key),
        lambda: store.presigned_link(key, "a", timedelta(minutes=1)) or key_parts(key),
    ]
    for attempt in attempts:
        with pytest.raises(PressroomError) as caught:
            attempt()
        assert caught.value.fault is BAD_KEY


def test_the_longest_names_fit(store: DocumentStore) -> None:
    key = "/".join(["o", "å" * 120, "x" * 240, "y" * 240])
    put(store, key)
    assert keys(store, "o") == [key]


def test_memory_does_not_grow_with_size(store: DocumentStore, tmp_path: Path) -> None:
    store.put("o/warm-up", BytesIO(b"1"), "text/plain")
    tracemalloc.start()
    try:
        stored = store.put("o/big", Unseekable(100 * MB), "application/pdf")  # type: ignore[arg-type]
        store.fetch("o/big", tmp_path / "copy", stored.sha256)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 60 * MB


def test_check_is_content_and_leaves_nothing(store: DocumentStore) -> None:
    store.check()
    assert keys(store, "") == []


def test_puts_and_deletes_at_once_do_not_disturb_each_other(store: DocumentStore) -> None:
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(15):
                put(store, f"o/shared/{number}", f"{number} {turn}".encode())
                assert read(store, f"o/shared/{number}") == f"{number} {turn}".encode()
                store.delete(f"o/shared/{number}")
        except BaseException as exc:  # noqa: BLE001 — handed to the test below
            errors.append(exc)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert keys(store, "") == []


# --- the folder


def test_empty_parents_go_with_the_last_document(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    put(store, "o/a/b/c/d")
    put(store, "o/x")
    store.delete("o/a/b/c/d")
    assert [path.name for path in (tmp_path / "objects" / "o").iterdir()] == ["x.stored"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"X" + content[1:],
        lambda content: content[:-1],
        lambda content: content[1:],
        lambda content: content + b"0",
        lambda content: b"",
        lambda content: b"\xff\xff\xff\xffPRS1",
    ],
    ids=["a changed byte", "end cut", "start cut", "grown", "emptied", "senseless"],
)
def test_a_changed_file_is_never_handed_out(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    store = FolderStore(tmp_path / "store")
    put(store, "o/a", b"the content")
    path = store.path_of("o/a")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(PressroomError) as caught:
        read(store, "o/a")
    assert caught.value.fault is DAMAGED
    store.delete("o/a")
    assert not path.exists()


def test_links_planted_inside_the_folder_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.stored").write_bytes(b"secret")
    store = FolderStore(tmp_path / "store")
    put(store, "o/a")
    objects = tmp_path / "store" / "objects" / "o"
    (objects / "folder").symlink_to(tmp_path / "outside")
    (objects / "link.stored").symlink_to(tmp_path / "outside" / "a.stored")
    for key in ("o/folder/a", "o/link"):
        with pytest.raises(PressroomError) as caught:
            read(store, key)
        assert caught.value.fault is BAD_KEY
    with pytest.raises(PressroomError):
        put(store, "o/folder/new")
    assert keys(store, "o") == ["o/a"]
    assert [path.name for path in (tmp_path / "outside").iterdir()] == ["a.stored"]


def test_what_crashes_left_is_swept_after_a_day(tmp_path: Path) -> None:
    FolderStore(tmp_path)
    old, new = tmp_path / "incoming" / "old", tmp_path / "incoming" / "new"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))
    FolderStore(tmp_path)
    assert (old.exists(), new.exists()) == (False, True)


FULL_DISK = """
import io, sys
from pathlib import Path
from connectors.documents.folder import FolderStore
from connectors.documents.streams import save
from connectors.errors import PressroomError
folder = Path(sys.argv[1])
store = FolderStore(folder)
store.put("o/kept", io.BytesIO(b"kept"), "text/plain")
for attempt in (
    lambda: store.put("o/new", io.BytesIO(b"x" * (4 << 20)), "text/plain"),
    lambda: save(io.BytesIO(b"x" * (4 << 20)), folder / "copy"),
):
    try:
        attempt()
    except PressroomError as error:
        print(error.code)
with store.open("o/kept") as source:
    print(source.read().decode(), [stored.key for stored in store.list("")])
print(sorted(path.name for path in folder.rglob("*") if path.is_file()))
"""


def test_a_full_disk_is_said_and_harms_nothing(tmp_path: Path) -> None:
    """On a real file system of 2 MB, mounted where no other process sees it."""
    mount = f'mount -t tmpfs -o size=2m tmpfs {tmp_path} && exec {sys.executable} -c "$1" {tmp_path}'
    result = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, "sh", FULL_DISK],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )
    if "mount" in result.stderr or "unshare" in result.stderr:
        pytest.skip(f"this machine lets nobody mount a small disk: {result.stderr.strip()}")
    assert result.stdout.splitlines() == [STORE_FULL.code, DISK_FULL.code, "kept ['o/kept']", "['kept.stored']"], (
        result.stderr
    )


# --- S3


def test_a_bucket_with_versions_keeps_none_of_what_was_deleted(s3_server: S3Server, tmp_path: Path) -> None:
    from minio.commonconfig import ENABLED
    from minio.versioningconfig import VersioningConfig

    bucket = f"versions-{uuid4().hex[:8]}"
    client = s3_server.address(bucket).client()
    client.make_bucket(bucket_name=bucket)
    client.set_bucket_versioning(bucket_name=bucket, config=VersioningConfig(status=ENABLED))
    store = S3Store(s3_server.address(bucket), tmp_path)
    for key in ("o/a", "o/ab", "o/run/x", "o/run/y"):
        for turn in range(3):
            put(store, key, f"{turn}".encode())
    client.remove_object(bucket_name=bucket, object_name="o/run/y")
    store.delete("o/a")
    store.delete_folder("o/run")
    left = {
        found.object_name for found in client.list_objects(bucket_name=bucket, recursive=True, include_version=True)
    }
    assert left == {"o/ab"}


def test_the_link_serves_the_file_under_its_name_and_only_for_its_time(s3_server: S3Server, tmp_path: Path) -> None:
    import urllib3

    store = s3_store(s3_server, tmp_path)
    put(store, "o/å b", b"hello")
    name = 'räksmörgås "1"\r\nX-Evil: 1;.pdf'
    link = store.presigned_link("o/å b", name, timedelta(minutes=5))
    assert link is not None
    http = urllib3.PoolManager()
    answer = http.request("GET", link)
    assert (answer.status, answer.data) == (200, b"hello")
    assert answer.headers["content-disposition"] == attachment(name)
    assert "X-Evil" not in answer.headers
    assert http.request("GET", link[:-4] + ("0000" if link[-4:] != "0000" else "1111")).status == 403
    week = store.presigned_link("o/å b", "a", timedelta(days=30))
    assert week is not None
    assert parse_qs(urlsplit(week).query)["X-Amz-Expires"] == ["604800"]


def test_links_name_the_address_that_browsers_reach(s3_server: S3Server, tmp_path: Path) -> None:
    store = S3Store(s3_server.address("any-bucket"), tmp_path, public_endpoint="files.example.com")
    assert str(store.presigned_link("o/a", "a", timedelta(minutes=5))).startswith(
        "http://files.example.com/any-bucket/"
    )


def test_a_wrong_secret_is_refused_and_stays_secret(s3_server: S3Server, tmp_path: Path) -> None:
    server = S3Server(s3_server.endpoint, s3_server.access_key, "wrong-secret")
    store = s3_store(server, tmp_path)
    with pytest.raises(PressroomError) as caught:
        put(store, "o/a")
    assert caught.value.fault is STORE_REFUSED
    assert "wrong-secret" not in f"{caught.value} {caught.value.facts} {server.address('b')!r}"


def test_a_server_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    store = s3_store(S3Server(f"127.0.0.1:{free_ports(1)[0]}"), tmp_path)
    for attempt in (store.check, lambda: store.stat("o/a"), lambda: keys(store, "o"), lambda: store.delete_folder("o")):
        with pytest.raises(PressroomError) as caught:
            attempt()
        assert caught.value.fault is STORE_UNREACHABLE
        assert caught.value.transient


@pytest.mark.parametrize(
    ("status", "code", "fault"),
    [
        (507, "XMinioStorageFull", STORE_FULL),
        (400, "XMinioAdminBucketQuotaExceeded", STORE_FULL),
        (507, "", STORE_FULL),
        (503, "SlowDown", STORE_UNREACHABLE),
        (500, "", STORE_UNREACHABLE),
        (429, "", STORE_UNREACHABLE),
        (403, "AccessDenied", STORE_REFUSED),
        (403, "", STORE_REFUSED),
        (404, "NoSuchKey", MISSING),
        (418, "", STORE_REFUSED),
    ],
)
def test_what_a_server_answers_becomes_a_fault(tmp_path: Path, status: int, code: str, fault: Fault) -> None:
    body = f"<Error><Code>{code}</Code><Message>m</Message></Error>" if code else "<html>no S3 here</html>"
    headers = {"Content-Type": "application/xml" if code else "text/html"}
    with answering(status, body.encode(), headers) as (endpoint, _), pytest.raises(PressroomError) as caught:
        put(s3_store(S3Server(endpoint), tmp_path), "o/a")
    assert caught.value.fault is fault


def test_a_server_that_hangs_up_in_the_middle_is_unreachable(tmp_path: Path) -> None:
    headers = {"Content-Length": "1000", "x-amz-meta-sha256": "0" * 64}
    with answering(200, b"only this", headers) as (endpoint, _), pytest.raises(PressroomError) as caught:
        read(s3_store(S3Server(endpoint), tmp_path), "o/a")
    assert caught.value.fault is STORE_UNREACHABLE


def test_content_that_the_server_changed_is_never_handed_out(tmp_path: Path) -> None:
    headers = {"x-amz-meta-sha256": hashlib.sha256(b"original").hexdigest()}
    with answering(200, b"0riginal", headers) as (endpoint, _), pytest.raises(PressroomError) as caught:
        read(s3_store(S3Server(endpoint), tmp_path), "o/a")
    assert caught.value.fault is DAMAGED


def test_the_settings_choose_the_store(tmp_path: Path) -> None:
    assert isinstance(open_store(Settings(_env_file=None, home=tmp_path)), FolderStore)
    assert isinstance(open_store(Settings(_env_file=None, home=tmp_path, documents="s3")), S3Store)


@pytest.fixture(autouse=True)
def _nothing_left_in_the_spool(tmp_path: Path) -> Iterator[None]:
    yield
    assert not (tmp_path / "spool").exists() or not list((tmp_path / "spool").iterdir())


def test_a_copy_appears_only_when_complete(tmp_path: Path) -> None:
    with pytest.raises(ConnectionResetError):
        save(Unseekable(3 * MB, fail_after=MB), tmp_path / "copy")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


# --- sealed


def sealed_folder(tmp_path: Path, key: bytes = SEALING_KEY) -> tuple[SealedStore, FolderStore]:
    folder = FolderStore(tmp_path / "store")
    return SealedStore(folder, key, tmp_path / "spool"), folder


def exchange(folder: FolderStore, key: str, change: Callable[[bytes], bytes]) -> None:
    """Change what is stored as somebody would who can write to the store: its own checksum fits again."""
    with folder.open(key) as source:
        content = source.read()
    folder.put(key, BytesIO(change(content)), "application/octet-stream")


def test_no_clear_text_reaches_the_disk(tmp_path: Path) -> None:
    store, _ = sealed_folder(tmp_path)
    secret = b"the board decides on Friday "
    put(store, "o/a", secret * 200_000, "text/x-secret")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 1
    assert not [word for word in (secret, b"board", b"text/x-secret") if word in files[0].read_bytes()]


def test_equal_contents_are_sealed_differently(tmp_path: Path) -> None:
    store, folder = sealed_folder(tmp_path)
    digests = {put(store, key, b"the same") for key in ("o/a", "o/b")}
    assert len(digests) == 1, "people see the digest of the clear content"
    assert len({stored.sha256 for stored in folder.list("o")}) == 2


PIECE_BYTES = CHUNK + TAG_BYTES


@pytest.mark.parametrize(
    "change",
    [
        lambda sealed: sealed[: -PIECE_BYTES - 1 - TAG_BYTES],
        lambda sealed: sealed[:-1],
        lambda sealed: sealed + b"0",
        lambda sealed: sealed + sealed[-PIECE_BYTES:],
        lambda sealed: sealed[: -2 * PIECE_BYTES] + sealed[-PIECE_BYTES:] + sealed[-2 * PIECE_BYTES : -PIECE_BYTES],
        lambda sealed: sealed[:200] + bytes([sealed[200] ^ 1]) + sealed[201:],
        lambda sealed: sealed[:-300] + bytes([sealed[-300] ^ 1]) + sealed[-299:],
        lambda sealed: b"PRSEAL\x00\x02" + sealed[8:],
        lambda sealed: b"",
    ],
    ids=["a piece cut", "a byte cut", "grown", "a piece twice", "pieces exchanged", "head", "a bit", "format", "empty"],
)
def test_who_can_write_to_the_store_cannot_change_a_document(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    store, folder = sealed_folder(tmp_path)
    put(store, "o/a", os.urandom(3 * CHUNK))
    exchange(folder, "o/a", change)
    with pytest.raises(PressroomError) as caught:
        read(store, "o/a")
    assert caught.value.fault in (DAMAGED, SEAL_FOREIGN)


def test_one_document_cannot_be_put_in_the_place_of_another(tmp_path: Path) -> None:
    store, folder = sealed_folder(tmp_path)
    put(store, "o/a", b"pay 10")
    put(store, "o/b", b"pay 10 000")
    with folder.open("o/b") as source:
        other = source.read()
    exchange(folder, "o/a", lambda _: other)
    with pytest.raises(PressroomError) as caught:
        read(store, "o/a")
    assert caught.value.fault is SEAL_FOREIGN


def test_another_secret_key_unseals_nothing(tmp_path: Path) -> None:
    store, _ = sealed_folder(tmp_path)
    put(store, "o/a")
    other, _ = sealed_folder(tmp_path, bytes(32))
    with pytest.raises(PressroomError) as caught:
        read(other, "o/a")
    assert caught.value.fault is SEAL_FOREIGN
