"""File names that are safe on every system, in every header and in every place of the document store (SCAN-43)."""

import re
import unicodedata

LONGEST = 128
LONGEST_BYTES = 240
LONGEST_EXTENSION = 16
FALLBACK = "document"
FORBIDDEN = re.compile(r'[:*?"<>|]')
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe_file_name(name: str) -> str:
    """`name` as people meant it, without what could harm: folders, control characters, marks that reverse the
    reading direction, names that Windows keeps for devices. At most 128 characters, the extension kept (SCAN-43).
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(" " if char.isspace() else char for char in last if char.isspace() or not _is_unseen(char))
    clean = FORBIDDEN.sub("_", seen).strip(" ").rstrip(". ")
    if not clean.strip("."):
        return FALLBACK
    if clean.startswith("."):
        clean = FALLBACK + clean
    if RESERVED.fullmatch(clean):
        clean = "_" + clean
    return shortened(clean, LONGEST, LONGEST_BYTES)


def numbered(name: str, number: int) -> str:
    """`name` for the `number`-th file of that name: `_1`, `_2` … before the extension, 0 for the name itself."""
    if not number:
        return name
    stem, extension = _split(name)
    mark = f"_{number}"
    return shortened(stem + extension, LONGEST - len(mark), LONGEST_BYTES - len(mark), mark)


def shortened(name: str, characters: int, size: int, mark: str = "") -> str:
    """`name` in at most so many characters and UTF-8 bytes, cut before the extension, where `mark` is put in."""
    stem, extension = _split(name)
    stem = stem[: characters - len(extension)]
    while len((stem + extension).encode()) > size:
        stem = stem[:-1]
    return f"{stem.rstrip('. ') or FALLBACK}{mark}{extension}"


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in UNSEEN


def _split(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    if not stem or not 0 < len(extension) <= LONGEST_EXTENSION or " " in extension:
        return name, ""
    return stem, dot + extension
