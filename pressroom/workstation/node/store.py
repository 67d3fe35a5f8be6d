"""What a node holds: the sealed content of each job in a folder of its own (PR-255, PR-321, PR-333).

A job's content is sealed by a key of its own before it reaches the disk. The key is kept by the server; whoever takes
the disk has nothing. The folder keeps a reserve free, and forgets what nobody has asked for in longer than any job is
kept.
"""

import base64
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from connectors.documents.folder import FolderStore
from connectors.documents.sealed import SealedStore
from connectors.documents.store import MISSING, StoredObject
from connectors.errors import Fault, PressroomError
from connectors.messages import N_

CONTENT = "content"
SEALED = "application/octet-stream"
KEY_BYTES = 32
GB = 1_000_000_000
LEAST_RESERVE, RESERVED_SHARE = 20 * GB, 0.1
LONGEST_KEPT = 32 * 86_400
"""Seconds; no job waits longer than 30 days (section 41)."""
NO_ROOM = Fault(
    "print_node.no_room",
    507,
    N_("This node has no room: {free} MB are free, {reserve} MB are kept free."),
    N_("Free space on its disk, or give it a larger one. Copies go to other nodes meanwhile."),
    spec="PR-255",
)
DAMAGED_ON_THE_WAY = Fault(
    "print_node.damaged",
    422,
    N_("The copy did not arrive as it was sent."),
    N_("Nothing has to be done: it is sent again."),
    transient=True,
)


@dataclass(frozen=True, slots=True)
class Held:
    """The content of a job as it lies here."""

    sha256: str
    size: int


class NodeStore:
    """The jobs in a folder. `reserve` in bytes: None keeps 20 GB or a tenth of what is free, whichever is more."""

    def __init__(self, folder: Path, reserve: int | None = None) -> None:
        self._folder, self._reserve = folder, reserve
        self._scratch = folder.with_name(f"{folder.name}-scratch")
        for path in (self._folder, self._scratch):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def scratch(self) -> Path:
        """A folder for what is on its way."""
        return self._scratch

    def free(self) -> int:
        """Bytes that are free on the disk."""
        return shutil.disk_usage(self._folder).free

    def reserve(self) -> int:
        """Bytes that are kept free for work such as changed settings."""
        if self._reserve is not None:
            return self._reserve
        return max(LEAST_RESERVE, int(self.free() * RESERVED_SHARE))

    def check_room(self, size: int) -> None:
        """Raise `NO_ROOM` where `size` bytes would touch the reserve."""
        free, reserve = self.free(), self.reserve()
        if free - size < reserve:
            raise NO_ROOM(free=free // 1_000_000, reserve=reserve // 1_000_000)

    def seal(self, job_id: str, path: Path, media_type: str) -> tuple[str, Held]:
        """Keep a clear file sealed; the key (base64), which is kept nowhere here, and what lies here now."""
        key = os.urandom(KEY_BYTES)
        self.check_room(path.stat().st_size)
        with path.open("rb") as source:
            SealedStore(self._of(job_id), key, self._scratch).put(CONTENT, source, media_type)
        return base64.b64encode(key).decode(), self.held(job_id)

    def open_sealed(self, job_id: str, key: str, target: Path) -> None:
        """Write the clear content to `target`; raises `MISSING`, or the fault of a damaged or foreign seal."""
        self.held(job_id)
        sealed = SealedStore(self._of(job_id), base64.b64decode(key), self._scratch)
        about = sealed.stat(CONTENT)
        sealed.fetch(CONTENT, target, about.sha256)

    def receive(self, job_id: str, source: BinaryIO, expected: Held) -> None:
        """Keep sealed content from another node; raises `NO_ROOM`, or `DAMAGED_ON_THE_WAY` and keeps nothing."""
        self.check_room(expected.size)
        stored = self._of(job_id).put(CONTENT, source, SEALED)
        if (stored.sha256, stored.size) != (expected.sha256, expected.size):
            self.delete(job_id)
            raise DAMAGED_ON_THE_WAY()

    def open_raw(self, job_id: str) -> "Iterator[bytes]":
        """The sealed content in pieces, as another node gets it."""
        with self._of(job_id).open(CONTENT) as source:
            while piece := source.read(1 << 18):
                yield piece

    def held(self, job_id: str) -> Held:
        """What lies here of the job; raises `MISSING`."""
        if not (self._folder / job_id).is_dir():
            raise MISSING(key=job_id)
        stored: StoredObject = self._of(job_id).stat(CONTENT)
        return Held(stored.sha256, stored.size)

    def rename(self, local_id: str, job_id: str) -> None:
        """The job has its id now; done again after a crash, it changes nothing."""
        if local_id != job_id and (self._folder / local_id).is_dir():
            (self._folder / local_id).replace(self._folder / job_id)

    def delete(self, job_id: str) -> None:
        """Delete what is here of the job."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self._folder / job_id)

    def inventory(self) -> dict[str, Held]:
        """Everything that is held whole, by job."""
        found = {}
        for entry in sorted(self._folder.iterdir()):
            with suppress(PressroomError):
                found[entry.name] = self.held(entry.name)
        return found

    def forget_overdue(self) -> list[str]:
        """Delete what has lain here longer than any job is kept; returns the jobs."""
        limit = time.time() - LONGEST_KEPT
        overdue = [entry.name for entry in self._folder.iterdir() if entry.stat().st_mtime < limit]
        for job_id in overdue:
            self.delete(job_id)
        return overdue

    def clear(self) -> None:
        """Delete everything: this node is none any more."""
        for entry in list(self._folder.iterdir()):
            self.delete(entry.name)

    def _of(self, job_id: str) -> FolderStore:
        return FolderStore(self._folder / job_id)
