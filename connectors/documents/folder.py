"""Documents in a folder of this machine: the embedded default.

Layout: the key `org-1/run/letter.pdf` is the file `objects/org-1/run/letter.pdf.stored`. It holds the content, then
what is known of it as JSON, then eight bytes that say how long the JSON is: one rename puts both in place, so no crash
can leave a content with another's description. The suffix keeps an object `a` apart from a folder `a`. Files on their
way in live in `incoming/`.
"""

import errno
import hashlib
import json
import os
import struct
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from connectors.documents.store import (
    BAD_KEY,
    DAMAGED,
    MISSING,
    STORE_FULL,
    STORE_REFUSED,
    STORE_UNREACHABLE,
    StoredObject,
    key_parts,
)
from connectors.documents.streams import PIECE, save, verified
from connectors.errors import PressroomError

SUFFIX = ".stored"
TAIL = struct.Struct(">I4s")
MARK = b"PRS1"
STALE = timedelta(days=1)
Folders = list[str]
Names = list[str]
FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


class FolderStore:
    """Keeps each object as one file below `root`, which it makes. Symbolic links inside are never followed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._objects, self._incoming = root / "objects", root / "incoming"
        with _store_errors(""):
            self._objects.mkdir(parents=True, exist_ok=True)
            self._incoming.mkdir(exist_ok=True)
            self._sweep()

    def put(self, key: str, source: BinaryIO, media_type: str) -> StoredObject:
        folders, name = _place(key)
        temporary = self._incoming / uuid4().hex
        try:
            stored = _write_object(temporary, key, source, media_type)
            with _store_errors(key):
                self._move_in(temporary, folders, name)
        finally:
            temporary.unlink(missing_ok=True)
        return stored

    def open(self, key: str, sha256: str | None = None) -> AbstractContextManager[BinaryIO]:
        file = self._open(key)
        try:
            stored = _description(file, key)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return verified(file, key, stored.size, sha256 or stored.sha256)

    def fetch(self, key: str, target: Path, sha256: str) -> None:
        with self.open(key, sha256) as source:
            save(source, target)

    def stat(self, key: str) -> StoredObject:
        stored = self._find(key)
        if stored is None:
            raise MISSING(key=key)
        return stored

    def list(self, prefix: str) -> Iterator[StoredObject]:
        for key in self._keys(_folders(prefix)):
            if stored := self._find(key):
                yield stored

    def delete(self, key: str) -> None:
        folders, name = _place(key)
        with _store_errors(key), suppress(FileNotFoundError), self._folder(folders) as folder:
            os.unlink(name, dir_fd=folder)
            os.fsync(folder)
        self._drop_empty(folders)

    def delete_folder(self, prefix: str) -> int:
        folders = _folders(prefix)
        if not folders:
            raise BAD_KEY(key=prefix)
        return self._clear(folders)

    def presigned_link(self, key: str, file_name: str, lifetime: timedelta) -> str | None:
        return None

    def check(self) -> None:
        key = f"check/{uuid4().hex}"
        self.put(key, BytesIO(b"check"), "text/plain")
        with self.open(key) as source:
            source.read()
        self.delete(key)

    def path_of(self, key: str) -> Path:
        """Where the object's file is, for people who look after the folder; the content comes first in it."""
        folders, name = _place(key)
        return self._objects.joinpath(*folders, name)

    def _open(self, key: str) -> BinaryIO:
        folders, name = _place(key)
        with _store_errors(key), self._folder(folders) as folder:
            return os.fdopen(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder), "rb")

    def _find(self, key: str) -> StoredObject | None:
        try:
            with self._open(key) as file:
                return _description(file, key)
        except PressroomError as error:
            if error.fault is MISSING:
                return None
            raise

    def _move_in(self, temporary: Path, folders: Folders, name: str) -> None:
        """Rename into place; anew when somebody removed the empty folder in the meantime."""
        while True:
            with suppress(FileNotFoundError), self._folder(folders, create=True) as folder:
                os.replace(temporary, name, dst_dir_fd=folder)
                os.fsync(folder)
                return

    @contextmanager
    def _folder(self, folders: Folders, *, create: bool = False) -> Iterator[int]:
        """A descriptor of the folder, reached step by step so that no link can lead elsewhere."""
        folder = os.open(self._objects, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for part in folders:
                below = _enter(folder, part, create=create)
                os.close(folder)
                folder = below
            yield folder
        finally:
            os.close(folder)

    def _keys(self, folders: Folders) -> Iterator[str]:
        """Keys below the folder in key order; holds the names of one folder a level in memory."""
        for name in self._names(folders):
            if name.endswith("/"):
                yield from self._keys([*folders, name[:-1]])
            else:
                yield "/".join([*folders, name])

    def _names(self, folders: Folders) -> Names:
        """What is in the folder, sorted as keys are; a folder's name ends in “/”."""
        names: Names = []
        with (
            _store_errors("/".join(folders)),
            suppress(FileNotFoundError),
            self._folder(folders) as folder,
            os.scandir(folder) as entries,
        ):
            names = sorted(filter(None, map(_key_part, entries)))
        return names

    def _clear(self, folders: Folders) -> int:
        """Remove everything below the folder, and itself; the disk is waited for once a folder, not once an object."""
        names = self._names(folders)
        objects = [name + SUFFIX for name in names if not name.endswith("/")]
        count = len(objects)
        for name in names:
            if name.endswith("/"):
                count += self._clear([*folders, name[:-1]])
        if objects:
            with _store_errors("/".join(folders)), suppress(FileNotFoundError), self._folder(folders) as folder:
                for name in objects:
                    with suppress(FileNotFoundError):
                        os.unlink(name, dir_fd=folder)
                os.fsync(folder)
        self._drop_empty(folders)
        return count

    def _drop_empty(self, folders: Folders) -> None:
        for depth in range(len(folders), 0, -1):
            try:
                with self._folder(folders[: depth - 1]) as above:
                    os.rmdir(folders[depth - 1], dir_fd=above)
            except OSError:
                return

    def _sweep(self) -> None:
        """Drop what crashes left behind on its way in."""
        limit = (datetime.now(UTC) - STALE).timestamp()
        for path in self._incoming.iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < limit:
                    path.unlink()


def _place(key: str) -> tuple[Folders, str]:
    """Folders and file name of an object; a folder must not look like an object's file."""
    *folders, name = key_parts(key)
    if any(part.endswith(SUFFIX) for part in folders):
        raise BAD_KEY(key=key)
    return folders, name + SUFFIX


def _folders(prefix: str) -> Folders:
    return key_parts(prefix.removesuffix("/")) if prefix else []


def _key_part(entry: os.DirEntry[str]) -> str | None:
    """The part of a key that a directory entry stands for; a folder's ends in “/”, which sorts it among the keys."""
    if entry.is_dir(follow_symlinks=False):
        return entry.name + "/"
    if entry.is_file(follow_symlinks=False) and entry.name.endswith(SUFFIX):
        return entry.name.removesuffix(SUFFIX)
    return None


def _enter(folder: int, part: str, *, create: bool) -> int:
    try:
        return os.open(part, FOLDER_FLAGS, dir_fd=folder)
    except FileNotFoundError:
        if not create:
            raise
    with suppress(FileExistsError):
        os.mkdir(part, dir_fd=folder)
        os.fsync(folder)
    return os.open(part, FOLDER_FLAGS, dir_fd=folder)


def _write_object(path: Path, key: str, source: BinaryIO, media_type: str) -> StoredObject:
    """Write content and description; errors of reading `source` pass through, those of writing become faults."""
    digest, size = hashlib.sha256(), 0
    with _store_errors(key):
        file = path.open("wb")
    try:
        while piece := source.read(PIECE):
            digest.update(piece)
            size += len(piece)
            with _store_errors(key):
                file.write(piece)
        about = {"sha256": digest.hexdigest(), "media_type": media_type, "size": size}
        with _store_errors(key):
            encoded = json.dumps(about).encode()
            file.write(encoded + TAIL.pack(len(encoded), MARK))
            file.flush()
            os.fsync(file.fileno())
    finally:
        with _store_errors(key):
            file.close()
    return StoredObject(key, size, digest.hexdigest(), media_type, datetime.now(UTC))


def _description(file: BinaryIO, key: str) -> StoredObject:
    """What the end of an object's file says of it; `DAMAGED` when it says nothing sensible."""
    facts = os.fstat(file.fileno())
    try:
        file.seek(-TAIL.size, os.SEEK_END)
        length, mark = TAIL.unpack(file.read(TAIL.size))
        if mark != MARK:
            raise DAMAGED(key=key)
        file.seek(-TAIL.size - length, os.SEEK_END)
        about = json.loads(file.read(length))
        size, sha256, media_type = int(about["size"]), str(about["sha256"]), str(about["media_type"])
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise DAMAGED(key=key) from exc
    if size != facts.st_size - TAIL.size - length:
        raise DAMAGED(key=key)
    return StoredObject(key, size, sha256, media_type, datetime.fromtimestamp(facts.st_mtime, UTC))


@contextmanager
def _store_errors(key: str) -> Iterator[None]:
    """The operating system's errors as the store's faults."""
    try:
        yield
    except FileNotFoundError as exc:
        raise MISSING(key=key) from exc
    except (NotADirectoryError, IsADirectoryError) as exc:
        raise BAD_KEY(key=key) from exc
    except PermissionError as exc:
        raise STORE_REFUSED(key=key) from exc
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise STORE_FULL(key=key) from exc
        if exc.errno == errno.ELOOP:
            raise BAD_KEY(key=key) from exc
        raise STORE_UNREACHABLE(key=key) from exc
