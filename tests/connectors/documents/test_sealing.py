"""What is particular to sealed documents."""

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from connectors.documents import FolderStore
from connectors.documents.sealed import CHUNK, SEAL_FOREIGN, TAG_BYTES, SealedStore
from connectors.documents.store import DAMAGED
from connectors.errors import PressroomError
from tests.connectors.documents.contents import SEALING_KEY, put, read


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
