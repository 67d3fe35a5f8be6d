"""One conformance suite over every document store."""

import hashlib
import threading
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from connectors.documents import DocumentStore, FolderStore, open_store
from connectors.documents.s3 import S3Store
from connectors.documents.store import BAD_KEY, DAMAGED, MISSING, key_parts
from connectors.errors import PressroomError
from connectors.settings import Settings
from tests.connectors.documents.contents import MB, Unseekable, keys, put, read


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


def test_the_settings_choose_the_store(tmp_path: Path) -> None:
    assert isinstance(open_store(Settings(_env_file=None, home=tmp_path)), FolderStore)
    assert isinstance(open_store(Settings(_env_file=None, home=tmp_path, documents="s3")), S3Store)
