"""Documents in a folder of this machine: the embedded default."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO

from connectors.documents.store import BAD_KEY, DAMAGED, MISSING, StoredObject

PIECE = 1 << 20


class FolderStore:
    """Keeps each object as a file and what is known of it in a JSON file beside it (`.meta`)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, source: BinaryIO, media_type: str) -> StoredObject:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with NamedTemporaryFile(dir=path.parent, prefix=".put-", delete=False) as temporary:
            while piece := source.read(PIECE):
                digest.update(piece)
                size += len(piece)
                temporary.write(piece)
            temporary.flush()
            os.fsync(temporary.fileno())
        stored = StoredObject(key, size, digest.hexdigest(), media_type, datetime.now(UTC))
        meta = {"sha256": stored.sha256, "media_type": media_type}
        path.with_name(path.name + ".meta").write_text(json.dumps(meta))
        Path(temporary.name).replace(path)
        return stored

    def open(self, key: str, sha256: str | None = None) -> AbstractContextManager[BinaryIO]:
        path = self._path(key)
        if not path.is_file():
            raise MISSING(key=key)
        return path.open("rb")

    def fetch(self, key: str, target: Path, sha256: str) -> None:
        with self.open(key) as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy, PIECE)
        with target.open("rb") as copy:
            found = hashlib.file_digest(copy, "sha256").hexdigest()
        if found != sha256:
            target.unlink()
            raise DAMAGED(key=key)

    def stat(self, key: str) -> StoredObject:
        path = self._path(key)
        if not path.is_file():
            raise MISSING(key=key)
        meta = json.loads(path.with_name(path.name + ".meta").read_text())
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return StoredObject(key, path.stat().st_size, meta["sha256"], meta["media_type"], modified)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        for path in sorted(self._path(prefix).rglob("*")):
            if path.is_file() and path.suffix != ".meta" and not path.name.startswith(".put-"):
                yield self.stat(path.relative_to(self.root).as_posix())

    def delete(self, key: str) -> None:
        path = self._path(key)
        path.unlink(missing_ok=True)
        path.with_name(path.name + ".meta").unlink(missing_ok=True)

    def delete_folder(self, prefix: str) -> int:
        keys = [stored.key for stored in self.list(prefix)]
        shutil.rmtree(self._path(prefix), ignore_errors=False) if self._path(prefix).exists() else None
        return len(keys)

    def presigned_link(self, key: str, file_name: str, lifetime: timedelta) -> str | None:
        return None

    def check(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if any(part in ("", ".", "..") or "\\" in part or not part.isprintable() for part in parts):
            raise BAD_KEY(key=key)
        return self.root.joinpath(*parts)
