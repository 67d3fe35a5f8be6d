"""What was printed directly or offline and the portal does not know yet: a journal that outlives kills.

An entry is written before the first byte goes to the printer and again at the end; it is deleted once the portal has
taken it, which knows it by its number: told twice, it counts once (F-23, F-24, PR-263).
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from cryptography.fernet import Fernet, InvalidToken

from pressroom.workstation import VERSION
from pressroom.workstation.node.journal import write_durably
from steps.node_work import PrinterPlace
from steps.print_release import End, Outcome

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Print:
    """One print. `protocol` is empty until the first byte may have gone; `is_over`: how it ended is known.

    `process` is the one that is printing it; `impressions` and `sheets` are what the printer counted.
    """

    local_id: str
    user_id: str
    mark: str
    mode: str
    name: str
    printed: str
    pages: int
    copies: int
    is_color: bool
    sides: str
    printer_id: str
    address: str
    media_type: str
    size: int
    paper: str
    policy: str
    process: int
    place: dict[str, Any]
    protocol: str = ""
    impressions: int | None = None
    sheets: int | None = None
    is_over: bool = False

    def told(self) -> dict[str, Any]:
        """As the portal takes it."""
        ours = ("user_id", "process", "place", "protocol", "is_over")
        return {name: value for name, value in asdict(self).items() if name not in ours} | {"client_version": VERSION}

    def printer(self) -> PrinterPlace:
        """Where it was sent."""
        return PrinterPlace.model_validate(self.place)

    @property
    def is_left(self) -> bool:
        """Whether the process that printed it is gone without having said how it ended."""
        return not self.is_over and not psutil.pid_exists(self.process)


class UsageJournal:
    """The entries in a folder, sealed with the person's key."""

    def __init__(self, folder: Path, box: Fernet) -> None:
        self._folder, self._box = folder, box
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(self, entry: Print) -> None:
        """Write it for good."""
        write_durably(self._folder / entry.local_id, self._box.encrypt(json.dumps(asdict(entry)).encode()))

    def end(self, entry: Print, outcome: Outcome) -> Print | None:
        """Keep how it ended; None where nothing was printed, which is then forgotten.

        What may have been printed without anybody having counted it is not invented: it is left out.
        """
        whole = outcome.end is End.PRINTED
        if not (whole or outcome.impressions):
            self.forget(entry.local_id)
            return None
        ended = replace(entry, impressions=outcome.impressions or None, sheets=outcome.sheets or None, is_over=True)
        self.keep(ended)
        return ended

    def forget(self, local_id: str) -> None:
        """The portal knows, or nothing was printed."""
        (self._folder / local_id).unlink(missing_ok=True)

    def entries(self, user_id: str) -> Iterator[Print]:
        """What is kept of this person's prints, the oldest first."""
        paths = (path for path in self._folder.iterdir() if path.suffix != ".part")
        for path in sorted(paths, key=lambda path: path.name):
            try:
                entry = Print(**json.loads(self._box.decrypt(path.read_bytes())))
            except InvalidToken:
                continue  # another person's, who has to sign in again for it to be told
            except FileNotFoundError:
                continue  # just told
            if entry.user_id == user_id:
                yield entry


def moment() -> str:
    """Now, as records have it."""
    return datetime.now(UTC).isoformat()
