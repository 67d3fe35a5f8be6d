"""Documents that are printed to the hybrid queue: prepared and sealed here, then told to the portal (F-17, PR-333).

What is spooled waits sealed until the portal has taken it into the queue, so that an interruption neither loses nor
doubles it. Its key leaves this computer with that, and is kept nowhere here from then on.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from cryptography.fernet import Fernet, InvalidToken

from connectors.documents.media_types import media_type_of
from connectors.ipp.ticket import JobTicket
from pressroom.workstation import VERSION
from pressroom.workstation.node.journal import write_durably
from pressroom.workstation.node.store import NodeStore

MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class Spooled:
    """A document that the portal does not know yet; `key` opens its content, `ticket` is what was chosen."""

    local_id: str
    name: str
    key: str
    size: int
    sha256: str
    media_type: str
    pages: int
    is_color: bool
    sides: str
    ticket: dict[str, Any]


class Spool:
    """The folder of one person's hybrid jobs; `box` seals what the portal does not know yet with the person's key."""

    def __init__(self, folder: Path, box: Fernet, store: NodeStore) -> None:
        self._waiting, self._box, self._store = folder / "waiting", box, store
        self._waiting.mkdir(mode=0o700, parents=True, exist_ok=True)

    def add(self, path: Path, name: str, ticket: JobTicket, local_id: str = "") -> str:
        """Prepare and seal a document; its number here. Raises the faults of preparation, and `NO_ROOM`.

        Added again under the same number, it stays one job: here, and at the portal.
        """
        from steps.print_preparation import PreparationLimits, prepare_for_print

        local_id = local_id or uuid4().hex
        with TemporaryDirectory(dir=self._store.scratch) as scratch:
            limits = PreparationLimits(MOST_PAGES, measures=True)
            made = prepare_for_print(path, name, media_type_of(path, name), Path(scratch), limits)
            key, held = self._store.seal(local_id, made.path, made.media_type)
        spooled = Spooled(
            local_id=local_id,
            name=name,
            key=key,
            size=held.size,
            sha256=held.sha256,
            media_type=made.media_type,
            pages=made.pages,
            is_color=made.is_color,
            sides=made.sides or "one-sided",
            ticket=ticket.chosen(),
        )
        write_durably(self._waiting / local_id, self._box.encrypt(json.dumps(asdict(spooled)).encode()))
        return local_id

    def waiting(self) -> Iterator[Spooled]:
        """What the portal does not know yet, the oldest first."""
        paths = (path for path in self._waiting.iterdir() if path.suffix != ".part")
        for path in sorted(paths, key=lambda path: path.stat().st_mtime_ns):
            try:
                yield Spooled(**json.loads(self._box.decrypt(path.read_bytes())))
            except InvalidToken:  # another person's, from before they signed out without the network
                path.unlink()
                self._store.delete(path.name)

    def local_ids(self) -> frozenset[str]:
        """Numbers of what the portal does not know yet."""
        return frozenset(path.name for path in self._waiting.iterdir())

    def registered(self, spooled: Spooled, job_id: str) -> None:
        """The portal has it under this id: the key is forgotten here."""
        self._store.rename(spooled.local_id, job_id)
        (self._waiting / spooled.local_id).unlink()

    def drop(self, spooled: Spooled) -> None:
        """The portal refuses it for good."""
        self._store.delete(spooled.local_id)
        (self._waiting / spooled.local_id).unlink()

    @staticmethod
    def told(spooled: Spooled) -> dict[str, Any]:
        """As the portal takes it."""
        return {**asdict(spooled), "client_version": VERSION}
