"""The digests by which providers describe a file, computed here to recognise one that has already arrived."""

import base64
import hashlib
from pathlib import Path

PIECE = 1 << 20
DROPBOX_BLOCK = 4 << 20
XOR_BITS = 160
XOR_SHIFT = 11
XOR_PERIOD = 160
"""Bytes after which the 11-bit steps come round to the same place in 160 bits."""


def file_digest(path: Path, algorithm: str) -> str:
    """Lower-case hex digest by a `hashlib` algorithm."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def dropbox_content_hash(path: Path) -> str:
    """Dropbox's content hash: SHA-256 over the SHA-256 of each block of 4 MB, in hex."""
    whole = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(DROPBOX_BLOCK):
            whole.update(hashlib.sha256(block).digest())
    return whole.hexdigest()


def quick_xor_hash(path: Path) -> str:
    """Microsoft's QuickXorHash in base64: each byte is XORed into 160 bits, 11 bits further than the one before.

    The places repeat after 160 bytes, so rows of that length are XORed as wholes first.
    """
    row, size = 0, 0
    with path.open("rb") as file:
        while piece := file.read(XOR_PERIOD * 8192):
            size += len(piece)
            for start in range(0, len(piece), XOR_PERIOD):
                row ^= int.from_bytes(piece[start : start + XOR_PERIOD], "little")
    state = 0
    for index, byte in enumerate(row.to_bytes(XOR_PERIOD, "little")):
        place = index * XOR_SHIFT % XOR_BITS
        shifted = byte << place
        state ^= (shifted & ((1 << XOR_BITS) - 1)) | (shifted >> XOR_BITS)
    digest = bytearray(state.to_bytes(XOR_BITS // 8, "little"))
    for index, byte in enumerate(size.to_bytes(8, "little")):
        digest[12 + index] ^= byte
    return base64.b64encode(digest).decode()
