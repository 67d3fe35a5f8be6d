"""The providers' own checksums."""

import os
from pathlib import Path

import pytest

from connectors.storage.hashes import dropbox_content_hash, quick_xor_hash


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
